import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeJ2735, encodeJ2735, j2735Paths, j2735TypeOf } from "../../../agent/formats/v2x/j2735-family.ts";
import type { SeqType } from "../../../agent/formats/v2x/message-type.ts";
import { KerbError } from "../../../shared/errors.ts";
import { dataPath, hasData } from "../../data.ts";
import { anyOfType } from "../../fakes/message-of-type.ts";

const seqOf = (path: string): SeqType => {
	const type = j2735TypeOf(path);
	if (type?.kind !== "seq") throw new Error(`no sequence ${path}`);
	return type;
};

it.each(j2735Paths)("encodeJ2735 and decodeJ2735 are each other's inverse for any %s", (path) => {
	const messages = anyOfType(seqOf(path), { extensions: true, unknowns: true, maxMore: 2 });
	fc.assert(
		fc.property(messages, (content) => {
			const bytes = encodeJ2735(path, content);
			const read = decodeJ2735(bytes);
			expect(read).toMatchObject({ path, content });
			expect(Math.ceil(read.bitsRead / 8)).toBe(bytes.length);
			expect(encodeJ2735(path, read.content)).toEqual(bytes);
		}),
		{ numRuns: 150 },
	);
});

/** What decodes must be writable and then say the same; anything else is refused with the one code. */
const decodesOrIsRefused = (bytes: Uint8Array): boolean => {
	let read: ReturnType<typeof decodeJ2735>;
	try {
		read = decodeJ2735(bytes);
	} catch (error) {
		expect(error).toBeInstanceOf(KerbError);
		expect(error).toMatchObject({ code: "FORMAT_INVALID" });
		return false;
	}
	// Not to the same bits: what a sender wrote longer than need be is written anew as it should be.
	const again = encodeJ2735(read.path, read.content);
	expect(decodeJ2735(again)).toMatchObject({ path: read.path, content: read.content });
	return true;
};

it("decodeJ2735 reads or refuses any octets behind any message id", () => {
	const ids = fc.constantFrom(18, 19, 20, 29, 30, 31, 32, 41, 28);
	fc.assert(
		fc.property(ids, fc.uint8Array({ minLength: 0, maxLength: 200 }), (id, content) => {
			decodesOrIsRefused(Uint8Array.from([0, id, Math.min(content.length, 127), ...content]));
		}),
		{ numRuns: 3000 },
	);
});

it.skipIf(!hasData("v2x/j2735-ode"))("decodeJ2735 reads or refuses every vector with bits turned (needs shared data v2x/j2735-ode)", () => {
	const vectors: readonly { readonly hex: string }[] = JSON.parse(
		readFileSync(dataPath("v2x/j2735-ode/ode_uper_vectors.jer.json"), "utf8"),
	);
	const all = vectors.map(({ hex }) => Uint8Array.from(Buffer.from(hex, "hex")));
	let read = 0;
	fc.assert(
		fc.property(fc.constantFrom(...all), fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (vector, places) => {
			const bytes = Uint8Array.from(vector);
			for (const place of places) {
				const bit = place % (bytes.length * 8);
				bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
			}
			if (decodesOrIsRefused(bytes)) read += 1;
		}),
		{ numRuns: 3000 },
	);
	// Neither of the two ways may have been left untried.
	expect(read).toBeGreaterThan(100);
	expect(read).toBeLessThan(2900);
});
