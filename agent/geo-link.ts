/**
 * Speaks with the geographic-processing component of the box over a Unix socket, one JSON object per line:
 *
 *   > {"id":7,"latDeg":..,"lonDeg":..,"datum":"wgs84"}      < {"id":7,"latDeg":..,"lonDeg":..,"datum":"gcj02","certificateRef":".."}
 *   > {"id":8,"health":true}                                < {"id":8,"healthy":true}
 *
 * It counts as healthy for a few seconds after it has said so. An answer that is late, malformed, or still in a raw datum is none.
 */
import type { Duplex } from "node:stream";
import * as v from "valibot";
import type { GeoProcessor, ProcessedPosition } from "../shared/geo-processor.ts";
import { LineSplitter } from "./formats/line-splitter.ts";
import type { Clock } from "./host/clock.ts";
import { openUnixSocket } from "./host/unix-socket.ts";

export interface GeoLink extends GeoProcessor {
	/** Keeps the connection up and asks for its health until the signal aborts. */
	run(signal: AbortSignal): Promise<void>;
}

const maxLineBytes = 4_096;
const maxWaiting = 10_000;
const askEveryMs = 1_000;
/** Three questions without a good answer. */
const healthyForMs = 3_500;
const answerWithinMs = 2_000;

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const AnswerSchema = v.union([
	v.strictObject({ id, healthy: v.boolean() }),
	v.strictObject({
		id,
		latDeg: v.pipe(v.number(), v.minValue(-90), v.maxValue(90)),
		lonDeg: v.pipe(v.number(), v.minValue(-180), v.maxValue(180)),
		datum: v.picklist(["gcj02", "bd09"]),
		certificateRef: v.pipe(v.string(), v.regex(/^[\w./:() -]{1,120}$/)),
	}),
	v.strictObject({ id, refused: v.literal(true) }),
]);

interface Waiting {
	readonly sinceMs: number;
	readonly done: (processed: ProcessedPosition | undefined) => void;
}

export const createGeoLink = (path: string, clock: Clock): GeoLink => {
	let socket: Duplex | undefined;
	let nextId = 0;
	let healthyAtMs = Number.NEGATIVE_INFINITY;
	const waiting = new Map<number, Waiting>();

	const giveUp = (which: (each: Waiting) => boolean): void => {
		for (const [number, each] of waiting) {
			if (!which(each)) continue;
			waiting.delete(number);
			each.done(undefined);
		}
	};
	const lost = (): void => {
		socket = undefined;
		healthyAtMs = Number.NEGATIVE_INFINITY;
		giveUp(() => true);
	};
	const say = (what: object): number => {
		nextId += 1;
		socket?.write(`${JSON.stringify({ id: nextId, ...what })}\n`);
		return nextId;
	};
	const hear = (line: string): void => {
		const answer = parseAnswer(line);
		if (answer === undefined) return;
		if ("healthy" in answer) {
			healthyAtMs = answer.healthy ? clock.bootMs() : Number.NEGATIVE_INFINITY;
			return;
		}
		const asked = waiting.get(answer.id);
		waiting.delete(answer.id);
		if (asked === undefined) return;
		if ("refused" in answer) asked.done(undefined);
		else {
			const { latDeg, lonDeg, datum, certificateRef } = answer;
			asked.done({ latDeg, lonDeg, datum, certificateRef });
		}
	};
	const open = (): void => {
		const fresh = openUnixSocket(path);
		const lines = new LineSplitter(maxLineBytes, "utf8");
		fresh.on("data", (chunk: Buffer) => {
			for (const line of lines.push(chunk)) hear(line);
		});
		fresh.once("close", () => {
			if (socket === fresh) lost();
		});
		socket = fresh;
	};

	const isHealthy = (): boolean => clock.bootMs() - healthyAtMs <= healthyForMs;
	return {
		isHealthy,
		process: ({ latDeg, lonDeg, datum }, done) => {
			if (socket === undefined || !isHealthy() || waiting.size >= maxWaiting) {
				done(undefined);
				return;
			}
			waiting.set(say({ latDeg, lonDeg, datum }), { sinceMs: clock.bootMs(), done });
		},
		run: async (signal) => {
			while (!signal.aborted) {
				if (socket === undefined) open();
				say({ health: true });
				await clock.sleep(askEveryMs, signal);
				giveUp(({ sinceMs }) => clock.bootMs() - sinceMs > answerWithinMs);
			}
			socket?.destroy();
			lost();
		},
	};
};

const parseAnswer = (line: string): v.InferOutput<typeof AnswerSchema> | undefined => {
	try {
		const result = v.safeParse(AnswerSchema, JSON.parse(line));
		return result.success ? result.output : undefined;
	} catch {
		return undefined;
	}
};
