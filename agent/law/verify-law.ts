/**
 * From files to law: bytes, a trust anchor, the versions seen before and a way to check signatures go in; a law comes out, or an error that
 * names the file and the reason. No I/O, no clock. Bytes are parsed only after their signatures held.
 */
import { fromHex, toHex } from "../../shared/bytes.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { ConsentsSchema } from "../../shared/consent.ts";
import { KerbError } from "../../shared/errors.ts";
import { type Law, type LawRole, lawRoles, type Root, RootSchema, requiredRoles, SignaturesSchema, signedBytes } from "../../shared/law.ts";
import { OutletsSchema } from "../../shared/outlet.ts";
import { parseDocument } from "../../shared/parse-document.ts";
import { PolicySchema } from "../../shared/policy.ts";
import type { Primitives } from "../../shared/primitives.ts";

/** What was found in a law folder: a document and its signature file, each bounded when read. */
export interface LawFiles {
	readonly root: SignedFile;
	readonly documents: Partial<Record<LawRole, SignedFile>>;
}

export interface SignedFile {
	readonly bytes: Uint8Array;
	/** Undefined when there is no signature file. */
	readonly signatures: Uint8Array | undefined;
}

export interface LawTrust {
	/** SHA-256 of the root.json that this unit was provisioned with, hexadecimal; undefined: the folder's own root is taken on first use. */
	readonly rootSha256: string | undefined;
	/** The highest version of each document that this unit has obeyed; an older one is refused. */
	readonly floors: Partial<Record<LawRole, number>>;
}

export type LawCrypto = Pick<Primitives, "sha256" | "ed25519Verify">;

/**
 * @throws KerbError LAW_MISSING, LAW_SIGNATURE, LAW_INVALID or LAW_ROLLBACK. Expiry is not judged here: a stale law is still the law, and
 * `decide` lets only statutory flows through it.
 */
export const verifyLaw = (files: LawFiles, trust: LawTrust, crypto: LawCrypto): Law => {
	const root = verifyRoot(files.root, trust, crypto);
	for (const role of requiredRoles) {
		if (files.documents[role] === undefined)
			throw new KerbError("LAW_MISSING", `the law has no ${role}.json; "law init" writes a complete folder`);
	}
	for (const role of lawRoles) {
		const file = files.documents[role];
		if (file !== undefined) checkSignatures(role, file, root, crypto);
	}
	const documents = parseDocuments(files);
	for (const role of lawRoles) {
		const version = documents[role]?.version;
		const floor = trust.floors[role];
		if (version !== undefined && floor !== undefined && version < floor) {
			throw new KerbError(
				"LAW_ROLLBACK",
				`${role}.json has version ${version}, but this unit has obeyed version ${floor}; publish a higher version`,
			);
		}
	}
	const { catalogue, policy } = documents;
	if (policy.catalogue !== catalogue.id) {
		throw new KerbError(
			"LAW_INVALID",
			`policy.json was written for catalogue "${policy.catalogue}", but the law has catalogue "${catalogue.id}"`,
		);
	}
	return { hash: lawHash(files, crypto), rootHash: toHex(crypto.sha256(files.root.bytes)), ...documents };
};

const verifyRoot = (file: SignedFile, trust: LawTrust, crypto: LawCrypto): Root => {
	const hash = toHex(crypto.sha256(file.bytes));
	if (trust.rootSha256 !== undefined && trust.rootSha256 !== hash) {
		throw new KerbError(
			"LAW_SIGNATURE",
			`root.json has SHA-256 ${hash}, but this unit trusts ${trust.rootSha256}; the law folder belongs to another root`,
		);
	}
	// The root is the one document that is parsed before its signature is checked: its keys are inside it. It is believed only when the
	// keys that it names have signed it, and, with a pin, only when it is the pinned one.
	const root = parseDocument(RootSchema, file.bytes, "root.json", "LAW_INVALID");
	checkSignatures("root", file, root, crypto);
	return root;
};

/** Counts distinct keys of the role that signed exactly these bytes. */
const checkSignatures = (role: LawRole | "root", file: SignedFile, root: Root, crypto: LawCrypto): void => {
	const name = `${role}.json`;
	if (file.signatures === undefined)
		throw new KerbError("LAW_SIGNATURE", `${name} has no signature file ${name}.sig; "law sign" makes one`);
	const { signatures } = parseDocument(SignaturesSchema, file.signatures, `${name}.sig`, "LAW_SIGNATURE");
	const { keyIds, threshold } = root.roles[role];
	const message = signedBytes(role, file.bytes);
	const good = new Set<string>();
	for (const { keyId, ed25519 } of signatures) {
		const key = root.keys[keyId];
		// Keys count by their bytes, so that one key under two ids does not reach a threshold of two.
		if (key === undefined || !keyIds.includes(keyId) || good.has(key.ed25519)) continue;
		if (crypto.ed25519Verify(keyBytes(key.ed25519), message, keyBytes(ed25519))) good.add(key.ed25519);
	}
	if (good.size >= threshold) return;
	throw new KerbError(
		"LAW_SIGNATURE",
		`${name} needs ${threshold} good signature${threshold === 1 ? "" : "s"} by keys of role "${role}", found ${good.size}; it was changed after signing or signed with another key`,
	);
};

const parseDocuments = (files: LawFiles): Pick<Law, "catalogue" | "policy" | "outlets" | "consents"> => {
	const bytesOf = (role: LawRole): Uint8Array => files.documents[role]?.bytes ?? new Uint8Array();
	return {
		catalogue: parseDocument(CatalogueSchema, bytesOf("catalogue"), "catalogue.json", "LAW_INVALID"),
		policy: parseDocument(PolicySchema, bytesOf("policy"), "policy.json", "LAW_INVALID"),
		outlets: parseDocument(OutletsSchema, bytesOf("outlets"), "outlets.json", "LAW_INVALID"),
		consents: files.documents.consents && parseDocument(ConsentsSchema, bytesOf("consents"), "consents.json", "LAW_INVALID"),
	};
};

const lawHash = (files: LawFiles, crypto: LawCrypto): string => {
	const parts = [`root ${toHex(crypto.sha256(files.root.bytes))}`];
	for (const role of lawRoles) {
		const file = files.documents[role];
		if (file !== undefined) parts.push(`${role} ${toHex(crypto.sha256(file.bytes))}`);
	}
	return toHex(crypto.sha256(new TextEncoder().encode(`kerbstone-law-v1\n${parts.join("\n")}\n`)));
};

/** The schemas have checked the digits already. */
const keyBytes = (digits: string): Uint8Array => fromHex(digits) ?? new Uint8Array();
