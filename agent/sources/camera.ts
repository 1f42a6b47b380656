/**
 * Pictures of one camera as JPEG: MJPEG from a pipe, a file, HTTP or a program (ffmpeg and GStreamer read V4L2 and RTSP), or a folder of
 * pictures.
 *
 * Yields a frame per picture, whole and as it came; nothing of it is looked at here beyond where it ends. `takenAtMs` is the box's clock when
 * the picture was complete; in a folder, a name that is a number of milliseconds says it, else the file's own time does. Pictures live in memory only.
 *
 * Rejected: `frame_overlong`, `frame_broken` (no JPEG, or another one begins in it), `frame_cut` (the stream ended in it), `boxes_invalid`.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { KerbError } from "../../shared/errors.ts";
import type { Frame, Reading } from "../../shared/reading.ts";
import { type UtcMs, utcMs } from "../../shared/units.ts";
import { JpegSplitter } from "../formats/jpeg-splitter.ts";
import { readChild, readFileBytes, readPipe } from "../host/byte-input.ts";
import { readHttpBody } from "../host/http-stream.ts";
import { openBoxFeed, parseDelivered } from "./camera-boxes.ts";
import { CameraOptions } from "./camera-options.ts";
import { defineSource, type SourceContext } from "./source.ts";

type Pixels = Frame["jpeg"];

const maxFolder = 1_000_000;
const maxSidecarBytes = 262_144;
const firstWaitMs = 500;
const longestWaitMs = 30_000;

class FrameMaker {
	readonly #context: SourceContext;
	readonly #path: string;
	#sequence = 0;

	constructor(path: string, context: SourceContext) {
		this.#path = path;
		this.#context = context;
	}

	/** The number of the next frame. */
	get sequence(): number {
		return this.#sequence;
	}

	make(jpeg: Pixels, takenAtMs: UtcMs, delivered: Frame["delivered"]): Frame {
		const { sourceId } = this.#context;
		const sequence = this.#sequence;
		this.#sequence += 1;
		return {
			kind: "frame",
			...{ sourceId, takenAtMs, bootMs: this.#context.bootMs() },
			path: this.#path,
			zone: this.#path.startsWith("Camera.Cabin.") ? "cabin" : "exterior",
			...{ sequence, jpeg },
			...(delivered === undefined ? undefined : { delivered }),
		};
	}
}

async function* fromStream(
	bytes: AsyncIterable<Uint8Array>,
	maker: FrameMaker,
	options: CameraOptions,
	boxesOf: (sequence: number) => Promise<Frame["delivered"]>,
	context: SourceContext,
): AsyncGenerator<readonly Reading[]> {
	const splitter = new JpegSplitter(options.maxFrameBytes);
	let [overlong, broken] = [0, 0];
	const count = (): void => {
		if (splitter.overlong > overlong) context.reject("frame_overlong", splitter.overlong - overlong);
		if (splitter.broken > broken) context.reject("frame_broken", splitter.broken - broken);
		[overlong, broken] = [splitter.overlong, splitter.broken];
	};
	try {
		for await (const chunk of bytes) {
			const pictures = splitter.push(chunk);
			count();
			for (const jpeg of pictures) {
				const takenAtMs = context.nowMs();
				yield [maker.make(jpeg, takenAtMs, await boxesOf(maker.sequence))];
				if (context.signal.aborted) return;
			}
		}
	} finally {
		if (splitter.end() && !context.signal.aborted) context.reject("frame_cut");
	}
}

async function* fromFolder(
	folder: string,
	maker: FrameMaker,
	options: CameraOptions,
	context: SourceContext,
): AsyncGenerator<readonly Reading[]> {
	const names = await readdir(folder).catch((cause: unknown) => {
		throw new KerbError("SOURCE_UNAVAILABLE", "expected a folder of pictures; check input.folder", { cause });
	});
	for (const name of names
		.filter((each) => /\.jpe?g$/i.test(each))
		.sort()
		.slice(0, maxFolder)) {
		if (context.signal.aborted) return;
		const file = join(folder, name);
		const found = await stat(file).catch(() => undefined);
		if (found?.isFile() !== true || found.size > options.maxFrameBytes) {
			context.reject(found?.isFile() === true ? "frame_overlong" : "frame_broken");
			continue;
		}
		const stem = name.replace(/\.[^.]*$/, "");
		const takenAtMs = utcMs(/^\d{12,14}$/.test(stem) ? Number(stem) : Math.floor(found.mtimeMs));
		const delivered = await sidecar(join(folder, `${stem}.boxes.json`), context);
		yield [maker.make(new Uint8Array(await readFile(file)), takenAtMs, delivered)];
	}
}

const sidecar = async (file: string, context: SourceContext): Promise<Frame["delivered"]> => {
	const found = await stat(file).catch(() => undefined);
	if (found === undefined) return undefined;
	const delivered = found.size <= maxSidecarBytes ? parseDelivered(await readFile(file, "utf8")) : undefined;
	if (delivered === undefined) context.reject("boxes_invalid");
	return delivered;
};

/** Opens a live stream again and again, with waits that double. */
async function* again(openOnce: () => AsyncGenerator<readonly Reading[]>, context: SourceContext): AsyncGenerator<readonly Reading[]> {
	let waitMs = firstWaitMs;
	while (!context.signal.aborted) {
		let detail = "the stream ended";
		try {
			for await (const chunk of openOnce()) {
				waitMs = firstWaitMs;
				yield chunk;
			}
		} catch (error) {
			detail = error instanceof KerbError ? error.message : "the stream cannot be read";
		}
		if (context.signal.aborted) return;
		const jitteredMs = Math.round(waitMs * (1 - context.random() / 2));
		context.note({ event: "source_retried", detail, waitMs: jitteredMs });
		await context.sleep(jitteredMs);
		waitMs = Math.min(longestWaitMs, waitMs * 2);
	}
}

async function* open(options: CameraOptions, context: SourceContext): AsyncGenerator<readonly Reading[]> {
	const { input, path, boxes } = options;
	const { signal } = context;
	if (signal.aborted) return;
	const maker = new FrameMaker(path, context);
	if ("folder" in input) {
		yield* fromFolder(input.folder, maker, options, context);
		return;
	}
	const feed = boxes === undefined ? undefined : openBoxFeed(boxes.pipe, boxes.waitMs, context);
	const boxesOf = async (sequence: number): Promise<Frame["delivered"]> => feed?.of(sequence);
	if ("file" in input) {
		yield* fromStream(
			readFileBytes(input.file, signal, () => context.reject("frame_cut")),
			maker,
			options,
			boxesOf,
			context,
		);
		return;
	}
	const openBytes = (): AsyncGenerator<Uint8Array> => {
		if ("pipe" in input) return readPipe(input.pipe, signal);
		if ("http" in input) return readHttpBody(input.http, signal);
		return readChild(input.spawn.program, input.spawn.args, signal);
	};
	yield* again(() => {
		context.note({ event: "source_opened", detail: `JPEG pictures of ${path}` });
		return fromStream(openBytes(), maker, options, boxesOf, context);
	}, context);
}

export default defineSource({ kind: "camera", options: CameraOptions, open });
