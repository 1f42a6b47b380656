/**
 * The configuration of one unit: what is true of this box and not of the law. Parsed once, strictly; bad configuration never starts the
 * agent, and every problem is listed.
 */
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import * as v from "valibot";
import { isMissingFile, KerbError } from "../shared/errors.ts";
import { parseDocument } from "../shared/parse-document.ts";
import { networkKinds } from "../shared/release-conditions.ts";
import { isUnitId } from "../shared/topics.ts";
import { BrokerSchema, brokerProblem, LinkSchema, path } from "./config-broker.ts";

const id = v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"), v.maxLength(60));
const count = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

const isLawUrl = (text: string): boolean =>
	/^(?:https:\/\/|http:\/\/(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])[:/])/.test(text) && URL.canParse(text);

const ConfigSchema = v.strictObject({
	unit: v.strictObject({
		id: v.pipe(v.string(), v.check(isUnitId, "a unit id is 3 to 60 lower-case letters, digits and '-', and must not look like a VIN")),
	}),
	/** Keys, spool, ledger and state are kept here, readable by the agent's user only. */
	dataDir: path,
	/** One of `folder`, `url` and `mqtt`: where the law's repository is. */
	law: v.strictObject({
		folder: v.optional(path),
		url: v.optional(v.pipe(v.string(), v.maxLength(2_000), v.check(isLawUrl, "https://..., or http:// on this machine"))),
		/** Authorities that may vouch for the server behind `url`; the system's own are not asked then. */
		caFile: v.optional(path),
		/** A broker that retains the files of the repository, for a unit that has nothing else. Its notice is heard, too. */
		mqtt: v.optional(v.strictObject({ ...BrokerSchema.entries, repository: v.optional(id, "main") })),
		/** A broker that says when the law has changed: the unit then looks at once and not when its time has come. */
		notice: v.optional(BrokerSchema),
		/** A notice is followed after anything up to this, so that a fleet does not look all at once. */
		noticeSpreadMs: v.optional(count(0, 3_600_000), 3_000),
		/** Pins the first root of the law. Without it the folder's own root is trusted at first use and remembered; a network needs it. */
		rootSha256: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
		/** Groups that law documents may be addressed to. */
		cohorts: v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(120))), v.maxLength(100)), []),
		hardware: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(120))),
		/** How often the repository is looked at. */
		refreshMs: v.optional(count(1_000, 86_400_000), 600_000),
		/** Home jurisdiction. */
		home: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/)), "CN"),
	}),
	/** The file that maps CAN signals to VSS paths. Without it no CAN signal has a category, so none leaves. */
	overlay: v.optional(path),
	sources: v.pipe(v.array(v.looseObject({ id, type: id })), v.maxLength(64)),
	links: v.optional(v.record(id, LinkSchema), {}),
	/** How the unit is connected, for rules that hold on some networks only; told anew by `POST /circumstances`. Absent: not known. */
	circumstances: v.optional(v.strictObject({ network: v.optional(v.picklist(networkKinds)) }), {}),
	/** The box's component for geographic confidentiality processing: the Unix socket that it listens on (agent/geo-link.ts). */
	geoProcessor: v.optional(v.strictObject({ socket: path })),
	/** Pictures: where pinned models are, and how much memory the worker may have beside its networks. */
	redaction: v.optional(v.strictObject({ models: v.optional(path), maxHeapMb: v.optional(count(32, 4_096), 192) })),
	control: v.optional(v.strictObject({ socket: v.optional(path) }), {}),
	batch: v.optional(
		v.strictObject({
			/** Readings in one envelope at the most. */
			maxRecords: v.optional(count(1, 20_000), 2_000),
			/** How long a reading waits for company. */
			maxAgeMs: v.optional(count(10, 600_000), 5_000),
		}),
		{},
	),
	spool: v.optional(
		v.strictObject({
			maxBytes: v.optional(count(65_536, 1_099_511_627_776), 268_435_456),
			maxEnvelopes: v.optional(count(16, 10_000_000), 100_000),
		}),
		{},
	),
});

export type Config = v.InferOutput<typeof ConfigSchema>;
export type Link = v.InferOutput<typeof LinkSchema>;
export type Broker = v.InferOutput<typeof BrokerSchema>;

/**
 * Parses a configuration file's bytes. Relative paths are meant from the file's own folder.
 *
 * @throws KerbError CONFIG_INVALID with every problem.
 */
export const parseConfig = (bytes: Uint8Array, fromFolder: string): Config => {
	const config = parseDocument(ConfigSchema, bytes, "the configuration", "CONFIG_INVALID");
	const ids = config.sources.map((source) => source.id);
	const twice = ids.find((sourceId, index) => ids.indexOf(sourceId) !== index);
	if (twice !== undefined) throw new KerbError("CONFIG_INVALID", `sources: the id "${twice}" is used twice; give each source its own`);
	const { law } = config;
	const places = [law.folder, law.url, law.mqtt].filter((place) => place !== undefined);
	if (places.length !== 1) throw new KerbError("CONFIG_INVALID", "law: expected one of a folder, a url and mqtt");
	if (law.folder === undefined && law.rootSha256 === undefined) {
		throw new KerbError(
			"CONFIG_INVALID",
			"law.rootSha256 is missing: a law that comes over a network needs a root that the unit was given",
		);
	}
	if (law.mqtt !== undefined && law.notice !== undefined)
		throw new KerbError("CONFIG_INVALID", "law.notice: law.mqtt hears the notice of its own broker; leave one of them out");
	const problem = brokerProblem("law.mqtt", law.mqtt) ?? brokerProblem("law.notice", law.notice);
	if (problem !== undefined) throw new KerbError("CONFIG_INVALID", problem);
	const from = (name: string): string => (isAbsolute(name) ? name : join(fromFolder, name));
	return {
		...config,
		dataDir: from(config.dataDir),
		law: {
			...law,
			...(law.folder === undefined ? undefined : { folder: from(law.folder) }),
			...(law.caFile === undefined ? undefined : { caFile: from(law.caFile) }),
			...(law.mqtt === undefined ? undefined : { mqtt: fromLink(law.mqtt, from) }),
			...(law.notice === undefined ? undefined : { notice: fromLink(law.notice, from) }),
		},
		...(config.overlay === undefined ? undefined : { overlay: from(config.overlay) }),
		...(config.redaction?.models === undefined ? undefined : { redaction: { ...config.redaction, models: from(config.redaction.models) } }),
		...(config.geoProcessor === undefined ? undefined : { geoProcessor: { socket: from(config.geoProcessor.socket) } }),
		control: config.control.socket === undefined ? {} : { socket: from(config.control.socket) },
		links: Object.fromEntries(Object.entries(config.links).map(([outletId, link]) => [outletId, fromLink(link, from)])),
		sources: config.sources.map((source) => fromSource(source, from)),
	};
};

/** @throws KerbError CONFIG_INVALID when the file is not there or not valid. */
export const readConfig = async (file: string): Promise<Config> => {
	let bytes: Uint8Array;
	try {
		bytes = await readFile(file);
	} catch (cause) {
		const what = isMissingFile(cause) ? "is not there" : "cannot be read";
		throw new KerbError("CONFIG_INVALID", `the configuration ${file} ${what}; "kerbstone run --help" shows a complete one`, { cause });
	}
	return parseConfig(bytes, dirname(file));
};

type From = (name: string) => string;

const fromLink = <L extends Pick<Link, "caFile" | "certFile" | "keyFile">>(link: L, from: From): L => ({
	...link,
	...(link.caFile === undefined ? undefined : { caFile: from(link.caFile) }),
	...(link.certFile === undefined ? undefined : { certFile: from(link.certFile) }),
	...(link.keyFile === undefined ? undefined : { keyFile: from(link.keyFile) }),
});

/** Sources name files too; the options that hold one have these names in every source. */
const fromSource = (source: Config["sources"][number], from: From): Config["sources"][number] => {
	const input = source.input;
	const dbc = source.dbc;
	const resolved: Record<string, unknown> = { ...source };
	if (Array.isArray(dbc)) resolved.dbc = dbc.map((name) => (typeof name === "string" ? from(name) : name));
	for (const [key, value] of [
		["input", input],
		["boxes", source.boxes],
	] as const) {
		if (typeof value === "object" && value !== null) resolved[key] = fromInput(value, from, 2);
	}
	return { ...resolved, id: source.id, type: source.type };
};

/** The strings under the names of files, in the input itself and in the parts that it is made of. */
const fromInput = (input: object, from: From, depth: number): object =>
	Array.isArray(input)
		? input
		: Object.fromEntries(
				Object.entries(input).map(([key, value]) => {
					if (typeof value === "string" && fileKeys.has(key)) return [key, from(value)];
					return [key, depth > 1 && typeof value === "object" && value !== null ? fromInput(value, from, depth - 1) : value];
				}),
			);

const fileKeys: ReadonlySet<string> = new Set(["file", "folder", "pipe", "serial", "caFile", "passwordFile"]);
