import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../shared/bytes.ts";
import { decodeCbor } from "../../shared/cbor-decode.ts";
import { encodeCbor } from "../../shared/cbor-encode.ts";
import { type CborKey, CborTag, type CborValue } from "../../shared/cbor-value.ts";
import { isKerbError } from "../../shared/errors.ts";
import { dataPath, hasData } from "../data.ts";
import { hasPython, python } from "../peers.ts";

interface Vector {
	readonly hex: string;
	readonly roundtrip: boolean;
	readonly decoded?: unknown;
	readonly diagnostic?: string;
}

/** JSON cannot hold byte strings or integer keys, so only what it can hold is compared by value; bytes are compared for all. */
const comparable = (value: CborValue): unknown => {
	if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), comparable(item)]));
	if (Array.isArray(value)) return value.map(comparable);
	return typeof value === "bigint" ? Number(value) : value;
};

/** Refused by choice, told by the head that the subset does not have: floats, other simple values, indefinite lengths. */
const refusedByChoice = (hex: string): boolean => /^(?:c1)?f(?:[0789ab])/.test(hex) || /[579b]f/.test(hex);

describe.skipIf(!hasData("crypto", "cbor_appendix_a.json"))("RFC 8949 appendix A (needs shared data crypto)", () => {
	const vectors: readonly Vector[] = hasData("crypto", "cbor_appendix_a.json")
		? JSON.parse(readFileSync(dataPath("crypto", "cbor_appendix_a.json"), "utf8"))
		: [];

	it("decodes and re-encodes every vector of the subset to the same bytes, and refuses the others", () => {
		const refused: string[] = [];
		let same = 0;
		for (const vector of vectors) {
			const bytes = fromHex(vector.hex) ?? new Uint8Array();
			let value: CborValue;
			try {
				value = decodeCbor(bytes);
			} catch (error) {
				expect(isKerbError(error, "FORMAT_INVALID")).toBe(true);
				refused.push(vector.hex);
				continue;
			}
			expect(toHex(encodeCbor(value))).toBe(vector.hex);
			if ("decoded" in vector && !vector.hex.startsWith("c")) expect(comparable(value)).toEqual(vector.decoded);
			same += 1;
		}
		expect(refused.filter((hex) => !refusedByChoice(hex))).toEqual([]);
		expect({ all: vectors.length, same, refused: refused.length }).toMatchInlineSnapshot(`
			{
			  "all": 82,
			  "refused": 38,
			  "same": 44,
			}
		`);
	});
});

describe.skipIf(!hasPython("cbor2"))("Debian's cbor2 (needs python3-cbor2)", () => {
	const values: readonly CborValue[] = [
		0,
		23,
		24,
		255,
		256,
		65_535,
		65_536,
		4_294_967_295,
		4_294_967_296,
		Number.MAX_SAFE_INTEGER,
		2n ** 64n - 1n,
		-1,
		-24,
		-25,
		-256,
		-257,
		-65_536,
		-65_537,
		-4_294_967_296,
		-4_294_967_297,
		Number.MIN_SAFE_INTEGER,
		-(2n ** 64n),
		"",
		"kerb",
		"拓扑 𝔘",
		"x".repeat(70_000),
		new Uint8Array(),
		new Uint8Array(300).fill(7),
		true,
		false,
		null,
		[],
		[1, [2, ["3"]]],
		new Map<CborKey, CborValue>([
			["b", 1],
			[10, 2],
			[-1, 3],
			["aa", 4],
			[100, 5],
			[1_000, 6],
			["", 7],
		]),
		new CborTag(96, [new Uint8Array([1]), new Map(), new Uint8Array([2])]),
	];

	it("reads what encodeCbor wrote and writes the same bytes, map keys sorted by their bytes", () => {
		const script = `import sys, cbor2
def again(item):
    if isinstance(item, dict): return {key: again(item[key]) for key in sorted(item, key=cbor2.dumps)}
    return [again(one) for one in item] if isinstance(item, list) else item
for line in sys.stdin: print(cbor2.dumps(again(cbor2.loads(bytes.fromhex(line)))).hex())`;
		const mine = values.map((value) => toHex(encodeCbor(value)));
		const other = spawnSync(python, ["-c", script], { input: `${mine.join("\n")}\n`, encoding: "utf8", maxBuffer: 10_000_000 });
		expect(other.stderr).toBe("");
		expect(other.stdout.trimEnd().split("\n")).toEqual(mine);
	});
});
