/**
 * Finds what may be a number plate without a trained model: a band of close, strong vertical strokes, of about the same strength along its whole length, that
 * begins and ends sharply above and below. It finds other things, too (grilles, signs, text), and not every plate: evaluation grade.
 *
 * Constants were set by hand on every second labelled picture (by name) of the project's test data, and measured on the others.
 */

/** In pixels of the picture that was searched. */
export interface PlateCandidate {
	readonly xPx: number;
	readonly yPx: number;
	readonly widthPx: number;
	readonly heightPx: number;
	/** How much it looks like a plate, 0 to 1. */
	readonly score: number;
}

export interface GreyPicture {
	readonly widthPx: number;
	readonly heightPx: number;
	/** One byte for each pixel; borrowed. */
	readonly grey: Uint8Array;
}

/** Heights of bands in pixels; plates that are higher are looked for in a picture of half the size. */
const bandHeights = [8, 11, 15] as const;
/** Width by height: one row of narrow characters on a long plate, one row on a short one. */
const aspects = [2, 3.6] as const;
/** The plate is this much larger than the band of its characters. */
const frameAround = 0.2;
/** Differences of brightness up to the first are noise, and beyond the second all the same. */
const noise = 10;
const strongest = 70;
/** Parts of the band, side by side, of which the weakest counts: to this power of its share. */
const segments = 4;
const evenness = 0.25;
/** What is looked at above and below the band, by its height. */
const rimShare = 0.3;
/** Mean strength of strokes below which there is nothing, and above which more is no better. */
const leastStrokes = 12;
const plenty = 40;
/** How much strokes that lie count against those that stand. */
const barWeight = 0.5;

export interface PlateFinder {
	/** Candidates of one size of picture with at least `leastScore`, best first. */
	find(picture: GreyPicture, leastScore: number): readonly PlateCandidate[];
}

/** Keeps memory for the largest picture that it saw. */
export const createPlateFinder = (): PlateFinder => {
	let strokes = new Uint32Array(0);
	let bars = new Uint32Array(0);
	return {
		find: (picture, leastScore) => {
			const needed = (picture.widthPx + 1) * (picture.heightPx + 1);
			if (strokes.length < needed) [strokes, bars] = [new Uint32Array(needed), new Uint32Array(needed)];
			integrate(picture, strokes, bars);
			const { widthPx, heightPx } = picture;
			const found: PlateCandidate[] = [];
			for (const height of bandHeights) {
				for (const aspect of aspects) {
					const width = Math.round(height * aspect);
					scan({ widthPx, heightPx, strokes, bars, width, height }, leastScore, found);
				}
			}
			return found.sort((a, b) => b.score - a.score);
		},
	};
};

const strength = (difference: number): number => {
	const size = Math.abs(difference) - noise;
	return size <= 0 ? 0 : Math.min(strongest, size);
};

/** Sums of all strokes (changes to the right) and bars (changes downwards) above and left of each pixel's corner. */
const integrate = ({ widthPx, heightPx, grey }: GreyPicture, strokes: Uint32Array, bars: Uint32Array): void => {
	const stride = widthPx + 1;
	strokes.fill(0, 0, stride);
	bars.fill(0, 0, stride);
	for (let y = 0; y < heightPx; y++) {
		const row = y * widthPx;
		const above = y === 0 ? row : row - widthPx;
		const below = y === heightPx - 1 ? row : row + widthPx;
		let [sum, other, to] = [0, 0, (y + 1) * stride];
		strokes[to] = 0;
		bars[to] = 0;
		for (let x = 0; x < widthPx; x++) {
			const left = x === 0 ? 0 : x - 1;
			const right = x === widthPx - 1 ? x : x + 1;
			sum += strength((grey[row + right] as number) - (grey[row + left] as number));
			other += strength((grey[below + x] as number) - (grey[above + x] as number));
			to++;
			strokes[to] = (strokes[to - stride] as number) + sum;
			bars[to] = (bars[to - stride] as number) + other;
		}
	}
};

interface Search {
	readonly widthPx: number;
	readonly heightPx: number;
	readonly strokes: Uint32Array;
	readonly bars: Uint32Array;
	readonly width: number;
	readonly height: number;
}

/** One size of window over the whole picture. */
const scan = ({ widthPx, heightPx, strokes, bars, width, height }: Search, leastScore: number, found: PlateCandidate[]): void => {
	const stride = widthPx + 1;
	const step = Math.max(2, height >> 2);
	const sum = (of: Uint32Array, x: number, y: number, w: number, h: number): number => {
		const top = y * stride + x;
		const bottom = top + h * stride;
		return (of[bottom + w] as number) - (of[bottom] as number) - (of[top + w] as number) + (of[top] as number);
	};
	const rim = Math.max(2, Math.round(height * rimShare));
	const part = Math.floor(width / segments);
	const around = Math.round(height * frameAround);
	for (let y = rim; y + height + rim <= heightPx; y += step) {
		for (let x = 0; x + width <= widthPx; x += step) {
			const inside = sum(strokes, x, y, width, height) / (width * height);
			if (inside < leastStrokes) continue;
			let weakest = inside;
			for (let at = 0; at < segments; at++) weakest = Math.min(weakest, sum(strokes, x + at * part, y, part, height) / (part * height));
			const above = sum(strokes, x, y - rim, width, rim) / (width * rim);
			const below = sum(strokes, x, y + height, width, rim) / (width * rim);
			const barred = sum(bars, x, y, width, height) / (width * height);
			const even = (weakest / inside) ** evenness;
			const calm = inside / (inside + (above + below) / 2);
			const upright = inside / (inside + barWeight * barred);
			const score = Math.min(1, inside / plenty) * even * calm * upright;
			if (score < leastScore) continue;
			found.push({ xPx: x - around, yPx: y - around, widthPx: width + 2 * around, heightPx: height + 2 * around, score });
		}
	}
};
