/**
 * The built-in detector of faces, for a first look at what redaction does: evaluation grade, see the README for how much it finds.
 */
import type { DetectedBox } from "../../shared/frame.ts";
import { type FaceBox, faceBoxes } from "./builtin-face-boxes.ts";
import { createFaceNet, type FaceNet } from "./builtin-face-net.ts";
import { type SampleTables, scaledRows } from "./builtin-scaled-rows.ts";
import type { FaceWeights } from "./builtin-weights.ts";
import { type Detector, notLooked, type Picture } from "./detector.ts";
import { suppress } from "./suppress.ts";

/**
 * What the network needs to see of a face's shortest side, in pixels of its input: on labelled pictures it finds 87 % at 20 px, 94 % at 22 px, 98 % at 26 px
 * and 99 % at 32 px.
 */
export const leastFacePx = 24;
/** To enlarge a picture adds no face that is not in it. */
const mostEnlarged = 2;
/** About a second on one fast core. */
const mostInputPx = 8_000_000;
const mostInputSidePx = 8_192;
/** More candidates than this are noise. */
const mostBoxes = 2_000;

/** A sample as the network was trained with it. */
const table = (mean: number): Float32Array => Float32Array.from({ length: 256 }, (_, sample) => (sample - mean) / 255);
const tables: SampleTables = { red: table(117.001), green: table(114.697), blue: table(97.404) };

/** Faces of more than some 400 pixels are too large for the network. What is large is seen again in a picture of a quarter of the size. */
const coarser = 4;
const leastCoarsePx = 96;

/** Looks on one thread, until it is done. Keeps some megabytes for the size of picture that it saw last. */
export const createFaceDetector = (weights: FaceWeights): Detector => {
	const fine = createFaceNet(weights);
	const coarse = createFaceNet(weights);
	const lookOnce = (net: FaceNet, picture: Picture, scale: number, threshold: number): readonly DetectedBox[] | undefined => {
		const [inputWidth, inputHeight] = [Math.round(picture.widthPx * scale), Math.round(picture.heightPx * scale)];
		const pixels = picture.pixels(inputWidth, inputHeight);
		const rows = scaledRows(pixels, inputWidth / pixels.widthPx, inputWidth, tables);
		return faceBoxes(net.run(inputWidth, inputHeight, rows), threshold)?.flatMap((box) => cut(box, scale, picture));
	};
	return {
		id: "builtin-face",
		classes: ["face"],
		look: (picture, options) => {
			const { minPx, threshold } = options.classes.face;
			const { widthPx, heightPx } = picture;
			const scale = leastFacePx / minPx;
			const [shortest, longest] = [Math.min(widthPx, heightPx), Math.max(widthPx, heightPx)];
			// A picture in which the smallest face that must be found has no room is none that this detector can speak about.
			const isFit = scale <= mostEnlarged && longest * scale <= mostInputSidePx && widthPx * heightPx * scale ** 2 <= mostInputPx;
			if (!isFit || shortest < minPx) return notLooked("model-unfit");
			const near = lookOnce(fine, picture, scale, threshold);
			const far = shortest * scale >= leastCoarsePx * coarser ? lookOnce(coarse, picture, scale / coarser, threshold) : [];
			if (near === undefined || far === undefined || near.length + far.length > mostBoxes) return notLooked("detector-nonsense");
			return { looked: true, boxes: suppress([...near, ...far]) };
		},
		close: () => undefined,
	};
};

/** Cut to the picture; nothing is left of a box that the network drew beyond its edge. */
const cut = ({ xPx, yPx, widthPx, heightPx, score }: FaceBox, scale: number, picture: Picture): readonly DetectedBox[] => {
	const left = Math.max(0, xPx / scale);
	const top = Math.max(0, yPx / scale);
	const right = Math.min(picture.widthPx, (xPx + widthPx) / scale);
	const bottom = Math.min(picture.heightPx, (yPx + heightPx) / scale);
	return right > left && bottom > top ? [{ class: "face", score, xPx: left, yPx: top, widthPx: right - left, heightPx: bottom - top }] : [];
};
