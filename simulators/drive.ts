/**
 * A drive without an end through a town of right angles: stand, set off, cruise, slow down, turn, and again. Speed and heading change smoothly
 * (a cubic), so that acceleration and yaw rate begin and end at zero; where the car is follows from them and from nothing else.
 */
import { KerbError } from "../shared/errors.ts";
import { seededRandom } from "./seeded-random.ts";

/** One manoeuvre. Metres count east and north of the start; headings are clockwise from north and not wrapped. */
interface Manoeuvre {
	readonly startMs: number;
	readonly lengthMs: number;
	readonly fromMps: number;
	readonly toMps: number;
	readonly headingDeg: number;
	readonly turnDeg: number;
	readonly eastM: number;
	readonly northM: number;
	readonly drivenM: number;
	/** The turn that the driver indicates: -1 left, 1 right. */
	readonly indicates: -1 | 0 | 1;
}

export interface DrivePoint {
	readonly eastM: number;
	readonly northM: number;
	readonly drivenM: number;
	readonly speedMps: number;
	readonly accelMps2: number;
	/** Clockwise from north, 0 to 360. */
	readonly courseDeg: number;
	/** Of the heading: positive to the right. */
	readonly turnRateDegPerS: number;
	readonly indicates: -1 | 0 | 1;
}

/** A week; the list of manoeuvres grows by about eight a minute and nobody simulates longer in one run. */
const maxDriveMs = 7 * 86_400_000;
const turnMps = 5;
const turnMs = 4_000;
const homeRadiusM = 1_500;

const rad = (deg: number): number => (deg * Math.PI) / 180;
const ease = (u: number): number => u * u * (3 - 2 * u);
/** Metres of a manoeuvre up to the share `u` of its time. */
const metres = ({ fromMps, toMps, lengthMs }: Manoeuvre, u: number): number =>
	(lengthMs / 1_000) * (fromMps * u + (toMps - fromMps) * (u ** 3 - u ** 4 / 2));

/** Where a manoeuvre has come to at the share `u`. In a turn the speed is constant, and the way is summed up by Simpson's rule. */
const place = (manoeuvre: Manoeuvre, u: number): { readonly eastM: number; readonly northM: number } => {
	const { eastM, northM, headingDeg, turnDeg } = manoeuvre;
	const wayM = metres(manoeuvre, u);
	if (turnDeg === 0 || u === 0) {
		return { eastM: eastM + wayM * Math.sin(rad(headingDeg)), northM: northM + wayM * Math.cos(rad(headingDeg)) };
	}
	const panels = 16;
	let sumEast = 0;
	let sumNorth = 0;
	for (let i = 0; i <= panels; i++) {
		const weight = i === 0 || i === panels ? 1 : i % 2 === 1 ? 4 : 2;
		const heading = rad(headingDeg + turnDeg * ease((u * i) / panels));
		sumEast += weight * Math.sin(heading);
		sumNorth += weight * Math.cos(heading);
	}
	return { eastM: eastM + (wayM * sumEast) / (3 * panels), northM: northM + (wayM * sumNorth) / (3 * panels) };
};

type Plan = Pick<Manoeuvre, "lengthMs" | "toMps" | "turnDeg" | "indicates">;

const hold = (lengthMs: number, mps: number): Plan => ({ lengthMs, toMps: mps, turnDeg: 0, indicates: 0 });

/** One street: perhaps wait, set off, cruise, slow down, turn. Starts at the speed at which the one before ended. */
const street = (random: () => number, fromMps: number, turnsLeft: boolean): Plan[] => {
	const cruiseMps = 8 + 9 * random();
	const side = turnsLeft ? -1 : 1;
	const slowMs = 2_000 + 250 * cruiseMps;
	const waits: Plan[] = fromMps > 0 && random() < 0.4 ? [hold(2_500, 0), hold(2_000 + 10_000 * random(), 0)] : [];
	return [
		...waits,
		hold(2_500 + 350 * cruiseMps, cruiseMps),
		hold(3_000 + 12_000 * random(), cruiseMps),
		{ ...hold(slowMs, turnMps), indicates: side },
		{ lengthMs: turnMs, toMps: turnMps, turnDeg: 90 * side, indicates: side },
	];
};

/** A drive that begins with the car standing for two seconds, heading `courseDeg`. The same seed gives the same drive. */
export const createDrive = (seed: number, courseDeg: number): ((elapsedMs: number) => DrivePoint) => {
	const random = seededRandom(seed);
	const first: Manoeuvre = {
		startMs: 0,
		lengthMs: 2_000,
		fromMps: 0,
		toMps: 0,
		headingDeg: courseDeg,
		turnDeg: 0,
		eastM: 0,
		northM: 0,
		drivenM: 0,
		indicates: 0,
	};
	const manoeuvres: Manoeuvre[] = [first];
	let last = first;

	const add = (plan: Plan): void => {
		const next: Manoeuvre = {
			...plan,
			...place(last, 1),
			startMs: last.startMs + last.lengthMs,
			fromMps: last.toMps,
			headingDeg: last.headingDeg + last.turnDeg,
			drivenM: last.drivenM + metres(last, 1),
		};
		manoeuvres.push(next);
		last = next;
	};
	/** Far from home it turns to the side on which home is. */
	const turnsLeft = (): boolean => {
		const { eastM, northM } = place(last, 1);
		if (Math.hypot(eastM, northM) < homeRadiusM) return random() < 0.5;
		const heading = rad(last.headingDeg + last.turnDeg);
		return Math.cos(heading) * eastM - Math.sin(heading) * northM > 0;
	};
	const manoeuvreAt = (elapsedMs: number): Manoeuvre => {
		while (last.startMs + last.lengthMs <= elapsedMs) for (const plan of street(random, last.toMps, turnsLeft())) add(plan);
		let low = 0;
		let high = manoeuvres.length - 1;
		while (low < high) {
			const middle = Math.ceil((low + high) / 2);
			if ((manoeuvres[middle] ?? first).startMs <= elapsedMs) low = middle;
			else high = middle - 1;
		}
		return manoeuvres[low] ?? first;
	};

	return (elapsedMs) => {
		if (!(elapsedMs <= maxDriveMs))
			throw new KerbError("USAGE", `a simulated drive lasts at most ${maxDriveMs} ms, asked for a later time`);
		const at = Math.max(0, elapsedMs);
		const now = manoeuvreAt(at);
		const u = Math.min(1, (at - now.startMs) / now.lengthMs);
		const rate = (6 * u * (1 - u)) / (now.lengthMs / 1_000);
		const heading = now.headingDeg + now.turnDeg * ease(u);
		return {
			...place(now, u),
			drivenM: now.drivenM + metres(now, u),
			speedMps: now.fromMps + (now.toMps - now.fromMps) * ease(u),
			accelMps2: (now.toMps - now.fromMps) * rate,
			courseDeg: ((heading % 360) + 360) % 360,
			turnRateDegPerS: now.turnDeg * rate,
			indicates: now.indicates,
		};
	};
};
