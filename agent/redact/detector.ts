/**
 * The contract of a detector: it looks at a picture and says what it found, or that it could not look. The two are never confused: an empty
 * list is an answer, a failure is none.
 */
import type { DeliveredBoxes, DetectedBox, ObjectClass, RedactionRefusal } from "../../shared/frame.ts";
import type { RedactionOptions } from "../../shared/redactor.ts";

/** What detectors look at. Borrowed for the look; overwritten afterwards. */
export interface Picture {
	/** Camera.Exterior.Front and the like; means something to fixed areas only. */
	readonly path: string;
	readonly sequence: number;
	/** UTC milliseconds. */
	readonly takenAtMs: number;
	/** Of the frame itself; boxes are in its pixels. */
	readonly widthPx: number;
	readonly heightPx: number;
	readonly delivered: DeliveredBoxes | undefined;
	/** Decodes at the coarsest scale at which both sides still have this many pixels; the same object for the same scale. */
	pixels(atLeastWidthPx: number, atLeastHeightPx: number): Pixels;
}

/** Blue, green, red, eight bits each, rows without padding. */
export interface Pixels {
	readonly widthPx: number;
	readonly heightPx: number;
	readonly bgr: Uint8Array;
}

export type Look =
	| { readonly looked: true; readonly boxes: readonly DetectedBox[] }
	| { readonly looked: false; readonly why: RedactionRefusal };

export interface Detector {
	/** `delivered`, `static`, `builtin`, or `<kind>@<sha256>` of a model: goes into the account of the frame. */
	readonly id: string;
	/** The classes that it can find. Together the detectors of a rule must cover all classes. */
	readonly classes: readonly ObjectClass[];
	/** Never throws; what goes wrong is a look that did not happen. */
	look(picture: Picture, options: RedactionOptions): Promise<Look> | Look;
	/** Frees memory and sessions. */
	close(): Promise<void> | void;
}

export const notLooked = (why: RedactionRefusal): Look => ({ looked: false, why });

/** Scores in 0 to 1, finite sides above zero, and a middle that is on the picture: anything else is nonsense, and so is the whole look. */
export const isSane = (box: DetectedBox, widthPx: number, heightPx: number): boolean => {
	const midX = box.xPx + box.widthPx / 2;
	const midY = box.yPx + box.heightPx / 2;
	return (
		box.score >= 0 &&
		box.score <= 1 &&
		box.widthPx > 0 &&
		box.heightPx > 0 &&
		midX >= 0 &&
		midY >= 0 &&
		midX <= widthPx &&
		midY <= heightPx &&
		box.widthPx <= 4 * widthPx &&
		box.heightPx <= 4 * heightPx
	);
};
