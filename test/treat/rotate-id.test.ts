import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MessageType } from "../../agent/formats/v2x/message-type.ts";
import { compileNotation } from "../../agent/formats/v2x/notation.ts";
import { compileIdForm } from "../../agent/treat/id-form.ts";
import { IdKeys } from "../../agent/treat/id-key.ts";
import rotateId from "../../agent/treat/rotate-id.ts";
import { treat } from "../../agent/treat/treat.ts";
import { utcMs } from "../../shared/units.ts";
import { someTimeMs } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { taggedMessage } from "../fakes/any-message.ts";
import { bsmContent } from "../fakes/bsm-content.ts";

const hourMs = 3_600_000;
type Options = { rotateMs?: number; fixed?: string; only?: string[] };
const stepFor = (options: Options, purpose = "traffic") => rotateId.compile({ type: "rotate-id", ...options }, testFacilities(purpose));
const idOf = (id: string, options: Options = { rotateMs: hourMs }, at = someTimeMs, purpose = "traffic"): unknown => {
	const after = stepFor(options, purpose)(taggedMessage("V2X.J2735.BSM", bsmContent({ id }), { takenAtMs: utcMs(at) }));
	if (after?.kind !== "message") return undefined;
	const { coreData } = after.content;
	return typeof coreData === "object" && coreData !== null && "id" in coreData ? coreData.id : undefined;
};

treatmentContract({
	plugin: rotateId,
	valid: [
		{ rotateMs: hourMs },
		{ fixed: "FFFFFFFF" },
		{ fixed: "ffffffff", only: ["BEA10000", "BEA10001"] },
		{ rotateMs: 1000, only: ["00"] },
	],
	invalid: {
		"neither rotation nor constant": {},
		both: { rotateMs: hourMs, fixed: "00" },
		"a rotation too fast": { rotateMs: 999 },
		"a rotation of more than a year": { rotateMs: 31_622_400_001 },
		"no hexadecimal": { fixed: "XYZ" },
		"half an octet": { fixed: "abc" },
		"an empty list": { rotateMs: hourMs, only: [] },
		text: { rotateMs: "1000" },
	},
	idempotent: false,
});

describe("rotate-id", () => {
	it("gives equal ids equal pseudonyms of the same length in one purpose and epoch, and links nothing across them", () => {
		const start = Math.ceil(someTimeMs / hourMs) * hourMs;
		const first = idOf("4f435445", { rotateMs: hourMs }, start);
		expect(first).toMatch(/^[0-9a-f]{8}$/);
		expect(idOf("4f435445", { rotateMs: hourMs }, start + hourMs - 1)).toBe(first);
		const others = [
			...[idOf("4f435446", { rotateMs: hourMs }, start), idOf("4f435445", { rotateMs: hourMs }, start + hourMs)],
			...[idOf("4f435445", { rotateMs: hourMs }, start - 1), idOf("4f435445", { rotateMs: hourMs }, start, "other"), "4f435445"],
		];
		expect(new Set([first, ...others]).size).toBe(6);
	});

	it("withholds messages without a time", () => {
		expect(idOf("4f435445", { rotateMs: hourMs }, Number.NaN)).toBeUndefined();
	});

	it("replaces every id of a message alike, whatever kind of id it is", () => {
		const cam = (stationID: number) => ({ header: { protocolVersion: 2, messageID: 2, stationID }, cam: { generationDeltaTime: 1 } });
		const after = stepFor({ rotateMs: hourMs })(taggedMessage("V2X.ETSI.CAM", cam(4_294_967_295)));
		expect(after).not.toMatchObject({ content: cam(4_294_967_295) });
		const requester = (id: object) => ({ second: 1, requestor: { id } });
		for (const id of [{ entityID: "01020304" }, { stationID: 77 }]) {
			const lowered = stepFor({ rotateMs: hourMs })(taggedMessage("V2X.J2735.SRM", JSON.parse(JSON.stringify(requester(id)))));
			expect(Object.keys(lowered?.kind === "message" ? JSON.parse(JSON.stringify(lowered.content)).requestor.id : {})).toStrictEqual(
				Object.keys(id),
			);
			expect(lowered).not.toMatchObject({ content: requester(id) });
		}
	});

	it("never gives two ids one pseudonym where there are no more than 65,536 of them", () => {
		const types = compileNotation("A = int 0..255 @id  B = int 10..65535 @id !12  C = octets 1 @id  D = bits 5 @id  E = octets 2 @id");
		const key = new IdKeys(testFacilities(), hourMs).at(someTimeMs);
		for (const type of types.values()) {
			const form = compileIdForm(type);
			const all: (number | string)[] =
				type.kind === "int"
					? Array.from({ length: (type.to ?? 0) - (type.from ?? 0) + 1 }, (_, at) => at + (type.from ?? 0)).filter(
							(value) => value !== type.unavailable,
						)
					: Array.from({ length: type.kind === "bits" ? 32 : "size" in type ? 256 ** type.size.from : 0 }, (_, at) => digits(type, at));
			const made = all.map((value) => form?.pseudonym(value, key, "id"));
			expect(new Set(made)).toStrictEqual(new Set(all));
			expect(made).not.toStrictEqual(all);
		}
	});

	it("for all ids gives one of the same form", () => {
		const types = compileNotation(
			`A = int 0..4294967295 @id  B = octets 4..16 @id  C = bits 20 @id  D = ia5 1..20 of "ABC" @id  E = numeric 1..9 @id  F = int -5.. @id`,
		);
		const key = new IdKeys(testFacilities(), hourMs).at(someTimeMs);
		const pseudonymOf = (name: string, value: string | number) =>
			compileIdForm(types.get(name) as MessageType)?.pseudonym(value, key, "id");
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 4_294_967_295 }), fc.uint8Array({ minLength: 4, maxLength: 16 }), (number, octets) => {
				expect(pseudonymOf("A", number)).toSatisfy((made: number) => Number.isInteger(made) && made >= 0 && made <= 4_294_967_295);
				expect(pseudonymOf("F", number)).toSatisfy((made: number) => Number.isInteger(made) && made >= -5);
				const hex = Buffer.from(octets).toString("hex");
				expect(pseudonymOf("B", hex)).toMatch(new RegExp(`^[0-9a-f]{${hex.length}}$`));
				expect(pseudonymOf("C", number.toString(2).padStart(32, "0").slice(12))).toMatch(/^[01]{20}$/);
				expect(pseudonymOf("D", "ABCABC")).toMatch(/^[ABC]{6}$/);
				expect(pseudonymOf("E", String(number).slice(0, 9))).toMatch(/^[0-9]{1,9}$/);
			}),
		);
		expect(pseudonymOf("B", "no hex")).toBeUndefined();
		expect(compileIdForm(compileNotation("G = enum a b @id").get("G") as MessageType)).toBeUndefined();
	});

	it("spreads pseudonyms over the whole range", () => {
		const form = compileIdForm(compileNotation("A = int 0..4294967295 @id").get("A") as MessageType);
		const key = new IdKeys(testFacilities(), hourMs).at(someTimeMs);
		const counts = new Array<number>(16).fill(0);
		for (let id = 0; id < 3200; id += 1) {
			const at = Math.floor(Number(form?.pseudonym(id, key, "id")) / 2 ** 28);
			counts[at] = (counts[at] ?? 0) + 1;
		}
		// 200 in each on average; chi-square with 15 degrees of freedom is below 37.7 in 99.9 % of keys, and this key is fixed.
		expect(counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)).toBeLessThan(37.7);
	});

	it("redacts listed ids alone when they are listed, with one value for all", () => {
		const options = { fixed: "ffffffff", only: ["bea10000", "bea10001"] };
		expect(idOf("bea10000", options)).toBe("ffffffff");
		expect(idOf("bea10001", options)).toBe("ffffffff");
		expect(idOf("4f435445", options)).toBe("4f435445");
		expect(idOf("4f435445", { fixed: "ffffffff" })).toBe("ffffffff");
	});

	it("withholds a message rather than keep an id that its constant does not fit", () => {
		expect(idOf("4f435445", { fixed: "ffff" })).toBeUndefined();
	});

	it("erases a VIN, whatever is listed", () => {
		const denm = {
			management: {},
			alacarte: { stationaryVehicle: { stationarySince: "lessThan1Minute", vehicleIdentification: { wMInumber: "WDB", vDS: "123456" } } },
		};
		for (const options of [{ rotateMs: hourMs }, { fixed: "00", only: ["00"] }]) {
			const after = stepFor(options)(taggedMessage("V2X.ETSI.DENM", { denm }));
			expect(after).toMatchObject({ content: { denm: { alacarte: { stationaryVehicle: { vehicleIdentification: {} } } } } });
			expect(JSON.stringify(after)).not.toMatch(/WDB|123456/);
		}
	});

	it("fails, and lets nothing pass, under a key of another length or none", () => {
		for (const pseudonymKey of [
			() => new Uint8Array(16),
			() => {
				throw new Error("no key");
			},
		]) {
			const step = rotateId.compile({ type: "rotate-id", rotateMs: hourMs }, testFacilities("p", { pseudonymKey }));
			expect(treat(taggedMessage("V2X.J2735.BSM", bsmContent()), [step])).toBe("failed");
		}
	});
});

const digits = (type: MessageType, at: number): string =>
	type.kind === "bits" ? at.toString(2).padStart(5, "0") : at.toString(16).padStart(type.kind === "octets" ? 2 * type.size.from : 0, "0");
