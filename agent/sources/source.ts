/**
 * The contract of a source plug-in: a name, a schema of its options and one function.
 *
 * - Chunks are yielded in the order in which their readings were taken, and hold 1 to 4,096 readings. The consumer owns a yielded array.
 * - Bad input never throws out of the iterable: it is counted with `context.reject` under a short code and skipped.
 * - What cannot be opened at all throws KerbError SOURCE_UNAVAILABLE before the first chunk when it is a finite input (a file), and is retried
 *   with backoff when it is a live one (a daemon, a device).
 * - Nothing is tagged, dropped for what it means, or altered here.
 * - When `context.signal` aborts, the iterable ends within a second and leaves no timer, socket, file or child process behind.
 */
import type * as v from "valibot";
import type { Reading } from "../../shared/reading.ts";
import type { BootMs, UtcMs } from "../../shared/units.ts";
import type { Inlet } from "../host/inlet.ts";

export interface SourceContext {
	/** The configured id; becomes `sourceId` of every reading. */
	readonly sourceId: string;
	readonly signal: AbortSignal;
	nowMs(): UtcMs;
	bootMs(): BootMs;
	/** Waits in boot time; ends early, without rejecting, when `signal` aborts. */
	sleep(delayMs: number): Promise<void>;
	/** A number in [0, 1) for jitter; seeded in tests. */
	random(): number;
	/** Counts input that could not be read. `code` comes from a small closed set per source and never holds input. */
	reject(code: string, count?: number): void;
	/** Says once something a person should know of this source (never a value that was sensed). */
	note(event: SourceNote): void;
	/** Resolves when all that this source has yielded so far is decided and, where it is to leave, durable in the spool. */
	settled(): Promise<void>;
	/** Where requests of the control socket come in, for a source that takes them. */
	readonly inlet?: Inlet;
}

export type SourceNote =
	| { readonly event: "source_opened"; readonly detail: string }
	| { readonly event: "source_retried"; readonly detail: string; readonly waitMs: number }
	| { readonly event: "source_warned"; readonly detail: string };

export interface SourcePlugin<S extends v.GenericSchema = v.GenericSchema> {
	/** The `type` in the configuration and the name of the file. */
	readonly kind: string;
	readonly options: S;
	open(options: v.InferOutput<S>, context: SourceContext): AsyncIterable<readonly Reading[]>;
}

/** Keeps the option type of a plug-in while it is written as a plain object. */
export const defineSource = <S extends v.GenericSchema>(plugin: SourcePlugin<S>): SourcePlugin<S> => plugin;
