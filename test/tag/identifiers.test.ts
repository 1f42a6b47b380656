import { describe, expect, it } from "vitest";
import { identifierIn, isLabelText } from "../../agent/tag/identifiers.ts";

/** Made up for these tests; the check digits are right where a row says so. */
describe("identifierIn", () => {
	it.each([
		["a VIN with a good check digit", "1M8GDM9AXKP042788"],
		["a Chinese VIN without a check digit", "LSVAA4182E2123456"],
		["a VIN of digits but for one letter, with a good check digit", "12345A78667890123"],
		["a VIN in small letters", "lsvaa4182e2123456"],
		["a VIN in a sentence", "ECU of LSVAA4182E2123456, replaced"],
		["a VIN behind its name", "VIN:LSVAA4182E2123456"],
		["a VIN glued to its name", "VINLSVAA4182E2123456"],
		["a VIN between underscores", "log_LSVAA4182E2123456_1"],
	])("takes %s for a VIN", (_what, text) => {
		expect(identifierIn(text)).toBe("connected-operation.vehicle.vin");
	});

	it.each([
		["a mobile number", "13800138000"],
		["a mobile number with its country", "+86 138 0013 8000"],
		["a mobile number in a sentence", "call 138-0013-8000 now"],
		["a mobile number among other numbers", "12 13800138000 7"],
		["an identity number", "11010519491231002X"],
		["an identity number in small letters", "id=11010519491231002x."],
		["a bank card", "4111 1111 1111 1111"],
	])("takes %s for a person's identity", (_what, text) => {
		expect(identifierIn(text)).toBe("personal.identity");
	});

	it.each([
		["a card number", "89860000000000000000"],
		["a subscriber number", "460001234567890"],
		["a device number with a good check digit", "490154203237518"],
	])("takes %s for a telematics card", (_what, text) => {
		expect(identifierIn(text)).toBe("connected-operation.vehicle.telematics-card");
	});

	it.each([["粤B12345"], ["京A·12345"], ["沪AD12345"], ["plate 粤b12345 seen"], ["粤Z1234港"]])("takes %s for a plate", (text) => {
		expect(identifierIn(text)).toBe("personal.plate");
	});

	it("takes a private key for a key", () => {
		expect(identifierIn("-----BEGIN PRIVATE KEY-----\nMC4CAQ")).toBe("connected-operation.vehicle.key");
	});

	it.each([
		["nothing", ""],
		["a state", "SAE_2_DISENGAGING"],
		["a unit", "KILOMETERS_PER_HOUR"],
		["seventeen letters", "ABCDEFGHJKLMNPRST"],
		["seventeen digits without a letter", "12345678901234567"],
		["sixteen characters", "LSVAA4182E212345"],
		["eighteen characters", "LSVAA4182E21234567"],
		["a letter that no VIN has", "LSVAA4182E2I23456"],
		["a time", "2026-11-22T10:15:30Z"],
		["milliseconds of the epoch", "1767225600000"],
		["an identity number with a wrong check character", "110105194912310021"],
		["a fault code", "P0301"],
		["a landline", "010-12345678"],
	])("finds nothing in %s", (_what, text) => {
		expect(identifierIn(text)).toBe(undefined);
	});

	it("stays linear in what a hostile source sends", () => {
		for (const text of ["1 ".repeat(8_000), "A1".repeat(8_000), "1".repeat(16_000), "VIN".repeat(5_000), "粤B".repeat(8_000)]) {
			expect(identifierIn(text)).toBe(undefined);
		}
	});
});

describe("isLabelText", () => {
	it.each(["", "DRIVE", "P0420", "1.2.3-rc4", "GEAR_4", "D", "P0301, P0420-1F,U3FFF"])("takes %j for a label", (text) => {
		expect(isLabelText(text)).toBe(true);
	});

	it.each([
		["a coordinate", "31.512345"],
		["two coordinates in words", "position 31.51 120.54"],
		["a name", "Zhang San"],
		["a name in Chinese", "张三"],
		["a VIN between hyphens", "L-S-V-A-U-2-1-8-0-N-2-1-8-3-2-9-4"],
		["a long word", "a".repeat(33)],
		["two lines", "A\nB"],
	])("takes %s for more than a label", (_what, text) => {
		expect(isLabelText(text)).toBe(false);
	});
});
