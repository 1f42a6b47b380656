/**
 * Of boxes that mean the same object keeps the surest. What is masked is the union, so that a box goes only when it is nearly the same as a surer one or lies
 * within a kept one.
 */
import type { DetectedBox } from "../../shared/frame.ts";

/** Intersection over union from which two boxes are one. */
const same = 0.4;
const within = 0.9;

/** In order of falling score. Takes the square of their number: the caller bounds it. */
export const suppress = (boxes: readonly DetectedBox[]): readonly DetectedBox[] => {
	const kept: DetectedBox[] = [];
	for (const box of boxes.toSorted((a, b) => b.score - a.score)) {
		if (!kept.some((other) => other.class === box.class && isCovered(box, other))) kept.push(box);
	}
	return kept;
};

const isCovered = (box: DetectedBox, by: DetectedBox): boolean => {
	const width = Math.min(box.xPx + box.widthPx, by.xPx + by.widthPx) - Math.max(box.xPx, by.xPx);
	const height = Math.min(box.yPx + box.heightPx, by.yPx + by.heightPx) - Math.max(box.yPx, by.yPx);
	if (width <= 0 || height <= 0) return false;
	const shared = width * height;
	const area = box.widthPx * box.heightPx;
	return shared >= within * area || shared >= same * (area + by.widthPx * by.heightPx - shared);
};
