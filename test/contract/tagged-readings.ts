/**
 * Tagged readings for tests, fixed and arbitrary.
 */
import fc from "fast-check";
import type { CloudBox } from "../../shared/cloud.ts";
import type { Cloud, Fix, Signal } from "../../shared/reading.ts";
import type { CategoryIndex, Tag, Tagged, TagIndex } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { anyPlacedCloud, anyTightCloud, cloudOf } from "../fakes/clouds.ts";

const tagFor = (path: string): Tag => ({
	index: 0 as TagIndex,
	category: 0 as CategoryIndex,
	categoryId: "test.category",
	level: "general",
	zone: "vehicle",
	surveying: false,
	path,
});

/** 2026-01-01T00:00:00Z. */
export const someTimeMs = 1_767_225_600_000;

export const taggedSignal = (over: Partial<Signal> = {}): Tagged<Signal> => {
	const path = over.path ?? "Vehicle.Speed";
	return {
		kind: "signal",
		sourceId: "can0",
		takenAtMs: utcMs(someTimeMs),
		bootMs: bootMs(1_000),
		value: 12.5,
		...over,
		path,
		tag: tagFor(path),
	};
};

export const taggedFix = (over: Partial<Fix> = {}): Tagged<Fix> => ({
	kind: "fix",
	sourceId: "gnss0",
	takenAtMs: utcMs(someTimeMs),
	bootMs: bootMs(1_000),
	latDeg: 31.2345678,
	lonDeg: 121.4567891,
	datum: "wgs84",
	mode: 3,
	accuracyM: 2.5,
	altitudeM: 14.2,
	speedMps: 13.9,
	courseDeg: 271.3,
	...over,
	tag: tagFor("fix"),
});

const anyDouble = fc.double({ noDefaultInfinity: false, noNaN: false });

export const anyValue = fc.oneof(
	anyDouble,
	fc.integer(),
	fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
	fc.string({ maxLength: 40 }),
	fc.boolean(),
);

const anyTimes = fc.record({
	takenAtMs: fc.oneof(anyDouble, fc.integer({ min: 0, max: 4_102_444_800_000 })).map(utcMs),
	bootMs: fc.oneof(anyDouble, fc.integer({ min: 0, max: 1e12 })).map(bootMs),
});

const anyPath = fc.array(fc.stringMatching(/^[A-Za-z]{1,5}$/), { minLength: 1, maxLength: 5 }).map((segments) => segments.join("."));

/** Any signal, hostile times and values among them. */
export const anySignal: fc.Arbitrary<Tagged<Signal>> = fc
	.tuple(anyTimes, anyPath, anyValue)
	.map(([times, path, value]) => taggedSignal({ ...times, path, value }));

const anyLatDeg = fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, -89.9999, 0, -0, 89.9999, 90));
const anyLonDeg = fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(-180, -179.9999, 0, -0, 179.9999, 180));

/** A position on the earth, poles and antimeridian among them. */
export const anyPosition = fc.record({ latDeg: anyLatDeg, lonDeg: anyLonDeg });

/** Any fix, hostile times, coordinates and missing fields among them. */
export const anyFix: fc.Arbitrary<Tagged<Fix>> = fc
	.tuple(
		anyTimes,
		fc.oneof(anyPosition, fc.record({ latDeg: anyDouble, lonDeg: anyDouble })),
		fc.constantFrom("wgs84", "cgcs2000", "gcj02", "bd09", "local", "unknown"),
		fc.record({ accuracyM: anyDouble, altitudeM: anyDouble, speedMps: anyDouble, courseDeg: anyDouble }, { requiredKeys: [] }),
		fc.constantFrom(2, 3),
	)
	.map(([times, position, datum, optional, mode]) => {
		const { accuracyM: _a, altitudeM: _b, speedMps: _c, courseDeg: _d, ...bare } = taggedFix();
		return { ...bare, ...times, ...position, ...optional, datum, mode };
	});

export const anyTagged: fc.Arbitrary<Tagged> = fc.oneof<fc.Arbitrary<Tagged>[]>(anySignal, anyFix);

/** One sweep with the objects that somebody found in it, and with a pose. */
export const taggedCloud = (over: Partial<Cloud> = {}): Tagged<Cloud> => {
	const path = over.path ?? "Lidar.Front";
	return {
		kind: "cloud",
		sourceId: "lidar0",
		takenAtMs: utcMs(someTimeMs),
		bootMs: bootMs(1_000),
		cloud: cloudOf(
			["x", "y", "z", "intensity"],
			[
				[1, 2, 0.5, 17],
				[10, -3, 1, 200],
				[-20, 4, 0, 3],
			],
		),
		objects: [{ class: "person", centreM: [10, -3, 1], sizeM: [0.6, 0.6, 1.8], yawRad: 0.3 }],
		pose: { latDeg: 31.2345678, lonDeg: 121.4567891, altitudeM: 14.2, headingDeg: 271.3 },
		...over,
		path,
		tag: tagFor(path),
	};
};

const anyBoxM = fc.oneof(fc.double({ min: -30, max: 30, noNaN: true }), anyDouble);
/** As a parser makes them. */
const plainObjects = { noNullPrototype: true } as const;

const anyBox: fc.Arbitrary<CloudBox> = fc.record(
	{
		class: fc.constantFrom("person", "Person", "car", "cyclist", ""),
		centreM: fc.tuple(anyBoxM, anyBoxM, anyBoxM),
		sizeM: fc.tuple(anyBoxM, anyBoxM, anyBoxM),
		yawRad: anyBoxM,
	},
	plainObjects,
);

const anyCentreM = fc.integer({ min: -2_000, max: 2_000 }).map((cm) => cm / 100);
const anySideM = fc.oneof(
	fc.integer({ min: 0, max: 3_000 }).map((cm) => cm / 100),
	fc.constant(0),
);

/** Boxes that are somewhere and have a size. */
export const anySoundBox: fc.Arbitrary<CloudBox> = fc.record(
	{
		class: fc.constantFrom("person", "Person", "car", "cyclist", ""),
		centreM: fc.tuple(anyCentreM, anyCentreM, anyCentreM),
		sizeM: fc.tuple(anySideM, anySideM, anySideM),
		yawRad: fc.integer({ min: -700, max: 700 }).map((hundredths) => hundredths / 100),
	},
	plainObjects,
);

/** Any cloud, with hostile times, points and objects, or with a layout that is not sound. */
export const anyCloud: fc.Arbitrary<Tagged<Cloud>> = fc
	.tuple(
		anyTimes,
		fc.oneof(
			{ weight: 6, arbitrary: anyPlacedCloud },
			anyTightCloud,
			anyPlacedCloud.map((cloud) => ({ ...cloud, widthPoints: cloud.widthPoints + 1 })),
			anyPlacedCloud.map((cloud) => ({ ...cloud, pointStepBytes: Number.NaN })),
		),
		fc.option(fc.array(fc.oneof(anySoundBox, anyBox), { maxLength: 4 }), { nil: undefined }),
		fc.boolean(),
	)
	.map(([times, cloud, objects, hasPose]) => {
		const { objects: _objects, pose, ...bare } = taggedCloud({ ...times, cloud });
		return { ...bare, ...(objects === undefined ? undefined : { objects }), ...(hasPose && pose !== undefined ? { pose } : undefined) };
	});
