import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CdrReader } from "../../agent/commands/bag-cdr.ts";
import { narrowLaw } from "../../agent/commands/bag-law.ts";
import { type BagRequest, type BagResult, redactBag } from "../../agent/commands/bag-run.ts";
import { bagHints, bagTable } from "../../agent/commands/bag-table.ts";
import { parseTopicPaths } from "../../agent/commands/bag-topics.ts";
import { checkRedaction } from "../../agent/formats/jpeg-check.ts";
import type { Detector } from "../../agent/redact/detector.ts";
import { objectClasses } from "../../shared/frame.ts";
import type { Law } from "../../shared/law.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { dataPath, hasData } from "../data.ts";
import { catalogue, outlet, outlets, policy, row, rule } from "../fakes/law-documents.ts";
import { tinyJpeg } from "../fakes/tiny-jpeg.ts";
import { fixMessage, imageMessage, makeBag, readBack, secretMetadata, type TestMessage } from "./redact-bag-messages.ts";

let folder = "";
let files = 0;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "kerbstone-bag-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fresh = (): string => join(folder, `${files++}.mcap`);

const nowMs = Date.parse("2026-06-01T00:00:00Z");
const startNs = 1_760_000_000_123_456_789n;
const image = "sensor_msgs/msg/CompressedImage";
const fix = "sensor_msgs/msg/NavSatFix";
const secret = "VIN LSVAM4187C2184841";

const redactRule = (extra: object = {}): ReleaseRule =>
	rule("pictures", {
		categories: ["image"],
		treatments: [{ type: "redact-image", detectors: [{ kind: "builtin" }], maxRateHz: 60, ...extra }],
	});
const fixRule = rule("positions", { categories: ["position"], treatments: [{ type: "round-position", cellM: 500 }] });

const lawOf = (release: readonly ReleaseRule[]): Law => ({
	hash: "a".repeat(64),
	rootHash: "b".repeat(64),
	catalogue: catalogue(
		row("image", { zone: "exterior", match: { kinds: [], paths: ["Camera\\.Exterior\\.(?:Front|Rear)"] } }),
		row("position", { match: { kinds: ["fix"], paths: [] } }),
	),
	policy: policy(release),
	outlets: outlets(outlet("oem")),
	consents: undefined,
});

const seen = { class: "face", xPx: 16, yPx: 16, widthPx: 16, heightPx: 16, score: 0.9 } as const;
/** Finds one face at the same place in every picture. */
const detector: Detector = { id: "test", classes: objectClasses, look: () => ({ looked: true, boxes: [seen] }), close: () => undefined };

/** `extra` stands for what cameras write beside the picture. */
const picture = (): Uint8Array => tinyJpeg(64, 48, [...new TextEncoder().encode(secret)]);

const drive = (): readonly TestMessage[] => [
	...[0n, 1n, 2n].map((at): TestMessage => {
		const data = imageMessage(picture(), at !== 1n);
		return { topic: "/camera/front", schema: image, logTimeNs: startNs + at * 100_000_001n, data };
	}),
	{ topic: "/camera/rear", schema: image, logTimeNs: startNs, data: imageMessage(picture()) },
	...[0n, 1n].map((at): TestMessage => {
		const data = fixMessage({ latDeg: 31.512345678, lonDeg: 120.543219876 }, at === 0n);
		return { topic: "/fix", schema: fix, logTimeNs: startNs + at * 1_000_000_000n, data };
	}),
	{ topic: "/fix", schema: fix, logTimeNs: startNs + 5n, data: fixMessage({ latDeg: 1, lonDeg: 1, status: -1 }) },
	{ topic: "/diagnostics", schema: "diagnostic_msgs/msg/DiagnosticArray", logTimeNs: startNs, data: new TextEncoder().encode(secret) },
];
const named = ["/camera/front=Camera.Exterior.Front", "/fix=fix"];

interface Given extends Partial<BagRequest> {
	readonly bag?: Buffer;
	readonly release?: readonly ReleaseRule[];
	readonly topics?: readonly string[];
}
const run = async ({ bag, release = [redactRule(), fixRule], topics = named, ...over }: Given) => {
	const input = fresh();
	const output = `${input}.out`;
	if (bag !== undefined) writeFileSync(input, bag);
	const law = narrowLaw(lawOf(release), undefined, undefined);
	const accounts: string[] = [];
	const result = await redactBag({
		...{ input, output, law, paths: parseTopicPaths(topics), openDetectors: () => Promise.resolve([detector]), nowMs: () => nowMs },
		...{ signal: new AbortController().signal, progress: () => undefined },
		onPicture: (_topic, _logTimeNs, account) => {
			accounts.push(account);
			return Promise.resolve();
		},
		...over,
	});
	return { result, law, output, accounts };
};
const topicOf = ({ topics }: BagResult, name: string) => {
	const found = topics.find(({ topic }) => topic === name);
	if (found === undefined) throw new Error(`no ${name}`);
	return found;
};
const leftovers = (): readonly string[] => readdirSync(folder).filter((name) => name.includes(".out"));

describe("redactBag", () => {
	it("writes what leaves on the same topics at the same times, treated, in a bag that is whole", async () => {
		const { result, output, accounts } = await run({ bag: await makeBag({ messages: drive() }) });
		const { messages, isWhole, reader } = await readBack(readFileSync(output));
		expect(isWhole).toBe(true);
		expect(reader.header).toMatchObject({ profile: "ros2", library: expect.stringMatching(/^kerbstone /) });
		expect(reader.statistics).toMatchObject({ messageCount: 5n, attachmentCount: 0, metadataCount: 0 });
		expect(reader.chunkIndexes.map(({ compression }) => compression)).toStrictEqual(["zstd"]);
		const pictures = messages.filter(({ topic }) => topic === "/camera/front");
		expect(pictures.map(({ logTime }) => logTime)).toStrictEqual([0n, 1n, 2n].map((at) => startNs + at * 100_000_001n));
		for (const { data, logTime } of pictures) {
			const values = new CdrReader(data);
			expect([BigInt(values.int32()) * 1_000_000_000n + BigInt(values.uint32())]).toStrictEqual([logTime]);
			values.skipText();
			values.skipText();
			expect(checkRedaction(values.byteSequence(), picture(), [seen])).toStrictEqual([]);
			values.end();
		}
		const fixes = messages.filter(({ topic }) => topic === "/fix");
		expect(fixes).toHaveLength(2);
		for (const { data } of fixes) {
			const values = new CdrReader(data);
			values.int32();
			values.uint32();
			values.skipText();
			values.int8();
			values.uint16();
			const latDeg = values.float64();
			expect(Math.abs(latDeg - 31.512345678)).toBeLessThan(0.01);
			expect(latDeg).not.toBe(31.512345678);
		}
		expect(accounts.map((account) => JSON.parse(account).areas.length)).toStrictEqual([1, 1, 1]);
		expect(topicOf(result, "/camera/front")).toMatchObject({ in: 3, out: 3, redacted: 3 });
		expect(topicOf(result, "/fix")).toMatchObject({ in: 3, out: 2, redacted: 2, reasons: new Map([["nothing-in-it", 1]]) });
		expect(topicOf(result, "/camera/rear")).toMatchObject({ in: 1, out: 0, note: expect.stringContaining("--topic") });
		expect(topicOf(result, "/diagnostics")).toMatchObject({ in: 1, out: 0, note: expect.stringContaining("nothing here reads") });
		expect(result).toMatchObject({ attachments: 1, metadata: 1, isWritten: true });
	});

	it("leaves nothing of the input in the output: no position, comment, frame id, metadata or other topic", async () => {
		const { output } = await run({ bag: await makeBag({ messages: drive() }) });
		const { bytes } = await readBack(readFileSync(output));
		const position = new DataView(new ArrayBuffer(8));
		const foreign: (string | Buffer)[] = [
			secret,
			secretMetadata,
			"of-the-sender",
			"of the sender",
			"a recorder",
			"diagnostic",
			"/camera/rear",
		];
		for (const isLittle of [true, false]) {
			for (const value of [31.512345678, 120.543219876]) {
				position.setFloat64(0, value, isLittle);
				foreign.push(Buffer.from(position.buffer.slice(0)));
			}
		}
		const input = (await readBack(await makeBag({ messages: drive() }))).bytes;
		for (const each of foreign) {
			expect(input.includes(each), String(each)).toBe(true);
			expect(bytes.includes(each), String(each)).toBe(false);
		}
	});

	it("tells a person what was left out, why, and how a law would let it in", async () => {
		const { result, law, output } = await run({
			bag: await makeBag({ messages: drive() }),
			release: [],
			topics: [...named, "/gone=Lidar.Front"],
		});
		expect(existsSync(output)).toBe(false);
		expect(result.isWritten).toBe(false);
		expect(bagTable(result)).toMatch(
			/\/camera\/front +Camera\.Exterior\.Front +sensor_msgs\/msg\/CompressedImage +3 +0 +0 +3 +not-requested 3/,
		);
		expect(bagTable(result)).toMatch(/\/gone .* it is not in the bag/);
		expect(bagHints(law, result).join("\n")).toMatch(/\/camera\/front \(Camera\.Exterior\.Front, image\): .*To let it leave: /);
	});

	it("writes no picture that nobody could look at, and says how to go on", async () => {
		const message = "the built-in detector is not here";
		const { result, law, output } = await run({
			bag: await makeBag({ messages: drive().slice(0, 4) }),
			openDetectors: () => Promise.resolve({ why: "no-detector", message }),
		});
		expect(existsSync(output)).toBe(false);
		expect(topicOf(result, "/camera/front").reasons.get("no-detector")).toBe(3);
		expect(bagHints(law, result).join("\n")).toMatch(/the built-in detector is not here[\s\S]*model add/);
	});

	it("gives up nothing to a detector that throws or a rate that is too high", async () => {
		const broken: Detector = { ...detector, look: () => Promise.reject(new Error("broken")) };
		const bag = await makeBag({ messages: drive() });
		const thrown = await run({ bag, openDetectors: () => Promise.resolve([broken]) });
		expect(topicOf(thrown.result, "/camera/front")).toMatchObject({
			out: 0,
			reasons: new Map([["detector-failed", 3]]),
		});
		const slow = await run({ bag, release: [redactRule({ maxRateHz: 1 })] });
		expect(topicOf(slow.result, "/camera/front")).toMatchObject({ out: 1 });
		expect(topicOf(slow.result, "/camera/front").reasons.get("too-often")).toBe(2);
	});

	it("asks which purpose is meant where messages would leave for two", async () => {
		const bag = await makeBag({ messages: drive() });
		const other = rule("other", { ...fixRule, id: "other", purpose: "maps" });
		await expect(run({ bag, release: [fixRule, other] })).rejects.toMatchObject({
			code: "USAGE",
			message: expect.stringContaining("--purpose"),
		});
		const narrow = narrowLaw(lawOf([fixRule, other]), "oem", "maps");
		const { result } = await run({ bag, law: narrow });
		expect(topicOf(result, "/fix").out).toBe(2);
	});

	it("shows recipients who are not qualified no more ground than one may see", async () => {
		// 300 km with 50 m on both sides: more than 25 square kilometres.
		const messages = Array.from({ length: 3_000 }, (_, at): TestMessage => {
			const data = fixMessage({ latDeg: 31 + at * 0.0009, lonDeg: 120 });
			return { topic: "/fix", schema: fix, logTimeNs: startNs + BigInt(at) * 1_000_000_000n, data };
		});
		const { result } = await run({ bag: await makeBag({ messages }), release: [rule("raw", { categories: ["position"] })] });
		const { out, reasons } = topicOf(result, "/fix");
		expect(out).toBeGreaterThan(1_000);
		expect(reasons.get("area-limit")).toBe(3_000 - out);
		expect(out).toBeLessThan(3_000);
	});

	it.skipIf(!hasData("mcap"))("leaves all of ordinary bags of rosbag2 out, whoever wrote them (needs shared data mcap)", async () => {
		const names = readdirSync(dataPath("mcap")).filter((name) => name.endsWith(".mcap"));
		expect(names.length).toBeGreaterThan(10);
		let messages = 0;
		for (const name of names) {
			const { result, output } = await run({ bag: readFileSync(dataPath("mcap", name)), topics: [] });
			expect(existsSync(output)).toBe(false);
			messages += result.topics.reduce((sum, topic) => sum + topic.in, 0);
		}
		expect(messages).toBeGreaterThan(50);
	});

	it("counts messages that are cut off or are no picture, and goes on", async () => {
		const whole = imageMessage(picture());
		const odd = [
			whole.subarray(0, 30),
			Uint8Array.of(),
			Uint8Array.of(0, 7, 0, 0, 1),
			whole.subarray(0, -1),
			imageMessage(Uint8Array.of(1, 2)),
		];
		const messages = [...odd, whole].map((data, at) => ({
			topic: "/camera/front",
			schema: image,
			logTimeNs: startNs + BigInt(at) * 1_000_000_000n,
			data,
		}));
		const huge = { topic: "/camera/front", schema: image, logTimeNs: 2n ** 64n - 1n, data: whole };
		const { result } = await run({ bag: await makeBag({ messages: [...messages, huge] }) });
		expect(topicOf(result, "/camera/front")).toMatchObject({
			in: 7,
			out: 1,
			reasons: new Map([
				["unreadable", 5],
				["nothing-in-it", 1],
			]),
		});
	});
});

describe("redactBag with hostile bags", () => {
	const refused = async (bag: Buffer, words: RegExp, over: Given = {}) => {
		const before = leftovers();
		await expect(run({ bag, ...over })).rejects.toMatchObject({ code: "FORMAT_INVALID", message: expect.stringMatching(words) });
		expect(leftovers()).toStrictEqual(before);
	};
	const many = (): readonly TestMessage[] =>
		Array.from({ length: 60 }, (_, at) => ({
			topic: "/camera/front",
			schema: image,
			logTimeNs: startNs + BigInt(at) * 100_000_000n,
			data: imageMessage(tinyJpeg(640, 480)),
		}));

	it("refuses one that is cut off anywhere, and leaves no file", async () => {
		const bag = await makeBag({ messages: many() });
		for (const share of [0, 0.0001, 0.1, 0.5, 0.9, 0.99, 1])
			await refused(bag.subarray(0, Math.floor(bag.length * share) - (share === 1 ? 1 : 0)), /cut off|no end|damaged/);
	}, 60_000);

	it("refuses a wrong checksum of a chunk, and of the data", async () => {
		const plain = await makeBag({ messages: many(), compression: "" });
		const inChunk = Buffer.from(plain);
		inChunk[Math.floor(plain.length / 2)] = (inChunk[Math.floor(plain.length / 2)] ?? 0) ^ 1;
		await refused(inChunk, /damaged|checksum/);
		const inHeader = Buffer.from(plain);
		const at = inHeader.indexOf("a recorder");
		inHeader.write("A", at);
		await refused(inHeader, /checksum/);
	});

	it("refuses records and chunks that claim more than there is, without asking for memory", async () => {
		const bag = await makeBag({ messages: many() });
		const long = Buffer.from(bag);
		long.writeBigUInt64LE(2n ** 62n, 9);
		await refused(long, /claims/);
		const chunk = Buffer.from(bag);
		// Header, metadata and attachment come first; the chunk's own size is behind its two times.
		let at = 8;
		while (chunk[at] !== 6) at += 9 + Number(chunk.readBigUInt64LE(at + 1));
		chunk.writeBigUInt64LE(2n ** 50n, at + 9 + 16);
		await refused(chunk, /claims|checksum/);
		chunk.writeBigUInt64LE(3n, at + 9 + 16);
		await refused(chunk, /damaged|size|checksum/);
	});

	it("refuses lz4 and unknown compression by name", async () => {
		await refused(await makeBag({ messages: many(), compression: "lz4" }), /lz4.*mcap compress/);
	});

	it("refuses a schema that has the name of a known one and defines something else", async () => {
		const bag = await makeBag({ messages: many(), schemaText: () => "std_msgs/Header header\nuint8[] data\nstring format\n" });
		await refused(bag, /defines something else/);
		const hidden = await makeBag({
			messages: many(),
			schemaText: () =>
				"std_msgs/Header header\nstring<=10 extra\nstring format\nuint8[] data\n===\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n===\nMSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n",
		});
		await refused(hidden, /defines something else/);
	});

	it("refuses what is no bag at all, and says what is not there", async () => {
		await refused(Buffer.from("PNG, not a bag, but long enough to hold a head"), /no MCAP|claims/);
		await expect(run({})).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
	});

	it("survives any changed byte: an error, or an output that is whole", async () => {
		const bag = await makeBag({ messages: drive() });
		for (let at = 0; at < bag.length; at += 37) {
			const changed = Buffer.from(bag);
			changed[at] = (changed[at] ?? 0) ^ 0x41;
			try {
				const { result, output } = await run({ bag: changed });
				if (result.isWritten) expect((await readBack(readFileSync(output))).isWhole).toBe(true);
			} catch (error) {
				expect(error).toMatchObject({ code: expect.stringMatching(/^(?:FORMAT_INVALID|SOURCE_UNAVAILABLE)$/) });
			}
		}
		expect(leftovers().filter((name) => name.includes(".part-"))).toStrictEqual([]);
	}, 120_000);

	it("leaves no file when it is stopped", async () => {
		const before = leftovers();
		await expect(run({ bag: await makeBag({ messages: many() }), signal: AbortSignal.abort() })).rejects.toMatchObject({
			code: "SOURCE_UNAVAILABLE",
		});
		expect(leftovers()).toStrictEqual(before);
	});
});

describe("parseTopicPaths", () => {
	it("refuses other paths, and a topic or a path that is named twice", () => {
		expect([...parseTopicPaths(["/a=b=Lidar.Front", "/c=fix"])]).toStrictEqual([
			["/a=b", "Lidar.Front"],
			["/c", "fix"],
		]);
		for (const wrong of [["/a"], ["=fix"], ["/a=Camera.Front"], ["/a=Vehicle.Speed"], ["/a=fix", "/b=fix"], ["/a=fix", "/a=Lidar.Front"]])
			expect(() => parseTopicPaths(wrong)).toThrow(expect.objectContaining({ code: "USAGE" }));
	});
});
