/** Tagged map features for tests. */
import type { MapFeature } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { someTimeMs, taggedFix } from "./tagged-readings.ts";

export const taggedMap = (over: Partial<MapFeature> = {}): Tagged<MapFeature> => {
	const path = over.path ?? "Map.Lane";
	return {
		kind: "map",
		sourceId: "map0",
		takenAtMs: utcMs(someTimeMs),
		bootMs: bootMs(1_000),
		path,
		datum: "wgs84",
		geometry: {
			type: "LineString",
			coordinates: [
				[121.47, 31.23, 4.5],
				[121.48, 31.24, 5.5],
			],
		},
		properties: { id: "lane-1", type: "driving" },
		...over,
		tag: {
			...taggedFix().tag,
			path,
			zone: "exterior",
			surveying: true,
			level: "important",
			categoryId: "connected-operation.perception.ad-map",
		},
	};
};
