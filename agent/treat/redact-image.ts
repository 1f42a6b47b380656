/**
 * Masks faces and plates in pictures beyond recall (regulations V-06, V-11; GB/T 44464-2024 5.6). A frame is held until it is redacted; whatever goes wrong,
 * it does not leave, and the reason is counted. Frames leave in the order in which they were taken.
 *
 * A rule may ask for a smaller object, a lower threshold or a wider margin than the defaults, never for less.
 */
import * as v from "valibot";
import type { RedactionRefusal } from "../../shared/frame.ts";
import type { Frame } from "../../shared/reading.ts";
import type { RedactedFrame, RedactionOptions } from "../../shared/redactor.ts";
import type { Tagged } from "../../shared/tag.ts";
import type { StreamStep } from "../../shared/verdict.ts";
import { defineTreatment, type Facilities } from "./treatment.ts";

const range = (min: number, max: number, unit: string) => {
	const text = `expected ${min} to ${max} ${unit}`;
	return v.pipe(v.number(), v.minValue(min, text), v.maxValue(max, text));
};
const whole = (min: number, max: number, unit: string) => v.pipe(range(min, max, unit), v.integer(`expected a whole number of ${unit}`));

/** The standard asks for 32 and 16 px; a third less stays on the safe side (camera facts 7.2). */
const classOptions = (minPx: number, threshold: number, margin: number) =>
	v.optional(
		v.strictObject({
			minPx: v.optional(range(4, minPx, "pixels"), minPx),
			threshold: v.optional(range(0.01, threshold, "of 1"), threshold),
			margin: v.optional(range(0.1, 2, "times the box"), margin),
		}),
		{},
	);

const share = range(0, 1, "of width and height");
const detector = v.variant("kind", [
	v.strictObject({ kind: v.literal("delivered") }),
	v.strictObject({
		kind: v.literal("model"),
		/** In the unit's folder of models; `kerbstone model add` puts it there. */
		file: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,119}\.onnx$/, "the name of an .onnx file, without folders")),
		sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits")),
	}),
	v.strictObject({ kind: v.literal("builtin") }),
	v.strictObject({
		kind: v.literal("static"),
		areas: v.record(
			v.pipe(v.string(), v.maxLength(120)),
			v.pipe(v.array(v.pipe(v.array(v.tuple([share, share])), v.minLength(3), v.maxLength(100))), v.maxLength(100)),
		),
	}),
]);

const options = v.strictObject({
	type: v.literal("redact-image"),
	classes: v.optional(v.strictObject({ face: classOptions(24, 0.3, 0.2), plate: classOptions(12, 0.25, 0.15) }), {}),
	detectors: v.pipe(v.array(detector), v.minLength(1, "expected at least one detector"), v.maxLength(8)),
	/** Detection and masking of one frame. */
	deadlineMs: v.optional(whole(10, 60_000, "milliseconds"), 5_000),
	/** How long a mask is held where a detector lost what it saw. */
	holdMs: v.optional(whole(0, 10_000, "milliseconds"), 1_500),
	maxBoxes: v.optional(whole(1, 1_000, "boxes"), 200),
	maxMaskedShare: v.optional(range(0.01, 1, "of the frame"), 0.8),
	maxBoxAgeMs: v.optional(whole(0, 5_000, "milliseconds"), 200),
	/** Larger frames, and frames that come more often, do not leave. */
	maxWidthPx: v.optional(whole(16, 8_192, "pixels"), 1_920),
	maxHeightPx: v.optional(whole(16, 8_192, "pixels"), 1_200),
	maxRateHz: v.optional(range(0.001, 60, "frames per second"), 1),
});

/** Frames on their way through the redactor. */
const maxHeld = 8;

interface Asked {
	readonly frame: Tagged<Frame>;
	/** Null until there is one. */
	outcome: RedactedFrame | RedactionRefusal | null;
}

export default defineTreatment({
	type: "redact-image",
	options,
	appliesTo: ["frame"],
	outcome: "reduced",
	compile: ({ type: _type, maxRateHz, maxWidthPx, maxHeightPx, ...redaction }, facilities) =>
		redactStep({ redaction, maxRateHz, maxWidthPx, maxHeightPx }, facilities),
});

interface Chosen {
	readonly redaction: RedactionOptions;
	readonly maxRateHz: number;
	readonly maxWidthPx: number;
	readonly maxHeightPx: number;
}

const redactStep = (chosen: Chosen, { redactor, onRefusal }: Facilities): StreamStep => {
	const queue: Asked[] = [];
	/** By camera: when the last frame was let in. */
	const lastMs = new Map<string, number>();
	const isTooOften = ({ path, takenAtMs }: Frame): boolean => {
		const last = lastMs.get(path);
		// A clock that stepped back starts anew.
		if (last !== undefined && takenAtMs >= last && takenAtMs - last < 1_000 / chosen.maxRateHz) return true;
		if (lastMs.size >= 256) lastMs.clear();
		lastMs.set(path, takenAtMs);
		return false;
	};
	const judge = ({ frame, outcome }: Asked): readonly Tagged[] => {
		if (outcome === null) return [];
		if (typeof outcome === "string") {
			onRefusal(outcome);
			return [];
		}
		const { jpeg, redaction, widthPx, heightPx } = outcome;
		if (widthPx > chosen.maxWidthPx || heightPx > chosen.maxHeightPx) {
			onRefusal("too-large");
			return [];
		}
		return [{ ...frame, jpeg, redaction }];
	};
	const ready = (): readonly Tagged[] => {
		const out: Tagged[] = [];
		for (let head = queue[0]; head !== undefined && head.outcome !== null; head = queue[0]) {
			queue.shift();
			out.push(...judge(head));
		}
		return out;
	};
	/** Why a frame is not even looked at. */
	const refusal = (frame: Frame): RedactionRefusal | undefined => {
		if (!Number.isFinite(frame.takenAtMs)) return "damaged";
		if (redactor === undefined) return "no-detector";
		if (queue.length >= maxHeld) return "busy";
		return isTooOften(frame) ? "too-often" : undefined;
	};
	return {
		take: (reading) => {
			if (reading.kind !== "frame") return ready();
			const why = refusal(reading);
			if (why !== undefined) {
				onRefusal(why);
				return ready();
			}
			// What is held is the frame without its bytes: they are the worker's, and gone from here when the chunk is done.
			const { delivered: _delivered, ...bare } = reading;
			const asked: Asked = { frame: { ...bare, jpeg: new Uint8Array() }, outcome: null };
			queue.push(asked);
			redactor?.redact(reading, chosen.redaction, (outcome) => {
				asked.outcome = outcome;
			});
			return ready();
		},
		due: ready,
		settles: true,
		get held() {
			return queue.length;
		},
		forget: (sourceId) => {
			const kept = sourceId === undefined ? [] : queue.filter(({ frame }) => frame.sourceId !== sourceId);
			const forgotten = queue.length - kept.length;
			queue.splice(0, queue.length, ...kept);
			return forgotten;
		},
	};
};
