/**
 * The measures of GB/T 44464-2024: what is in scope (3.5, 3.7), the covering rate of an object (3.9), the detection rate (B.5.3.3) and the false detection rate
 * (Annex C).
 */
import type { Box, MaskedArea, ObjectClass } from "../../shared/frame.ts";
import type { LabelledObject, LabelledPicture } from "./redact-eval-labels.ts";

/** Shortest side of an object that counts, in pixels. */
export const scopePx: Readonly<Record<ObjectClass, number>> = { face: 32, plate: 16 };
/** Masked part of the box from which an object is anonymised. */
export const coveredFrom = 0.5;

/** Shortest side, from and up to and with. */
export const sizeBands: Readonly<Record<ObjectClass, readonly (readonly [number, number])[]>> = {
	face: [
		[32, 47],
		[48, 95],
		[96, Number.POSITIVE_INFINITY],
	],
	plate: [
		[16, 23],
		[24, 39],
		[40, Number.POSITIVE_INFINITY],
	],
};

export const shortestPx = ({ widthPx, heightPx }: Box): number => Math.min(widthPx, heightPx);
export const isInScope = (object: LabelledObject): boolean => shortestPx(object) >= scopePx[object.class];

export const intersectionPx = (a: Box, b: Box): number => {
	const width = Math.min(a.xPx + a.widthPx, b.xPx + b.widthPx) - Math.max(a.xPx, b.xPx);
	const height = Math.min(a.yPx + a.heightPx, b.yPx + b.heightPx) - Math.max(a.yPx, b.yPx);
	return width > 0 && height > 0 ? width * height : 0;
};

/** Masked part of the box, 0 to 1: the union of the areas, exactly. */
export const coveringRate = (box: Box, areas: readonly Box[]): number => {
	const right = box.xPx + box.widthPx;
	const touching = areas.filter((area) => intersectionPx(area, box) > 0);
	const xs = touching.flatMap(({ xPx, widthPx }) => [xPx, xPx + widthPx]).filter((x) => x > box.xPx && x < right);
	const edges = [...new Set([box.xPx, ...xs, right])].toSorted((a, b) => a - b);
	let covered = 0;
	for (const [at, from] of edges.entries()) {
		const to = edges[at + 1];
		if (to === undefined) break;
		const strips = touching.filter(({ xPx, widthPx }) => xPx <= from && xPx + widthPx >= to);
		covered += (to - from) * unionLength(strips, box);
	}
	return covered / (box.widthPx * box.heightPx);
};

const unionLength = (strips: readonly Box[], { yPx, heightPx }: Box): number => {
	let [length, end] = [0, yPx];
	for (const strip of strips.toSorted((a, b) => a.yPx - b.yPx)) {
		const from = Math.max(strip.yPx, end);
		const to = Math.min(strip.yPx + strip.heightPx, yPx + heightPx);
		if (to > from) length += to - from;
		end = Math.max(end, to);
	}
	return length;
};

export interface MeasuredObject {
	readonly class: ObjectClass;
	readonly picture: string;
	readonly shortestPx: number;
	readonly covering: number;
}

export interface MeasuredPicture {
	readonly objects: readonly MeasuredObject[];
	readonly masks: Readonly<Record<ObjectClass, { readonly all: number; readonly wrong: number }>>;
}

/** Fixed areas are the operator's, not found; they cover, but are not counted as masks. */
export const measurePicture = (picture: LabelledPicture, areas: readonly MaskedArea[]): MeasuredPicture => {
	const masksOf = (name: ObjectClass): { readonly all: number; readonly wrong: number } => {
		if (!picture.classes.includes(name)) return { all: 0, wrong: 0 };
		const masks = areas.filter((area) => area.class === name && area.by !== "static");
		const real = [...picture.objects.filter((object) => object.class === name), ...picture.ignored];
		return { all: masks.length, wrong: masks.filter((mask) => !real.some((object) => intersectionPx(mask, object) > 0)).length };
	};
	return {
		objects: picture.objects.filter(isInScope).map((object) => ({
			class: object.class,
			picture: picture.name,
			shortestPx: shortestPx(object),
			covering: coveringRate(object, areas),
		})),
		masks: { face: masksOf("face"), plate: masksOf("plate") },
	};
};

/** 95 % interval of a share, by Wilson's score; 0 to 1 when there is nothing. */
export const wilson = (hits: number, of: number): readonly [number, number] => {
	if (of === 0) return [0, 1];
	const z = 1.959_964;
	const share = hits / of;
	const middle = share + (z * z) / (2 * of);
	const half = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
	const whole = 1 + (z * z) / of;
	return [Math.max(0, (middle - half) / whole), Math.min(1, (middle + half) / whole)];
};

/** Nearest rank; undefined for an empty list. `at` is 0 to 1. */
export const percentile = (values: readonly number[], at: number): number | undefined =>
	values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(at * values.length) - 1)];
