/**
 * The law as a unit holds it: signed documents, each by the role that may write it, under a root that says which keys a role has.
 */
import * as v from "valibot";
import type { Authorisations } from "./authorisation.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Consents } from "./consent.ts";
import type { Fleet } from "./fleet.ts";
import type { Halt } from "./halt.ts";
import type { Notices } from "./notice.ts";
import type { Outlets } from "./outlet.ts";
import type { Policy } from "./policy.ts";
import type { Thresholds } from "./thresholds.ts";

/** A role signs one kind of document; the file is named like it. The root signs itself. */
export const lawRoles = ["catalogue", "policy", "outlets", "consents"] as const;
export type LawRole = (typeof lawRoles)[number];

/** Documents without which there is no law. Consents may be missing: nobody consented. */
export const requiredRoles = ["catalogue", "policy", "outlets"] as const satisfies readonly LawRole[];

export const maxDocumentBytes = 4 * 1024 * 1024;

const keyId = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, "16 hexadecimal digits"));
const RoleKeysSchema = v.strictObject({
	keyIds: v.pipe(v.array(keyId), v.minLength(1), v.maxLength(16)),
	/** How many different keys must have signed. */
	threshold: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16)),
});

export const RootSchema = v.strictObject({
	kind: v.literal("root"),
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	keys: v.record(keyId, v.strictObject({ ed25519: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
	roles: v.strictObject({
		root: RoleKeysSchema,
		catalogue: RoleKeysSchema,
		policy: RoleKeysSchema,
		outlets: RoleKeysSchema,
		consents: RoleKeysSchema,
	}),
});

/** The file beside a document: `policy.json.sig` beside `policy.json`. */
export const SignaturesSchema = v.strictObject({
	kind: v.literal("signatures"),
	signatures: v.pipe(
		v.array(v.strictObject({ keyId, ed25519: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/, "64 bytes in hexadecimal")) })),
		v.minLength(1),
		v.maxLength(64),
	),
});

export type Root = v.InferOutput<typeof RootSchema>;
export type Signatures = v.InferOutput<typeof SignaturesSchema>;

export interface Law {
	/** SHA-256 over the names and hashes of all documents, in hexadecimal: what a unit reports as the law it obeys. */
	readonly hash: string;
	/** SHA-256 of root.json, for pinning. */
	readonly rootHash: string;
	readonly catalogue: Catalogue;
	readonly policy: Policy;
	readonly outlets: Outlets;
	readonly consents: Consents | undefined;
	readonly notices?: Notices | undefined;
	/** Absent: every fact counts as above every threshold. */
	readonly fleet?: Fleet | undefined;
	/** Absent: the catalogue's own numbers. */
	readonly thresholds?: Thresholds | undefined;
	/** Absent: nothing widens the floor. */
	readonly authorisations?: Authorisations | undefined;
	/** Absent: nothing is halted. */
	readonly halt?: Halt | undefined;
}

/**
 * The bytes that are signed: the pre-authentication encoding of DSSE v1 (secure-systems-lab/dsse, protocol.md) with a payload type that
 * names the role, so that a signature on one kind of document is never good for another.
 */
export const signedBytes = (role: LawRole | "root", document: Uint8Array): Uint8Array => {
	const type = `application/vnd.kerbstone.law+json;role=${role}`;
	const head = new TextEncoder().encode(`DSSEv1 ${type.length} ${type} ${document.length} `);
	const all = new Uint8Array(head.length + document.length);
	all.set(head);
	all.set(document, head.length);
	return all;
};
