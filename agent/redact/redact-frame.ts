/**
 * One frame through detection and masking, fail closed at every step (the table is in agent/README.md): a frame comes out redacted with its
 * account, or a code says why it does not.
 */
import type { Box, DetectedBox, RedactionRefusal } from "../../shared/frame.ts";
import { objectClasses } from "../../shared/frame.ts";
import type { RedactedFrame, RedactionOptions } from "../../shared/redactor.ts";
import { checkRedaction } from "../formats/jpeg-check.ts";
import type { JpegFrame } from "../formats/jpeg-frame.ts";
import { parseJpeg } from "../formats/jpeg-markers.ts";
import { maskJpeg } from "../formats/jpeg-mask.ts";
import { decodePixels } from "../formats/jpeg-pixels.ts";
import { refusalOf } from "../formats/jpeg-refusal.ts";
import { areasOf } from "./areas.ts";
import { type Detector, isSane, type Look, type Picture, type Pixels } from "./detector.ts";
import type { Tracker } from "./track.ts";

/** A frame as the worker gets it. The bytes are overwritten when it is done with. */
export interface FrameJob {
	readonly jpeg: Uint8Array;
	readonly path: string;
	readonly sequence: number;
	readonly takenAtMs: number;
	readonly delivered: Picture["delivered"];
}

export interface RedactionTools {
	/** Those that the rule asks for, all of them. */
	readonly detectors: readonly Detector[];
	/** Of the frame's camera. */
	readonly tracker: Tracker;
	/** In hexadecimal. */
	readonly sha256: (bytes: Uint8Array) => string;
}

/** Never throws. */
export const redactFrame = async (
	job: FrameJob,
	options: RedactionOptions,
	tools: RedactionTools,
): Promise<RedactedFrame | RedactionRefusal> => {
	const { detectors, tracker } = tools;
	if (!coversAll(detectors)) return "no-detector";
	let frame: JpegFrame;
	try {
		frame = parseJpeg(job.jpeg);
	} catch (error) {
		return refusalOf(error) ?? "damaged";
	}
	const { widthPx, heightPx } = frame;
	const scales = new Map<number, Pixels>();
	try {
		const picture: Picture = { ...job, widthPx, heightPx, pixels: (width, height) => pixelsOf(frame, scales, width, height) };
		const looks = await Promise.all(detectors.map((detector) => lookSafely(detector, picture, options)));
		const found: { readonly by: string; readonly box: DetectedBox }[] = [];
		for (const [index, look] of looks.entries()) {
			if (!look.looked) return look.why;
			const by = detectors[index]?.id ?? "";
			if (!look.boxes.every((box) => isSane(box, widthPx, heightPx))) return "detector-nonsense";
			found.push(...look.boxes.map((box) => ({ by, box })));
		}
		const moving = found.flatMap(({ by, box }) => (by === "static" ? [] : [box]));
		const held = tracker.follow(moving, job.takenAtMs, options.holdMs);
		found.push(...held.map((box) => ({ by: "track", box })));
		const areas = areasOf(found, options, widthPx, heightPx);
		if (areas.length > options.maxBoxes) return "too-many-boxes";
		const masked = maskSafely(job.jpeg, areas);
		if (typeof masked === "string") return masked;
		if (masked.maskedShare > options.maxMaskedShare) return "too-much-masked";
		if (checkSafely(masked.jpeg, job.jpeg, areas) > 0) return "output-check";
		const { jpeg, maskedShare } = masked;
		const redaction = { outputSha256: tools.sha256(jpeg), detectors: detectors.map(({ id }) => id), areas, maskedShare };
		return { jpeg, widthPx, heightPx, redaction };
	} finally {
		for (const { bgr } of scales.values()) bgr.fill(0);
	}
};

const coversAll = (detectors: readonly Detector[]): boolean =>
	objectClasses.every((name) => detectors.some(({ classes }) => classes.includes(name)));

const lookSafely = async (detector: Detector, picture: Picture, options: RedactionOptions): Promise<Look> => {
	try {
		return await detector.look(picture, options);
	} catch {
		return { looked: false, why: "detector-failed" };
	}
};

/** The coarsest of the scales 1, 1/2, 1/4 and 1/8 that is still fine enough; the finest when none is. */
const pixelsOf = (frame: JpegFrame, scales: Map<number, Pixels>, width: number, height: number): Pixels => {
	const scale = [8, 4, 2].find((by) => Math.ceil(frame.widthPx / by) >= width && Math.ceil(frame.heightPx / by) >= height) ?? 1;
	const known = scales.get(scale);
	if (known !== undefined) return known;
	const pixels = decodePixels(frame, scale);
	scales.set(scale, pixels);
	return pixels;
};

const maskSafely = (
	jpeg: Uint8Array,
	areas: readonly Box[],
): { readonly jpeg: Uint8Array; readonly maskedShare: number } | RedactionRefusal => {
	try {
		return maskJpeg(jpeg, areas);
	} catch (error) {
		return refusalOf(error) ?? "damaged";
	}
};

/** Problems of the output; one that cannot be checked has one. */
const checkSafely = (output: Uint8Array, input: Uint8Array, areas: readonly Box[]): number => {
	try {
		return checkRedaction(output, input, areas).length;
	} catch {
		return 1;
	}
};
