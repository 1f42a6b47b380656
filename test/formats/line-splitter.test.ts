import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "../../agent/formats/line-splitter.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

const splitAll = (input: Uint8Array, cuts: readonly number[], maxLineBytes: number): { lines: string[]; overlong: number } => {
	const splitter = new LineSplitter(maxLineBytes);
	const lines: string[] = [];
	let start = 0;
	for (const cut of [...cuts.map((c) => c % (input.length + 1)).sort((a, b) => a - b), input.length]) {
		lines.push(...splitter.push(input.slice(start, cut)));
		start = cut;
	}
	lines.push(...splitter.end());
	return { lines, overlong: splitter.overlong };
};

describe("LineSplitter", () => {
	it("cuts at LF, takes off one CR and keeps empty lines", () => {
		const splitter = new LineSplitter(100);
		expect(splitter.push(bytes("a\r\nb\n\nc"))).toEqual(["a", "b", ""]);
		expect(splitter.push(bytes("d\n"))).toEqual(["cd"]);
		expect(splitter.end()).toEqual([]);
	});

	it("end returns the last line without an end and starts anew", () => {
		const splitter = new LineSplitter(100);
		expect(splitter.push(bytes("tail"))).toEqual([]);
		expect(splitter.end()).toEqual(["tail"]);
		expect(splitter.push(bytes("x\n"))).toEqual(["x"]);
	});

	it("skips an overlong line whole, counts it once and goes on", () => {
		const splitter = new LineSplitter(4);
		expect(splitter.push(bytes("12345\nok\n"))).toEqual(["ok"]);
		for (let i = 0; i < 50; i++) expect(splitter.push(bytes("xxx"))).toEqual([]);
		expect(splitter.push(bytes("x\n1234\n"))).toEqual(["1234"]);
		expect(splitter.overlong).toBe(2);
	});

	it("decodes UTF-8 across chunk borders when asked to", () => {
		const splitter = new LineSplitter(100, "utf8");
		const input = Buffer.from("grüße\n", "utf8");
		const lines = [...splitter.push(input.subarray(0, 3)), ...splitter.push(input.subarray(3))];
		expect(lines).toEqual(["grüße"]);
	});

	it("does not keep the caller's chunk", () => {
		const splitter = new LineSplitter(100);
		const chunk = bytes("ab");
		splitter.push(chunk);
		chunk.fill(0x7a);
		expect(splitter.push(bytes("\n"))).toEqual(["ab"]);
	});

	it("gives the same lines and count however the input is cut", () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom(0x0a, 0x0d, 0x41, 0x42, 0xff), { maxLength: 200 }),
				fc.array(fc.nat(), { maxLength: 20 }),
				fc.integer({ min: 1, max: 12 }),
				(input, cuts, maxLineBytes) => {
					const whole = splitAll(Uint8Array.from(input), [], maxLineBytes);
					expect(splitAll(Uint8Array.from(input), cuts, maxLineBytes)).toEqual(whole);
				},
			),
		);
	});
});
