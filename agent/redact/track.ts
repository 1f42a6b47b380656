/**
 * Holds masks over frames in which a detector missed what it saw before. A found box that overlaps a track of its class continues it; a track
 * that is not continued goes on with its last motion, grows, and ends after `holdMs`. A safety net: on real pictures it gained 1 to 4 points
 * of recall (measured; see agent/README.md), since misses repeat on the same face.
 */
import type { Box, DetectedBox, ObjectClass } from "../../shared/frame.ts";

/** Of its size, per 100 ms without a detection. */
const growthPer100Ms = 0.1;
/** Overlap over union from which a box continues a track. */
const sameFrom = 0.2;
const maxTracks = 256;

interface Track {
	readonly class: ObjectClass;
	readonly box: Box;
	/** In pixels per millisecond. */
	readonly velocity: { readonly x: number; readonly y: number };
	readonly seenAtMs: number;
	readonly score: number;
}

export interface Tracker {
	/** What was found in a frame; gives back the boxes of tracks that were lost and are still held. `atMs` is the frame's own time. */
	follow(found: readonly DetectedBox[], atMs: number, holdMs: number): readonly DetectedBox[];
	/** After a scene cut or another resolution. */
	clear(): void;
}

export const createTracker = (): Tracker => {
	let tracks: readonly Track[] = [];
	let lastMs = Number.NEGATIVE_INFINITY;
	return {
		follow: (found, atMs, holdMs) => {
			// A clock that stepped back, or a pause: what was held says nothing any more.
			if (!(atMs >= lastMs) || atMs - lastMs > 10 * Math.max(holdMs, 1)) tracks = [];
			lastMs = atMs;
			const left = new Set(tracks);
			const next = found.map((box): Track => {
				const before = best(box, left, atMs);
				if (before !== undefined) left.delete(before);
				return {
					class: box.class,
					box,
					velocity: before === undefined ? still : velocityOf(before, box, atMs),
					seenAtMs: atMs,
					score: box.score,
				};
			});
			const held = [...left].filter(({ seenAtMs }) => atMs - seenAtMs <= holdMs);
			tracks = [...next, ...held].slice(0, maxTracks);
			return held.map((track) => ({ class: track.class, score: track.score, ...expected(track, atMs) }));
		},
		clear: () => {
			tracks = [];
		},
	};
};

const still = { x: 0, y: 0 } as const;

const velocityOf = ({ box: from, seenAtMs }: Track, to: Box, atMs: number): Track["velocity"] => {
	const ms = atMs - seenAtMs;
	if (!(ms > 0)) return still;
	return { x: (middle(to).x - middle(from).x) / ms, y: (middle(to).y - middle(from).y) / ms };
};

const middle = ({ xPx, yPx, widthPx, heightPx }: Box): { readonly x: number; readonly y: number } => ({
	x: xPx + widthPx / 2,
	y: yPx + heightPx / 2,
});

/** Where a track must be by now: moved on, and grown by what is not known. */
const expected = ({ box, velocity, seenAtMs }: Track, atMs: number): Box => {
	const ms = atMs - seenAtMs;
	const growth = 1 + (growthPer100Ms * ms) / 100;
	const { x, y } = middle(box);
	const [widthPx, heightPx] = [box.widthPx * growth, box.heightPx * growth];
	return { xPx: x + velocity.x * ms - widthPx / 2, yPx: y + velocity.y * ms - heightPx / 2, widthPx, heightPx };
};

const best = (box: DetectedBox, tracks: ReadonlySet<Track>, atMs: number): Track | undefined => {
	let found: Track | undefined;
	let most = sameFrom;
	for (const track of tracks) {
		if (track.class !== box.class) continue;
		const overlap = overlapOf(box, expected(track, atMs));
		if (overlap < most) continue;
		most = overlap;
		found = track;
	}
	return found;
};

/** Intersection over union, 0 to 1. */
export const overlapOf = (a: Box, b: Box): number => {
	const width = Math.min(a.xPx + a.widthPx, b.xPx + b.widthPx) - Math.max(a.xPx, b.xPx);
	const height = Math.min(a.yPx + a.heightPx, b.yPx + b.heightPx) - Math.max(a.yPx, b.yPx);
	if (width <= 0 || height <= 0) return 0;
	const shared = width * height;
	return shared / (a.widthPx * a.heightPx + b.widthPx * b.heightPx - shared);
};
