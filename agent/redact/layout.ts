/**
 * What a kind of network wants to be shown and how its answer is read. A kind is known by the model's hash or told when the model is added.
 */
import type { ObjectClass } from "../../shared/frame.ts";
import type { Outputs } from "./onnx-runtime.ts";

/** In pixels of the network's input. */
export interface InputBox {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
	/** 0 to 1. */
	readonly score: number;
}

/** From a sample of 0 to 255 to what the network was trained on: (sample - mean) * factor. */
export interface Shown {
	readonly order: "rgb" | "bgr";
	readonly mean: number;
	readonly factor: number;
	/** A sample for what is not picture. */
	readonly pad: number;
}

export interface Layout {
	readonly kind: string;
	readonly class: ObjectClass;
	readonly shown: Shown;
	/** Sides of the input are multiples of this, where the network takes any size. */
	readonly stepPx: number;
	/** Width by height of the widest object: what tiles overlap for. */
	readonly maxAspect: number;
	/**
	 * A network that was trained on whole scenes finds more that is not there in a part of one: the score of a tile counts as its power of this, 1 or more.
	 */
	readonly tileDoubt: number;
	/**
	 * Boxes with at least `threshold`, not yet suppressed. Undefined when the answer is nonsense: an output missing or of another shape, a score that is not
	 * 0 to 1, a box without a size.
	 */
	read(outputs: Outputs, widthPx: number, heightPx: number, threshold: number): readonly InputBox[] | undefined;
}

/** More candidates than this are noise. */
export const maxCandidates = 5_000;

/** 0 to 1, forgiving rounding; undefined for what is no score. */
export const scoreOf = (value: number | undefined): number | undefined =>
	value !== undefined && value >= -0.001 && value <= 1.001 ? Math.min(1, Math.max(0, value)) : undefined;

/** Undefined for a box that is not one. */
export const inputBox = (
	[centreX, centreY, width, height]: readonly [number, number, number, number],
	score: number,
	limitPx: number,
): InputBox | undefined => {
	const isBox =
		width > 0 && height > 0 && width <= limitPx && height <= limitPx && Math.abs(centreX) <= limitPx && Math.abs(centreY) <= limitPx;
	if (!isBox) return undefined;
	return { left: centreX - width / 2, top: centreY - height / 2, right: centreX + width / 2, bottom: centreY + height / 2, score };
};

/** An output of `rows` rows of `columns` numbers, whatever its name; undefined when there is none or more than one. */
export const tableOf = (outputs: Outputs, rows: number, columns: number): Float32Array | undefined => {
	const [one, more] = [...outputs.values()].filter(
		({ dims, data }) => dims.at(-1) === columns && dims.at(-2) === rows && data.length === rows * columns,
	);
	return more === undefined ? one?.data : undefined;
};
