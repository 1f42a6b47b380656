/**
 * The `.properties` files of jpo-cvdp (the privacy protection module of the USDOT's Operational Data Environment), as its documentation
 * (docs/configuration.md) and its own files have them: one `key=value` per line, `#` begins a comment, the last of two equal keys counts.
 *
 * Keys of Kafka are of no use here and are named in the notes. A `privacy.filter` or `privacy.redaction` key that is not known is refused: a
 * misspelt one would switch off a protection in silence.
 */
import { KerbError } from "../../shared/errors.ts";

export interface CvdpSettings {
	/** Messages slower or faster are suppressed; both bounds are kept. Undefined: off. */
	readonly velocity: { readonly minMps: number; readonly maxMps: number } | undefined;
	/** Ids that are replaced: all, or those named. Undefined: off. */
	readonly ids: "all" | readonly string[] | undefined;
	readonly redactsSize: boolean;
	/** The fields of `fieldsToRedact.txt` are taken away. */
	readonly redactsFields: boolean;
	readonly redactsPartII: boolean;
	/** Undefined: off. */
	readonly geofence: CvdpGeofence | undefined;
	/** What the file says and what has no counterpart here, for a person. */
	readonly notes: readonly string[];
}

export interface CvdpGeofence {
	/** The path of the map as written; of use to a person alone. */
	readonly mapFile: string | undefined;
	/** Each road segment is lengthened by so many metres at both ends. */
	readonly extensionM: number;
	/** What lies outside is suppressed, road or not. */
	readonly bounds: CvdpBounds;
}

/** Degrees. */
export interface CvdpBounds {
	readonly southDeg: number;
	readonly westDeg: number;
	readonly northDeg: number;
	readonly eastDeg: number;
}

const maxTextLength = 1_000_000;
const maxIds = 10_000;

/** 5 and 80 miles per hour: what jpo-cvdp takes where the file names no bound. */
const standardMinMps = 2.2352;
const standardMaxMps = 35.7632;
const standardExtensionM = 10;

const known = new Set(
	[
		"filter.velocity",
		"filter.velocity.min",
		"filter.velocity.max",
		"filter.geofence",
		"filter.geofence.mapfile",
		"filter.geofence.extension",
		"filter.geofence.sw.lat",
		"filter.geofence.sw.lon",
		"filter.geofence.ne.lat",
		"filter.geofence.ne.lon",
		"redaction.id",
		"redaction.id.value",
		"redaction.id.inclusions",
		"redaction.id.included",
		"redaction.size",
		"redaction.general",
		"redaction.partII",
	].map((key) => `privacy.${key}`),
);

/**
 * @param what Names the file for a person.
 * @throws KerbError CONFIG_INVALID with every problem and its line.
 */
export const parseCvdpProperties = (text: string, what: string): CvdpSettings => {
	const reader = new PropertiesReader(text, what);
	const velocity = reader.isOn("privacy.filter.velocity")
		? {
				minMps: reader.number("privacy.filter.velocity.min", 0, 500, standardMinMps),
				maxMps: reader.number("privacy.filter.velocity.max", 0, 500, standardMaxMps),
			}
		: undefined;
	if (velocity !== undefined && velocity.minMps > velocity.maxMps)
		reader.problems.push("privacy.filter.velocity.min: expected no more than privacy.filter.velocity.max");
	const settings = {
		velocity,
		ids: idsOf(reader),
		redactsSize: reader.isOn("privacy.redaction.size"),
		redactsFields: reader.isOn("privacy.redaction.general"),
		redactsPartII: reader.isOn("privacy.redaction.partII"),
		geofence: reader.isOn("privacy.filter.geofence") ? geofenceOf(reader) : undefined,
	};
	reader.finish();
	return { ...settings, notes: reader.notes };
};

const idsOf = (reader: PropertiesReader): CvdpSettings["ids"] => {
	if (!reader.isOn("privacy.redaction.id")) return undefined;
	if (reader.text("privacy.redaction.id.value") !== undefined)
		reader.notes.push("privacy.redaction.id.value: has no effect, here as in jpo-cvdp: ids are replaced by pseudonyms");
	if (!reader.isOn("privacy.redaction.id.inclusions")) return "all";
	const ids = (reader.text("privacy.redaction.id.included") ?? "").split(",").flatMap((id) => (id.trim() === "" ? [] : [id.trim()]));
	if (ids.length > maxIds) reader.problems.push(`privacy.redaction.id.included: expected at most ${maxIds} ids, got ${ids.length}`);
	return ids;
};

const geofenceOf = (reader: PropertiesReader): CvdpGeofence => {
	const corner = (name: string, most: number): number => reader.number(`privacy.filter.geofence.${name}`, -most, most, undefined);
	const bounds = {
		southDeg: corner("sw.lat", 90),
		westDeg: corner("sw.lon", 180),
		northDeg: corner("ne.lat", 90),
		eastDeg: corner("ne.lon", 180),
	};
	if (bounds.southDeg >= bounds.northDeg) reader.problems.push("privacy.filter.geofence.sw.lat: expected less than ne.lat");
	if (bounds.westDeg >= bounds.eastDeg) reader.problems.push("privacy.filter.geofence.sw.lon: expected less than ne.lon");
	return {
		mapFile: reader.text("privacy.filter.geofence.mapfile"),
		extensionM: reader.number("privacy.filter.geofence.extension", 0, 10_000, standardExtensionM),
		bounds,
	};
};

class PropertiesReader {
	readonly notes: string[] = [];
	readonly problems: string[] = [];
	readonly #values = new Map<string, string>();
	readonly #what: string;

	constructor(text: string, what: string) {
		this.#what = what;
		if (text.length > maxTextLength) throw this.#refused([`expected at most ${maxTextLength} characters, got ${text.length}`]);
		const foreign = new Set<string>();
		for (const [index, line] of text.split(/\r?\n/).entries()) {
			const written = line.trim();
			if (written === "" || written.startsWith("#")) continue;
			const pieces = written.split("=");
			const [key = "", value = ""] = pieces.map((piece) => piece.trim());
			if (pieces.length !== 2 || key === "") this.problems.push(`line ${index + 1}: expected key=value`);
			else if (known.has(key)) this.#values.set(key, value);
			else if (/^privacy\.(?:filter|redaction)\b/.test(key)) this.problems.push(`line ${index + 1}: there is no such filter or redaction`);
			else foreign.add(key);
		}
		if (foreign.size > 0) this.notes.push(`not for a filter of files, left out: ${[...foreign].join(", ").slice(0, 1_000)}`);
	}

	text(key: string): string | undefined {
		const value = this.#values.get(key);
		return value === "" ? undefined : value;
	}

	/** jpo-cvdp knows `ON` alone and takes `On` for off; here it is on, and anything but on and off is refused. */
	isOn(key: string): boolean {
		const written = this.#values.get(key);
		const value = written?.toUpperCase();
		if (value === undefined || value === "OFF") return false;
		if (value !== "ON") this.problems.push(`${key}: expected ON or OFF`);
		else if (written !== "ON") this.notes.push(`${key}: is on here; jpo-cvdp takes anything but "ON" for off`);
		return true;
	}

	number(key: string, least: number, most: number, standard: number | undefined): number {
		const written = this.text(key);
		const value = written === undefined ? standard : Number(written);
		if (value !== undefined && value >= least && value <= most) return value;
		this.problems.push(`${key}: expected a number from ${least} to ${most}${written === undefined ? ", it is missing" : ""}`);
		return 0;
	}

	/** @throws KerbError CONFIG_INVALID when there were problems. */
	finish(): void {
		if (this.problems.length > 0) throw this.#refused(this.problems);
	}

	#refused(problems: readonly string[]): KerbError {
		const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
		return new KerbError("CONFIG_INVALID", `${this.#what} is not valid: ${problems[0]}${more}`, { problems });
	}
}
