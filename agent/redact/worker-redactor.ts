/**
 * The agent's side of redaction: hands frames to a worker, one at a time and never more than a few waiting, and gives up on what is late. A worker that is late
 * or dies is ended and a fresh one takes its place after a pause; what it had in hand does not leave.
 */
import { Worker } from "node:worker_threads";
import type { RedactionRefusal } from "../../shared/frame.ts";
import type { Frame } from "../../shared/reading.ts";
import type { ImageRedactor, RedactedFrame, RedactionOptions } from "../../shared/redactor.ts";
import type { Clock } from "../host/clock.ts";
import type { RedactAnswer, RedactOrder } from "./worker-protocol.ts";

export interface WorkerRedactorOptions {
	readonly clock: Clock;
	/** The worker's entry: the source tree's file or the one beside the bundle. */
	readonly entry: URL;
	readonly modelFolder: string;
	/** Of the worker's JavaScript heap. */
	readonly maxHeapMb: number;
}

export interface WorkerRedactor extends ImageRedactor {
	close(): Promise<void>;
}

/** Frames that wait for their turn; a camera that is faster than detection loses frames, not memory. */
const maxWaiting = 4;
/** A worker may load models before its first frame. */
const firstFrameMs = 15_000;
const restMs = 1_000;

type Done = (outcome: RedactedFrame | RedactionRefusal) => void;

interface Job {
	readonly order: RedactOrder;
	readonly deadlineMs: number;
	readonly done: Done;
}

export const createWorkerRedactor = ({ clock, entry, modelFolder, maxHeapMb }: WorkerRedactorOptions): WorkerRedactor => {
	let worker: Worker | undefined;
	let isReady = false;
	/** Rules whose detectors this worker has loaded. */
	let warm = new Set<string>();
	let current: Job | undefined;
	let restUntilMs = Number.NEGATIVE_INFINITY;
	let number = 0;
	let isClosed = false;
	let timer = new AbortController();
	let starting = new AbortController();
	const waiting: Job[] = [];

	const finish = (outcome: RedactedFrame | RedactionRefusal): void => {
		const job = current;
		current = undefined;
		timer.abort();
		job?.done(outcome);
	};
	/** Ends the worker; nothing that it still says is heard. */
	const end = (why: RedactionRefusal): void => {
		const old = worker;
		worker = undefined;
		isReady = false;
		starting.abort();
		warm = new Set();
		restUntilMs = clock.bootMs() + restMs;
		old?.removeAllListeners();
		old?.on("error", () => undefined);
		void old?.terminate();
		finish(why);
		next();
	};
	const hear = (answer: RedactAnswer): void => {
		if (answer.kind === "ready") {
			isReady = true;
			starting.abort();
			next();
			return;
		}
		if (current?.order.number !== answer.number) return;
		warm.add(current.order.ruleKey);
		finish(answer.outcome);
		next();
	};
	const start = (): void => {
		const fresh = new Worker(entry, {
			workerData: { modelFolder },
			resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
			// Nothing of a picture may reach a terminal or a file.
			stdout: true,
			stderr: true,
		});
		fresh.on("message", hear);
		fresh.on("error", () => {
			if (worker === fresh) end("worker-dead");
		});
		fresh.on("exit", () => {
			if (worker === fresh) end("worker-dead");
		});
		// Read and forgotten, so that nothing piles up.
		fresh.stdout.resume();
		fresh.stderr.resume();
		fresh.unref();
		worker = fresh;
		// One that hangs before it is ready would keep every frame waiting.
		starting = new AbortController();
		void clock.sleep(firstFrameMs, starting.signal).then(() => {
			if (worker === fresh && !isReady) end("worker-dead");
		});
	};
	const next = (): void => {
		if (isClosed || current !== undefined || waiting.length === 0) return;
		if (worker === undefined) {
			if (clock.bootMs() < restUntilMs) {
				for (const { done } of waiting.splice(0)) done("worker-dead");
				return;
			}
			start();
		}
		if (!isReady) return;
		const job = waiting.shift();
		if (job === undefined) return;
		current = job;
		timer = new AbortController();
		const { order, deadlineMs } = job;
		const most = warm.has(order.ruleKey) ? deadlineMs : Math.max(deadlineMs, firstFrameMs);
		void clock.sleep(most, timer.signal).then(() => {
			if (current === job) end("detector-late");
		});
		worker?.postMessage(
			order,
			[order.job.jpeg.buffer].filter((buffer) => buffer instanceof ArrayBuffer),
		);
	};

	return {
		redact: (frame, options, done) => {
			if (isClosed) {
				done("stopped");
				return;
			}
			if (waiting.length >= maxWaiting) {
				done("busy");
				return;
			}
			number += 1;
			waiting.push({ order: orderOf(frame, options, number), deadlineMs: options.deadlineMs, done });
			next();
		},
		close: async () => {
			isClosed = true;
			for (const { done } of waiting.splice(0)) done("stopped");
			finish("stopped");
			const old = worker;
			worker = undefined;
			starting.abort();
			old?.removeAllListeners();
			await old?.terminate();
		},
	};
};

const orderOf = (frame: Frame, options: RedactionOptions, number: number): RedactOrder => {
	// A copy in a buffer of its own, so that it can be handed over whole.
	const jpeg = Uint8Array.from(frame.jpeg);
	const { path, sequence, takenAtMs, delivered } = frame;
	return { number, ruleKey: JSON.stringify(options), options, job: { jpeg, path, sequence, takenAtMs, delivered } };
};
