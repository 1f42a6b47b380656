/**
 * Features of maps that lie on the box: GeoJSON (RFC 7946), OpenDRIVE or Lanelet2, a file or all files of a folder in the order of their names, once.
 *
 * Yields a reading per feature under the path `Map.<Layer>`. All features of a file have the time at which it was opened. Nothing is stripped,
 * projected or simplified here; what the readers do not read is said at the head of each (agent/formats).
 *
 * Rejected: the codes of agent/formats/map-limits.ts, per feature or, where a file cannot be read on, once per file.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import type { Datum, MapFeature } from "../../shared/reading.ts";
import { type MapDraft, readGeoJson } from "../formats/geojson.ts";
import { type MapRefusal, mapLimits } from "../formats/map-limits.ts";
import { readFileBytes } from "../host/byte-input.ts";
import { defineSource, type SourceContext } from "./source.ts";

const formats = ["geojson", "opendrive", "lanelet2"] as const;
type MapFormat = (typeof formats)[number];

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));

const options = v.strictObject({
	type: v.literal("map"),
	input: v.union([v.strictObject({ file: path }), v.strictObject({ folder: path })], "input must be one of { file } and { folder }"),
	/** Absent: by the end of the name: .geojson and .json, .xodr, .osm; each also with .gz. */
	format: v.optional(v.picklist(formats)),
	/** The second part of the path of all features. Absent: as OpenDRIVE and Lanelet2 say, and `Feature` for GeoJSON, which no catalogue lets out. */
	layer: v.optional(v.pipe(v.string(), v.regex(/^[A-Z][A-Za-z0-9]{0,39}$/, "a layer is one word such as Lane"))),
	/** Of coordinates in degrees. Absent: `unknown`, since files in offset coordinates look alike; OpenDRIVE says it itself where it has degrees. */
	datum: v.optional(v.picklist(["wgs84", "cgcs2000", "gcj02", "bd09", "local", "unknown"])),
	/** Metres between two points of an OpenDRIVE curve. */
	stepM: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(1_000)), 1),
});
type MapOptions = v.InferOutput<typeof options>;

const maxFiles = 100_000;
const chunkFeatures = 256;
const chunkCharacters = 65_536;

const formatOf = (name: string): MapFormat | undefined => {
	if (/\.(?:geo)?json(?:\.gz)?$/i.test(name)) return "geojson";
	if (/\.xodr(?:\.gz)?$/i.test(name)) return "opendrive";
	return /\.osm(?:\.gz)?$/i.test(name) ? "lanelet2" : undefined;
};

type Item = MapDraft | MapRefusal;

/** A file's text in pieces. Stops with a code at what is no UTF-8, too long or a broken gzip. */
async function* textOf(file: string, signal: AbortSignal): AsyncGenerator<{ readonly text: string } | MapRefusal> {
	const decoder = new TextDecoder("utf-8", { fatal: true });
	let bytes = 0;
	let isBroken = false;
	for await (const chunk of readFileBytes(file, signal, () => {
		isBroken = true;
	})) {
		bytes += chunk.length;
		if (bytes > mapLimits.fileBytes) {
			yield "file_too_large";
			return;
		}
		const text = decode(decoder, chunk);
		if (text === undefined) {
			yield "file_broken";
			return;
		}
		yield { text };
	}
	const rest = isBroken || signal.aborted ? undefined : decode(decoder);
	yield rest === undefined ? "file_broken" : { text: rest };
}

const decode = (decoder: TextDecoder, chunk?: Uint8Array): string | undefined => {
	try {
		return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
	} catch {
		return undefined;
	}
};

/** A reader of one format: hears the text, gives what is complete, and the rest at its end. */
interface Feed {
	push(text: string): Iterable<Item>;
	end(): Iterable<Item>;
}

const openFeed = async (format: MapFormat, { layer, datum, stepM }: MapOptions): Promise<Feed> => {
	if (format === "geojson") {
		const pieces: string[] = [];
		const degrees: Datum = datum ?? "unknown";
		return {
			push: (text) => {
				pieces.push(text);
				return [];
			},
			end: () => readGeoJson(pieces.splice(0).join(""), layer ?? "Feature", degrees),
		};
	}
	if (format === "opendrive") {
		const { OpenDriveReader } = await import("../formats/opendrive.ts");
		const reader = new OpenDriveReader({ stepM, degrees: datum ?? "wgs84" });
		return {
			push: (text) => {
				reader.push(text);
				return reader.take();
			},
			end: () => {
				reader.end();
				return reader.take();
			},
		};
	}
	const { Lanelet2Reader } = await import("../formats/lanelet2.ts");
	const reader = new Lanelet2Reader(datum ?? "unknown");
	return {
		push: (text) => {
			reader.push(text);
			return [];
		},
		end: () => {
			reader.end();
			return reader.features();
		},
	};
};

/** Everything of one file. What is wrong with it is a code among the rest, and its end. */
async function* itemsOf(file: string, format: MapFormat, written: MapOptions, signal: AbortSignal): AsyncGenerator<Item> {
	const feed = await openFeed(format, written);
	try {
		for await (const piece of textOf(file, signal)) {
			if (typeof piece === "string") {
				yield piece;
				return;
			}
			for (let at = 0; at < piece.text.length; at += chunkCharacters) yield* feed.push(piece.text.slice(at, at + chunkCharacters));
		}
		yield* feed.end();
	} catch (error) {
		if (!isKerbError(error, "FORMAT_INVALID")) throw error;
		yield "xml_invalid";
	}
}

async function* readFile(
	file: string,
	format: MapFormat,
	written: MapOptions,
	context: SourceContext,
): AsyncGenerator<readonly MapFeature[]> {
	const { sourceId, signal } = context;
	const takenAtMs = context.nowMs();
	const bootMs = context.bootMs();
	let chunk: MapFeature[] = [];
	for await (const item of itemsOf(file, format, written, signal)) {
		if (signal.aborted) return;
		if (typeof item === "string") {
			context.reject(item);
			continue;
		}
		const { layer, ...feature } = item;
		chunk.push({ kind: "map", sourceId, takenAtMs, bootMs, path: `Map.${written.layer ?? layer}`, ...feature });
		if (chunk.length < chunkFeatures) continue;
		yield chunk;
		chunk = [];
	}
	if (chunk.length > 0 && !signal.aborted) yield chunk;
}

async function* open(written: MapOptions, context: SourceContext): AsyncGenerator<readonly MapFeature[]> {
	const { input } = written;
	if (context.signal.aborted) return;
	if ("file" in input) {
		const found = await stat(input.file).catch(() => undefined);
		if (found?.isFile() === false)
			throw new KerbError("SOURCE_UNAVAILABLE", "expected a regular file at input.file; use input.folder for a folder");
		const format = written.format ?? formatOf(input.file);
		if (format === undefined) {
			throw new KerbError(
				"SOURCE_UNAVAILABLE",
				`the name of input.file says no format of a map; name one of ${formats.join(", ")} as format`,
			);
		}
		yield* readFile(input.file, format, written, context);
		return;
	}
	const names = await readdir(input.folder).catch((cause: unknown) => {
		throw new KerbError("SOURCE_UNAVAILABLE", "expected a folder of maps; check input.folder", { cause });
	});
	for (const name of names.sort().slice(0, maxFiles)) {
		if (context.signal.aborted) return;
		const file = join(input.folder, name);
		// Where the format is named, the names still choose: a folder may hold a licence, too.
		const format = formatOf(name);
		const found = format === undefined ? undefined : await stat(file).catch(() => undefined);
		if (format === undefined || found?.isFile() !== true) continue;
		try {
			yield* readFile(file, written.format ?? format, written, context);
		} catch (error) {
			if (!isKerbError(error, "SOURCE_UNAVAILABLE")) throw error;
			context.reject("file_broken");
		}
	}
}

export default defineSource({ kind: "map", options, open });
