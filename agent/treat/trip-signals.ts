/**
 * What a signal tells of a trip: `moment`, where the unit is or how it moves now, which goes as the position at its time does; `whole`, what
 * adds up or names a place beyond that time, which no hiding of moments hides; or `nothing`.
 */
import { isMotionPath } from "./motion-paths.ts";

export type TripBearing = "moment" | "whole" | "nothing";

/**
 * A counter's difference across what is hidden is the length or the time of the way in between, which on a known road leads to its end: the
 * odometer, trip meters, consumption, means, ranges, time left. A destination, and where the unit was charged, is an end itself.
 */
const wholeNames = /Odometer|Mileage|Distance|Trip|Range|Average|Mean|Accumulated|Since|Consum|Remaining|TimeIn|StartTime|Total|Count/;
const wholeBranches = /^Vehicle\.(?:Cabin\.Infotainment\.Navigation|Powertrain\.TractionBattery\.Charging\.Location|OBD)\./;

const kept = new Map<string, TripBearing>();
/** More than the signals of a vehicle. */
const maxKept = 16_384;

/** @param path That of the tag: VSS of any release, or a source's own name. */
export const tripBearing = (path: string): TripBearing => {
	const known = kept.get(path);
	if (known !== undefined) return known;
	const bearing = judge(path);
	if (kept.size < maxKept) kept.set(path, bearing);
	return bearing;
};

const judge = (path: string): TripBearing => {
	if (!isMotionPath(path)) return "nothing";
	// A name of the source's own says nothing of what it counts.
	if (!path.startsWith("Vehicle.")) return "whole";
	return wholeBranches.test(path) || wholeNames.test(path.slice(path.lastIndexOf(".") + 1)) ? "whole" : "moment";
};
