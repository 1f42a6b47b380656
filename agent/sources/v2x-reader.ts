/**
 * From the bytes of one message to a reading. A message that does not decode, or that written again gives something else, is counted and goes no
 * further: what nobody can read nobody can judge.
 */

import { isKerbError, KerbError } from "../../shared/errors.ts";
import type { MessageFields, MessageForm } from "../../shared/message.ts";
import type { Datum, V2xMessage } from "../../shared/reading.ts";
import { type BootMs, type UtcMs, utcMs } from "../../shared/units.ts";
import { decodeJsonMessage } from "../formats/v2x/json-message.ts";
import type { DecodedMessage } from "../formats/v2x/message-shape.ts";
import { decodeUperMessage, type UperFamilyName } from "../formats/v2x/shapes.ts";
import type { SourceContext } from "./source.ts";
import { isOfUnknownKind } from "./v2x-known.ts";

/** The longest message that is read, in bytes as it is sent. A map of a large junction has some 50 KB as JSON. */
export const maxMessageBytes = 65_536;

export interface ReaderOptions {
	readonly form: MessageForm;
	/** With the form `uper`. */
	readonly family?: UperFamilyName | undefined;
	readonly datum: Datum;
	/** True when a message keeps the time that it says it was received. */
	readonly recorded: boolean;
}

/** Codes of what was not read, and how often. */
export type RejectCounts = Map<string, number>;

export class V2xReader {
	readonly #options: ReaderOptions;
	readonly #context: SourceContext;
	readonly #rejected: RejectCounts = new Map();
	#nowMs: UtcMs;
	#bootMs: BootMs;

	constructor(options: ReaderOptions, context: SourceContext) {
		this.#options = options;
		this.#context = context;
		this.#nowMs = context.nowMs();
		this.#bootMs = context.bootMs();
	}

	/** Looks at the clocks. What is read until the next look came at this moment. */
	look(): void {
		this.#nowMs = this.#context.nowMs();
		this.#bootMs = this.#context.bootMs();
	}

	/** The reading, or undefined when it was counted. Borrows the bytes for the call. `statedMs`: when it was received, as its recording says. */
	read(bytes: Uint8Array, statedMs?: number): V2xMessage | undefined {
		if (bytes.length > maxMessageBytes) return this.count("message_overlong");
		let decoded: DecodedMessage;
		try {
			decoded = this.#decode(bytes);
		} catch (error) {
			// A defect of a decoder must cost one message and not the source.
			if (!isKerbError(error, "FORMAT_INVALID")) return this.count("decoder_failed");
			const { family } = this.#options;
			return this.count(family !== undefined && isOfUnknownKind(family, bytes) ? "message_unknown" : "message_invalid");
		}
		const { shape, content } = decoded;
		const { form, datum, recorded } = this.#options;
		const tMs = recorded ? (statedMs ?? receivedAtMs(form, content)) : undefined;
		return {
			kind: "message",
			sourceId: this.#context.sourceId,
			takenAtMs: tMs === undefined ? this.#nowMs : utcMs(tMs),
			bootMs: this.#bootMs,
			path: shape.path,
			form: shape.form,
			datum,
			content,
		};
	}

	/** Counts something that could not be read, to be said with the next `report`. */
	count(code: string, count = 1): undefined {
		if (count > 0) this.#rejected.set(code, (this.#rejected.get(code) ?? 0) + count);
		return undefined;
	}

	/** Says once per chunk what was counted since. */
	report(): void {
		for (const [code, count] of this.#rejected) this.#context.reject(code, count);
		this.#rejected.clear();
	}

	#decode(bytes: Uint8Array): DecodedMessage {
		const { form, family } = this.#options;
		if (form !== "uper") return decodeJsonMessage(form, bytes);
		if (family === undefined) throw new KerbError("INTERNAL", "the form uper is read by its family");
		return decodeUperMessage(family, bytes);
	}
}

/** 2000 to 2100: what is outside was not received then, whatever it says. */
const isPlausible = (tMs: number): boolean => tMs >= 946_684_800_000 && tMs < 4_102_444_800_000;

/** As the ODE writes it: ISO 8601 in UTC or with an offset, at times with the name of the zone behind it. */
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)(?=$|\[[\w/+-]{1,40}\]$)/;

const isFields = (value: unknown): value is MessageFields => typeof value === "object" && value !== null && !Array.isArray(value);

/** When the message was received, as whoever wrote it down says; undefined when it does not, or says something that cannot be. */
const receivedAtMs = (form: MessageForm, content: MessageFields): number | undefined => {
	if (form === "uper") return undefined;
	// JSON comes in dialects, and the tree begins with the name of one.
	const [message] = Object.values(content);
	if (!isFields(message)) return undefined;
	let tMs = Number.NaN;
	if (form === "ode") {
		const stated = isFields(message.metadata) ? message.metadata.odeReceivedAt : undefined;
		tMs = typeof stated === "string" ? Date.parse(isoTime.exec(stated)?.[0] ?? "") : Number.NaN;
	} else {
		const stated = message.timestamp;
		// its-client counts milliseconds, Vanetza-NAP seconds.
		if (typeof stated === "number") tMs = form === "vanetza" ? Math.round(stated * 1_000) : stated;
	}
	return isPlausible(tMs) ? tMs : undefined;
};
