/**
 * How wide jpo-cvdp takes a road to be, in metres from side to side, by its `way_type` (the values of OpenStreetMap's `highway`). The figures
 * are those of jpo-cvdp (cv-lib).
 */

const widths: ReadonlyMap<string, number> = new Map([
	["motorway", 22],
	["trunk", 16],
	["primary", 30],
	["secondary", 17],
	["tertiary", 16],
	["unclassified", 22],
	["residential", 17],
	["motorway_link", 16],
	["trunk_link", 16],
	["primary_link", 30],
	["secondary_link", 18],
	["tertiary_link", 16],
	...[
		"living_street",
		"track",
		"bus_guideway",
		"raceway",
		"road",
		"footway",
		"bridleway",
		"steps",
		"path",
		"cycleway",
		"proposed",
		"construction",
		"bus_stop",
		"crossing",
		"elevator",
		"emergency_access_point",
		"escape",
		"give_way",
		"mini_roundabout",
		"motorway_junction",
		"passing_place",
		"rest_area",
		"speed_camera",
		"street_lamp",
		"services",
		"stop",
		"traffic_signals",
		"turning_circle",
	].map((type): [string, number] => [type, 16]),
]);

/** `user_defined`, any type that is not known, and none at all. */
const otherWidthM = 80;

/** Roads with doors at them, where a position tells who lives there: never part of the geofence. */
const excluded: ReadonlySet<string> = new Set(["pedestrian", "service"]);

/** In metres; undefined for a type that jpo-cvdp never makes part of a geofence. The type as written, in any case. */
export const cvdpWayWidthM = (type: string): number | undefined => {
	const written = type.toLowerCase();
	return excluded.has(written) ? undefined : (widths.get(written) ?? otherWidthM);
};
