/**
 * Campaigns of AWS IoT FleetWise (the shapes of CreateCampaign and GetCampaign, API version 2021-06-17) into collect rules and the skeleton of
 * a release rule.
 *
 * A campaign takes the last samples of each signal at a trigger, a collect rule the readings in a window around it. `maxSampleCount` samples
 * at `minimumSamplingIntervalMs` become a window of that length before the event; without the interval nothing says how long it is.
 */
import { maxPostMs, maxPreMs } from "../../shared/collect-rule.ts";
import { isPathPattern } from "../../shared/path-pattern.ts";
import { translateExpression } from "./fleetwise-expression.ts";
import { type FleetwiseNotes, isJsonObject, type JsonObject, numberAt } from "./fleetwise-notes.ts";

/** A collect rule as it is written in a policy. */
export interface ImportedCollectRule {
	readonly id: string;
	readonly necessity: string;
	readonly paths: readonly string[];
	readonly everyMs?: number;
	readonly when?: string;
	readonly trigger?: "edge" | "level";
	readonly preMs?: number;
	readonly postMs?: number;
	readonly cooldownMs?: number;
	readonly maxReadings?: number;
}

export interface ImportedCampaign {
	readonly id: string;
	/** Empty when the campaign could not be carried over. */
	readonly collect: readonly ImportedCollectRule[];
	/** Signals that it collects, for a release rule. */
	readonly paths: readonly string[];
	readonly necessity: string;
}

interface Wanted {
	readonly path: string;
	readonly everyMs: number | undefined;
	readonly preMs: number;
	readonly maxReadings: number | undefined;
}

const dayMs = 86_400_000;
const maxSignals = 10_000;
const maxPathsOfRule = 500;

const outsideOfRules: Readonly<Record<string, string>> = {
	compression: "envelopes are always compressed",
	dataDestinationConfigs: "where data goes is an outlet of the signed law",
	dataExtraDimensions: "an envelope carries a label with fixed fields; no attributes of the vehicle",
	dataPartitions: "there are no partitions on a unit; what waits is in one spool",
	diagnosticsMode: "trouble codes are not asked for",
	expiryTime: "a collect rule has no term of its own: set notAfter of the policy",
	priority: "rules have no priority; what is shed first follows the level of the data",
	signalCatalogArn: "names are VSS paths; the catalogue of the law says what they are",
	signalsToFetch: "a unit sends nothing into the vehicle, so it can fetch nothing",
	spoolingMode: "what is released always waits on disk until it is delivered",
	startTime: "a collect rule has no beginning of its own: publish the policy then",
	tags: "rules have no tags",
	targetArn: "say for which units a policy is when it is published",
	action: "a law is in force when it is signed and published",
	status: "a law is in force when it is signed and published",
	arn: "there are no such names",
	creationTime: "the policy has its own issuedAt",
	lastModificationTime: "the policy has its own issuedAt",
};

/**
 * Never throws: what has no counterpart is noted.
 *
 * @param file Name for notes, and for a campaign without a name.
 */
export const importCampaign = (campaign: JsonObject, file: string, notes: FleetwiseNotes): ImportedCampaign => {
	const at = `${file}: `;
	const read = ["name", "description", "collectionScheme", "signalsToCollect", "postTriggerCollectionDuration"];
	const ignored = Object.entries(campaign).filter(([key, value]) => isHarmless(key, value));
	notes.rest(campaign, at, [...read, ...ignored.map(([key]) => key)], outsideOfRules);
	const name = typeof campaign.name === "string" ? campaign.name : file.replace(/^.*\//, "").replace(/\.json$/, "");
	const id = slug(name);
	const description = typeof campaign.description === "string" ? campaign.description.trim() : "";
	const necessity =
		description.length >= 10 ? description.slice(0, 500) : `Imported campaign "${name.slice(0, 200)}": say why this is needed.`;
	const scheme = readScheme(campaign, at, notes);
	const wanted = scheme === undefined ? [] : readSignals(campaign, scheme, at, notes);
	return {
		id,
		necessity,
		collect: scheme === undefined ? [] : rulesOf(wanted, scheme, id, necessity),
		paths: wanted.map(({ path }) => path),
	};
};

/** Says the same as leaving it out. */
const isHarmless = (key: string, value: unknown): boolean =>
	((key === "diagnosticsMode" || key === "spoolingMode") && value === "OFF") || (Array.isArray(value) && value.length === 0);

/** What holds for all signals of the campaign. */
interface Scheme {
	readonly periodMs: number | undefined;
	readonly common: Partial<ImportedCollectRule>;
	readonly postMs: number;
}

const readScheme = (campaign: JsonObject, at: string, notes: FleetwiseNotes): Scheme | undefined => {
	const scheme = campaign.collectionScheme;
	if (!isJsonObject(scheme)) {
		notes.lost(`${at}collectionScheme`, "expected timeBasedCollectionScheme or conditionBasedCollectionScheme; nothing was carried over");
		return undefined;
	}
	const place = `${at}collectionScheme.`;
	const timed = scheme.timeBasedCollectionScheme;
	const conditional = scheme.conditionBasedCollectionScheme;
	notes.rest(scheme, place, ["timeBasedCollectionScheme", "conditionBasedCollectionScheme"]);
	if (isJsonObject(timed) && !isJsonObject(conditional)) return timeScheme(campaign, timed, at, notes);
	if (isJsonObject(conditional) && !isJsonObject(timed)) return conditionScheme(campaign, conditional, at, notes);
	notes.lost(
		place.slice(0, -1),
		"expected exactly one of timeBasedCollectionScheme and conditionBasedCollectionScheme; nothing was carried over",
	);
	return undefined;
};

const timeScheme = (campaign: JsonObject, timed: JsonObject, at: string, notes: FleetwiseNotes): Scheme | undefined => {
	const place = `${at}collectionScheme.timeBasedCollectionScheme.`;
	notes.rest(timed, place, ["periodMs"]);
	const periodMs = numberAt(timed, "periodMs", place, notes, 1);
	if (numberAt(campaign, "postTriggerCollectionDuration", at, notes) !== undefined)
		notes.lost(`${at}postTriggerCollectionDuration`, "without a trigger there is nothing after it");
	if (periodMs === undefined) {
		notes.lost(place.slice(0, -1), "without a period nothing was carried over");
		return undefined;
	}
	return { periodMs: capped(Math.round(periodMs), dayMs, `${place}periodMs`, notes), common: {}, postMs: 0 };
};

const conditionScheme = (campaign: JsonObject, scheme: JsonObject, at: string, notes: FleetwiseNotes): Scheme | undefined => {
	const place = `${at}collectionScheme.conditionBasedCollectionScheme.`;
	const { expression, triggerMode, conditionLanguageVersion: version } = scheme;
	notes.rest(scheme, place, ["expression", "triggerMode", "minimumTriggerIntervalMs", "conditionLanguageVersion"]);
	if (version !== undefined && version !== 1) {
		notes.lost(`${place}conditionLanguageVersion`, "only version 1 is known; nothing was carried over");
		return undefined;
	}
	const translated = typeof expression === "string" ? translateExpression(expression) : { problem: "expected a text" };
	if ("problem" in translated) {
		notes.lost(`${place}expression`, `${translated.problem}; without its condition nothing of the campaign was carried over`);
		return undefined;
	}
	if (/[=!]= (?:true|false)\b|(?:true|false) [=!]=/.test(translated.when))
		notes.changed(`${place}expression`, "a CAN value is a number and never equals true or false: map it in the overlay, or compare with 1");
	if (triggerMode !== undefined && triggerMode !== "ALWAYS" && triggerMode !== "RISING_EDGE")
		notes.changed(`${place}triggerMode`, "expected ALWAYS or RISING_EDGE; taken as ALWAYS");
	const interval = numberAt(scheme, "minimumTriggerIntervalMs", place, notes) ?? 0;
	const post = numberAt(campaign, "postTriggerCollectionDuration", at, notes) ?? 0;
	const cooldownMs = capped(Math.round(interval), dayMs, `${place}minimumTriggerIntervalMs`, notes);
	const postMs = capped(Math.round(post), maxPostMs, `${at}postTriggerCollectionDuration`, notes);
	return {
		periodMs: undefined,
		postMs,
		common: {
			when: translated.when,
			trigger: triggerMode === "RISING_EDGE" ? "edge" : "level",
			...(cooldownMs > 0 ? { cooldownMs } : undefined),
			...(postMs > 0 ? { postMs } : undefined),
		},
	};
};

const readSignals = (campaign: JsonObject, scheme: Scheme, at: string, notes: FleetwiseNotes): readonly Wanted[] => {
	const list = campaign.signalsToCollect;
	if (!Array.isArray(list)) {
		notes.lost(`${at}signalsToCollect`, "expected a list of signals; nothing was carried over");
		return [];
	}
	if (list.length > maxSignals) notes.lost(`${at}signalsToCollect`, `expected at most ${maxSignals} signals; the rest was left out`);
	const seen = new Set<string>();
	return list.slice(0, maxSignals).flatMap((signal: unknown, index): readonly Wanted[] => {
		const place = `${at}signalsToCollect[${index}]`;
		const name = isJsonObject(signal) ? signal.name : undefined;
		if (!isJsonObject(signal) || typeof name !== "string" || !isPathPattern(name) || name.endsWith(".*")) {
			notes.lost(place, "expected an object with the fully qualified name of a signal");
			return [];
		}
		if (seen.has(name)) {
			notes.lost(place, "the signal is named twice; the first holds");
			return [];
		}
		seen.add(name);
		notes.rest(signal, `${place}.`, ["name", "maxSampleCount", "minimumSamplingIntervalMs"], {
			dataPartitionId: "there are no partitions on a unit",
		});
		return [wantedOf(signal, name, scheme, `${place}.`, notes)];
	});
};

const wantedOf = (signal: JsonObject, path: string, { periodMs, postMs }: Scheme, place: string, notes: FleetwiseNotes): Wanted => {
	const samples = numberAt(signal, "maxSampleCount", place, notes, 1);
	const interval = numberAt(signal, "minimumSamplingIntervalMs", place, notes);
	const intervalMs =
		interval === undefined || interval < 1 ? undefined : capped(Math.round(interval), dayMs, `${place}minimumSamplingIntervalMs`, notes);
	if (periodMs !== undefined) {
		const share = Math.max(1, Math.ceil(periodMs / (samples ?? 1)));
		if ((samples ?? 1) > 1) notes.changed(`${place}maxSampleCount`, "so many samples a period are spread evenly over it");
		return { path, everyMs: Math.max(share, intervalMs ?? 1), preMs: 0, maxReadings: undefined };
	}
	if (samples === undefined || samples <= 1) return { path, everyMs: intervalMs, preMs: 0, maxReadings: samples };
	if (intervalMs === undefined) {
		notes.changed(
			`${place}maxSampleCount`,
			"without minimumSamplingIntervalMs nothing says how long before the event the samples reach: set preMs",
		);
		return { path, everyMs: undefined, preMs: 0, maxReadings: samples };
	}
	const span = Math.max(0, (samples - 1) * intervalMs - postMs);
	notes.changed(
		`${place}maxSampleCount`,
		"the last samples became a window of time before the event, and a limit for all signals of the rule together",
	);
	return { path, everyMs: intervalMs, preMs: capped(span, maxPreMs, `${place}maxSampleCount`, notes), maxReadings: samples };
};

/** One rule for all signals that are taken alike. */
const rulesOf = (wanted: readonly Wanted[], { common }: Scheme, id: string, necessity: string): readonly ImportedCollectRule[] => {
	const alike = new Map<string, Wanted[]>();
	for (const one of wanted) {
		const key = [one.everyMs, one.preMs, one.maxReadings].join(" ");
		const group = alike.get(key);
		if (group === undefined) alike.set(key, [one]);
		else group.push(one);
	}
	const groups = [...alike.values()].flatMap(pieces);
	return groups.map((group, index) => {
		const [{ everyMs, preMs, maxReadings } = { everyMs: undefined, preMs: 0, maxReadings: undefined }] = group;
		return {
			id: index === 0 ? id : `${id}.${index + 1}`,
			necessity,
			paths: group.map(({ path }) => path),
			...(everyMs === undefined ? undefined : { everyMs }),
			...common,
			...(preMs > 0 ? { preMs } : undefined),
			...(maxReadings === undefined ? undefined : { maxReadings: Math.min(100_000, Math.max(1, Math.round(maxReadings) * group.length)) }),
		};
	});
};

/** As many as a rule takes at a time. */
const pieces = (group: readonly Wanted[]): readonly (readonly Wanted[])[] =>
	Array.from({ length: Math.ceil(group.length / maxPathsOfRule) }, (_, index) =>
		group.slice(index * maxPathsOfRule, (index + 1) * maxPathsOfRule),
	);

const capped = (value: number, most: number, path: string, notes: FleetwiseNotes): number => {
	if (value <= most) return value;
	notes.changed(path, `at most ${most} ms here`);
	return most;
};

/** An id of the policy: lower-case words joined by '-'. */
const slug = (name: string): string =>
	name
		.toLowerCase()
		.replaceAll(/[^a-z0-9]+/g, "-")
		.replaceAll(/^-+|-+$/g, "")
		.slice(0, 100)
		.replace(/-+$/, "") || "campaign";
