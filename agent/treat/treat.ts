/**
 * Runs a verdict's steps over one reading and reduces what is left to a record. Fails closed: a step that throws, or returns nothing,
 * drops the reading.
 */
import type { CleanReading } from "../../shared/clean.ts";
import { KerbError } from "../../shared/errors.ts";
import type { Cloud, Frame } from "../../shared/reading.ts";
import type { KerbRecord } from "../../shared/record.ts";
import type { Tagged } from "../../shared/tag.ts";
import type { BootMs, UtcMs } from "../../shared/units.ts";
import type { Step, StreamStep } from "../../shared/verdict.ts";
import { encodeMapFeature } from "../formats/geojson.ts";
import { maskJpeg } from "../formats/jpeg-mask.ts";
import { encodePcd } from "../formats/pcd.ts";
import { encodeMessage } from "../formats/v2x/encode-message.ts";

/** The path of the tag under which readings are offered for flows: the kind's own name. */
const flowPath = "flow" satisfies Tagged["kind"];

export type TreatResult = CleanReading | "withheld" | "failed";

/** Steps of a route; those over time are taken out by `treatOverTime`. */
export type AnyStep = Step | StreamStep;

/**
 * Returns the clean reading; "withheld" when a step decided that the reading must not leave; "failed" when a step threw or gave back what is
 * no reading. Never throws. The reading handed in is not changed.
 */
export const treat = (reading: Tagged, steps: readonly Step[]): TreatResult => {
	try {
		let lowered: Tagged | undefined = reading;
		for (const step of steps) {
			lowered = step(lowered);
			if (lowered === undefined) return "withheld";
		}
		return toRecord(lowered) as CleanReading;
	} catch {
		return "failed";
	}
};

/** Hears what became of readings. Every reading that a route takes ends in one of them; `heldBack` says that it will later. */
export interface TreatSink {
	released(reading: Tagged, record: CleanReading): void;
	withheld(count: number): void;
	failed(): void;
	heldBack(count: number): void;
}

/**
 * As `treat`, for steps that hold readings back or make new ones: what leaves now, the reading itself or others, is told to `sink`. A stream step that
 * throws has lost its order, so it forgets what it held.
 */
export const treatOverTime = (reading: Tagged, steps: readonly AnyStep[], sink: TreatSink, from = 0): void => {
	let lowered: Tagged = reading;
	for (let at = from; at < steps.length; at++) {
		const step = steps[at] as AnyStep;
		if (typeof step !== "function") {
			takeIn(step, lowered, steps, at, sink);
			return;
		}
		const next = run(step, lowered);
		if (next === undefined) {
			sink.withheld(1);
			return;
		}
		if (next === "failed") {
			sink.failed();
			return;
		}
		lowered = next;
	}
	const record = treat(lowered, []);
	if (typeof record === "string") sink.failed();
	else sink.released(lowered, record);
};

const run = (step: Step, reading: Tagged): Tagged | undefined | "failed" => {
	try {
		return step(reading);
	} catch {
		return "failed";
	}
};

const takeIn = (step: StreamStep, reading: Tagged, steps: readonly AnyStep[], at: number, sink: TreatSink): void => {
	const before = step.held;
	let out: readonly Tagged[];
	try {
		out = step.take(reading);
	} catch {
		sink.withheld(step.forget());
		sink.failed();
		return;
	}
	account(step, before + 1, before, out, sink);
	for (const each of out) treatOverTime(each, steps, sink, at + 1);
};

/** What may leave by now of what the stream steps hold. Called on a timer. */
export const releaseDue = (steps: readonly AnyStep[], nowMs: UtcMs, bootMs: BootMs, sink: TreatSink): void => {
	for (const [at, step] of steps.entries()) {
		if (typeof step === "function") continue;
		const before = step.held;
		let out: readonly Tagged[];
		try {
			out = step.due(nowMs, bootMs);
		} catch {
			sink.withheld(step.forget());
			continue;
		}
		account(step, before, before, out, sink);
		for (const each of out) treatOverTime(each, steps, sink, at + 1);
	}
};

/** Forgets what the stream steps hold, of one source or of all. */
export const forgetHeld = (steps: readonly AnyStep[], sink: Pick<TreatSink, "withheld">, sourceId?: string): void => {
	for (const step of steps) if (typeof step !== "function") sink.withheld(step.forget(sourceId));
};

/** What went in is held, given back or withheld; a step that makes readings consumes all that it takes. */
const account = (step: StreamStep, available: number, before: number, out: readonly Tagged[], sink: TreatSink): void => {
	const kept = step.held;
	if (kept > before) sink.heldBack(kept - before);
	const gone = available - kept - (step.makes === true ? 0 : out.length);
	if (gone > 0) sink.withheld(gone);
};

/**
 * The picture as it may leave: redacted, or of the cabin, which the floor lets out for excepted purposes only. What is not the picture itself (EXIF, thumbnails,
 * positions, comments) never goes along.
 *
 * @throws KerbError FORMAT_INVALID, INTERNAL
 */
const leavingJpeg = ({ zone, jpeg, redaction }: Frame): Uint8Array => {
	if (redaction !== undefined) return jpeg;
	if (zone !== "cabin") throw new KerbError("INTERNAL", "a picture of the outside leaves redacted only");
	return maskJpeg(jpeg, []).jpeg;
};

/** With a pose a cloud is surveying data (regulations S-01, X-4): only one that is tagged so, which its floor keeps to qualified recipients, has it. */
const poseText = ({ pose, tag }: Tagged<Cloud>): string => (pose === undefined || !tag.surveying ? "" : JSON.stringify(pose));

/** Names every field that may travel; what is not named here does not leave, whatever a source or a step has added. */
const toRecord = (reading: Tagged): KerbRecord => {
	// A flow's floor asks for counts of many; a single message under its tag would slip through it.
	if (reading.tag.path === flowPath && reading.kind !== "flow") throw new KerbError("INTERNAL", "only a flow may leave as a flow");
	switch (reading.kind) {
		case "signal":
			return { kind: "signal", takenAtMs: reading.takenAtMs, path: reading.path, value: reading.value };
		case "fix":
			return {
				kind: "fix",
				takenAtMs: reading.takenAtMs,
				latDeg: reading.latDeg,
				lonDeg: reading.lonDeg,
				datum: reading.datum,
				mode: reading.mode,
				...(reading.accuracyM === undefined ? undefined : { accuracyM: reading.accuracyM }),
				...(reading.altitudeM === undefined ? undefined : { altitudeM: reading.altitudeM }),
				...(reading.speedMps === undefined ? undefined : { speedMps: reading.speedMps }),
				...(reading.courseDeg === undefined ? undefined : { courseDeg: reading.courseDeg }),
			};
		case "message":
			// Written by its type, so a field that the type does not name cannot be in it.
			return {
				kind: "message",
				takenAtMs: reading.takenAtMs,
				path: reading.path,
				form: reading.form,
				datum: reading.datum,
				bytes: encodeMessage(reading),
			};
		case "flow":
			return {
				kind: "flow",
				takenAtMs: reading.takenAtMs,
				latDeg: reading.latDeg,
				lonDeg: reading.lonDeg,
				datum: reading.datum,
				cellM: reading.cellM,
				windowMs: reading.windowMs,
				subjects: reading.subjects,
				...(reading.meanSpeedMps === undefined ? undefined : { meanSpeedMps: reading.meanSpeedMps }),
			};
		case "frame":
			return {
				kind: "frame",
				takenAtMs: reading.takenAtMs,
				path: reading.path,
				jpeg: leavingJpeg(reading),
				redaction: reading.redaction === undefined ? "" : JSON.stringify(reading.redaction),
				// With a pose it would be surveying data, which the floor of pictures does not keep to qualified recipients (regulations X-4).
				pose: "",
			};
		case "cloud":
			return {
				kind: "cloud",
				takenAtMs: reading.takenAtMs,
				path: reading.path,
				pcd: encodePcd(reading.cloud, "binary"),
				pose: poseText(reading),
			};
		case "map":
			return {
				kind: "map",
				takenAtMs: reading.takenAtMs,
				path: reading.path,
				datum: reading.datum,
				feature: encodeMapFeature(reading),
			};
		default:
			throw new KerbError("INTERNAL", "a treatment gave back something of no known kind");
	}
};
