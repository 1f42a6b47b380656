/**
 * Which parts of a frame a network of a fixed input must be shown, and how large, so that the smallest object that counts has enough pixels: the whole frame
 * once, and where that is too coarse, ever finer levels of tiles. Each level has to find the objects that the coarser one before it is too coarse for, so its
 * tiles overlap by the largest of these.
 */

/** A part of the frame, in pixels of the frame, shown at `scale` input pixels by frame pixels. */
export interface FramePart {
	readonly xPx: number;
	readonly yPx: number;
	readonly widthPx: number;
	readonly heightPx: number;
	readonly scale: number;
	/** Shorter side, in input pixels, of what a tile can be believed: what is larger is the coarser level's to find. Undefined for the whole frame. */
	readonly largestPx?: number;
}

export interface LookNeed {
	readonly frameWidthPx: number;
	readonly frameHeightPx: number;
	readonly inputWidthPx: number;
	readonly inputHeightPx: number;
	/** Shortest side of the smallest object, in the frame. */
	readonly minPx: number;
	/** The same at the input. */
	readonly minInputPx: number;
	/** Width by height of the widest object. */
	readonly maxAspect: number;
}

/** The finer of two levels has at most this many times the scale of the coarser. */
const maxStep = 2.5;
/** Of the input's side; an overlap beyond it would make tiles without end. */
const maxOverlap = 0.6;
/** Levels share a range of sizes, since nobody measures an object before it is found. */
const believed = 1.5;
/** A frame smaller than the input is shown larger, up to this. */
const maxEnlargement = 2;

/** Whole frame first. The list is a frame's cost: the network runs once for each part. */
export const planLooks = (need: LookNeed): readonly FramePart[] => {
	const { frameWidthPx, frameHeightPx, inputWidthPx, inputHeightPx, minPx, minInputPx } = need;
	const fit = Math.min(inputWidthPx / frameWidthPx, inputHeightPx / frameHeightPx);
	const needed = minInputPx / minPx;
	const whole = { xPx: 0, yPx: 0, widthPx: frameWidthPx, heightPx: frameHeightPx };
	if (fit >= needed) return [{ ...whole, scale: Math.min(fit, Math.max(needed, maxEnlargement)) }];
	const steps = Math.ceil(Math.log(needed / fit) / Math.log(maxStep) - 1e-9);
	const step = (needed / fit) ** (1 / steps);
	const levels = Array.from({ length: steps }, (_, at) => tilesAt(fit * step ** (at + 1), step, need));
	return [{ ...whole, scale: fit }, ...levels.flat()];
};

const tilesAt = (scale: number, step: number, need: LookNeed): readonly FramePart[] => {
	const { frameWidthPx, frameHeightPx, inputWidthPx, inputHeightPx, minInputPx, maxAspect } = need;
	const largestPx = minInputPx * step;
	// Faces stand, plates lie: the longer side of a tall object is bounded as that of a wide one, by half.
	const columns = spread(frameWidthPx, inputWidthPx / scale, (largestPx * maxAspect) / scale);
	const rows = spread(frameHeightPx, inputHeightPx / scale, (largestPx * Math.min(maxAspect, 1.5)) / scale);
	return rows.flatMap(({ from: yPx, length: heightPx }) =>
		columns.map(({ from: xPx, length: widthPx }) => ({ xPx, yPx, widthPx, heightPx, scale, largestPx: believed * largestPx })),
	);
};

interface Span {
	readonly from: number;
	readonly length: number;
}

/** As few spans of `length` as cover `total` with neighbours that share `overlap`; evenly laid. */
const spread = (total: number, length: number, overlap: number): readonly Span[] => {
	if (length >= total) return [{ from: 0, length: total }];
	const shared = Math.min(overlap, maxOverlap * length);
	const count = Math.ceil((total - shared) / (length - shared) - 1e-9);
	const stride = (total - length) / (count - 1);
	return Array.from({ length: count }, (_, at) => ({ from: at * stride, length }));
};
