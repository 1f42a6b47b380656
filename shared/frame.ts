/**
 * Pictures, what was found in them, and the account of how they were redacted.
 */
import type { UtcMs } from "./units.ts";

/** In pixels of the frame; x to the right, y downwards, from the upper left corner. */
export interface Box {
	readonly xPx: number;
	readonly yPx: number;
	readonly widthPx: number;
	readonly heightPx: number;
}

/** What GB/T 44464-2024 wants anonymised outside the vehicle. */
export const objectClasses = ["face", "plate"] as const;
export type ObjectClass = (typeof objectClasses)[number];

export interface DetectedBox extends Box {
	readonly class: ObjectClass;
	/** 0 to 1, as the detector gives it. */
	readonly score: number;
}

/** What the vehicle's perception says of one frame. An empty list means that nothing is there only together with `looked`. */
export interface DeliveredBoxes {
	readonly looked: boolean;
	/** Of the frame that the boxes were found in. */
	readonly widthPx: number;
	readonly heightPx: number;
	readonly sequence: number;
	readonly atMs: UtcMs;
	/** Name and version. */
	readonly detector: string;
	readonly boxes: readonly DetectedBox[];
}

/** Where and how the sensor was; with it a picture or a cloud is surveying data (regulations S-01, X-4). */
export interface Pose {
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly altitudeM?: number | undefined;
	/** Clockwise from true north. */
	readonly headingDeg?: number | undefined;
}

/** One masked place, as the area range file of GB/T 44464-2024 B.1.3 has it. */
export interface MaskedArea extends Box {
	readonly class: ObjectClass;
	/** What asked for it: a detector's id, `delivered`, `track` or `static`. */
	readonly by: string;
	readonly score: number;
}

/** Why a frame does not leave: a closed set, counted and shown in status. */
export const redactionRefusals = [
	"no-detector",
	"model-missing",
	"model-hash",
	"model-unfit",
	"self-test",
	"detector-failed",
	"detector-late",
	"detector-nonsense",
	"worker-dead",
	"boxes-missing",
	"boxes-not-looked",
	"boxes-stale",
	"boxes-other-frame",
	"boxes-gap",
	"too-many-boxes",
	"too-much-masked",
	"not-baseline",
	"damaged",
	"oriented",
	"too-large",
	"too-often",
	"output-check",
	"residual-object",
	"busy",
	"stopped",
] as const;
export type RedactionRefusal = (typeof redactionRefusals)[number];

/** The account of one redaction; leaves with the frame. */
export interface RedactionRecord {
	/** SHA-256 of the frame as it leaves, in hexadecimal. */
	readonly outputSha256: string;
	/** `id` or `id@sha256` of each detector that looked. */
	readonly detectors: readonly string[];
	readonly areas: readonly MaskedArea[];
	/** Of the frame's area, 0 to 1. */
	readonly maskedShare: number;
}
