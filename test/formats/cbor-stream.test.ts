import { spawnSync } from "node:child_process";
import { Encoder } from "cbor-x";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CborItem, CborSequence } from "../../agent/formats/cbor-stream.ts";
import { hasPython, python } from "../peers.ts";

const encoder = new Encoder({ useRecords: false, mapsAsObjects: true, tagUint8Array: false, variableMapSize: true });
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const all = (bytes: Uint8Array, pieceBytes = bytes.length, options = {}): CborItem[] => {
	const sequence = new CborSequence(options);
	const items: CborItem[] = [];
	for (let at = 0; at < bytes.length; at += pieceBytes) items.push(...sequence.push(bytes.slice(at, at + pieceBytes)));
	return sequence.end() ? [...items, { refused: "item_invalid" }] : items;
};
const value = (v: unknown): CborItem => ({ value: v });

describe("CborSequence", () => {
	it("decodes the items of RFC 8949 appendix A that readings are made of", () => {
		const examples: readonly (readonly [string, unknown])[] = [
			["00", 0],
			["1818", 24],
			["1a000f4240", 1_000_000],
			["1b000000e8d4a51000", 1_000_000_000_000n],
			["1bffffffffffffffff", 18_446_744_073_709_551_615n],
			["20", -1],
			["3903e7", -1000],
			["3bffffffffffffffff", -18_446_744_073_709_551_616n],
			["f93c00", 1],
			["fa47c35000", 100_000],
			["fb3ff199999999999a", 1.1],
			["f4", false],
			["f6", null],
			["6449455446", "IETF"],
			["83010203", [1, 2, 3]],
			["a26161016162820203", { a: 1, b: [2, 3] }],
			["9f018202039f0405ffff", [1, [2, 3], [4, 5]]],
			["bf61610161629f0203ffff", { a: 1, b: [2, 3] }],
			["80", []],
			["a0", {}],
			["60", ""],
		];
		for (const [bytes, expected] of examples) expect(all(hex(bytes)), bytes).toEqual([value(expected)]);
		const together = hex(examples.map(([bytes]) => bytes).join(""));
		const expected = examples.map(([, each]) => value(each));
		for (let piece = 1; piece <= together.length; piece++) expect(all(together, piece)).toEqual(expected);
	});

	it("gives the same items however the bytes were cut", () => {
		const anything = fc.anything({
			withBigInt: false,
			withDate: false,
			withMap: false,
			withSet: false,
			withTypedArray: false,
			maxDepth: 3,
		});
		fc.assert(
			fc.property(fc.array(anything, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (values, piece) => {
				const bytes = Buffer.concat(values.map((each) => encoder.encode(each)));
				expect(all(bytes, piece)).toEqual(all(bytes));
			}),
			{ numRuns: 300 },
		);
	});

	it("never throws and never yields more items than bytes, whatever comes", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (bytes, piece) => {
				const options = { maxItemBytes: 32, maxDepth: 4 };
				const items = all(bytes, piece, options);
				expect(items.length).toBeLessThanOrEqual(bytes.length + 1);
				expect(items).toEqual(all(bytes, bytes.length || 1, options));
			}),
			{ numRuns: 3_000 },
		);
	});

	it("allocates nothing for a length that is only claimed", () => {
		for (const head of [
			"5b0000000100000000",
			"7b0000001000000000",
			"9b000000ffffffffff",
			"bb000000ffffffffff",
			"9affffffff",
			"baffffffff",
		]) {
			const sequence = new CborSequence();
			const before = process.memoryUsage().arrayBuffers;
			expect(sequence.push(hex(`${head}0000`))).toEqual([]);
			expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
			expect(sequence.end()).toBe(true);
		}
	});

	it("skips an item that is longer than the bound, counts it once and goes on", () => {
		const long = encoder.encode("x".repeat(1_000));
		const bytes = Buffer.concat([encoder.encode(1), long, encoder.encode(2)]);
		for (const piece of [1, 7, 64, bytes.length]) {
			expect(all(bytes, piece, { maxItemBytes: 100 })).toEqual([value(1), { refused: "item_overlong" }, value(2)]);
		}
		expect(all(encoder.encode("x".repeat(97)), 1, { maxItemBytes: 99 })).toEqual([value("x".repeat(97))]);
		expect(all(encoder.encode("x".repeat(98)), 1, { maxItemBytes: 99 })).toEqual([{ refused: "item_overlong" }]);
	});

	it("refuses tags and goes on after them, so that no record, shared structure or packed value reaches the decoder", () => {
		const tagged = ["c11a514b67b0", "d9dfff8319e0008161610a", "d9dffe8219e000816161", "c249010000000000000000", "d81c8100", "d9d9f700"];
		for (const bytes of tagged) expect(all(hex(`${bytes}07`)), bytes).toEqual([{ refused: "item_invalid" }, value(7)]);
		expect(all(hex("a16161c10007"))).toEqual([{ refused: "item_invalid" }, value(7)]);
	});

	it("gives up where it cannot know the next item's beginning, and says so once", () => {
		for (const bytes of [
			"ff",
			"1c",
			"1d",
			"fe",
			"3f",
			"df",
			"7f01",
			"7f7f",
			"5f6100",
			"bf00ff",
			"81ff",
			"9bffffffffffffffff",
			"bb7fffffffffffffff",
		]) {
			const sequence = new CborSequence();
			expect([...sequence.push(hex(`01${bytes}`)), ...sequence.push(hex("0102"))], bytes).toEqual([value(1), { refused: "cbor_invalid" }]);
			expect(sequence.end()).toBe(false);
		}
	});

	it("gives up on nesting deeper than the bound", () => {
		expect(all(hex(`${"81".repeat(16)}00`))).toHaveLength(1);
		expect(all(hex(`${"81".repeat(16)}00`))[0]).toHaveProperty("value");
		expect(all(hex(`${"81".repeat(17)}00`))).toEqual([{ refused: "cbor_invalid" }]);
		expect(all(new Uint8Array(1_000_000).fill(0x9f))).toEqual([{ refused: "cbor_invalid" }]);
		expect(all(new Uint8Array(1_000_000).fill(0xc1))).toEqual([{ refused: "cbor_invalid" }]);
	});

	it("says whether the stream ended inside an item", () => {
		const sequence = new CborSequence();
		sequence.push(hex("8301"));
		expect(sequence.end()).toBe(true);
		expect(sequence.end()).toBe(false);
	});

	it("leaves Object.prototype alone", () => {
		const [item] = all(hex("a1 69 5f5f70726f746f5f5f a1 68 706f6c6c75746564 01"));
		expect(item).toHaveProperty("value");
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});

	it.skipIf(!hasPython("cbor2"))("reads what python3-cbor2 writes (needs python3-cbor2)", () => {
		const script =
			"import cbor2,sys\nfor i in [{'kind':'signal','path':'A.B','value':2**60},{'kind':'signal','path':'A.B','value':-1.5,'takenAtMs':1767225600001}, 'é', 0.1]: sys.stdout.buffer.write(cbor2.dumps(i))";
		const { stdout } = spawnSync(python, ["-c", script]);
		expect(all(stdout, 3)).toEqual([
			value({ kind: "signal", path: "A.B", value: 2n ** 60n }),
			value({ kind: "signal", path: "A.B", value: -1.5, takenAtMs: 1_767_225_600_001n }),
			value("é"),
			value(0.1),
		]);
	});
});
