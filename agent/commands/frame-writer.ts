/**
 * Writes a decoded CAN frame as one line of JSON.
 *
 *     {"t":1533226488.230575,"bus":"can0","id":37,"message":"STEER_ANGLE_SENSOR","signals":{"STEER_ANGLE":-1.5, ...}}
 *
 * `t` is the number that the line has in its stamp, in seconds, or null. `id` is without flags; `"extended":true` marks one of 29 bits.
 * `message` is null for an id that no DBC has. Frames without a payload to decode carry `"remote":true` or `"error":true`. Of two signals with
 * one name the last one counts. A number that no double holds is printed in full; NaN and infinities, which JSON does not have, are strings.
 */
import type { CanFrame } from "../formats/candump.ts";
import type { CompiledMessage } from "../formats/dbc-decode.ts";
import type { CompiledSignal } from "../formats/dbc-signal-decode.ts";

const jsonNumber = (value: number | bigint): string => (typeof value === "bigint" || Number.isFinite(value) ? String(value) : `"${value}"`);

/** Quotes each name once, so that a frame costs little more than its numbers. */
export class FrameWriter {
	readonly #names = new Map<CompiledSignal, string>();
	readonly #messages = new Map<CompiledMessage, string>();
	readonly #buses = new Map<string, string>();
	#signals = "";
	readonly #twins = new Map<string, string>();
	/** Signals that were left out so far because the payload ended before them. */
	truncated = 0;

	/** The line of a frame (borrowed), without its end; `message` is what `DbcDecoder.find` has for it. */
	line(frame: CanFrame, message: CompiledMessage | undefined): string {
		const head = `{"t":${frame.tSec ?? "null"},"bus":${this.#bus(frame.bus)},"id":${frame.id}${frame.extended ? ',"extended":true' : ""}`;
		const kind = frame.remote ? ',"remote":true' : frame.error ? ',"error":true' : "";
		return `${head}${kind},"message":${this.#message(message)},"signals":{${frame.remote ? "" : this.#values(frame, message)}}}`;
	}

	#bus(bus: string): string {
		const known = this.#buses.get(bus);
		if (known !== undefined) return known;
		// A hostile log may name a new bus on every line.
		if (this.#buses.size > 256) this.#buses.clear();
		const text = JSON.stringify(bus);
		this.#buses.set(bus, text);
		return text;
	}

	#message(message: CompiledMessage | undefined): string {
		if (message === undefined) return "null";
		const text = this.#messages.get(message) ?? JSON.stringify(message.name);
		this.#messages.set(message, text);
		return text;
	}

	#name(signal: CompiledSignal): string {
		const text = this.#names.get(signal) ?? JSON.stringify(signal.name);
		this.#names.set(signal, text);
		return text;
	}

	readonly #append = (signal: CompiledSignal, value: number | bigint): void => {
		this.#signals += `${this.#signals === "" ? "" : ","}${this.#name(signal)}:${jsonNumber(value)}`;
	};

	readonly #keepLast = (signal: CompiledSignal, value: number | bigint): void => {
		this.#twins.set(this.#name(signal), jsonNumber(value));
	};

	#values(frame: CanFrame, message: CompiledMessage | undefined): string {
		if (message === undefined) return "";
		this.#signals = "";
		if (!message.hasTwins) {
			this.truncated += message.decode(frame.data, this.#append);
			return this.#signals;
		}
		this.#twins.clear();
		this.truncated += message.decode(frame.data, this.#keepLast);
		return [...this.#twins].map(([name, value]) => `${name}:${value}`).join(",");
	}
}
