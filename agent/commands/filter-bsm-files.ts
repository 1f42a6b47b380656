/**
 * The files that `filter-bsm` is given: what to do with messages, and where.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import * as v from "valibot";
import { toHex } from "../../shared/bytes.ts";
import { isMissingFile, KerbError } from "../../shared/errors.ts";
import { parseDocument, parseValue } from "../../shared/parse-document.ts";
import { compilePathPatterns } from "../../shared/path-pattern.ts";
import { type Places, PlacesSchema } from "../../shared/places.ts";
import { PolicySchema, ReleaseRuleSchema } from "../../shared/policy.ts";
import { cvdpAreas } from "../formats/cvdp-areas.ts";
import { parseCvdpFields } from "../formats/cvdp-fields.ts";
import { cvdpPlaces } from "../formats/cvdp-places.ts";
import { type CvdpGeofence, type CvdpSettings, parseCvdpProperties } from "../formats/cvdp-properties.ts";
import { parseCvdpShapes } from "../formats/cvdp-shapes.ts";
import { cvdpTreatments } from "../formats/cvdp-treatments.ts";
import type { TreatmentOptions } from "../treat/treatment.ts";

const maxFileBytes = 200_000_000;

/** What rules name basic safety messages by. */
const bsmPath = "V2X.J2735.BSM";

export interface FilterPolicy {
	readonly treatments: readonly TreatmentOptions[];
	/** What the messages are kept for: pseudonyms are bound to it. */
	readonly purpose: string;
	/** Of a file of jpo-cvdp: what its map is made into. */
	readonly geofence: CvdpGeofence | undefined;
	/** For a person. */
	readonly notes: readonly string[];
}

/** The document that `filter-bsm import` makes. */
const TreatmentsSchema = v.strictObject({
	purpose: v.optional(ReleaseRuleSchema.entries.purpose, "research"),
	treatments: ReleaseRuleSchema.entries.treatments,
});

/**
 * Reads a `.properties` file of jpo-cvdp, a document `{ "purpose": ..., "treatments": [...] }`, or a policy with one release rule.
 *
 * @param fieldsPath The list of fields to redact, of use to a `.properties` file alone.
 * @throws KerbError SOURCE_UNAVAILABLE when a file cannot be read; CONFIG_INVALID or LAW_INVALID when it is refused, with every problem.
 */
export const readPolicy = (path: string, fieldsPath: string | undefined): FilterPolicy => {
	if (path.endsWith(".properties")) {
		const settings = parseCvdpProperties(textOf(readBytes(path)), path);
		return { ...policyOf(settings, path, fieldsPath), geofence: settings.geofence };
	}
	if (fieldsPath !== undefined)
		throw new KerbError("USAGE", "--fields is of use with a .properties file alone: name the fields in drop-field");
	const written: unknown = parseDocument(v.looseObject({ kind: v.optional(v.string()) }), readBytes(path), path, "LAW_INVALID");
	const isPolicy = typeof written === "object" && written !== null && "kind" in written;
	const { purpose, treatments } = isPolicy ? onlyRule(written, path) : parseValue(TreatmentsSchema, written, path, "LAW_INVALID");
	return { purpose, treatments, geofence: undefined, notes: [] };
};

const policyOf = (settings: CvdpSettings, path: string, fieldsPath: string | undefined): Omit<FilterPolicy, "geofence"> => {
	if (settings.redactsFields && fieldsPath === undefined)
		throw new KerbError("CONFIG_INVALID", `${path} asks for general redaction: name the list of fields (fieldsToRedact.txt) with --fields`);
	const fields = fieldsPath === undefined || !settings.redactsFields ? [] : parseCvdpFields(textOf(readBytes(fieldsPath)), fieldsPath);
	const { treatments, notes } = cvdpTreatments(settings, fields);
	const unused =
		fieldsPath !== undefined && !settings.redactsFields ? ["privacy.redaction.general is not ON: the list of fields is not used"] : [];
	return { treatments, purpose: "research", notes: [...settings.notes, ...unused, ...notes] };
};

const onlyRule = (written: unknown, path: string): v.InferOutput<typeof ReleaseRuleSchema> => {
	const { release } = parseValue(PolicySchema, written, path, "LAW_INVALID");
	const [rule] = release;
	if (rule === undefined || release.length > 1)
		throw new KerbError("LAW_INVALID", `${path}: expected a policy with one release rule, got ${release.length}`);
	if (rule.conditions !== undefined || rule.collect !== undefined)
		throw new KerbError(
			"LAW_INVALID",
			`${path}: release rule "${rule.id}" has conditions or collect, which only a unit can judge; remove them`,
		);
	if (rule.paths !== undefined && !compilePathPatterns(rule.paths)(bsmPath))
		throw new KerbError(
			"LAW_INVALID",
			`${path}: release rule "${rule.id}" has paths, and ${bsmPath} is none of them: it would release nothing`,
		);
	return rule;
};

/** Lines of a map that could not be used, for a person. */
export interface FilterPlaces {
	readonly places: Places;
	readonly notes: readonly string[];
}

/**
 * Reads a document of places, or a map of jpo-cvdp (`.edges`, `.quad`, gzipped or not), whose roads become areas of kind `allowed`.
 *
 * @param geofence What the `.properties` file says of the map. Undefined: roads are lengthened by 10 m as jpo-cvdp does unless told, and nothing bounds
 * them.
 * @param nowMs UTC.
 * @throws KerbError SOURCE_UNAVAILABLE when it cannot be read; LAW_INVALID or FORMAT_INVALID when it is refused.
 */
export const readPlaces = (path: string, geofence: CvdpGeofence | undefined, nowMs: number): FilterPlaces => {
	const bytes = readBytes(path);
	if (!isMap(path)) return { places: parseDocument(PlacesSchema, bytes, path, "LAW_INVALID"), notes: [] };
	const shapes = parseCvdpShapes(bytes, path);
	const areas = cvdpAreas(shapes, geofence ?? { extensionM: standardExtensionM, bounds: undefined });
	if (areas.rings.length + areas.circles.length === 0)
		throw new KerbError(
			"FORMAT_INVALID",
			`${path}: no shape lies within the bounds of the geofence; check privacy.filter.geofence.sw and .ne`,
		);
	const counts: readonly (readonly [number, string])[] = [
		[shapes.invalidLines, "lines cannot be read and are left out"],
		[shapes.excludedEdges, "roads of type service and pedestrian are left out, as jpo-cvdp does"],
		[areas.outside, "shapes lie outside the bounds and are left out"],
	];
	return {
		places: cvdpPlaces(areas, {
			id: "roads",
			version: 1,
			issuedAt: new Date(nowMs).toISOString(),
			notAfter: new Date(nowMs + termMs).toISOString(),
			gapSeedHex: toHex(randomBytes(32)),
		}),
		notes: counts.flatMap(([count, what]) => (count === 0 ? [] : [`${path}: ${count} ${what}`])),
	};
};

const standardExtensionM = 10;

/** How long what was made of a map holds: roads change. */
const termMs = 366 * 86_400_000;

const isMap = (path: string): boolean => /\.(?:edges|quad|csv)(?:\.gz)?$/i.test(path);

const readBytes = (path: string): Uint8Array => {
	try {
		const bytes = readFileSync(path);
		return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: maxFileBytes }) : bytes;
	} catch (cause) {
		const why = isMissingFile(cause) ? "is not there: check the path" : "cannot be read: check that it is a file, whole, and may be read";
		throw new KerbError("SOURCE_UNAVAILABLE", `${path} ${why}`, { cause });
	}
};

/** These files are ASCII; a byte that is not becomes a character that no rule matches. */
const textOf = (bytes: Uint8Array): string => new TextDecoder("utf-8").decode(bytes);
