/**
 * Sweeps of one LiDAR or radar as PCD files: a folder of them in the order of their names, one file, or a named pipe that a driver writes one after the
 * other to.
 *
 * Yields one cloud per file, with its points as they came. What a perception stack says of a sweep (`formats/cloud-notes.ts`) is read from `NAME.json` beside
 * `NAME.pcd`, or from a comment `# kerbstone {...}` in the header; without it nobody looked for people, and there is no pose. VIEWPOINT is left behind: it is no
 * position on the earth.
 *
 * `takenAtMs` is what the notes say, else a time in the file's name (digits of UTC in seconds with a fraction, in milliseconds, microseconds or nanoseconds),
 * else the box's clock. Files without a time of their own are read no faster than `maxRateHz`; what comes or was taken faster than that is rejected.
 *
 * Rejected: `cloud_invalid`, `cloud_too_large`, `cloud_too_often`, `notes_invalid`, `file_unreadable`.
 */
import { open as openFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { isKerbError, isMissingFile, KerbError } from "../../shared/errors.ts";
import type { Cloud, Reading } from "../../shared/reading.ts";
import { type UtcMs, utcMs } from "../../shared/units.ts";
import { type CloudNotes, maxCloudNotesBytes, notesInComments, parseCloudNotes } from "../formats/cloud-notes.ts";
import { decodePcd } from "../formats/pcd.ts";
import { maxPcdHeaderBytes, parsePcdHeader } from "../formats/pcd-header.ts";
import { PcdSplitter } from "../formats/pcd-splitter.ts";
import { readPipe } from "../host/byte-input.ts";
import { defineSource, type SourceContext } from "./source.ts";

const filePath = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));

const LidarOptions = v.strictObject({
	type: v.literal("lidar"),
	/** What the catalogue and rules name it by. */
	path: v.pipe(
		v.string(),
		v.regex(/^(?:Lidar|Radar)(?:\.[A-Za-z][A-Za-z0-9]{0,31}){1,4}$/, "expected Lidar.<Name> or Radar.<Name>, such as Lidar.Front"),
	),
	input: v.union(
		[v.strictObject({ folder: filePath }), v.strictObject({ file: filePath }), v.strictObject({ pipe: filePath })],
		'input must be one of { folder: "..." }, { file: "..." }, { pipe: "..." }',
	),
	/** Of one sweep. */
	maxPoints: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4_000_000, "expected 1 to 4000000")), 500_000),
	maxRateHz: v.optional(v.pipe(v.number(), v.minValue(0.01), v.maxValue(100, "expected 0.01 to 100")), 25),
});
type Options = v.InferOutput<typeof LidarOptions>;

const maxFolder = 1_000_000;
/** A point with more than twenty values as text takes as much. */
const bytesPerPoint = 256;
const firstWaitMs = 500;
const longestWaitMs = 30_000;

/** The longest file that is read. */
const maxFileBytes = ({ maxPoints }: Options): number => maxPcdHeaderBytes + Math.min(256 * 1024 * 1024, maxPoints * bytesPerPoint);

/** A time of UTC that a name says, from 2001 to 2100. */
const timeInName = (name: string): number | undefined => {
	const [, whole = "", fraction = "0"] = /^(?:.*[^0-9.])?(\d{10,19})(?:\.(\d{1,9}))?\.pcd$/i.exec(name) ?? [];
	const perMs = new Map([
		[10, 0.001],
		[13, 1],
		[16, 1_000],
		[19, 1_000_000],
	]).get(whole.length);
	if (perMs === undefined) return undefined;
	const ms = perMs < 1 ? Number(whole) * 1_000 + Number(`0.${fraction}`) * 1_000 : Number(whole) / perMs;
	return ms >= 978_307_200_000 && ms < 4_102_444_800_000 ? Math.floor(ms) : undefined;
};

/** Lets pass, in the long run, so many a second; one may come as early as a whole period, since sensors are not exact. */
class RateLimit {
	readonly #periodMs: number;
	#dueMs = Number.NEGATIVE_INFINITY;

	constructor(maxRateHz: number) {
		this.#periodMs = 1_000 / maxRateHz;
	}

	takes(atMs: number): boolean {
		// A clock that was set back, or a recording that starts over, does not close the source.
		if (atMs < this.#dueMs - 3 * this.#periodMs) this.#dueMs = Number.NEGATIVE_INFINITY;
		if (atMs < this.#dueMs - this.#periodMs) return false;
		this.#dueMs = Math.max(this.#dueMs, atMs) + this.#periodMs;
		return true;
	}
}

class CloudMaker {
	readonly #options: Options;
	readonly #context: SourceContext;
	readonly #rate: RateLimit;

	constructor(options: Options, context: SourceContext) {
		this.#options = options;
		this.#context = context;
		this.#rate = new RateLimit(options.maxRateHz);
	}

	/** One cloud of one file (borrowed); undefined when it was rejected. */
	make(pcd: Uint8Array, beside: CloudNotes | undefined, named: number | undefined): Cloud | undefined {
		const { sourceId } = this.#context;
		const bootMs = this.#context.bootMs();
		const nowMs = this.#context.nowMs();
		try {
			const { widthPoints, heightPoints } = parsePcdHeader(pcd);
			if (widthPoints * heightPoints > this.#options.maxPoints) return this.#reject("cloud_too_large");
			const { cloud, comments } = decodePcd(pcd, this.#options.maxPoints);
			const notes = beside ?? this.#notes(comments);
			if (notes === "invalid") return this.#reject("notes_invalid");
			const own = notes?.takenAtMs ?? named;
			if (!this.#rate.takes(own ?? bootMs)) return this.#reject("cloud_too_often");
			const takenAtMs: UtcMs = own === undefined ? nowMs : utcMs(own);
			const { objects, pose } = notes ?? {};
			return {
				kind: "cloud",
				...{ sourceId, takenAtMs, bootMs },
				path: this.#options.path,
				cloud,
				...(objects === undefined ? undefined : { objects }),
				...(pose === undefined ? undefined : { pose }),
			};
		} catch (error) {
			if (!isKerbError(error, "FORMAT_INVALID")) throw error;
			return this.#reject("cloud_invalid");
		}
	}

	#notes(comments: readonly string[]): CloudNotes | undefined | "invalid" {
		try {
			return notesInComments(comments);
		} catch {
			return "invalid";
		}
	}

	#reject(code: string): undefined {
		this.#context.reject(code);
		return undefined;
	}
}

/** Up to `max` bytes of a file; undefined when there is none. A longer one is no file of this kind. */
const readWhole = async (path: string, max: number): Promise<Uint8Array | undefined> => {
	let handle: Awaited<ReturnType<typeof openFile>>;
	try {
		handle = await openFile(path, "r");
	} catch (error) {
		if (isMissingFile(error)) return undefined;
		throw error;
	}
	try {
		const found = await handle.stat();
		if (!found.isFile() || found.size > max) throw new KerbError("FORMAT_INVALID", `expected a file of up to ${max} bytes`);
		const bytes = new Uint8Array(found.size);
		let length = 0;
		while (length < bytes.length) {
			const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
			if (bytesRead === 0) break;
			length += bytesRead;
		}
		return bytes.subarray(0, length);
	} finally {
		await handle.close();
	}
};

/** The notes beside a file; undefined when there are none, "invalid" when they cannot be read. */
const notesBeside = async (file: string): Promise<CloudNotes | undefined | "invalid"> => {
	try {
		const bytes = await readWhole(file.replace(/\.pcd$/i, ".json"), maxCloudNotesBytes);
		return bytes === undefined ? undefined : parseCloudNotes(bytes);
	} catch {
		return "invalid";
	}
};

async function* fromFiles(
	files: readonly string[],
	options: Options,
	maker: CloudMaker,
	context: SourceContext,
): AsyncGenerator<readonly Reading[]> {
	let isFirst = true;
	for (const file of files) {
		if (context.signal.aborted) return;
		const named = timeInName(file.slice(file.lastIndexOf("/") + 1));
		const notes = await notesBeside(file);
		if (notes === "invalid") {
			context.reject("notes_invalid");
			continue;
		}
		if (named === undefined && notes?.takenAtMs === undefined && !isFirst) {
			await context.sleep(1_000 / options.maxRateHz);
			if (context.signal.aborted) return;
		}
		isFirst = false;
		let pcd: Uint8Array | undefined;
		try {
			pcd = await readWhole(file, maxFileBytes(options));
		} catch (error) {
			context.reject(isKerbError(error) ? "cloud_too_large" : "file_unreadable");
			continue;
		}
		const cloud = pcd === undefined ? context.reject("file_unreadable") : maker.make(pcd, notes, named);
		if (cloud !== undefined) yield [cloud];
	}
}

const filesIn = async (folder: string): Promise<readonly string[]> => {
	let names: readonly string[];
	try {
		names = await readdir(folder);
	} catch (cause) {
		throw new KerbError("SOURCE_UNAVAILABLE", `expected a folder of PCD files at ${folder}: check input.folder and its permissions`, {
			cause,
		});
	}
	const files = names.filter((name) => /\.pcd$/i.test(name)).sort();
	return files.slice(0, maxFolder).map((name) => join(folder, name));
};

async function* fromPipe(path: string, options: Options, maker: CloudMaker, context: SourceContext): AsyncGenerator<readonly Reading[]> {
	const splitter = new PcdSplitter(options.maxPoints, maxFileBytes(options));
	let [broken, tooLarge] = [0, 0];
	for await (const chunk of readPipe(path, context.signal)) {
		const last = chunk.length === 0 ? splitter.end() : undefined;
		const files = chunk.length === 0 ? (last === undefined ? [] : [last]) : splitter.push(chunk);
		if (splitter.broken > broken) context.reject("cloud_invalid", splitter.broken - broken);
		if (splitter.tooLarge > tooLarge) context.reject("cloud_too_large", splitter.tooLarge - tooLarge);
		[broken, tooLarge] = [splitter.broken, splitter.tooLarge];
		for (const file of files) {
			const cloud = maker.make(file, undefined, undefined);
			if (cloud !== undefined) yield [cloud];
			if (context.signal.aborted) return;
		}
	}
}

async function* open(options: Options, context: SourceContext): AsyncGenerator<readonly Reading[]> {
	const { input } = options;
	const { signal } = context;
	if (signal.aborted) return;
	const maker = new CloudMaker(options, context);
	if ("folder" in input) {
		const files = await filesIn(input.folder);
		context.note({ event: "source_opened", detail: `${files.length} PCD files` });
		yield* fromFiles(files, options, maker, context);
		return;
	}
	if ("file" in input) {
		const found = await stat(input.file).catch(() => undefined);
		if (found?.isFile() !== true) throw new KerbError("SOURCE_UNAVAILABLE", `expected a PCD file at ${input.file}: check the path`);
		context.note({ event: "source_opened", detail: "a PCD file" });
		yield* fromFiles([input.file], options, maker, context);
		return;
	}
	context.note({ event: "source_opened", detail: "PCD files from a named pipe" });
	let waitMs = firstWaitMs;
	while (!signal.aborted) {
		let detail = "the pipe was closed";
		try {
			for await (const chunk of fromPipe(input.pipe, options, maker, context)) {
				waitMs = firstWaitMs;
				yield chunk;
			}
		} catch (error) {
			detail = isKerbError(error) ? error.message : "the pipe cannot be opened; make one with mkfifo";
		}
		if (signal.aborted) return;
		const pausedMs = Math.round(waitMs * (0.5 + context.random() / 2));
		context.note({ event: "source_retried", detail, waitMs: pausedMs });
		await context.sleep(pausedMs);
		waitMs = Math.min(waitMs * 2, longestWaitMs);
	}
}

export default defineSource({ kind: "lidar", options: LidarOptions, open });
