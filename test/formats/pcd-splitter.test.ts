import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodePcd } from "../../agent/formats/pcd.ts";
import { pcdForms } from "../../agent/formats/pcd-header.ts";
import { PcdSplitter } from "../../agent/formats/pcd-splitter.ts";
import { anyTightCloud, cloudOf } from "../fakes/clouds.ts";

const file = (points: number, form: (typeof pcdForms)[number] = "binary"): Uint8Array =>
	encodePcd(
		cloudOf(
			["x", "y", "z"],
			Array.from({ length: points }, (_, index) => [index, points, 0x41]),
		),
		form,
	);
const hex = (files: readonly Uint8Array[]): string[] => files.map((each) => Buffer.from(each).toString("hex"));

const split = (bytes: Uint8Array, cuts: readonly number[], splitter = new PcdSplitter(1_000, 100_000)): Uint8Array[] => {
	const out: Uint8Array[] = [];
	let from = 0;
	for (const cut of [...cuts.map((each) => each % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
		out.push(...splitter.push(bytes.subarray(from, cut)));
		from = cut;
	}
	const last = splitter.end();
	return last === undefined ? out : [...out, last];
};

describe("PcdSplitter", () => {
	it("gives back the files that were put one after the other, wherever the stream is cut", () => {
		const anyFiles = fc.array(fc.tuple(anyTightCloud, fc.constantFrom(...pcdForms)), { maxLength: 5 });
		fc.assert(
			fc.property(anyFiles, fc.array(fc.nat(), { maxLength: 12 }), (list, cuts) => {
				const files = list.map(([cloud, form]) => encodePcd(cloud, form));
				const splitter = new PcdSplitter(1_000, 100_000);
				expect(hex(split(Buffer.concat(files), cuts, splitter))).toEqual(hex(files));
				expect([splitter.broken, splitter.tooLarge]).toEqual([0, 0]);
			}),
		);
	});

	it("works byte by byte, gives back copies, and a last line without its end", () => {
		const files = [file(3), file(2, "ascii"), file(4, "binary_compressed"), file(5, "ascii").subarray(0, -1)];
		const all = Buffer.concat(files);
		const splitter = new PcdSplitter(1_000, 100_000);
		const out: Uint8Array[] = [];
		const one = new Uint8Array(1);
		for (const byte of all) {
			one[0] = byte;
			out.push(...splitter.push(one));
		}
		const last = splitter.end();
		expect(hex(last === undefined ? out : [...out, last])).toEqual([...hex(files.slice(0, 3)), hex([file(5, "ascii")])[0]]);
		expect(splitter.broken).toBe(0);
	});

	it("passes over what is no file, once counted, and goes on at the next", () => {
		const good = file(2);
		const splitter = new PcdSplitter(1_000, 100_000);
		const noise = Buffer.from("noise # .PC and more\nDATA binary\n");
		expect(hex(split(Buffer.concat([good, noise, good, Buffer.from("WIDTH x\nDATA ascii\n"), good]), [], splitter))).toEqual(
			hex([good, good, good]),
		);
		expect(splitter.broken).toBe(2);
	});

	it("counts a file that is cut off, and starts anew", () => {
		const splitter = new PcdSplitter(1_000, 100_000);
		for (const form of pcdForms) expect(split(file(3, form).subarray(0, -8), [], splitter)).toEqual([]);
		expect(split(Buffer.from("# .PCD"), [], splitter)).toEqual([]);
		expect(splitter.broken).toBe(4);
		expect(hex(split(file(3), [], splitter))).toEqual(hex([file(3)]));
	});

	it("passes over files that are too large without keeping them", () => {
		for (const form of pcdForms) {
			const splitter = new PcdSplitter(10, 100_000);
			const out = split(Buffer.concat([file(2), file(11, form), file(3)]), [5, 300], splitter);
			expect(hex(out)).toEqual(hex([file(2), file(3)]));
			expect([splitter.broken, splitter.tooLarge]).toEqual([0, 1]);
		}
	});

	it("keeps no more than its bounds of text without end", () => {
		const splitter = new PcdSplitter(1_000, 10_000);
		splitter.push(file(3, "ascii").subarray(0, -10));
		const chunk = Buffer.alloc(65_536, " ");
		for (let i = 0; i < 10; i++) expect(splitter.push(chunk)).toEqual([]);
		expect(splitter.tooLarge).toBe(1);
		expect(hex(splitter.push(file(2)))).toEqual(hex([file(2)]));
	});

	it("takes any bytes", () => {
		const anyChunk = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(file(2), file(2).subarray(0, 90), Buffer.from("# .PCD\n")));
		fc.assert(
			fc.property(fc.array(anyChunk, { maxLength: 12 }), (chunks) => {
				const splitter = new PcdSplitter(10, 10_000);
				for (const chunk of chunks) splitter.push(chunk);
				splitter.end();
				expect(hex(splitter.push(file(1)))).toEqual(hex([file(1)]));
			}),
		);
	});
});
