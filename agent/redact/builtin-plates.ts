/**
 * The built-in detector of plates: looks for strokes at sizes from the smallest plate that counts upwards, and takes what looks most like a plate until a
 * share of the frame is spent. Evaluation grade, see the README for how much it finds.
 */
import type { DetectedBox } from "../../shared/frame.ts";
import { type Detector, notLooked, type Pixels } from "./detector.ts";
import { createPlateFinder, type GreyPicture, type PlateCandidate } from "./plate-finder.ts";

/** What the finder needs to see of a plate's height, in pixels. */
export const leastPlatePx = 12;
/** Of the frame's area, with the rule's margin; more finds little more. */
export const areaBudget = 0.06;
/** Grilles and crowds give many boxes, and a rule allows 200 of all detectors together. */
const mostBoxes = 60;
const mostCandidates = 3_000;
/** Pictures with a side below this hold no plate with something around it. */
const leastSidePx = 24;
const mostPx = 8_000_000;
/** Two boxes of which the smaller is covered by so much are of one plate. */
const shared = 0.35;
/** The finder's score that meets the threshold of 0.25 that rules have. */
const enough = 0.3;

/** Looks on one thread, until it is done. Keeps memory for the largest picture that it saw: 8 bytes for each pixel. */
export const createPlateDetector = (): Detector => {
	const finder = createPlateFinder();
	return {
		id: "builtin-plate",
		classes: ["plate"],
		look: (picture, options) => {
			const { minPx, margin, threshold } = options.classes.plate;
			const { widthPx, heightPx } = picture;
			const scale = leastPlatePx / minPx;
			const canSee = scale <= 1 && Math.min(widthPx, heightPx) * scale >= leastSidePx && widthPx * heightPx * scale * scale <= mostPx;
			if (!canSee) return notLooked("model-unfit");
			const pixels = picture.pixels(Math.round(widthPx * scale), Math.round(heightPx * scale));
			const candidates = levels(pixels).flatMap((level) => {
				const size = widthPx / level.widthPx;
				return finder
					.find(level, scoreBelow(threshold))
					.slice(0, mostCandidates)
					.map((candidate) => boxOf(candidate, size));
			});
			return { looked: true, boxes: spend(candidates, areaBudget * widthPx * heightPx, margin) };
		},
		close: () => undefined,
	};
};

const usual = 0.25;
/** From the finder's score to one that thresholds are for, and back. */
const scoreOf = (score: number): number =>
	score < enough ? (score * usual) / enough : usual + ((score - enough) * (1 - usual)) / (1 - enough);
const scoreBelow = (asked: number): number =>
	asked < usual ? (asked * enough) / usual : enough + ((asked - usual) * (1 - enough)) / (1 - usual);

const boxOf = ({ xPx, yPx, widthPx, heightPx, score }: PlateCandidate, size: number): DetectedBox => ({
	class: "plate",
	xPx: xPx * size,
	yPx: yPx * size,
	widthPx: widthPx * size,
	heightPx: heightPx * size,
	score: scoreOf(score),
});

/** The best, as long as the budget (in pixels, margins counted) lasts: what is too large for the rest of it is left out. */
const spend = (candidates: readonly DetectedBox[], budget: number, margin: number): readonly DetectedBox[] => {
	const kept: DetectedBox[] = [];
	let left = budget;
	for (const box of candidates.toSorted((a, b) => b.score - a.score)) {
		const area = box.widthPx * box.heightPx * (1 + 2 * margin) ** 2;
		if (area > left || kept.some((other) => isSamePlate(box, other))) continue;
		left -= area;
		kept.push(box);
		if (kept.length >= mostBoxes) break;
	}
	return kept;
};

const isSamePlate = (one: DetectedBox, other: DetectedBox): boolean => {
	const width = Math.min(one.xPx + one.widthPx, other.xPx + other.widthPx) - Math.max(one.xPx, other.xPx);
	const height = Math.min(one.yPx + one.heightPx, other.yPx + other.heightPx) - Math.max(one.yPx, other.yPx);
	const least = Math.min(one.widthPx * one.heightPx, other.widthPx * other.heightPx);
	return width > 0 && height > 0 && width * height > shared * least;
};

/** In grey, each half the size of the one before. */
const levels = (pixels: Pixels): readonly GreyPicture[] => {
	const made = [greyOf(pixels)];
	for (let last = made[0]; last !== undefined && Math.min(last.widthPx, last.heightPx) >= 2 * leastSidePx; last = made.at(-1))
		made.push(halved(last));
	return made;
};

/** Brightness as in JFIF 1.02, in whole numbers of 1/256. */
const greyOf = ({ widthPx, heightPx, bgr }: Pixels): GreyPicture => {
	const grey = new Uint8Array(widthPx * heightPx);
	for (let to = 0, at = 0; to < grey.length; to++, at += 3) {
		grey[to] = ((bgr[at] as number) * 29 + (bgr[at + 1] as number) * 150 + (bgr[at + 2] as number) * 77) >> 8;
	}
	return { widthPx, heightPx, grey };
};

const halved = (picture: GreyPicture): GreyPicture => {
	const stride = picture.widthPx;
	const [widthPx, heightPx] = [stride >> 1, picture.heightPx >> 1];
	const grey = new Uint8Array(widthPx * heightPx);
	for (let y = 0, to = 0; y < heightPx; y++) {
		for (let x = 0, at = 2 * y * stride; x < widthPx; x++, to++, at += 2) {
			const four =
				(picture.grey[at] as number) +
				(picture.grey[at + 1] as number) +
				(picture.grey[at + stride] as number) +
				(picture.grey[at + stride + 1] as number);
			grey[to] = (four + 2) >> 2;
		}
	}
	return { widthPx, heightPx, grey };
};
