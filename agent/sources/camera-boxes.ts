/**
 * What a perception stack says of frames, as JSON:
 *
 *   {"sequence":7,"atMs":1767225600000,"widthPx":1280,"heightPx":720,"looked":true,"detector":"stack 4.2",
 *    "boxes":[{"class":"face","xPx":10,"yPx":20,"widthPx":30,"heightPx":40,"score":0.9}]}
 *
 * `looked` has no default: a list without it says nothing.
 */
import * as v from "valibot";
import { type DeliveredBoxes, objectClasses } from "../../shared/frame.ts";
import { utcMs } from "../../shared/units.ts";
import { LineSplitter } from "../formats/line-splitter.ts";
import { readPipe } from "../host/byte-input.ts";
import type { SourceContext } from "./source.ts";

const finite = v.pipe(v.number(), v.finite());
const pixels = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));

const DeliveredSchema = v.strictObject({
	sequence: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
	atMs: v.pipe(finite, v.transform(utcMs)),
	widthPx: pixels,
	heightPx: pixels,
	looked: v.boolean(),
	detector: v.pipe(v.string(), v.regex(/^[\w .:/@+-]{1,80}$/)),
	boxes: v.pipe(
		v.array(
			v.strictObject({
				class: v.picklist(objectClasses),
				xPx: finite,
				yPx: finite,
				widthPx: finite,
				heightPx: finite,
				score: v.pipe(finite, v.minValue(0), v.maxValue(1)),
			}),
		),
		v.maxLength(1_000),
	),
});

/** Undefined for anything that is not exactly such an object. */
export const parseDelivered = (text: string): DeliveredBoxes | undefined => {
	try {
		const result = v.safeParse(DeliveredSchema, JSON.parse(text));
		return result.success ? result.output : undefined;
	} catch {
		return undefined;
	}
};

export interface BoxFeed {
	/** What was said of the frame with this number; waits a little for it. Undefined: nothing. */
	of(sequence: number): Promise<DeliveredBoxes | undefined>;
}

const maxLineBytes = 262_144;
const maxKept = 64;
const pollMs = 5;

/** Reads a pipe of such lines until the signal aborts; keeps the last few. */
export const openBoxFeed = (path: string, waitMs: number, context: SourceContext): BoxFeed => {
	const kept = new Map<number, DeliveredBoxes>();
	const take = (line: string): void => {
		const delivered = line === "" ? undefined : parseDelivered(line);
		if (delivered === undefined) {
			if (line !== "") context.reject("boxes_invalid");
			return;
		}
		kept.set(delivered.sequence, delivered);
		const [oldest] = kept.keys();
		if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
	};
	const run = async (): Promise<void> => {
		while (!context.signal.aborted) {
			const lines = new LineSplitter(maxLineBytes, "utf8");
			try {
				for await (const chunk of readPipe(path, context.signal)) for (const line of lines.push(chunk)) take(line);
			} catch {
				context.note({ event: "source_warned", detail: "the pipe of boxes cannot be read; frames that need them do not leave" });
			}
			await context.sleep(1_000);
		}
	};
	void run();
	return {
		of: async (sequence) => {
			for (let waitedMs = 0; waitedMs < waitMs && !kept.has(sequence) && !context.signal.aborted; waitedMs += pollMs)
				await context.sleep(pollMs);
			const found = kept.get(sequence);
			kept.delete(sequence);
			return found;
		},
	};
};
