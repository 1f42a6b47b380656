import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, fileSink, outSink } from "../../agent/commands/filter-bsm-blocks.ts";
import { LineCutter, maxLineBytes, readBlocks } from "../../agent/commands/filter-bsm-lines.ts";
import { makeFate, summaryOf } from "../../agent/commands/filter-bsm-tally.ts";

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "filter-bsm-lines-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cut = (blocks: readonly Uint8Array[]): { readonly lines: readonly string[]; readonly overlong: number } => {
	const lines: string[] = [];
	let overlong = 0;
	const cutter = new LineCutter(
		(bytes, start, end) => lines.push(bytes.toString("latin1", start, end)),
		() => {
			overlong++;
		},
	);
	for (const block of blocks) {
		const borrowed = Buffer.from(block);
		cutter.push(borrowed);
		// A block is the caller's again.
		borrowed.fill(0x0a);
	}
	cutter.end();
	return { lines, overlong };
};

describe("LineCutter", () => {
	it("gives the same lines however the input is cut into blocks", () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom("a", "bc", "\n", "\r\n", "\r", ""), { maxLength: 60 }),
				fc.infiniteStream(fc.nat({ max: 5 })),
				(parts, sizes) => {
					const text = parts.join("");
					const blocks: Buffer[] = [];
					for (let at = 0; at < text.length; ) {
						const size = sizes.next().value ?? 1;
						blocks.push(Buffer.from(text.slice(at, at + size)));
						at += size;
					}
					const expected = text.split("\n").map((line) => line.replace(/\r$/, ""));
					if (text.endsWith("\n") || text === "") expected.pop();
					expect(cut(blocks)).toEqual({ lines: expected, overlong: 0 });
				},
			),
		);
	});

	it("takes a line of the greatest length and counts a longer one, within a block and over many", () => {
		const most = "x".repeat(maxLineBytes);
		const long = `${most}y`;
		const whole = Buffer.from(`a\n${most}\n${long}\nb\n${long}${long}\nc`);
		const pieces = Array.from({ length: Math.ceil(whole.length / 10_000) }, (_, index) =>
			whole.subarray(index * 10_000, (index + 1) * 10_000),
		);
		for (const blocks of [[whole], pieces]) {
			const { lines, overlong } = cut(blocks);
			expect(lines.map((line) => line.length)).toEqual([1, maxLineBytes, 1, 1]);
			expect(overlong).toBe(2);
		}
	});
});

describe("readBlocks", () => {
	const textOf = async (path: string): Promise<string> => {
		let text = "";
		for await (const block of readBlocks(path, new AbortController().signal)) text += Buffer.from(block).toString();
		return text;
	};

	it("reads a file of several blocks, gzipped or not", async () => {
		const text = "line\n".repeat(500_000);
		writeFileSync(join(folder, "plain"), text);
		writeFileSync(join(folder, "packed"), gzipSync(text));
		expect(await textOf(join(folder, "plain"))).toBe(text);
		expect(await textOf(join(folder, "packed"))).toBe(text);
	});

	it("says what is wrong with a file", async () => {
		writeFileSync(join(folder, "broken"), gzipSync("line\n".repeat(1_000)).subarray(0, 30));
		await expect(textOf(join(folder, "broken"))).rejects.toMatchObject({ code: "FORMAT_INVALID" });
		await expect(textOf(join(folder, "absent"))).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
		await expect(textOf(folder)).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
	});

	it("stops between blocks when it is told to", async () => {
		writeFileSync(join(folder, "large"), "x".repeat(5_000_000));
		const stop = new AbortController();
		let blocks = 0;
		for await (const block of readBlocks(join(folder, "large"), stop.signal)) {
			blocks += block.length > 0 ? 1 : 0;
			stop.abort();
		}
		expect(blocks).toBe(1);
	});
});

describe("BlockWriter", () => {
	it("writes lines and text of any length in their order", async () => {
		const path = join(folder, "out");
		const writer = new BlockWriter(fileSink(path));
		const long = Buffer.alloc(3_000_000, "x");
		writer.putLine(Buffer.from("first"));
		writer.putLine(long);
		await writer.flush();
		writer.putText("text\n");
		await writer.close();
		expect(readFileSync(path, "latin1")).toBe(`first\n${long.toString()}\ntext\n`);
	});

	it("leaves the last line end to whoever prints", async () => {
		const printed: string[] = [];
		const writer = new BlockWriter(
			outSink((text) => {
				printed.push(text);
				return Promise.resolve();
			}),
		);
		writer.putLine(Buffer.from("a"));
		writer.putLine(Buffer.from("ü"));
		await writer.flush();
		writer.putLine(Buffer.from("b"));
		await writer.close();
		expect(printed).toEqual(["a\nü", "b"]);
	});

	it("says what is wrong with a file that cannot be written", () => {
		expect(() => fileSink(join(folder, "no", "such"))).toThrow(expect.objectContaining({ code: "SOURCE_UNAVAILABLE" }));
	});
});

describe("summaryOf", () => {
	it("counts by disposition, and gives reasons by how often they came", () => {
		const fates = [
			makeFate("kept"),
			makeFate("suppressed", "withheld-by-treatment", "filter-speed"),
			makeFate("invalid", "too-long"),
			makeFate("invalid", "not-a-bsm"),
		];
		for (const [index, fate] of fates.entries()) fate.count = [5, 2, 3, 0][index] ?? 0;
		expect(summaryOf(fates)).toEqual({
			lines: 10,
			kept: 5,
			suppressed: 2,
			invalid: 3,
			reasons: [
				{ disposition: "invalid", reason: "too-long", count: 3 },
				{ disposition: "suppressed", reason: "withheld-by-treatment", treatment: "filter-speed", count: 2 },
			],
		});
	});
});
