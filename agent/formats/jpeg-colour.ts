/**
 * What the three components of a JPEG mean. T.81 leaves it open; libjpeg's rule is what every viewer follows: JFIF means YCbCr, else APP14 says
 * it, else the ids "R", "G", "B" mean RGB, else YCbCr.
 *
 * | APP14 (Adobe) | bytes |
 * |---------------|-------|
 * | "Adobe"       | 5     |
 * | version, flags0, flags1 | 2 each |
 * | transform: 0 none, 1 YCbCr, 2 YCCK | 1 |
 */
import type { JpegFrame } from "./jpeg-frame.ts";
import { jpegRefusal } from "./jpeg-refusal.ts";

export const adobeBytes = 12;

/** What the application segments before the scan said. */
export interface ColourHints {
	jfif: boolean;
	adobe: number | undefined;
}

const startsWith = (segment: Uint8Array, text: string): boolean => [...text].every((letter, at) => segment[at] === letter.charCodeAt(0));

/** Takes an APP0 segment, without marker and length. */
export const noteJfif = (segment: Uint8Array, hints: ColourHints): void => {
	if (segment.length >= 14 && startsWith(segment, "JFIF\0")) hints.jfif = true;
};

/** Takes an APP14 segment, without marker and length. */
export const noteAdobe = (segment: Uint8Array, hints: ColourHints): void => {
	if (segment.length >= adobeBytes && startsWith(segment, "Adobe")) hints.adobe = segment[11];
};

const areRgb = (ids: readonly number[]): boolean => String.fromCharCode(...ids) === "RGB";

/** The colours, and what APP14 has to say for them to stay in a copy that has no JFIF segment. @throws KerbError FORMAT_INVALID `not-baseline` for an unknown transform */
export const colourOf = (ids: readonly number[], hints: ColourHints): Pick<JpegFrame, "colour" | "adobeTransform"> => {
	if (ids.length === 1) return { colour: "grey", adobeTransform: undefined };
	if (hints.jfif) return { colour: "ycbcr", adobeTransform: hints.adobe !== undefined || areRgb(ids) ? 1 : undefined };
	if (hints.adobe === undefined) return { colour: areRgb(ids) ? "rgb" : "ycbcr", adobeTransform: undefined };
	if (hints.adobe > 1) throw jpegRefusal("not-baseline", "expected APP14 with transform 0 or 1 for three components, got another one");
	return hints.adobe === 0 ? { colour: "rgb", adobeTransform: 0 } : { colour: "ycbcr", adobeTransform: 1 };
};
