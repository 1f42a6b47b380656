/**
 * Trips of a simulated car on a grid of streets, from a seed: the same seed gives the same trips. Positions are metres east and north of an
 * origin; `toEarth` gives degrees. Streets run along every multiple of `blockM`; places are on them, between crossings.
 */
import type { Fix, Signal } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { seededRandom } from "../../simulators/seeded-random.ts";
import { someTimeMs, taggedFix, taggedSignal } from "../contract/tagged-readings.ts";

export interface Point {
	readonly eastM: number;
	readonly northM: number;
}

/** Where a trip goes. */
export interface Waypoint extends Point {
	/** Standing time; 0 drives on at once. */
	readonly dwellMs?: number;
	/** Leaves by the way it came. */
	readonly turnsBack?: boolean;
}

export interface TripPlan {
	readonly seed: number;
	/** The first is where the trip starts, the last is where it ends. */
	readonly waypoints: readonly Waypoint[];
	readonly blockM?: number;
	readonly fixEveryMs?: number;
	readonly signalEveryMs?: number;
	readonly cruiseMps?: number;
	/** Standard deviation of the receiver's error, which changes slowly. */
	readonly noiseM?: number;
	/** Standing time before the first and after the last waypoint, with fixes. */
	readonly idleMs?: number;
	/** Milliseconds after `someTimeMs`. */
	readonly startMs?: number;
}

export interface TruePlace extends Point {
	readonly kind: "start" | "end" | "stop" | "turnaround";
	/** The trip is there from and until. */
	readonly fromMs: number;
	readonly untilMs: number;
}

export interface SimulatedTrip {
	/** Fixes and signals in the order of their time. */
	readonly readings: readonly Tagged<Fix | Signal>[];
	readonly places: readonly TruePlace[];
	/** Driven, without the receiver's error. */
	readonly lengthM: number;
	readonly endMs: number;
}

export const gaussian = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const origin = { latDeg: 31.2, lonDeg: 121.4 };
/** Length of a degree on WGS 84 at the origin. */
const metresPerLatDeg = 110_861;
const metresPerLonDeg = 95_304;

export const toEarth = ({ eastM, northM }: Point): { latDeg: number; lonDeg: number } => ({
	latDeg: origin.latDeg + northM / metresPerLatDeg,
	lonDeg: origin.lonDeg + eastM / metresPerLonDeg,
});

export const fromEarth = ({ latDeg, lonDeg }: { latDeg: number; lonDeg: number }): Point => ({
	eastM: (lonDeg - origin.lonDeg) * metresPerLonDeg,
	northM: (latDeg - origin.latDeg) * metresPerLatDeg,
});

export const apartM = (a: Point, b: Point): number => Math.hypot(a.eastM - b.eastM, a.northM - b.northM);

/** A place on a street, between two crossings, at most `withinM` from the middle in each direction. */
export const somewhere = (random: () => number, withinM: number, blockM = 120): Waypoint => {
	const lines = Math.floor(withinM / blockM);
	const line = () => Math.round((random() * 2 - 1) * lines) * blockM;
	const along = line() + blockM * (0.15 + 0.7 * random());
	return random() < 0.5 ? { eastM: along, northM: line() } : { eastM: line(), northM: along };
};

/** The seed also decides the turns; two plans that differ in it alone take different ways. */
export const simulateTrip = (plan: TripPlan): SimulatedTrip => {
	const { blockM = 120, fixEveryMs = 1_000, signalEveryMs = 1_000, cruiseMps = 13, noiseM = 2, idleMs = 20_000 } = plan;
	const random = seededRandom(plan.seed);
	const drive = new Drive(someTimeMs + (plan.startMs ?? 0), cruiseMps, Math.min(fixEveryMs, signalEveryMs));
	const places: TruePlace[] = [];
	const [start, ...rest] = plan.waypoints;
	if (start === undefined) throw new RangeError("a trip needs waypoints");
	drive.begin(start);
	drive.stand(idleMs);
	places.push({ ...pointOf(start), kind: "start", fromMs: drive.timeMs - idleMs, untilMs: drive.timeMs });
	let from: Waypoint = start;
	let cameFrom: Point | undefined;
	for (const [index, to] of rest.entries()) {
		const way = wayBetween(from, to, from.turnsBack === true ? cameFrom : undefined, blockM, random);
		drive.along(way);
		cameFrom = way.at(-2);
		const fromMs = drive.timeMs;
		drive.stand(index === rest.length - 1 ? idleMs : (to.dwellMs ?? 0));
		const kind = index === rest.length - 1 ? "end" : (to.dwellMs ?? 0) > 0 ? "stop" : to.turnsBack === true ? "turnaround" : undefined;
		if (kind !== undefined) places.push({ ...pointOf(to), kind, fromMs, untilMs: drive.timeMs });
		from = to;
	}
	return {
		readings: sense(drive.track, { fixEveryMs, signalEveryMs, noiseM, random }),
		places,
		lengthM: drive.lengthM,
		endMs: drive.timeMs,
	};
};

const pointOf = ({ eastM, northM }: Point): Point => ({ eastM, northM });

/** The two crossings of the block that a place is in. */
const crossingsOf = ({ eastM, northM }: Point, blockM: number): readonly Point[] => {
	const onEastward = Math.abs(northM - Math.round(northM / blockM) * blockM) < 1e-6;
	const along = onEastward ? eastM : northM;
	const ends = [Math.floor(along / blockM) * blockM, Math.ceil(along / blockM) * blockM];
	return ends.map((end) => (onEastward ? { eastM: end, northM } : { eastM, northM: end }));
};

const manhattanM = (a: Point, b: Point): number => Math.abs(a.eastM - b.eastM) + Math.abs(a.northM - b.northM);

/** Along the streets, no longer than it must be, with turns at random. */
const wayBetween = (from: Point, to: Point, exit: Point | undefined, blockM: number, random: () => number): readonly Point[] => {
	const exits = exit === undefined ? crossingsOf(from, blockM) : [exit];
	const pairs = exits.flatMap((out) =>
		crossingsOf(to, blockM).map((into) => ({ out, into, lengthM: apartM(from, out) + manhattanM(out, into) + apartM(into, to) })),
	);
	const best = pairs.reduce((a, b) => (b.lengthM < a.lengthM ? b : a));
	const way: Point[] = [from];
	let at = best.out;
	way.push(at);
	while (manhattanM(at, best.into) > 1e-6) {
		const [east, north] = [best.into.eastM - at.eastM, best.into.northM - at.northM];
		const goesEast = Math.abs(north) < 1e-6 || (Math.abs(east) > 1e-6 && random() < Math.abs(east) / (Math.abs(east) + Math.abs(north)));
		at = goesEast ? { ...at, eastM: at.eastM + Math.sign(east) * blockM } : { ...at, northM: at.northM + Math.sign(north) * blockM };
		way.push(at);
	}
	return [...way, pointOf(to)];
};

interface Instant extends Point {
	readonly timeMs: number;
	readonly speedMps: number;
	readonly courseDeg: number;
	readonly lengthM: number;
}

const cornerMps = 4;
const accelerationMps2 = 1.5;

/** Integrates a drive in steps. */
class Drive {
	readonly track: Instant[] = [];
	readonly #cruiseMps: number;
	readonly #stepMs: number;
	#at: Point = { eastM: 0, northM: 0 };
	#courseDeg = 0;
	timeMs: number;
	lengthM = 0;

	constructor(timeMs: number, cruiseMps: number, stepMs: number) {
		this.timeMs = timeMs;
		this.#cruiseMps = cruiseMps;
		this.#stepMs = stepMs;
	}

	begin(at: Point): void {
		this.#at = pointOf(at);
	}

	stand(forMs: number): void {
		for (let passed = 0; passed < forMs; passed += this.#stepMs) this.#note(0);
	}

	/** Slow at corners and standing at the end, or turning there. */
	along(way: readonly Point[]): void {
		const ahead = way.map((point, index) => ({ point, isCorner: isCorner(way, index) }));
		let speedMps = 1;
		for (let index = 1; index < ahead.length; index++) {
			const target = ahead[index];
			if (target === undefined) break;
			for (let left = apartM(this.#at, target.point); left > 0.01; left = apartM(this.#at, target.point)) {
				let toBrakeM = left;
				for (let next = index; ahead[next]?.isCorner === false; next++)
					toBrakeM += apartM(way[next] ?? target.point, way[next + 1] ?? target.point);
				const step = this.#stepMs / 1000;
				const mayMps = Math.sqrt(cornerMps ** 2 + 2 * accelerationMps2 * Math.max(0, toBrakeM - cornerMps));
				speedMps = Math.max(1, Math.min(this.#cruiseMps, mayMps, speedMps + accelerationMps2 * step));
				const moveM = Math.min(left, speedMps * step);
				const [east, north] = [target.point.eastM - this.#at.eastM, target.point.northM - this.#at.northM];
				this.#courseDeg = ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
				this.#at = { eastM: this.#at.eastM + (east / left) * moveM, northM: this.#at.northM + (north / left) * moveM };
				this.lengthM += moveM;
				this.#note(speedMps);
			}
		}
	}

	#note(speedMps: number): void {
		this.track.push({ ...this.#at, timeMs: this.timeMs, speedMps, courseDeg: this.#courseDeg, lengthM: this.lengthM });
		this.timeMs += this.#stepMs;
	}
}

const isCorner = (way: readonly Point[], index: number): boolean => {
	const [before, at, after] = [way[index - 1], way[index], way[index + 1]];
	if (before === undefined || at === undefined || after === undefined) return true;
	const [a, b] = [
		Math.atan2(at.northM - before.northM, at.eastM - before.eastM),
		Math.atan2(after.northM - at.northM, after.eastM - at.eastM),
	];
	return Math.cos(a - b) < 0.99;
};

interface Sensing {
	readonly fixEveryMs: number;
	readonly signalEveryMs: number;
	readonly noiseM: number;
	readonly random: () => number;
}

/** What the receiver's error keeps of itself per second. */
const noiseKept = 0.98;

const sense = (track: readonly Instant[], { fixEveryMs, signalEveryMs, noiseM, random }: Sensing): readonly Tagged<Fix | Signal>[] => {
	const out: Tagged<Fix | Signal>[] = [];
	const first = track[0]?.timeMs ?? 0;
	let [errorEastM, errorNorthM] = [gaussian(random) * noiseM, gaussian(random) * noiseM];
	let before: Instant | undefined;
	for (const instant of track) {
		const times = { takenAtMs: utcMs(instant.timeMs), bootMs: bootMs(instant.timeMs - someTimeMs) };
		const kept = noiseKept ** (fixEveryMs / 1000);
		if ((instant.timeMs - first) % fixEveryMs === 0) {
			errorEastM = errorEastM * kept + gaussian(random) * noiseM * Math.sqrt(1 - kept ** 2);
			errorNorthM = errorNorthM * kept + gaussian(random) * noiseM * Math.sqrt(1 - kept ** 2);
			const { latDeg, lonDeg } = toEarth({ eastM: instant.eastM + errorEastM, northM: instant.northM + errorNorthM });
			out.push(taggedFix({ ...times, latDeg, lonDeg, speedMps: instant.speedMps, courseDeg: instant.courseDeg }));
		}
		if ((instant.timeMs - first) % signalEveryMs === 0) {
			const turnedDeg = before === undefined ? 0 : ((instant.courseDeg - before.courseDeg + 540) % 360) - 180;
			const yawDegps = before === undefined ? 0 : (turnedDeg * 1000) / (instant.timeMs - before.timeMs);
			out.push(taggedSignal({ ...times, path: "Vehicle.Speed", value: instant.speedMps * 3.6 }));
			out.push(taggedSignal({ ...times, path: "Vehicle.AngularVelocity.Yaw", value: yawDegps }));
			out.push(taggedSignal({ ...times, path: "Vehicle.TraveledDistance", value: instant.lengthM / 1000 }));
			out.push(taggedSignal({ ...times, path: "Vehicle.Exterior.AirTemperature", value: 21 }));
			before = instant;
		}
	}
	return out;
};
