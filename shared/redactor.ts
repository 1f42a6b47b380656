/**
 * What treatments ask of whoever redacts pictures: it looks for faces and plates, masks them beyond recall, and proves that nothing is left.
 */
import type { RedactionRecord, RedactionRefusal } from "./frame.ts";
import type { Frame } from "./reading.ts";

/** As a release rule writes them; see the schema of `redact-image`. */
export interface RedactionOptions {
	readonly classes: Readonly<Record<"face" | "plate", ClassOptions>>;
	/** Whose boxes are taken together: all must have looked. */
	readonly detectors: readonly DetectorChoice[];
	readonly deadlineMs: number;
	readonly holdMs: number;
	readonly maxBoxes: number;
	/** Of the frame's area, 0 to 1; beyond it the frame does not leave. */
	readonly maxMaskedShare: number;
	/** Delivered boxes older than this are none. */
	readonly maxBoxAgeMs: number;
}

export interface ClassOptions {
	/** Smallest object that must be found, shortest side in pixels of the frame. */
	readonly minPx: number;
	readonly threshold: number;
	/** Of the box's size, added on every side. */
	readonly margin: number;
}

export type DetectorChoice =
	| { readonly kind: "delivered" }
	| { readonly kind: "model"; readonly file: string; readonly sha256: string }
	| { readonly kind: "builtin" }
	| {
			readonly kind: "static";
			/** By camera path; corners in shares of width and height, 0 to 1. */
			readonly areas: Readonly<Record<string, readonly (readonly (readonly [number, number])[])[]>>;
	  };

export interface RedactedFrame {
	readonly jpeg: Uint8Array;
	readonly widthPx: number;
	readonly heightPx: number;
	readonly redaction: RedactionRecord;
}

export interface ImageRedactor {
	/**
	 * Copies the frame's bytes, and overwrites its copy when it is done with. `done` is called once, later or at once; never with a frame that was not
	 * looked at by every detector asked for.
	 */
	redact(frame: Frame, options: RedactionOptions, done: (outcome: RedactedFrame | RedactionRefusal) => void): void;
}
