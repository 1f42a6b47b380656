/**
 * What the ledger holds. Every field of an entry is mandatory (regulations G-26, G-27, section 8): where something does not exist for an
 * entry it is null, never absent; an unknown or missing field refuses the write.
 *
 * An entry says which rule and which path, never the content: ids, counts, addresses and codes only.
 */
import * as v from "valibot";
import { levels } from "./tag.ts";

const id = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(120),
);
/** A name from a configuration or a certificate: printable, no line breaks. */
const name = v.pipe(v.string(), v.regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, "printable text without line breaks"), v.maxLength(200));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
const address = v.pipe(v.string(), v.ip());
const sha256Hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits"));
const instant = v.pipe(v.string(), v.isoTimestamp());

/** Counts of one span of decisions, aggregated by the pipeline (regulations 8.6). */
const decision = {
	kind: v.literal("decision"),
	/** UTC milliseconds at which the span began; the entry's own time is its end. */
	sinceMs: v.pipe(v.number(), v.finite()),
	/** The law in force, as `Law.hash` has it. */
	lawHash: sha256Hex,
	counts: v.pipe(
		v.array(
			v.strictObject({
				category: id,
				level: v.picklist(levels),
				/** null when no outlet was asked for, because nothing is in force that could name one. */
				outlet: v.nullable(id),
				effect: v.picklist(["upload", "vault", "drop"]),
				/** The release rule; null when none asked for the data. */
				rule: v.nullable(id),
				/** Codes of the reasons. */
				reasons: v.pipe(v.array(id), v.maxLength(32)),
				readings: count,
			}),
		),
		v.minLength(1),
		v.maxLength(500),
	),
};

/** Network traffic (regulations 8.1, G-26): one connection, or one span of a long one. */
const connection = {
	kind: v.literal("connection"),
	srcIp: address,
	srcPort: port,
	dstIp: address,
	dstPort: port,
	transportProto: v.picklist(["tcp", "udp"]),
	/** Such as `mqtt`, `mqtts`. */
	appProto: id,
	/** Bytes on the wire in both directions since the last entry of this connection; 0 when it opens. */
	packetBytes: count,
	state: v.picklist(["opened", "open", "closed", "refused"]),
	outlet: id,
	dstJurisdiction: v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, "an ISO 3166-1 alpha-2 country code in capitals")),
	/** SHA-256 of the peer's certificate; null without TLS. */
	tlsPeerFingerprint: v.nullable(sha256Hex),
};

/** An act of a person or of a program on a person's behalf (regulations 8.2, G-27). */
const act = {
	kind: v.literal("act"),
	user: v.strictObject({ id: name, role: name, org: name }),
	opObject: name,
	opType: id,
	/** Where the act came from; `local` for the control socket and the command line of the box itself. */
	loginIp: v.union([address, v.literal("local")]),
	device: v.strictObject({ id: name, model: name, swVersion: name }),
	result: v.picklist(["done", "refused", "failed"]),
	approvalRef: v.nullable(name),
};

/** A security event or alarm (regulations 8.3). */
const security = {
	kind: v.literal("security"),
	severity: v.picklist(["info", "warning", "alarm"]),
	ruleId: id,
	eventType: id,
	/** What it is about: an id of this unit's own, such as a file, an outlet or a source. */
	subject: name,
	evidenceRef: v.nullable(name),
	action: id,
	reportDeadline: v.nullable(instant),
};

/** Envelopes that were accepted and will not be delivered. */
const shed = {
	kind: v.literal("shed"),
	outlet: id,
	category: id,
	level: v.picklist(levels),
	/** `full`, `too-large`, `damaged`; later acts such as a withdrawn consent have their own. */
	reason: id,
	envelopes: count,
	records: count,
	bytes: count,
	firstSequence: count,
	lastSequence: count,
};

const start = { kind: v.literal("start"), unitId: name, swVersion: name, lawHash: v.nullable(sha256Hex) };
/** The overlay is no part of the law, and decides which signal is which path: its SHA-256, null without one. Older entries have none. */
const overlaySha256 = v.nullable(sha256Hex);
const stop = { kind: v.literal("stop"), reason: id };

/** What a writer gives: the time in UTC milliseconds, and the fields of its kind. */
const given = { atMs: v.pipe(v.number(), v.minValue(-62_135_596_800_000), v.maxValue(253_402_300_799_999)) };

export const NewLedgerEntrySchema = v.variant("kind", [
	v.strictObject({ ...given, ...decision }),
	v.strictObject({ ...given, ...connection }),
	v.strictObject({ ...given, ...act }),
	v.strictObject({ ...given, ...security }),
	v.strictObject({ ...given, ...shed }),
	v.strictObject({ ...given, ...start, overlaySha256 }),
	v.strictObject({ ...given, ...stop }),
]);

/** What is written: the position in the chain, and date and time with the offset kept (regulations 8.1). */
const stamped = {
	seq: count,
	date: v.pipe(v.string(), v.isoDate()),
	/** Such as `08:00:00.000+08:00`. */
	time: v.pipe(v.string(), v.regex(/^\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{2}:\d{2}$/, "hh:mm:ss.sss+hh:mm")),
};

export const LedgerEntrySchema = v.variant("kind", [
	v.strictObject({ ...stamped, ...decision }),
	v.strictObject({ ...stamped, ...connection }),
	v.strictObject({ ...stamped, ...act }),
	v.strictObject({ ...stamped, ...security }),
	v.strictObject({ ...stamped, ...shed }),
	v.strictObject({ ...stamped, ...start, overlaySha256: v.optional(overlaySha256) }),
	v.strictObject({ ...stamped, ...stop }),
]);

export type NewLedgerEntry = v.InferOutput<typeof NewLedgerEntrySchema>;
export type LedgerEntry = v.InferOutput<typeof LedgerEntrySchema>;

export const ledgerKinds = [
	"decision",
	"connection",
	"act",
	"security",
	"shed",
	"start",
	"stop",
] as const satisfies readonly LedgerEntry["kind"][];
export type LedgerKind = (typeof ledgerKinds)[number];

/** Date and time of day of a UTC instant at an offset from UTC (China: 480 minutes), milliseconds cut. */
export const stampOf = (atMs: number, offsetMinutes: number): { readonly date: string; readonly time: string } => {
	const local = new Date(Math.floor(atMs) + offsetMinutes * 60_000).toISOString();
	const minutes = Math.abs(offsetMinutes);
	const two = (value: number): string => String(value).padStart(2, "0");
	const offset = `${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
	return { date: local.slice(0, 10), time: `${local.slice(11, 23)}${offset}` };
};
