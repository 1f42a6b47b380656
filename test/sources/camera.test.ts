import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, describe, expect, it } from "vitest";
import camera from "../../agent/sources/camera.ts";
import { parseDelivered } from "../../agent/sources/camera-boxes.ts";
import type { Frame } from "../../shared/reading.ts";
import { type PreparedInput, sourceContract } from "../contract/source-contract.ts";
import { type FakeSourceContext, fakeSourceContext } from "../fakes/source-context.ts";
import { tinyJpeg } from "../fakes/tiny-jpeg.ts";
import { hasProgram } from "../peers.ts";

const folder = mkdtempSync(join(tmpdir(), "kerb-camera-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Options = v.InferInput<typeof camera.options>;
const options = (input: Options["input"], over: Partial<Options> = {}): Options => ({
	type: "camera",
	path: "Camera.Exterior.Front",
	input,
	...over,
});

const read = async (chosen: Options, context: FakeSourceContext, enough = Number.POSITIVE_INFINITY): Promise<Frame[]> => {
	const frames: Frame[] = [];
	for await (const chunk of camera.open(v.parse(camera.options, chosen), context)) {
		for (const reading of chunk) if (reading.kind === "frame") frames.push(reading);
		if (frames.length >= enough) context.abort();
	}
	return frames;
};
let made = 0;
const freshFolder = (): string => {
	const path = join(folder, `pictures-${made++}`);
	mkdirSync(path);
	return path;
};
const mjpeg = (count: number): Uint8Array => Uint8Array.from(Array.from({ length: count }, () => [...tinyJpeg()]).flat());

/** A camera's web server: multipart, as such cameras have it, until the client goes. */
const server = async (body: Uint8Array, repeat: boolean): Promise<PreparedInput<typeof camera.options>> => {
	const http = createServer((_request, answer) => {
		answer.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=frame" });
		const send = (): void =>
			void answer.write(Buffer.concat([Buffer.from("--frame\r\nContent-Type: image/jpeg\r\n\r\n"), body, Buffer.from("\r\n")]));
		send();
		if (!repeat) return void answer.end();
		const timer = setInterval(send, 20);
		answer.on("close", () => clearInterval(timer));
	});
	await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
	const { port } = http.address() as AddressInfo;
	return {
		options: options({ http: { host: "127.0.0.1", port } }),
		close: () =>
			new Promise((resolve) => {
				http.closeAllConnections();
				http.close(() => resolve());
			}),
	};
};

sourceContract({
	name: "camera",
	plugin: camera,
	validOptions: () => {
		const path = join(folder, "good.mjpeg");
		writeFileSync(path, mjpeg(5));
		return { options: options({ file: path }) };
	},
	garbage: () => {
		const path = join(folder, "bad.mjpeg");
		writeFileSync(
			path,
			Buffer.concat([Buffer.from("nonsense"), Buffer.from([0xff, 0xd8, 0xff, 0x00]), mjpeg(1), tinyJpeg().subarray(0, 50)]),
		);
		return { options: options({ file: path }) };
	},
	live: () => server(tinyJpeg(), true),
	expectAtLeast: 5,
});

describe("camera", () => {
	it("reads a folder in the order of its names, with the boxes beside each picture", async () => {
		const path = freshFolder();
		writeFileSync(join(path, "1767225600001.jpg"), tinyJpeg(16, 16));
		writeFileSync(join(path, "1767225600000.jpg"), tinyJpeg(32, 16));
		writeFileSync(join(path, "notes.txt"), "nothing");
		const said = { sequence: 0, atMs: 1_767_225_600_000, widthPx: 32, heightPx: 16, looked: true, detector: "stack 1", boxes: [] };
		writeFileSync(join(path, "1767225600000.boxes.json"), JSON.stringify(said));
		writeFileSync(join(path, "1767225600001.boxes.json"), JSON.stringify({ ...said, looked: undefined }));
		const context = fakeSourceContext();
		const frames = await read(options({ folder: path }), context);
		expect(frames.map(({ takenAtMs, sequence }) => [takenAtMs, sequence])).toEqual([
			[1_767_225_600_000, 0],
			[1_767_225_600_001, 1],
		]);
		expect(frames[0]).toMatchObject({ zone: "exterior", delivered: said });
		expect(frames[1]).not.toHaveProperty("delivered");
		expect(context.rejected.get("boxes_invalid")).toBe(1);
	});

	it("knows the zone by the name of the camera, and refuses names of neither", () => {
		expect(v.safeParse(camera.options, options({ folder: "x" }, { path: "Camera.Cabin.Driver" })).success).toBe(true);
		for (const path of ["Camera.Roof.Front", "Lidar.Front", "Camera.Exterior.", "Camera.Exterior.front-door"]) {
			expect(v.safeParse(camera.options, options({ folder: "x" }, { path })).success, path).toBe(false);
		}
	});

	it("takes a multipart stream over HTTP and comes back when it ends", async () => {
		const { options: chosen, close } = await server(mjpeg(2), false);
		const frames = await read(chosen, fakeSourceContext(), 4);
		expect(frames.length).toBeGreaterThanOrEqual(4);
		for (const { jpeg } of frames) expect(jpeg).toEqual(tinyJpeg());
		await close?.();
	});

	it("goes by what the perception stack says of each frame over a pipe", async () => {
		const [pictures, boxes] = [join(folder, "pictures.fifo"), join(folder, "boxes.fifo")];
		execFileSync("mkfifo", [pictures, boxes]);
		const context = fakeSourceContext();
		const reading = read(options({ pipe: pictures }, { boxes: { pipe: boxes, waitMs: 1_000 } }), context, 2);
		const said = (sequence: number): string =>
			`${JSON.stringify({ sequence, atMs: 5, widthPx: 16, heightPx: 16, looked: true, detector: "s", boxes: [] })}\n`;
		const boxPipe = await open(boxes, "w");
		await boxPipe.write(`${said(0)}garbage\n`);
		const picturePipe = await open(pictures, "w");
		await picturePipe.write(mjpeg(2));
		const frames = await reading;
		expect(frames[0]?.delivered?.sequence).toBe(0);
		expect(frames[1]?.delivered).toBeUndefined();
		expect(context.rejected.get("boxes_invalid")).toBe(1);
		await boxPipe.close();
		await picturePipe.close();
	});

	it.skipIf(!hasProgram("ffmpeg"))("takes what ffmpeg makes of a camera, and leaves no child behind (needs ffmpeg)", async () => {
		const args = ["-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=25", "-f", "mjpeg", "-"];
		const frames = await read(options({ spawn: { program: "ffmpeg", args } }), fakeSourceContext(), 5);
		expect(frames.length).toBeGreaterThanOrEqual(5);
		expect(frames[0]?.jpeg.subarray(0, 2)).toEqual(Uint8Array.of(0xff, 0xd8));
		const left = spawn("pgrep", ["-f", "testsrc=size=160x120"]);
		expect(await new Promise((resolve) => left.once("close", resolve))).toBe(1);
	});

	it("takes no list of boxes that does not say whether anybody looked", () => {
		const whole = { sequence: 1, atMs: 5, widthPx: 16, heightPx: 16, looked: true, detector: "s", boxes: [] };
		expect(parseDelivered(JSON.stringify(whole))).toEqual(whole);
		for (const key of Object.keys(whole)) expect(parseDelivered(JSON.stringify({ ...whole, [key]: undefined })), key).toBeUndefined();
		expect(
			parseDelivered(JSON.stringify({ ...whole, boxes: [{ class: "face", xPx: null, yPx: 0, widthPx: 1, heightPx: 1, score: 1 }] })),
		).toBeUndefined();
		expect(parseDelivered("[")).toBeUndefined();
	});
});
