import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { navSatFix } from "../../agent/commands/bag-codec.ts";
import { foxgloveImage } from "../../agent/commands/bag-foxglove.ts";
import { narrowLaw } from "../../agent/commands/bag-law.ts";
import { redactBag } from "../../agent/commands/bag-run.ts";
import { parseTopicPaths } from "../../agent/commands/bag-topics.ts";
import type { Io } from "../../agent/commands/command.ts";
import redactBagCommand from "../../agent/commands/redact-bag.ts";
import { checkRedaction } from "../../agent/formats/jpeg-check.ts";
import { decodePcd } from "../../agent/formats/pcd.ts";
import { readPointCloud2, writePointCloud2 } from "../../agent/formats/point-cloud2.ts";
import { systemClock } from "../../agent/host/clock.ts";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import type { Detector } from "../../agent/redact/detector.ts";
import { noteFile, noteText, probeModel, readModel } from "../../agent/redact/models.ts";
import { isRefused } from "../../agent/redact/refusal.ts";
import { objectClasses } from "../../shared/frame.ts";
import { makeLaw } from "../../shared/make-law.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { utcMs } from "../../shared/units.ts";
import { dataPath, hasData } from "../data.ts";
import { catalogue, outlet, outlets, policy, row, rule } from "../fakes/law-documents.ts";
import { tinyJpeg } from "../fakes/tiny-jpeg.ts";
import { hasProgram } from "../peers.ts";
import { fixMessage, imageMessage, makeBag, readBack, type TestMessage } from "./redact-bag-messages.ts";

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "kerbstone-bag-kinds-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const startNs = 1_760_000_000_000_000_007n;
const seen = { class: "plate", xPx: 16, yPx: 16, widthPx: 16, heightPx: 16, score: 0.9 } as const;
const detector: Detector = { id: "test", classes: objectClasses, look: () => ({ looked: true, boxes: [seen] }), close: () => undefined };
const law = {
	...{ hash: "a".repeat(64), rootHash: "b".repeat(64), consents: undefined, outlets: outlets(outlet("oem")) },
	catalogue: catalogue(
		row("image", { match: { kinds: [], paths: ["Camera\\.Exterior\\.Front"] } }),
		row("cloud", { match: { kinds: [], paths: ["Lidar\\.Front"] } }),
	),
	policy: policy([
		rule("clouds", { categories: ["cloud"] }),
		rule("pictures", { categories: ["image"], treatments: [{ type: "redact-image", detectors: [{ kind: "builtin" }] }] }),
	]),
};
let runs = 0;
const run = async (message: TestMessage, path: string) => {
	const input = join(folder, `${runs++}.mcap`);
	writeFileSync(input, await makeBag({ messages: [message], profile: "" }));
	const output = `${input}.out`;
	const result = await redactBag({
		...{ input, output, law: narrowLaw(law, undefined, undefined), paths: parseTopicPaths([`${message.topic}=${path}`]) },
		...{ openDetectors: () => Promise.resolve([detector]), nowMs: () => Date.parse("2026-06-01T00:00:00Z") },
		...{ signal: new AbortController().signal, progress: () => undefined, onPicture: () => Promise.resolve() },
	});
	return { result, output, ...(result.isWritten ? await readBack(readFileSync(output)) : { messages: [], reader: undefined }) };
};

describe("redactBag with clouds", () => {
	it.skipIf(!hasData("lidar", "milk.pcd"))(
		"writes a real cloud point for point under another frame of reference (needs shared data lidar)",
		async () => {
			const { cloud } = decodePcd(readFileSync(dataPath("lidar", "milk.pcd")));
			const data = writePointCloud2({ stampSec: 5, stampNanosec: 6, frameId: "lidar-serial-4711", cloud });
			const { messages, reader } = await run(
				{ topic: "/points", schema: "sensor_msgs/msg/PointCloud2", logTimeNs: startNs, data },
				"Lidar.Front",
			);
			expect(messages).toHaveLength(1);
			expect(messages[0]).toMatchObject({ topic: "/points", logTime: startNs });
			const out = readPointCloud2(messages[0]?.data ?? new Uint8Array());
			expect(out).toMatchObject({ frameId: "Lidar.Front", stampSec: 1_760_000_000, stampNanosec: 7 });
			expect(out.cloud.widthPoints).toBe(13_704);
			expect(Buffer.compare(out.cloud.data, cloud.data)).toBe(0);
			expect([...(reader?.schemasById.values() ?? [])].map(({ name }) => name)).toStrictEqual(["sensor_msgs/msg/PointCloud2"]);
		},
	);

	it("counts a cloud that claims more points than it has", async () => {
		const data = Uint8Array.from([0, 1, 0, 0, ...new Array(12).fill(0), 255, 255, 255, 127, 255, 255, 255, 127, 0, 0, 0, 0]);
		const { result } = await run({ topic: "/points", schema: "sensor_msgs/msg/PointCloud2", logTimeNs: startNs, data }, "Lidar.Front");
		expect(result.topics[0]).toMatchObject({ in: 1, out: 0, reasons: new Map([["unreadable", 1]]) });
	});
});

/** Counted fields of Protobuf, up to 16,383 bytes. */
const counted = (number: number, bytes: Uint8Array): readonly number[] => [
	number * 8 + 2,
	...(bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]),
	...bytes,
];
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("redactBag with foxglove.CompressedImage", () => {
	const message = Uint8Array.from([
		...counted(4, ascii("frame-of-the-sender")),
		...counted(2, tinyJpeg(64, 48, [...ascii("serial 4711")])),
		...counted(3, ascii("jpeg")),
		// What no version of the schema knows.
		...counted(9, ascii("position of the sender")),
	]);

	it("writes the redacted picture and nothing else of the message", async () => {
		const test = {
			topic: "/cam",
			schema: "foxglove.CompressedImage",
			logTimeNs: startNs,
			data: message,
			protobuf: foxgloveImage.schema.data,
		};
		const { messages, output } = await run(test, "Camera.Exterior.Front");
		expect(messages.map(({ topic, logTime }) => [topic, logTime])).toStrictEqual([["/cam", startNs]]);
		const out = foxgloveImage.read(messages[0]?.data ?? new Uint8Array());
		if (out?.kind !== "frame") return expect.unreachable();
		expect(checkRedaction(out.jpeg, tinyJpeg(64, 48), [seen])).toStrictEqual([]);
		const { bytes } = await readBack(readFileSync(output));
		for (const foreign of ["of-the-sender", "of the sender", "4711"]) expect(bytes.includes(foreign), foreign).toBe(false);
	});

	it.skipIf(!hasProgram("protoc"))("carries a definition that other readers decode by (needs protoc)", async () => {
		const descriptors = join(folder, "image.desc");
		writeFileSync(descriptors, foxgloveImage.schema.data);
		const test = {
			topic: "/cam",
			schema: "foxglove.CompressedImage",
			logTimeNs: startNs,
			data: message,
			protobuf: foxgloveImage.schema.data,
		};
		const { messages } = await run(test, "Camera.Exterior.Front");
		const said = execFileSync("protoc", [`--descriptor_set_in=${descriptors}`, "--decode=foxglove.CompressedImage"], {
			input: messages[0]?.data ?? new Uint8Array(),
			encoding: "utf8",
		});
		expect(said).toMatch(/^timestamp \{\n {2}seconds: 1760000000\n {2}nanos: 7\n\}\ndata: "\\377\\330/);
		expect(said).toMatch(/\nformat: "jpeg"\nframe_id: "Camera.Exterior.Front"\n$/);
	});

	it("refuses a definition in which the picture has another number", async () => {
		const wrong = Uint8Array.from(foxgloveImage.schema.data);
		const at = Buffer.from(wrong).indexOf("data");
		// Behind the name: the key of the number, and the number.
		expect([wrong[at + 4], wrong[at + 5]]).toStrictEqual([24, 2]);
		wrong[at + 5] = 5;
		const test = { topic: "/cam", schema: "foxglove.CompressedImage", logTimeNs: startNs, data: message, protobuf: wrong };
		await expect(run(test, "Camera.Exterior.Front")).rejects.toMatchObject({ code: "FORMAT_INVALID" });
		for (const bad of [new Uint8Array(), wrong.subarray(0, 50), Uint8Array.of(255, 255, 255)]) {
			await expect(run({ ...test, protobuf: bad }, "Camera.Exterior.Front")).rejects.toMatchObject({ code: "FORMAT_INVALID" });
		}
	});
});

describe("navSatFix", () => {
	it("has no word for another datum, nor for another kind", () => {
		const fix = { kind: "fix", takenAtMs: utcMs(1), latDeg: 1, lonDeg: 2, datum: "wgs84" } as const;
		const head = { logTimeNs: startNs, frameId: "fix" };
		expect(navSatFix.write(fix, head)).toBeInstanceOf(Uint8Array);
		expect(navSatFix.write({ ...fix, datum: "gcj02" }, head)).toBeUndefined();
		expect(navSatFix.write({ kind: "signal", takenAtMs: utcMs(1), path: "Vehicle.Speed", value: 1 }, head)).toBeUndefined();
	});

	it("takes nothing that is no position", () => {
		for (const latDeg of [Number.NaN, Number.POSITIVE_INFINITY, 90.1])
			expect(navSatFix.read(fixMessage({ latDeg, lonDeg: 0 }))).toBeUndefined();
		const flat = navSatFix.read(fixMessage({ latDeg: 1, lonDeg: 2, altitudeM: Number.NaN }, false));
		expect(flat).toStrictEqual({ kind: "fix", latDeg: 1, lonDeg: 2, altitudeM: undefined, accuracyM: 3 });
	});
});

describe("kerbstone redact bag", () => {
	const models = [
		["version-RFB-640.onnx", "ultra-light"],
		["y5fu_320x_sim.onnx", "yolo5-plate"],
	] as const;
	/** The models with the notes that "model add" would write, and rules that pin them. */
	const addModels = async (): Promise<readonly { readonly kind: "model"; readonly file: string; readonly sha256: string }[]> => {
		const pinned = [];
		for (const [file, kind] of models) {
			copyFileSync(dataPath("models", file), join(folder, file));
			const model = readModel(folder, file);
			if (isRefused(model)) throw new Error(model.message);
			const probed = await probeModel(model, kind, systemClock);
			if (isRefused(probed)) throw new Error(probed.message);
			await probed.network.close();
			const { sha256 } = model;
			writeFileSync(join(folder, noteFile(file)), noteText({ format: "kerbstone-model-1", sha256, kind, selfTest: probed.selfTest }));
			pinned.push({ kind: "model", file, sha256 } as const);
		}
		return pinned;
	};
	const releasing = (detectors: readonly object[]): readonly ReleaseRule[] => [
		{
			...{ id: "pictures", outlet: "oem", purpose: "training", necessity: "a test looks at real pictures", retentionDays: 14 },
			categories: ["connected-operation.perception.exterior-image"],
			treatments: [{ type: "redact-image", detectors }],
		},
		{
			...{ id: "track", outlet: "oem", purpose: "traffic-information", necessity: "a test looks at real pictures", retentionDays: 14 },
			categories: ["connected-operation.perception.trajectory"],
			treatments: [{ type: "round-position", cellM: 500 }],
		},
	];
	let calls = 0;
	const call = async (release: readonly ReleaseRule[], ...more: readonly string[]) => {
		const at = join(folder, `call-${calls++}`);
		const made = makeLaw(
			{
				...{ release, withConsent: true, catalogueId: "cn", brokerUrl: "mqtt://127.0.0.1:1883", addressRanges: ["127.0.0.0/8"] },
				...{ policyDays: 2, nowMs: Date.now() },
			},
			await loadPrimitives(),
		);
		for (const { name, bytes } of made.law) {
			mkdirSync(dirname(join(at, "law", name)), { recursive: true });
			writeFileSync(join(at, "law", name), bytes);
		}
		const faces = ["ul__imgs__2.jpg", "ul__imgs__3.jpg"].map((name) => readFileSync(dataPath("camera", "faces", name)));
		const messages = faces.map(
			(jpeg, index): TestMessage => ({
				...{ topic: "/camera", schema: "sensor_msgs/msg/CompressedImage", logTimeNs: startNs + BigInt(index) * 1_000_000_000n },
				data: imageMessage(new Uint8Array(jpeg)),
			}),
		);
		const fix = {
			topic: "/fix",
			schema: "sensor_msgs/msg/NavSatFix",
			logTimeNs: startNs,
			data: fixMessage({ latDeg: 31.5, lonDeg: 120.5 }),
		};
		writeFileSync(join(at, "in.mcap"), await makeBag({ messages: [...messages, fix] }));
		const said = { out: "", err: "" };
		const io: Io = {
			out: (line) => {
				said.out += `${line}\n`;
				return Promise.resolve();
			},
			err: (line) => {
				said.err += `${line}\n`;
			},
			...{ progress: () => undefined, isTerminal: false, signal: new AbortController().signal },
		};
		const output = join(at, "out.mcap");
		const values = { law: join(at, "law"), topic: ["/camera=Camera.Exterior.Front", "/fix=fix"], report: join(at, "report.jsonl") };
		const args = { values: { ...values, models: folder, ...Object.fromEntries(more.map((name) => [name, true])) } };
		const status = await redactBagCommand.run({ ...args, positionals: [join(at, "in.mcap"), output] }, io);
		return { status, ...said, output, report: join(at, "report.jsonl"), faces };
	};

	it.skipIf(!hasData("camera", "faces") || !hasData("models"))(
		"masks the faces of real pictures by pinned models under a signed law (needs shared data camera, models)",
		async () => {
			const { status, out, err, output, report, faces } = await call(releasing(await addModels()));
			expect(status, out + err).toBe(0);
			expect(out).toMatch(/\/camera +Camera\.Exterior\.Front .* 2 +2 +2 +0/);
			const { messages, bytes } = await readBack(readFileSync(output));
			expect(messages.filter(({ topic }) => topic === "/camera")).toHaveLength(2);
			const accounts = readFileSync(report, "utf8")
				.trimEnd()
				.split("\n")
				.map((line) => JSON.parse(line));
			expect(accounts.map(({ kind }) => kind)).toStrictEqual(["picture", "picture", "summary"]);
			expect(accounts[0].redaction.areas.length).toBeGreaterThanOrEqual(4);
			// The heads of the files (tables, comments) and pieces of the pictures.
			for (const jpeg of faces)
				for (let at = 2_000; at < jpeg.length - 64; at += 5_000) expect(bytes.includes(jpeg.subarray(0, at))).toBe(false);
		},
		60_000,
	);

	it.skipIf(!hasData("camera", "faces"))(
		"writes nothing under a law that releases nothing, and says so (needs shared data camera)",
		async () => {
			const { status, out, err, output, report } = await call([], "json");
			expect(status).toBe(1);
			expect(existsSync(output)).toBe(false);
			expect(JSON.parse(out)).toMatchObject({
				isWritten: false,
				topics: [{ topic: "/camera", in: 2, out: 0, leftOut: { "not-requested": 2 } }, { topic: "/fix" }],
			});
			expect(JSON.parse(readFileSync(report, "utf8"))).toMatchObject({ kind: "summary" });
			expect(err).toMatch(/exterior-image[\s\S]*nothing leaves under this law/);
		},
	);

	it("refuses wrong usage before it touches anything", async () => {
		const io: Io = {
			out: () => Promise.resolve(),
			err: () => undefined,
			progress: () => undefined,
			isTerminal: false,
			signal: new AbortController().signal,
		};
		const there = join(folder, "there.mcap");
		writeFileSync(there, "keep me");
		const wrong = [
			{ values: {}, positionals: [] },
			{ values: { law: "x" }, positionals: ["a"] },
			{ values: { law: "x" }, positionals: ["a", there] },
			{ values: { law: "x", report: there }, positionals: ["a", "b"] },
			{ values: { law: "x", topic: ["nothing"] }, positionals: ["a", join(folder, "b")] },
		];
		for (const args of wrong) await expect(redactBagCommand.run(args, io)).rejects.toMatchObject({ code: "USAGE" });
		expect(readFileSync(there, "utf8")).toBe("keep me");
	});
});
