/**
 * Judges one message as a unit does: decodes it, runs the treatments, and writes what is left. The long way; filter-bsm-fast.ts is the short one.
 */
import { createHmac, randomBytes } from "node:crypto";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import type { MessageFields, MessageValue } from "../../shared/message.ts";
import type { PlaceIndex } from "../../shared/place-index.ts";
import type { V2xMessage } from "../../shared/reading.ts";
import type { CategoryIndex, Tag, Tagged, TagIndex } from "../../shared/tag.ts";
import { bootMs, type UtcMs, utcMs } from "../../shared/units.ts";
import type { Step } from "../../shared/verdict.ts";
import { decodeJsonMessage, jsonShapeOf } from "../formats/v2x/json-message.ts";
import type { DecodedMessage } from "../formats/v2x/message-shape.ts";
import { compileTreatments } from "../treat/compile.ts";
import { treat } from "../treat/treat.ts";
import type { TreatmentOptions } from "../treat/treatment.ts";
import { type Fate, makeFate } from "./filter-bsm-tally.ts";

export interface JudgeInput {
	readonly treatments: readonly TreatmentOptions[];
	readonly purpose: string;
	/** Undefined: treatments that ask for places withhold. */
	readonly places: PlaceIndex | undefined;
	/** UTC; for messages that do not say when they were received. */
	readonly nowMs: UtcMs;
}

export interface Judged {
	readonly fate: Fate;
	/** The message that may leave, of a fate "kept". */
	readonly bytes: Uint8Array | undefined;
}

/** The path of basic safety messages. */
const bsmPath = "V2X.J2735.BSM";

const tag: Tag = {
	index: 0 as TagIndex,
	category: 0 as CategoryIndex,
	categoryId: "filter-bsm",
	level: "important",
	zone: "exterior",
	surveying: false,
	path: bsmPath,
};

/**
 * With the mark by which the ODE's users know a message that went through a filter (`metadata.sanitized`). Undefined: it lacks what jpo-cvdp asks for as
 * well, the sender's id, and as a message of the ODE the mark itself and what kind of payload it has. A bare message has no metadata.
 */
const markSanitized = (content: MessageFields): MessageFields | undefined => {
	const [dialect = ""] = Object.keys(content);
	const message = content[dialect];
	if (!isFields(message)) return undefined;
	if (dialect === "bare") return hasId(message) ? content : undefined;
	const { metadata, payload } = message;
	const data = isFields(payload) ? payload.data : undefined;
	if (!isFields(metadata) || typeof metadata.sanitized !== "boolean" || (dialect === "plain" && !hasId(data))) return undefined;
	if (typeof metadata.payloadType !== "string" || !payloadTypes.has(metadata.payloadType)) return undefined;
	return { [dialect]: { ...message, metadata: { ...metadata, sanitized: true } } };
};

/** A plain message may be without an id for all that its form says; for all that the standard says it may not. */
const hasId = (data: MessageValue | undefined): boolean => {
	const core = isFields(data) ? data.coreData : undefined;
	return isFields(core) && core.id !== undefined;
};

/** Of basic safety messages: since schema version 9, and before. */
const payloadTypes: ReadonlySet<string> = new Set([
	"us.dot.its.jpo.ode.model.OdeMessageFramePayload",
	"us.dot.its.jpo.ode.model.OdeBsmPayload",
]);

const isFields = (value: MessageValue | undefined): value is MessageFields =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** When the ODE received it (`metadata.odeReceivedAt`, before version 6 `receivedAt`); undefined when it does not say. */
export const receivedAtMs = (content: MessageFields): UtcMs | undefined => {
	const [message] = Object.values(content);
	const metadata = isFields(message) && isFields(message.metadata) ? message.metadata : {};
	const stated = metadata.odeReceivedAt ?? metadata.receivedAt;
	return typeof stated === "string" ? stampMs(stated) : undefined;
};

/** As the ODE writes it: ISO 8601 in UTC, at times with the name of the zone behind it. */
export const stampMs = (text: string): UtcMs | undefined => {
	const tMs = Date.parse(isoStamp.exec(text)?.[0] ?? "");
	return Number.isFinite(tMs) ? utcMs(tMs) : undefined;
};

const isoStamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z/;

export class Judge {
	readonly kept = makeFate("kept");
	readonly notMessage = makeFate("invalid", "not-a-message");
	readonly notBsm = makeFate("invalid", "not-a-bsm");
	readonly tooLong = makeFate("invalid", "too-long");
	/** By the index of a treatment; the last is what is done after all of them. */
	readonly withheld: readonly Fate[];
	readonly failed: readonly Fate[];
	/** In the order of the policy. */
	readonly steps: readonly Step[];
	readonly #noting: readonly Step[];
	readonly #nowMs: UtcMs;
	#at = 0;

	/** @throws KerbError TREATMENT_INVALID with every problem of the treatments. */
	constructor({ treatments, purpose, places, nowMs }: JudgeInput) {
		const secret = randomBytes(32);
		const { steps, types } = compileTreatments(treatments, ["message"], {
			purpose,
			// Forgotten with the process: pseudonyms of two runs cannot be linked.
			pseudonymKey: (forPurpose, epoch) =>
				createHmac("sha256", secret)
					.update(JSON.stringify([forPurpose, epoch]))
					.digest(),
			places,
			way: undefined,
			geo: undefined,
			redactor: undefined,
			onRefusal: () => undefined,
			random: () => randomBytes(4).readUInt32LE() / 2 ** 32,
		});
		this.steps = steps.map((step, index) => {
			if (typeof step === "function") return step;
			throw new KerbError(
				"TREATMENT_INVALID",
				`treatments[${index}]: "${types[index]}" holds messages back or makes something else of them, which only a unit does; remove it`,
			);
		});
		// Its tables are made when they are first asked for; that takes as long as many messages.
		jsonShapeOf("ode", bsmPath);
		this.withheld = [...types, "encode"].map((type) => makeFate("suppressed", "withheld-by-treatment", type));
		this.failed = [...types, "encode"].map((type) => makeFate("suppressed", "treatment-failed", type));
		const note =
			(index: number, step: Step): Step =>
			(reading) => {
				this.#at = index;
				return step(reading);
			};
		this.#noting = [...this.steps.map((step, index) => note(index, step)), note(steps.length, (reading) => reading)];
		this.#nowMs = nowMs;
	}

	/** Every fate that a line can have. */
	get fates(): readonly Fate[] {
		return [this.kept, ...this.withheld, ...this.failed, this.notMessage, this.notBsm, this.tooLong];
	}

	/** Undefined: no message, or none of a known form. The bytes are borrowed for the call. */
	decode(line: Uint8Array): DecodedMessage | undefined {
		try {
			const { shape, content } = decodeJsonMessage("ode", line);
			const marked = shape.path === bsmPath ? markSanitized(content) : content;
			return marked === undefined ? undefined : { shape, content: marked };
		} catch (error) {
			if (isKerbError(error, "FORMAT_INVALID")) return undefined;
			throw error;
		}
	}

	/** Paths of the values that `mark` goes by. */
	readonly fixedPaths: ReadonlySet<string> = new Set([".metadata.payloadType"]);

	/** With the mark of a filtered message; undefined when it is no message of the ODE. The tree of a text that was decoded. */
	mark(content: MessageFields): MessageFields | undefined {
		const [dialect = ""] = Object.keys(content);
		const message = content[dialect];
		if (dialect === "bare") return content;
		if (!isFields(message) || !isFields(message.metadata)) return undefined;
		return { [dialect]: { ...message, metadata: { ...message.metadata, sanitized: true } } };
	}

	/** What treatments see of a message. */
	readingOf({ shape, content }: DecodedMessage): Tagged<V2xMessage> {
		const { path, form } = shape;
		const takenAtMs = receivedAtMs(content) ?? this.#nowMs;
		return { kind: "message", sourceId: "filter-bsm", takenAtMs, bootMs: bootMs(0), path, form, datum: "wgs84", content, tag };
	}

	/** The bytes are borrowed for the call. Never throws for what a line holds. */
	judge(line: Uint8Array): Judged {
		const decoded = this.decode(line);
		if (decoded === undefined) return { fate: this.notMessage, bytes: undefined };
		if (decoded.shape.path !== bsmPath) return { fate: this.notBsm, bytes: undefined };
		this.#at = 0;
		const record = treat(this.readingOf(decoded), this.#noting);
		if (typeof record !== "string" && record.kind === "message") return { fate: this.kept, bytes: record.bytes };
		const fates = record === "withheld" ? this.withheld : this.failed;
		return { fate: fates[this.#at] ?? this.notMessage, bytes: undefined };
	}
}
