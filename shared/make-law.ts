/**
 * A first law and the keys behind it, as files in memory: whoever wants it on a disk writes them.
 */
import { toHex } from "./bytes.ts";
import { shippedCatalogues } from "./catalogue/shipped.ts";
import { CatalogueSchema } from "./catalogue.ts";
import { KerbError } from "./errors.ts";
import type { LawKind } from "./law-targets.ts";
import { parseValue } from "./parse-document.ts";
import type { ReleaseRule } from "./policy.ts";
import type { Primitives } from "./primitives.ts";
import { makeRoleKeys } from "./role-keys.ts";
import { type SampleInput, sampleConsents, sampleOutlets, samplePolicy } from "./sample-law.ts";
import { defaultLifeDays, type LifeDays, makeRepository } from "./tuf-repository.ts";

export interface MakeLawOptions
	extends Pick<SampleInput, "nowMs" | "catalogueId" | "brokerUrl" | "mqttVersion" | "addressRanges" | "policyDays"> {
	/** The policy's rules; none: nothing leaves. */
	readonly release: readonly ReleaseRule[];
	/** Adds the sample's consent to a coarse track. */
	readonly withConsent: boolean;
}

export interface MadeFile {
	/** With the folders above it, joined by `/`. */
	readonly name: string;
	readonly bytes: Uint8Array;
}

export interface MadeLaw {
	/** A repository: root.json, metadata/ and targets/ for units, and documents/ for whoever edits them. */
	readonly law: readonly MadeFile[];
	/** `role-keys.json` and `recipients.json`: what never goes to a unit. */
	readonly keys: readonly MadeFile[];
	/** For pinning. */
	readonly rootSha256: string;
}

/** @throws KerbError USAGE when the catalogue is not one that is shipped. */
export const makeLaw = (options: MakeLawOptions, crypto: Primitives): MadeLaw => {
	const shipped = shippedCatalogues[options.catalogueId];
	if (shipped === undefined) throw new KerbError("USAGE", `catalogue: expected one of ${Object.keys(shippedCatalogues).join(", ")}`);
	const catalogue = parseValue(CatalogueSchema, shipped, "the shipped catalogue", "INTERNAL");
	const [recipient, inspection] = [crypto.randomBytes(32), crypto.randomBytes(32)];
	const input: SampleInput = {
		...options,
		home: catalogue.jurisdiction,
		recipientKey: toHex(crypto.x25519Public(recipient)),
		inspectionKey: toHex(crypto.x25519Public(inspection)),
	};
	const roleKeys = makeRoleKeys(crypto);
	const noticeHash = toHex(crypto.sha256(new TextEncoder().encode("sample notice")));
	const documents = (
		[
			["catalogue", shipped],
			["policy", samplePolicy(input, options.release)],
			["outlets", sampleOutlets(input)],
			...(options.withConsent ? [["consents", sampleConsents(input, noticeHash)] as const] : []),
		] satisfies readonly (readonly [LawKind, unknown])[]
	).map(([kind, document]) => ({ kind, name: `${kind}.json`, bytes: pretty(document) }));
	const { files } = makeRepository({ keys: roleKeys, documents, nowMs: options.nowMs, lifeDays: lifeDaysOf(options.policyDays) }, crypto);
	const law = [
		...documents.map(({ name, bytes }) => ({ name: `documents/${name}`, bytes })),
		...files.map(({ path, bytes }) => ({ name: path, bytes })),
	];
	const recipients = {
		kind: "keys",
		recipients: [
			{ name: "OEM data platform", x25519Secret: toHex(recipient) },
			{ name: "inspection", x25519Secret: toHex(inspection) },
		],
		units: [],
	};
	return {
		law,
		keys: [
			{ name: "role-keys.json", bytes: pretty(roleKeys) },
			{ name: "recipients.json", bytes: pretty(recipients) },
		],
		rootSha256: toHex(crypto.sha256(law.find(({ name }) => name === "root.json")?.bytes ?? new Uint8Array())),
	};
};

/** A trial's signatures hold at least as long as its policy. */
export const lifeDaysOf = (policyDays: number): LifeDays => ({
	root: Math.max(defaultLifeDays.root, policyDays),
	roles: Math.max(defaultLifeDays.roles, policyDays),
	snapshot: Math.max(defaultLifeDays.snapshot, policyDays),
	timestamp: Math.max(defaultLifeDays.timestamp, policyDays),
});

const pretty = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, "\t")}\n`);
