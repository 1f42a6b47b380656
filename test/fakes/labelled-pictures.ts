/**
 * Pictures with labels for detectors: as detectors get them, and how much of a label they cover.
 */
import { readFileSync } from "node:fs";
import { parseJpeg } from "../../agent/formats/jpeg-markers.ts";
import { decodePixels } from "../../agent/formats/jpeg-pixels.ts";
import type { Picture, Pixels } from "../../agent/redact/detector.ts";
import type { Box } from "../../shared/frame.ts";
import type { RedactionOptions } from "../../shared/redactor.ts";
import { dataPath } from "../data.ts";

/** What a rule has when it says nothing. */
export const usualOptions: RedactionOptions = {
	classes: { face: { minPx: 24, threshold: 0.3, margin: 0.2 }, plate: { minPx: 12, threshold: 0.25, margin: 0.15 } },
	detectors: [{ kind: "builtin" }],
	deadlineMs: 5_000,
	holdMs: 0,
	maxBoxes: 200,
	maxMaskedShare: 0.8,
	maxBoxAgeMs: 200,
};

/** Decoded scales are kept. */
export const pictureOfJpeg = (jpeg: Uint8Array): Picture => {
	const frame = parseJpeg(jpeg);
	const scales = new Map<number, Pixels>();
	return pictureOf(frame.widthPx, frame.heightPx, (width, height) => {
		const scale = [8, 4, 2].find((by) => Math.ceil(frame.widthPx / by) >= width && Math.ceil(frame.heightPx / by) >= height) ?? 1;
		const pixels = scales.get(scale) ?? decodePixels(frame, scale);
		scales.set(scale, pixels);
		return pixels;
	});
};

export const pictureOf = (widthPx: number, heightPx: number, pixels: Picture["pixels"]): Picture => ({
	path: "Camera.Exterior.Front",
	sequence: 1,
	takenAtMs: 0,
	widthPx,
	heightPx,
	delivered: undefined,
	pixels,
});

/** A picture of which each pixel is painted by a function of its place: blue, green and red. */
export const paintedPicture = (
	widthPx: number,
	heightPx: number,
	paint: (x: number, y: number) => readonly [number, number, number],
): Picture => {
	const bgr = new Uint8Array(3 * widthPx * heightPx);
	for (let at = 0; at < widthPx * heightPx; at++) bgr.set(paint(at % widthPx, Math.floor(at / widthPx)), at * 3);
	return pictureOf(widthPx, heightPx, () => ({ widthPx, heightPx, bgr }));
};

export interface Labelled {
	readonly name: string;
	readonly picture: Picture;
	readonly objects: readonly Box[];
	/** Neither to be found nor false when found. */
	readonly ignored: readonly Box[];
}

interface Label {
	readonly x: number;
	readonly y: number;
	readonly w: number;
	readonly h: number;
}

const boxOf = ({ x, y, w, h }: Label): Box => ({ xPx: x, yPx: y, widthPx: w, heightPx: h });

/** Those of the labelled pictures that are baseline JPEGs, in the order of their names. */
export const labelledPictures = (kind: "faces" | "plates"): readonly Labelled[] => {
	const { images } = JSON.parse(readFileSync(dataPath("camera", kind, "labels.json"), "utf8")) as {
		readonly images: Readonly<Record<string, readonly Label[] | { readonly faces: readonly Label[]; readonly ignore: readonly Label[] }>>;
	};
	return Object.keys(images)
		.sort()
		.flatMap((name) => {
			const labels = images[name];
			if (labels === undefined) return [];
			const [objects, ignored] = "faces" in labels ? [labels.faces, labels.ignore] : [labels, []];
			try {
				const picture = pictureOfJpeg(readFileSync(dataPath("camera", kind, name)));
				return [{ name, picture, objects: objects.map(boxOf), ignored: ignored.map(boxOf) }];
			} catch {
				return [];
			}
		});
};

export const grown = ({ xPx, yPx, widthPx, heightPx }: Box, margin: number): Box => ({
	xPx: xPx - widthPx * margin,
	yPx: yPx - heightPx * margin,
	widthPx: widthPx * (1 + 2 * margin),
	heightPx: heightPx * (1 + 2 * margin),
});

const isWithin = (x: number, y: number, { xPx, yPx, widthPx, heightPx }: Box): boolean =>
	x >= xPx && y >= yPx && x <= xPx + widthPx && y <= yPx + heightPx;

/** The share of a box that the masks cover together, to about one in a hundred. */
export const coveredShare = ({ xPx, yPx, widthPx, heightPx }: Box, masks: readonly Box[]): number => {
	const points = 40;
	let hits = 0;
	for (let at = 0; at < points * points; at++) {
		const x = xPx + (((at % points) + 0.5) * widthPx) / points;
		const y = yPx + ((Math.floor(at / points) + 0.5) * heightPx) / points;
		if (masks.some((mask) => isWithin(x, y, mask))) hits++;
	}
	return hits / points ** 2;
};

export const doTouch = (one: Box, other: Box): boolean =>
	one.xPx < other.xPx + other.widthPx &&
	other.xPx < one.xPx + one.widthPx &&
	one.yPx < other.yPx + other.heightPx &&
	other.yPx < one.yPx + one.heightPx;
