import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readChild, readFileBytes, readPipe } from "../../agent/host/byte-input.ts";

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-bytes-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const forever = new AbortController().signal;
const never = (): void => expect.fail("nothing is corrupt");
const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
	const all: Uint8Array[] = [];
	for await (const chunk of chunks) all.push(Buffer.from(chunk));
	return Buffer.concat(all);
};
const file = (name: string, content: Uint8Array): string => {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
};

describe("readFileBytes", () => {
	it("reads plain files of any size as they are", async () => {
		for (const size of [0, 1, 2, 16_384, 100_000]) {
			const content = Buffer.alloc(size, "abc");
			expect((await collect(readFileBytes(file("plain", content), forever, never))).equals(content)).toBe(true);
		}
	});

	it("unpacks gzip, several members and a single byte among them", async () => {
		const content = Buffer.from(Array.from({ length: 50_000 }, (_, i) => i % 251));
		expect((await collect(readFileBytes(file("one.gz", gzipSync(content)), forever, never))).equals(content)).toBe(true);
		const two = Buffer.concat([gzipSync(content), gzipSync("!")]);
		expect((await collect(readFileBytes(file("two.gz", two), forever, never))).toString("latin1").endsWith("!")).toBe(true);
	});

	it("gives all that can be unpacked of a gzip that was cut off, and says so once", async () => {
		const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
		const packed = gzipSync(content);
		let corrupt = 0;
		const got = await collect(readFileBytes(file("cut.gz", packed.subarray(0, packed.length - 8)), forever, () => corrupt++));
		expect(corrupt).toBe(1);
		expect(got.equals(content)).toBe(true);
	});

	it("unpacks no more than it is asked for", async () => {
		const bomb = file("bomb.gz", gzipSync(Buffer.alloc(64_000_000)));
		const before = process.memoryUsage().arrayBuffers;
		let bytes = 0;
		let most = 0;
		for await (const chunk of readFileBytes(bomb, forever, never)) {
			bytes += chunk.length;
			most = Math.max(most, chunk.length);
			if (bytes > 1_000_000) break;
		}
		expect(most).toBeLessThanOrEqual(64 * 1024);
		expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16_000_000);
	});

	it("takes an end that its signal made for no corruption", async () => {
		const controller = new AbortController();
		const content = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * i * 7) % 253));
		let bytes = 0;
		for await (const chunk of readFileBytes(file("aborted.gz", gzipSync(content, { level: 1 })), controller.signal, never)) {
			bytes += chunk.length;
			controller.abort();
		}
		expect(bytes).toBeGreaterThan(0);
	});

	it("ends with its signal", async () => {
		const controller = new AbortController();
		let bytes = 0;
		for await (const chunk of readFileBytes(file("long", Buffer.alloc(1_000_000)), controller.signal, never)) {
			bytes += chunk.length;
			controller.abort();
		}
		expect(bytes).toBeLessThan(100_000);
	});
});

describe("readPipe", () => {
	it("has a reader for the next writer before it says that the last one left", async () => {
		const path = join(folder, "pipe");
		expect(spawnSync("mkfifo", [path]).status).toBe(0);
		const controller = new AbortController();
		const chunks = readPipe(path, controller.signal);
		let next = chunks.next();
		for (const word of ["first", "second", "third"]) {
			// Without a reader this fails with ENXIO.
			const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
			writeSync(writer, word);
			expect(Buffer.from((await next).value ?? []).toString()).toBe(word);
			closeSync(writer);
			expect((await chunks.next()).value?.length).toBe(0);
			next = chunks.next();
			await new Promise((resolve) => setImmediate(resolve));
		}
		controller.abort();
		expect((await next).value?.length ?? 0).toBe(0);
		await chunks.return(undefined);
	});

	it("refuses what is not a named pipe", async () => {
		await expect(collect(readPipe(file("not-a-pipe", Buffer.alloc(1)), forever))).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
	});
});

describe("readChild", () => {
	it("yields what the program writes and throws when it ends", async () => {
		const got: Uint8Array[] = [];
		const run = async (): Promise<void> => {
			for await (const chunk of readChild("sh", ["-c", "echo out; echo reason >&2; exit 3"], forever)) got.push(chunk);
		};
		await expect(run()).rejects.toMatchObject({
			code: "SOURCE_UNAVAILABLE",
			cause: expect.objectContaining({ message: "ended with 3: reason" }),
		});
		expect(Buffer.concat(got).toString()).toBe("out\n");
	});

	it("ends the program when its consumer stops", async () => {
		let pid = 0;
		for await (const chunk of readChild("sh", ["-c", "echo $$; exec sleep 60"], forever)) {
			pid = Number(Buffer.from(chunk).toString());
			break;
		}
		expect(pid).toBeGreaterThan(1);
		expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
	});
});
