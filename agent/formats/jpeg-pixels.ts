/**
 * Decodes a baseline JPEG to pixels at full, half, quarter or eighth size, for detectors to look at. At less than full size only the low frequencies are
 * transformed, by the inverse DCT of that size, which is both faster than and as good as shrinking afterwards.
 */
import { decodeCoefficients } from "./jpeg-coefficients.ts";
import type { JpegFrame } from "./jpeg-frame.ts";

export interface DecodedPixels {
	readonly widthPx: number;
	readonly heightPx: number;
	/** Blue, green, red, eight bits each, rows without padding; fresh. */
	readonly bgr: Uint8Array;
}

interface Plane {
	readonly widthPx: number;
	readonly samples: Uint8Array;
	/** Shift from the picture's pixels to this plane's samples. */
	readonly shiftX: number;
	readonly shiftY: number;
}

/** The zigzag place after the last coefficient with both frequencies below `size`. */
const lastPlace: Readonly<Record<number, number>> = { 1: 1, 2: 5, 4: 25, 8: 64 };

/**
 * Basis of the inverse DCT of `size` points over the first `size` coefficients of an 8-point DCT (T.81, A.3.3, scaled by size/8): value = sum of basis[point][k]
 * times coefficient k.
 */
const basisOf = (size: number): Float64Array =>
	Float64Array.from({ length: size * size }, (_, at) => {
		const [point, k] = [Math.floor(at / size), at % size];
		const scale = Math.sqrt(size / 8) * (k === 0 ? Math.sqrt(1 / size) : Math.sqrt(2 / size));
		return scale * Math.cos(((2 * point + 1) * k * Math.PI) / (2 * size));
	});

/**
 * The picture at 1/`scale` of its size, each side rounded up; `scale` is 1, 2, 4 or 8.
 *
 * @throws KerbError FORMAT_INVALID (`damaged`)
 */
export const decodePixels = (frame: JpegFrame, scale: number): DecodedPixels => {
	const size = 8 / scale;
	const [widthPx, heightPx] = [Math.ceil(frame.widthPx / scale), Math.ceil(frame.heightPx / scale)];
	const mostAcross = Math.max(...frame.components.map(({ blocksAcross }) => blocksAcross));
	const mostDown = Math.max(...frame.components.map(({ blocksDown }) => blocksDown));
	const planes = frame.components.map(({ blocksAcross, blocksDown }): Plane => {
		const planeWidth = frame.mcuColumns * blocksAcross * size;
		return {
			widthPx: planeWidth,
			samples: new Uint8Array(planeWidth * frame.mcuRows * blocksDown * size),
			shiftX: Math.log2(mostAcross / blocksAcross),
			shiftY: Math.log2(mostDown / blocksDown),
		};
	});
	const transform = createTransform(size);
	decodeCoefficients(frame, lastPlace[size] ?? 64, (component, column, row, block, last) => {
		const plane = planes[component];
		if (plane !== undefined) transform(block, last, plane.samples, row * size * plane.widthPx + column * size, plane.widthPx);
	});
	const bgr = new Uint8Array(widthPx * heightPx * 3);
	paint(frame.colour, planes, widthPx, heightPx, bgr);
	for (const { samples } of planes) samples.fill(0);
	return { widthPx, heightPx, bgr };
};

type Transform = (block: Int32Array, last: number, into: Uint8Array, at: number, stride: number) => void;

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);

const createTransform = (size: number): Transform => {
	const general = size === 4 ? halfTransform() : generalTransform(size);
	return (block, last, into, at, stride) => {
		if (last > 0) {
			general(block, last, into, at, stride);
			return;
		}
		const value = clamp(((block[0] ?? 0) / 8 + 128.5) | 0);
		for (let y = 0, start = at; y < size; y++, start += stride) into.fill(value, start, start + size);
	};
};

/** Along the rows of coefficients first, then down the columns. */
const generalTransform = (size: number): Transform => {
	const basis = basisOf(size);
	const rows = new Float64Array(size * size);
	return (block, _last, into, at, stride) => {
		for (let v = 0; v < size; v++) {
			for (let x = 0; x < size; x++) {
				let sum = 0;
				for (let u = 0; u < size; u++) sum += (basis[x * size + u] as number) * (block[v * 8 + u] as number);
				rows[v * size + x] = sum;
			}
		}
		for (let y = 0; y < size; y++) {
			const start = at + y * stride;
			for (let x = 0; x < size; x++) {
				let sum = 128.5;
				for (let v = 0; v < size; v++) sum += (basis[y * size + v] as number) * (rows[v * size + x] as number);
				into[start + x] = clamp(sum | 0);
			}
		}
	};
};

/** The same for four points, which is what detection runs on: even and odd parts apart, written out. */
const halfTransform = (): Transform => {
	const level = Math.SQRT1_2 / 2;
	const [wide, narrow] = [Math.cos(Math.PI / 8) / 2, Math.cos((3 * Math.PI) / 8) / 2];
	const rows = new Float64Array(16);
	return (block, _last, into, at, stride) => {
		for (let v = 0; v < 4; v++) {
			const c1 = block[v * 8 + 1] as number;
			const c3 = block[v * 8 + 3] as number;
			const even = level * (block[v * 8] as number);
			const other = level * (block[v * 8 + 2] as number);
			const outer = wide * c1 + narrow * c3;
			const inner = narrow * c1 - wide * c3;
			rows[v * 4] = even + other + outer;
			rows[v * 4 + 1] = even - other + inner;
			rows[v * 4 + 2] = even - other - inner;
			rows[v * 4 + 3] = even + other - outer;
		}
		for (let x = 0; x < 4; x++) {
			const c1 = rows[4 + x] as number;
			const c3 = rows[12 + x] as number;
			const even = level * (rows[x] as number) + 128.5;
			const other = level * (rows[8 + x] as number);
			const outer = wide * c1 + narrow * c3;
			const inner = narrow * c1 - wide * c3;
			into[at + x] = clamp((even + other + outer) | 0);
			into[at + stride + x] = clamp((even - other + inner) | 0);
			into[at + 2 * stride + x] = clamp((even - other - inner) | 0);
			into[at + 3 * stride + x] = clamp((even + other - outer) | 0);
		}
	};
};

const paint = (colour: JpegFrame["colour"], planes: readonly Plane[], widthPx: number, heightPx: number, bgr: Uint8Array): void => {
	const [first, second, third] = planes;
	if (first === undefined) return;
	if (second === undefined || third === undefined) {
		for (let y = 0, to = 0; y < heightPx; y++) {
			for (let x = 0; x < widthPx; x++, to += 3) bgr.fill(first.samples[y * first.widthPx + x] as number, to, to + 3);
		}
		return;
	}
	const [a, b, c] = [first.samples, second.samples, third.samples];
	const [ax, bx, cx] = [first.shiftX, second.shiftX, third.shiftX];
	for (let y = 0, to = 0; y < heightPx; y++) {
		const aRow = (y >> first.shiftY) * first.widthPx;
		const bRow = (y >> second.shiftY) * second.widthPx;
		const cRow = (y >> third.shiftY) * third.widthPx;
		for (let x = 0; x < widthPx; x++, to += 3) {
			const one = a[aRow + (x >> ax)] as number;
			const two = b[bRow + (x >> bx)] as number;
			const three = c[cRow + (x >> cx)] as number;
			if (colour === "rgb") {
				bgr[to] = three;
				bgr[to + 1] = two;
				bgr[to + 2] = one;
				continue;
			}
			// JFIF 1.02: YCbCr as in CCIR 601, in whole numbers of 1/65,536.
			const cb = two - 128;
			const cr = three - 128;
			bgr[to] = clamp(one + ((116_130 * cb + 32_768) >> 16));
			bgr[to + 1] = clamp(one - ((22_554 * cb + 46_802 * cr + 32_768) >> 16));
			bgr[to + 2] = clamp(one + ((91_881 * cr + 32_768) >> 16));
		}
	}
};
