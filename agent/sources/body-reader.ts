/**
 * Turns the pieces of one request body into readings and refusals, in the order in which they came, whatever the pieces are.
 */
import type { Reading } from "../../shared/reading.ts";
import { LineSplitter } from "../formats/line-splitter.ts";
import { type ReadingStamp, readingFromJson, readingFromValue } from "../formats/reading-json.ts";
import type { IngestType } from "../host/inlet.ts";

/** A reading, or the code of what could not become one. */
export type BodyItem = Reading | string;

export interface BodyReader {
	push(piece: Uint8Array, stamp: ReadingStamp): BodyItem[];
	/** The whole body came: what stands after the last line end is the last line. */
	end(stamp: ReadingStamp): BodyItem[];
	/** Lines too long to be looked at so far. They are no items: when one is noticed depends on how the body was cut into pieces. */
	overlong(): number;
}

const maxLineBytes = 16_384;

const ndjsonReader = (): BodyReader => {
	const splitter = new LineSplitter(maxLineBytes, "utf8");
	const read = (lines: readonly string[], stamp: ReadingStamp): BodyItem[] =>
		lines.filter((line) => line.trim() !== "").map((line) => readingFromJson(line, stamp));
	return {
		push: (piece, stamp) => read(splitter.push(piece), stamp),
		end: (stamp) => read(splitter.end(), stamp),
		overlong: () => splitter.overlong,
	};
};

const cborReader = async (): Promise<BodyReader> => {
	const { CborSequence } = await import("../formats/cbor-stream.ts");
	const sequence = new CborSequence();
	return {
		push: (piece, stamp) => sequence.push(piece).map((item) => ("refused" in item ? item.refused : readingFromValue(item.value, stamp))),
		end: () => (sequence.end() ? ["item_cut"] : []),
		overlong: () => 0,
	};
};

/** A reader for one body of the given type. It bounds every line at 16 KiB and every CBOR item at 1 MiB. */
export const bodyReader = async (type: IngestType): Promise<BodyReader> =>
	type === "application/cbor-seq" ? await cborReader() : ndjsonReader();
