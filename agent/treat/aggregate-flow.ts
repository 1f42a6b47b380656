/**
 * Counts how many different road users pass a cell in a span of time, and lets nothing but the counts leave.
 *
 * - Counted are fixes (all of them one road user, the unit), senders of messages, and what they perceive, by the ids they have then; flow-cells.ts says
 *   how nobody counts twice. A sender that changes its id within the span counts as two, and so does an object that its sender lost and found.
 * - A cell with fewer than `k` is left out (regulations X-10); of a mean speed there must be as many.
 * - A count leaves when its span has been over for `delayMs` (regulations X-11) by the readings' time or by the clock; for that the source
 *   must have been silent about the span for a minute by the box's clock, so that a recording that runs through fast is not cut up.
 * - Who it was is kept as a hash under a salt of random bits, and both are forgotten with the span. What comes late is not counted.
 * - Positions that are a disc count where the whole disc lies within one cell.
 *
 * All of it is in memory: a restart, or new law, loses the spans that have not left.
 */
import { createHmac } from "node:crypto";
import * as v from "valibot";
import type { Datum, Flow } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { type BootMs, utcMs } from "../../shared/units.ts";
import type { StreamStep } from "../../shared/verdict.ts";
import { type CellCentre, compileGrid, isOnEarth } from "./cell-grid.ts";
import { createFlowCells, type FlowCells, type SubjectHash } from "./flow-cells.ts";
import { perShape } from "./message-steps.ts";
import { compileSubjects } from "./message-subjects.ts";
import { defineTreatment } from "./treatment.ts";

const quarterMs = 900_000;
const dayMs = 86_400_000;
/** A step back by more is a clock that was put right. */
const lateMs = 7 * dayMs;
const quietMs = 60_000;
const maxSources = 64;
const limits = { maxCells: 10_000, maxPassages: 200_000 };
const metresPerDegree = 110_574;

const span = (what: string) =>
	v.optional(
		v.pipe(v.number(), v.integer(), v.minValue(quarterMs, `expected ${what} of 900000 to 86400000`), v.maxValue(dayMs)),
		quarterMs,
	);

export default defineTreatment({
	type: "aggregate-flow",
	options: v.strictObject({
		type: v.literal("aggregate-flow"),
		/** The shortest side of a cell, in metres. */
		cellM: v.pipe(v.number(), v.minValue(50, "expected 50 to 100000 metres"), v.maxValue(100_000, "expected 50 to 100000 metres")),
		windowMs: span("a window"),
		delayMs: span("a delay"),
		/** The least number of road users that is told. */
		k: v.optional(
			v.pipe(v.number(), v.integer(), v.minValue(10, "expected 10 to 100000"), v.maxValue(100_000, "expected 10 to 100000")),
			10,
		),
		meanSpeed: v.optional(v.boolean(), false),
	}),
	appliesTo: ["fix", "message"],
	outcome: "reduced",
	makes: "flow",
	precisionM: ({ cellM }) => cellM,
	compile({ cellM, windowMs, delayMs, k, meanSpeed }, { random }) {
		const toCentre = compileGrid(cellM);
		const subjectsOf = perShape(compileSubjects);
		const maxWindows = Math.ceil(delayMs / windowMs) + 2;
		/** By source and datum: readings of different datums never meet. */
		const counters = new Map<string, Counter>();

		const step: StreamStep = {
			held: 0,
			makes: true,
			take(reading) {
				if ((reading.kind !== "fix" && reading.kind !== "message") || !Number.isFinite(reading.takenAtMs) || reading.datum === "local")
					return [];
				const counter = counterOf(reading.sourceId, reading.datum);
				if (counter === undefined) return [];
				const published = publish(counter, (window) => reading.takenAtMs >= window.startMs + windowMs + delayMs);
				const window = windowOf(counter, reading);
				if (window !== undefined) count(window, reading);
				return published;
			},
			due(nowMs, bootMs) {
				const isDue = ({ startMs, lastBootMs }: Window): boolean => nowMs >= startMs + windowMs + delayMs && bootMs - lastBootMs >= quietMs;
				return [...counters.values()].flatMap((counter) => publish(counter, isDue));
			},
			forget(sourceId) {
				for (const [name, counter] of counters) if (sourceId === undefined || counter.sourceId === sourceId) counters.delete(name);
				return 0;
			},
		};
		return step;

		function counterOf(sourceId: string, datum: Datum): Counter | undefined {
			const name = `${datum} ${sourceId}`;
			const known = counters.get(name);
			if (known !== undefined || counters.size >= maxSources) return known;
			const counter: Counter = { sourceId, datum, windows: [], lastPublishedMs: undefined };
			counters.set(name, counter);
			return counter;
		}

		/** Undefined: the reading is too late. */
		function windowOf(counter: Counter, { takenAtMs, bootMs, tag }: Tagged): Window | undefined {
			const startMs = Math.floor(takenAtMs / windowMs) * windowMs;
			let window = counter.windows.find((each) => each.startMs === startMs);
			if (window === undefined) {
				const { lastPublishedMs } = counter;
				if (lastPublishedMs !== undefined && startMs <= lastPublishedMs && lastPublishedMs - startMs < lateMs) return undefined;
				// One that had no chance to leave is never told, rather than early.
				if (counter.windows.length >= maxWindows) counter.windows.shift();
				window = { startMs, lastBootMs: bootMs, tag, salt: drawSalt(random), cells: createFlowCells(limits), centres: new Map() };
				counter.windows.push(window);
			}
			window.lastBootMs = bootMs;
			return window;
		}

		function count(window: Window, reading: Tagged): void {
			if (reading.kind === "fix") {
				const cell = cellOf(window, reading.latDeg, reading.lonDeg, 0);
				if (cell !== undefined) window.cells.add(cell, hashOf(window, "unit"), undefined, meanSpeed ? reading.speedMps : undefined);
				return;
			}
			if (reading.kind !== "message") return;
			const found = subjectsOf(reading)?.(reading.content);
			if (found === undefined) return;
			// Objects of senders without an id are those of their path.
			const sender = hashOf(window, `${reading.path} ${found.senderId ?? "?"}`);
			for (const { objectId, position, speedMps } of found.subjects) {
				if (objectId === undefined && found.senderId === undefined) continue;
				const cell = cellOf(window, position.latDeg, position.lonDeg, position.radiusM);
				if (cell === undefined) continue;
				const object = objectId === undefined ? undefined : hashOf(window, `${reading.path} ${found.senderId ?? "?"} ${objectId}`);
				window.cells.add(cell, sender, object, meanSpeed ? speedMps : undefined);
			}
		}

		function cellOf({ centres }: Window, latDeg: number, lonDeg: number, radiusM: number): string | undefined {
			if (!isOnEarth(latDeg, lonDeg)) return undefined;
			const centre = toCentre(latDeg, lonDeg);
			const name = `${centre.latDeg} ${centre.lonDeg}`;
			if (radiusM > 0 && !corners(latDeg, lonDeg, radiusM).every(([lat, lon]) => isOnEarth(lat, lon) && isSame(toCentre(lat, lon), centre)))
				return undefined;
			if (centres.size < limits.maxCells) centres.set(name, centre);
			return name;
		}

		function publish(counter: Counter, isDue: (window: Window) => boolean): Tagged<Flow>[] {
			const due = counter.windows.filter(isDue).sort((a, b) => a.startMs - b.startMs);
			if (due.length === 0) return [];
			counter.windows = counter.windows.filter((window) => !due.includes(window));
			counter.lastPublishedMs = due.at(-1)?.startMs ?? counter.lastPublishedMs;
			return due.flatMap((window) => flowsOf(counter, window));
		}

		function flowsOf({ sourceId, datum }: Counter, { startMs, lastBootMs, tag, cells, centres }: Window): Tagged<Flow>[] {
			return cells.counts(k).flatMap(([name, { subjects, meanSpeedMps }]) => {
				const centre = centres.get(name);
				if (centre === undefined) return [];
				const speed = meanSpeedMps === undefined ? undefined : { meanSpeedMps };
				return [
					{
						kind: "flow",
						sourceId,
						takenAtMs: utcMs(startMs),
						bootMs: lastBootMs,
						...centre,
						datum,
						cellM,
						windowMs,
						subjects,
						...speed,
						tag,
					} as const,
				];
			});
		}
	},
});

interface Window {
	readonly startMs: number;
	lastBootMs: BootMs;
	readonly tag: Tagged["tag"];
	readonly salt: Uint8Array;
	readonly cells: FlowCells;
	readonly centres: Map<string, CellCentre>;
}
interface Counter {
	readonly sourceId: string;
	readonly datum: Datum;
	windows: Window[];
	lastPublishedMs: number | undefined;
}

const drawSalt = (random: () => number): Uint8Array => Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256));

/** 48 bits: two of 10,000 road users share them in one span of 5 million, and then count as one. */
const hashOf = ({ salt }: Window, text: string): SubjectHash => createHmac("sha256", salt).update(text, "utf8").digest().readUIntBE(0, 6);

const isSame = (a: CellCentre, b: CellCentre): boolean => a.latDeg === b.latDeg && a.lonDeg === b.lonDeg;

/** Of the square around the disc. */
const corners = (latDeg: number, lonDeg: number, radiusM: number): readonly (readonly [number, number])[] => {
	const latBy = radiusM / metresPerDegree;
	const lonBy = latBy / Math.max(1e-6, Math.cos((latDeg * Math.PI) / 180));
	return [
		[latDeg - latBy, lonDeg - lonBy],
		[latDeg - latBy, lonDeg + lonBy],
		[latDeg + latBy, lonDeg - lonBy],
		[latDeg + latBy, lonDeg + lonBy],
	];
};
