import { describe, expect, it } from "vitest";
import { decodeCbor } from "../../shared/cbor-decode.ts";
import { encodeCbor } from "../../shared/cbor-encode.ts";
import type { CborValue } from "../../shared/cbor-value.ts";
import { decodeLabel, encodeLabel, type Label, withoutChecksum } from "../../shared/label.ts";

const label: Label = {
	formatVersion: 1,
	sources: ["can", "gnss"],
	provider: "rsu-1",
	handler: "91310000MA1EXAMPLE",
	category: "connected-operation.perception.trajectory",
	level: "important",
	surveying: true,
	datum: "cgcs2000",
	capturedFromMs: 1_700_000_000_000,
	capturedToMs: 1_700_000_000_001,
	sender: "rsu-1",
	receiver: "oem",
	receiverJurisdiction: "CN",
	finalJurisdiction: "DE",
	scale: { records: 4, subjects: 1, payloadBytes: 100 },
	sealedAtMs: 1_700_000_000_002,
	checksum: "0f".repeat(32),
	policy: { id: "p", version: 2, lawHash: "f0".repeat(32) },
	ruleId: "r",
	purpose: "traffic",
	retentionDays: 3_650,
	transforms: ["drop-field", "round-position"],
	sequence: Number.MAX_SAFE_INTEGER,
};

const invalid = expect.objectContaining({ code: "ENVELOPE_INVALID" });
const changed = (key: number, value: CborValue | undefined): Map<number, CborValue> => {
	const map = new Map<number, CborValue>(
		[...encodeLabel(label)].flatMap(([name, item]) => (typeof name === "number" ? [[name, item]] : [])),
	);
	if (value === undefined) map.delete(key);
	else map.set(key, value);
	return map;
};

describe("encodeLabel and decodeLabel", () => {
	it("give back any label, through bytes", () => {
		const { datum: _none, ...rest } = label;
		const geoProcessing = { method: "recognised processing", certificateRef: "CERT-7" };
		for (const one of [label, rest, { ...label, authorisation: "sa-2026.7" }, { ...label, geoProcessing, mapReviewNo: "GS(2026)1234号" }])
			expect(decodeLabel(decodeCbor(encodeCbor(encodeLabel(one))))).toEqual(one);
	});

	it("use the small integers of the format, hashes as bytes", () => {
		const map = encodeLabel(label);
		expect([...map.keys()].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 23 }, (_, at) => at + 1));
		expect(map.get(17)).toEqual(new Uint8Array(32).fill(0x0f));
		expect(map.get(18)).toEqual(
			new Map<number, CborValue>([
				[1, "p"],
				[2, 2],
				[3, new Uint8Array(32).fill(0xf0)],
			]),
		);
	});

	it("refuse a label without any one of its fields but the datum", () => {
		for (let key = 1; key <= 23; key++) {
			if (key !== 8) expect(() => decodeLabel(changed(key, undefined)), `key ${key}`).toThrow(invalid);
		}
	});

	it("refuse fields that are not of this version, and values that are not of their type", () => {
		expect(() => decodeLabel(changed(27, 0))).toThrow(invalid);
		const geoProcessing = (...entries: readonly (readonly [number, CborValue])[]) => new Map<number, CborValue>(entries);
		const wrongProcessing = [
			0,
			null,
			[],
			"CERT-7",
			geoProcessing(),
			geoProcessing([1, "a"]),
			geoProcessing([1, "a"], [2, ""]),
			geoProcessing([1, "a"], [2, "b"], [3, "c"]),
		];
		for (const item of wrongProcessing) expect(() => decodeLabel(changed(25, item))).toThrow(invalid);
		for (const item of [0, "", " GS", "GS ", "G\nS", "x".repeat(81), null]) expect(() => decodeLabel(changed(26, item))).toThrow(invalid);
		for (const item of [0, "", "A", null]) expect(() => decodeLabel(changed(24, item))).toThrow(invalid);
		expect(() => decodeLabel(new Map([["level", "general"]]))).toThrow(invalid);
		for (const item of [null, 1, "label", []]) expect(() => decodeLabel(item)).toThrow(invalid);
		const wrong: readonly (readonly [number, CborValue])[] = [
			[1, 2],
			[2, []],
			[2, ["a b"]],
			[3, "../up"],
			[3, ""],
			[4, ""],
			[4, "x".repeat(81)],
			[5, "A"],
			[6, "secret"],
			[7, 1],
			[8, "utm"],
			[9, 2n ** 60n],
			[9, 1_700_000_000_002],
			[12, "a/b"],
			[13, "cn"],
			[15, 4],
			[15, new Map([[1, 4]])],
			[
				15,
				new Map([
					[1, -1],
					[2, 1],
					[3, 1],
				]),
			],
			[16, -(2n ** 60n)],
			[17, "0f".repeat(32)],
			[17, new Uint8Array(31)],
			[18, new Map()],
			[20, 1],
			[21, 0],
			[21, 3_651],
			[22, "x"],
			[22, Array.from({ length: 21 }, () => "x")],
			[23, 0],
		];
		for (const [key, value] of wrong) expect(() => decodeLabel(changed(key, value)), `key ${key}`).toThrow(invalid);
	});

	it("name the field and never repeat what was received", () => {
		const error = expect.objectContaining({ message: expect.not.stringContaining("LFV3A23C8J3000001") });
		expect(() => encodeLabel({ ...label, purpose: "LFV3A23C8J3000001" })).toThrow(error);
		expect(() => encodeLabel({ ...label, purpose: "LFV3A23C8J3000001" })).toThrow("purpose");
	});
});

describe("withoutChecksum", () => {
	it("leaves out the checksum and nothing else", () => {
		const map = encodeLabel(label);
		expect([...withoutChecksum(map).keys()]).toEqual([...map.keys()].filter((key) => key !== 17));
	});
});
