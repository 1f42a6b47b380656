/**
 * Somebody who sees only what leaves, from many passes of many units, tries to find the border of an area out of the gaps. He knows how the
 * treatment works, its options, the buffer, and more than he would: that the area is a circle, and its centre. What he wants is its radius.
 */
import { describe, expect, it } from "vitest";
import { compilePlaces } from "../../agent/place/compile-places.ts";
import { metresPerLatDeg, metresPerLonDeg } from "../../agent/place/metres.ts";
import suppressArea from "../../agent/treat/suppress-area.ts";
import type { Area } from "../../shared/places.ts";
import { taggedFix } from "../contract/tagged-readings.ts";
import { testFacilities } from "../contract/treatment-contract.ts";
import { seeded } from "../fakes/seeded.ts";
import { inTermMs, places } from "../place/places.ts";

const mostM = 800;
const bufferM = 100;
const random = seeded(11);
const sites = Array.from({ length: 48 }, (_, index) => ({
	id: `site-${index}`,
	latDeg: 30 + 0.2 * Math.floor(index / 7) + 0.01 * random(),
	lonDeg: 120 + 0.2 * (index % 7) + 0.01 * random(),
	radiusM: 100 + 1_400 * random(),
}));
const areas = sites.map(
	({ id, latDeg, lonDeg, radiusM }): Area => ({
		...{ id, kind: "sensitive", bufferM, shape: { type: "circle", centre: [lonDeg, latDeg], radiusM } },
	}),
);
const list = (gapSeedHex: string) => compilePlaces(places(areas, { gapSeedHex }), { nowMs: () => inTermMs });
const seedA = "5a".repeat(32);

const stepWith = (randomExtraM: number, unit = 1, seed = seedA) =>
	suppressArea.compile(
		{ type: "suppress-area", kinds: ["sensitive"], keep: "outside", randomExtraM },
		testFacilities("p", { places: list(seed), pseudonymKey: () => new Uint8Array(32).fill(unit) }),
	);

type Step = ReturnType<typeof stepWith>;
type Offset = readonly [eastM: number, northM: number];

/** What is seen of straight passes at random: points every 40 m that were let through, as metres from the centre of the site. */
const seenPoints = (step: Step, site: (typeof sites)[number], passes: number, seed: number): readonly Offset[] => {
	const draw = seeded(seed);
	const [perLon, perLat] = [metresPerLonDeg(site.latDeg), metresPerLatDeg(site.latDeg)];
	const seen: Offset[] = [];
	for (let pass = 0; pass < passes; pass += 1) {
		const [angle, sideM] = [draw() * 2 * Math.PI, (draw() - 0.5) * 5_000];
		for (let alongM = -4_000; alongM <= 4_000; alongM += 40) {
			const eastM = alongM * Math.cos(angle) - sideM * Math.sin(angle);
			const northM = alongM * Math.sin(angle) + sideM * Math.cos(angle);
			const fix = taggedFix({ latDeg: site.latDeg + northM / perLat, lonDeg: site.lonDeg + eastM / perLon });
			if (step(fix) !== undefined) seen.push([eastM, northM]);
		}
	}
	return seen;
};

/** Three ways to a radius: the nearest point of all, the mean of the nearest points of 24 directions, and the ground that is not seen. */
const estimators: Readonly<Record<string, (seen: readonly Offset[]) => number>> = {
	nearest: (seen) => Math.min(...seen.map(([x, y]) => Math.hypot(x, y))),
	directions: (seen) => {
		const nearest = new Array<number>(24).fill(4_000);
		for (const [x, y] of seen) {
			const direction = Math.floor(((Math.atan2(y, x) / (2 * Math.PI) + 1) % 1) * 24);
			nearest[direction] = Math.min(nearest[direction] ?? 0, Math.hypot(x, y));
		}
		return nearest.reduce((sum, each) => sum + each, 0) / nearest.length;
	},
	ground: (seen) => {
		const cellM = 100;
		const known = new Set(seen.map(([x, y]) => `${Math.floor(x / cellM)} ${Math.floor(y / cellM)}`));
		let dark = 0;
		for (let x = -2_500; x < 2_500; x += cellM)
			for (let y = -2_500; y < 2_500; y += cellM) if (!known.has(`${x / cellM} ${y / cellM}`)) dark += cellM * cellM;
		return Math.sqrt(dark / Math.PI);
	},
};

/**
 * Mean error over all sites after the straight line that fits best has been laid through estimates and radii: who knows the design alone can do no
 * better with the estimator.
 */
const errorsM = (randomExtraM: number, passes: number): Readonly<Record<string, number>> => {
	const step = stepWith(randomExtraM);
	const found = sites.map((site, index) => seenPoints(step, site, passes, 100 + index));
	const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
	const radii = sites.map(({ radiusM }) => radiusM);
	return Object.fromEntries(
		Object.entries(estimators).map(([name, estimate]) => {
			const guesses = found.map(estimate);
			const [x, y] = [mean(guesses), mean(radii)];
			const slope = mean(guesses.map((each, at) => (each - x) * ((radii[at] ?? 0) - y))) / mean(guesses.map((each) => (each - x) ** 2));
			return [name, mean(guesses.map((each, at) => Math.abs(y + slope * (each - x) - (radii[at] ?? 0))))];
		}),
	);
};

describe("the border of an area, estimated from gaps", () => {
	it("is found to some metres where the gap is the area", () => {
		const errors = errorsM(0, 60);
		expect(errors.nearest).toBeLessThan(30);
		expect(errors.directions).toBeLessThan(40);
	});

	it("stays unknown by a twelfth of randomExtraM on the mean, however many pass", () => {
		for (const passes of [20, 60]) {
			const errors = errorsM(mostM, passes);
			for (const [name, errorM] of Object.entries(errors)) {
				expect(errorM, `${name} after ${passes} passes`).toBeGreaterThan(0.08 * mostM);
			}
		}
	});

	it("gives the same gap to every unit and pass, so that there is nothing to average", () => {
		const [one, other, otherList] = [stepWith(mostM, 1), stepWith(mostM, 2), stepWith(mostM, 1, "a5".repeat(32))];
		const [site] = sites;
		if (site === undefined) return expect.unreachable();
		const seen = seenPoints(one, site, 30, 5);
		expect(seenPoints(other, site, 30, 5)).toStrictEqual(seen);
		expect(seenPoints(one, site, 30, 5)).toStrictEqual(seen);
		expect(seenPoints(otherList, site, 30, 5)).not.toStrictEqual(seen);
	});

	it("shows no arc: what is seen and what is not is decided by the cell", () => {
		const step = stepWith(mostM);
		const [site] = sites;
		if (site === undefined) return expect.unreachable();
		// Along a line the answer changes only where a cell of a quarter of randomExtraM begins.
		const rowDeg = 180 / Math.floor((180 * 110_574) / (mostM / 4));
		let before: boolean | undefined;
		for (let northM = 0; northM < 3_000; northM += 1) {
			const latDeg = site.latDeg + northM / metresPerLatDeg(site.latDeg);
			const isSeen = step(taggedFix({ latDeg, lonDeg: site.lonDeg })) !== undefined;
			if (before !== undefined && isSeen !== before) {
				const rest = ((latDeg + 90) / rowDeg) % 1;
				expect(Math.min(rest, 1 - rest) * rowDeg * 110_574).toBeLessThan(1.1);
			}
			before = isSeen;
		}
		expect(before).toBe(true);
	});
});
