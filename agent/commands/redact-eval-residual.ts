/** A second opinion on redacted pictures (B.6.1.1): nothing that was masked may still be taken for a face or a plate. */
import type { RedactionOptions } from "../../shared/redactor.ts";
import { parseJpeg } from "../formats/jpeg-markers.ts";
import { decodePixels } from "../formats/jpeg-pixels.ts";
import type { Detector, Pixels } from "../redact/detector.ts";
import type { LabelledPicture } from "./redact-eval-labels.ts";
import { coveringRate, intersectionPx, isInScope } from "./redact-eval-measure.ts";

export interface Residual {
	/** Labelled objects in scope that are still found. */
	readonly objects: number;
	/** What is found beside the masks, labelled or not. */
	readonly beside: number;
}

/** Surer than for masking: the question is whether it is recognised. */
const threshold = 0.6;

/** Undefined when the detector could not look. `jpeg` is the redacted picture. */
export const residualOf = async (
	jpeg: Uint8Array,
	picture: LabelledPicture,
	areas: Parameters<typeof coveringRate>[1],
	detector: Detector,
	options: RedactionOptions,
): Promise<Residual | undefined> => {
	const frame = parseJpeg(jpeg);
	const { widthPx, heightPx } = frame;
	const scales = new Map<number, Pixels>();
	const pixels = (width: number, height: number): Pixels => {
		const scale = [8, 4, 2].find((by) => Math.ceil(widthPx / by) >= width && Math.ceil(heightPx / by) >= height) ?? 1;
		const made = scales.get(scale) ?? decodePixels(frame, scale);
		scales.set(scale, made);
		return made;
	};
	const { face, plate } = options.classes;
	const surer = { ...options, deadlineMs: 60_000, classes: { face: { ...face, threshold }, plate: { ...plate, threshold } } };
	const shown = { path: picture.name, sequence: 1, takenAtMs: 0, widthPx, heightPx, delivered: undefined, pixels };
	const look = await detector.look(shown, surer);
	if (!look.looked) return undefined;
	const found = look.boxes.filter(({ score }) => score >= threshold);
	const objects = picture.objects.filter(
		(object) =>
			isInScope(object) &&
			found.some((box) => {
				const shared = intersectionPx(box, object);
				return box.class === object.class && shared >= 0.3 * (box.widthPx * box.heightPx + object.widthPx * object.heightPx - shared);
			}),
	);
	return { objects: objects.length, beside: found.filter((box) => coveringRate(box, areas) < 0.5).length };
};
