/**
 * What the usual treatments decide of a message that states one position, one speed and one id, all of its sender: computed from these alone,
 * with the same tables as the treatments have. The steps themselves come to the same (filter-bsm-fast.ts compares both), but look for values
 * in a tree.
 */
import type { AreaTest, PlaceIndex } from "../../shared/place-index.ts";
import { numberOf } from "../formats/v2x/message-pairs.ts";
import type { TreatmentOptions } from "../treat/treatment.ts";
import type { LiveLeaf } from "./filter-bsm-template.ts";

/** One treatment after those that erase. */
export type DirectStep =
	| { readonly kind: "speed"; readonly minMps: number; readonly maxMps: number }
	| { readonly kind: "inside"; readonly test: AreaTest }
	/** Ids keep their pseudonyms for so long; undefined: for ever. */
	| { readonly kind: "ids"; readonly rotateMs: number | undefined };

/** What the checked options of a treatment come to; undefined for one that is not known here. */
export const directStep = (options: TreatmentOptions, places: PlaceIndex | undefined): DirectStep | undefined => {
	switch (options.type) {
		case "filter-speed":
			return { kind: "speed", minMps: numberIn(options.minMps) ?? 0, maxMps: numberIn(options.maxMps) ?? Number.POSITIVE_INFINITY };
		case "suppress-area": {
			const test = options.keep === "inside" ? places?.test({ ids: textsIn(options.areas), kinds: textsIn(options.kinds) }) : undefined;
			return test === undefined ? undefined : { kind: "inside", test };
		}
		case "rotate-id":
			return { kind: "ids", rotateMs: numberIn(options.rotateMs) };
		default:
			return undefined;
	}
};

const numberIn = (option: unknown): number | undefined => (typeof option === "number" ? option : undefined);
const textsIn = (option: unknown): readonly string[] | undefined =>
	Array.isArray(option) ? option.filter((each) => typeof each === "string") : undefined;

/** The sender's own values that the treatments ask for, as groups of a template's expression. */
export interface OwnValues {
	readonly lat: LiveLeaf | undefined;
	readonly lon: LiveLeaf | undefined;
	readonly speed: LiveLeaf | undefined;
	readonly id: LiveLeaf | undefined;
}

/** Undefined when a message states more values that are asked for, fewer, or some about somebody else. */
export const ownValuesOf = (live: readonly LiveLeaf[], steps: readonly DirectStep[]): OwnValues | undefined => {
	const asks = (kind: DirectStep["kind"]): boolean => steps.some((step) => step.kind === kind);
	const of = (role: string, kind: DirectStep["kind"]): LiveLeaf | undefined =>
		asks(kind) ? live.find(({ type, within }) => type.role === role && within.length === 1 && within[0] === "own-position") : undefined;
	const own = { lat: of("lat", "inside"), lon: of("lon", "inside"), speed: of("speed", "speed"), id: of("id", "ids") };
	const asked = (asks("inside") ? 2 : 0) + (asks("speed") ? 1 : 0) + (asks("ids") ? 1 : 0);
	const found = Object.values(own).filter((leaf) => leaf !== undefined).length;
	const isNumber = [own.lat, own.lon, own.speed].every(
		(leaf) => leaf === undefined || leaf.type.kind === "int" || leaf.type.kind === "real",
	);
	return isNumber && found === asked && live.length === asked ? own : undefined;
};

/** Whether a treatment withholds the message; one that replaces ids never does here. */
export const withholds = (step: DirectStep, { lat, lon, speed }: OwnValues, found: RegExpExecArray): boolean => {
	const read = (leaf: LiveLeaf | undefined): number =>
		leaf === undefined ? Number.NaN : numberOf(leaf.type, Number(found[leaf.group]) + 0);
	if (step.kind === "speed") {
		const speedMps = read(speed);
		return !(speedMps >= step.minMps && speedMps <= step.maxMps);
	}
	if (step.kind === "ids") return false;
	// What is unavailable is not on earth.
	const [latDeg, lonDeg] = [read(lat), read(lon)];
	return !(Math.abs(latDeg) <= 90 && Math.abs(lonDeg) <= 180) || step.test.at(latDeg, lonDeg, "wgs84") !== "inside";
};
