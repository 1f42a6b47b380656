/**
 * A fake CAN bus: the frames of a simulated vehicle as `candump -L` writes them, at their own rates, into a named pipe or any stream. The files
 * beside it describe the frames (`fake-vehicle.dbc`) and what they mean (`fake-vehicle.overlay.json`).
 */
import type { Writable } from "node:stream";
import type { Clock } from "../agent/host/clock.ts";
import { encodeFrame, type FakeFrame, fakeFrames } from "./fake-frames.ts";
import { openFifo } from "./fifo.ts";
import { seededRandom } from "./seeded-random.ts";
import type { Vehicle } from "./vehicle.ts";

export interface CanBusOptions {
	readonly vehicle: Vehicle;
	/** A named pipe, made if it is not there; or a stream, which stays the caller's and is not ended. */
	readonly out: Writable | string;
	readonly clock: Clock;
	/** Ends the bus. */
	readonly signal: AbortSignal;
	/** The interface that the lines name. Default `can0`. */
	readonly bus?: string;
	/** For the noise of frames that nobody knows. Default 1. */
	readonly seed?: number;
}

export interface CanBus {
	/** Frames that were written, and frames that nobody took from the pipe. */
	counts(): { readonly sent: number; readonly lost: number };
	/** Resolves when the bus has ended. Rejects when the stream breaks. */
	readonly done: Promise<void>;
}

export interface TimedLine {
	readonly tMs: number;
	/** Without a line end. */
	readonly line: string;
}

/** How often lines are written. */
const tickMs = 10;
/** After a longer pause of the machine the bus goes on from now: nobody was there to send. */
const maxBehindMs = 1_000;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex").toUpperCase();

const lineOf = (frame: FakeFrame, data: Uint8Array, tMs: number, bus: string): string => {
	const id = frame.id
		.toString(16)
		.toUpperCase()
		.padStart(frame.extended ? 8 : 3, "0");
	// The digit after ## holds the flags of CAN FD; 1 says that the bit rate was switched.
	return `(${(tMs / 1_000).toFixed(6)}) ${bus} ${id}${frame.fd ? "##1" : "#"}${hex(data)}`;
};

/** The lines of the bus from `startMs` (UTC) on, in the order of their time, without an end. */
export function* canBusLines(vehicle: Vehicle, startMs: number, bus = "can0", seed = 1): Generator<TimedLine, never> {
	const random = seededRandom(seed);
	const schedule = fakeFrames(vehicle).map((frame) => ({ frame, dueMs: startMs + frame.firstMs, count: 0 }));
	for (;;) {
		const next = schedule.reduce((first, each) => (each.dueMs < first.dueMs ? each : first));
		const tMs = next.dueMs;
		const data = encodeFrame(next.frame, vehicle.at(tMs), next.count, random);
		next.count++;
		next.dueMs += next.frame.everyMs;
		yield { tMs, line: lineOf(next.frame, data, tMs, bus) };
	}
}

type Send = (lines: readonly string[]) => Promise<number> | number;

const drained = (out: Writable, signal: AbortSignal): Promise<void> =>
	new Promise((resolve, reject) => {
		const settle = (error?: Error | null): void => {
			out.off("drain", settle).off("close", settle).off("error", settle);
			signal.removeEventListener("abort", onAbort);
			if (error) reject(error);
			else resolve();
		};
		const onAbort = (): void => settle();
		out.once("drain", settle).once("close", settle).once("error", settle);
		signal.addEventListener("abort", onAbort, { once: true });
	});

const sendTo =
	(out: Writable, signal: AbortSignal): Send =>
	async (lines) => {
		if (out.destroyed) return lines.length;
		if (!out.write(`${lines.join("\n")}\n`) && !signal.aborted) await drained(out, signal);
		return 0;
	};

/** Starts to send; the vehicle's time is the clock's UTC at the start, moved on by its boot time. */
export const startCanBus = ({ vehicle, out, clock, signal, bus = "can0", seed = 1 }: CanBusOptions): CanBus => {
	let sent = 0;
	let lost = 0;
	const drive = async (send: Send): Promise<void> => {
		const bootOfUtcMs = clock.nowMs() - clock.bootMs();
		const nowMs = (): number => bootOfUtcMs + clock.bootMs();
		let lines = canBusLines(vehicle, nowMs(), bus, seed);
		let next = lines.next().value;
		while (!signal.aborted) {
			const untilMs = nowMs();
			if (untilMs - next.tMs > maxBehindMs) {
				lines = canBusLines(vehicle, untilMs, bus, seed);
				next = lines.next().value;
			}
			const due: string[] = [];
			for (; next.tMs <= untilMs; next = lines.next().value) due.push(next.line);
			if (due.length > 0) {
				const missed = await send(due);
				sent += due.length - missed;
				lost += missed;
			}
			await clock.sleep(tickMs, signal);
		}
	};
	const run = async (): Promise<void> => {
		if (typeof out !== "string") return await drive(sendTo(out, signal));
		const fifo = await openFifo(out);
		try {
			await drive(fifo.write);
		} finally {
			await fifo.close();
		}
	};
	return { counts: () => ({ sent, lost }), done: run() };
};
