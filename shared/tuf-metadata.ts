/**
 * Signed TUF metadata as bytes: reading it, making it, adding a signature, and counting the keys that signed. For whoever publishes law; a
 * unit judges metadata with the TUF client alone.
 */
import * as v from "valibot";
import { fromHex, toHex } from "./bytes.ts";
import { type CanonicalValue, canonicalJson } from "./canonical-json.ts";
import { parseDocument } from "./parse-document.ts";
import type { Primitives } from "./primitives.ts";
import { publicKeyOf, type RoleKey, seedBytes, type TufKey } from "./role-keys.ts";

/** The specification that the metadata follows; clients judge the first number. */
export const specVersion = "1.0.31";

/** The signed part: its type, version and end, and what the type adds. */
export type SignedPart = {
	readonly _type: string;
	readonly spec_version: string;
	readonly version: number;
	readonly expires: string;
} & { readonly [key: string]: CanonicalValue };

export interface TufSignature {
	readonly keyid: string;
	readonly sig: string;
}

export interface TufMetadata {
	readonly signatures: readonly TufSignature[];
	readonly signed: SignedPart;
}

/** Who may sign a role: key ids, how many of them, and the keys. */
export interface Signers {
	readonly keys: Readonly<Record<string, TufKey>>;
	readonly keyids: readonly string[];
	readonly threshold: number;
}

const canonical: v.GenericSchema<CanonicalValue> = v.lazy(() =>
	v.union([v.string(), v.pipe(v.number(), v.safeInteger()), v.boolean(), v.null(), v.array(canonical), v.record(v.string(), canonical)]),
);
const MetadataSchema = v.strictObject({
	signatures: v.pipe(v.array(v.strictObject({ keyid: v.string(), sig: v.string() })), v.maxLength(64)),
	signed: v.objectWithRest(
		{
			_type: v.string(),
			spec_version: v.string(),
			version: v.pipe(v.number(), v.safeInteger()),
			expires: v.pipe(v.string(), v.isoTimestamp()),
		},
		canonical,
	),
});

/** @throws KerbError LAW_INVALID when it is not TUF metadata. `what` names it for a person. */
export const parseMetadata = (bytes: Uint8Array, what: string): TufMetadata => parseDocument(MetadataSchema, bytes, what, "LAW_INVALID");

/** The file of a piece of metadata. */
export const encodeMetadata = (metadata: TufMetadata): Uint8Array => new TextEncoder().encode(`${JSON.stringify(metadata, null, "\t")}\n`);

/** The metadata with one signature more, or the same one again, by each of the keys. */
export const withSignatures = (metadata: TufMetadata, keys: readonly RoleKey[], crypto: Primitives): TufMetadata => {
	const message = signedText(metadata.signed);
	const fresh = keys.map(({ keyId, seed }) => ({ keyid: keyId, sig: toHex(crypto.ed25519Sign(seedBytes(seed), message)) }));
	const kept = metadata.signatures.filter(({ keyid }) => !fresh.some((signature) => signature.keyid === keyid));
	return { signatures: [...kept, ...fresh], signed: metadata.signed };
};

/**
 * A piece of metadata, as bytes, with one signature more: what each person of a threshold does on their own machine.
 *
 * @throws KerbError LAW_INVALID when the bytes are not TUF metadata.
 */
export const signMetadata = (bytes: Uint8Array, role: string, key: RoleKey, crypto: Primitives): Uint8Array =>
	encodeMetadata(withSignatures(parseMetadata(bytes, `${role}.json`), [key], crypto));

/** How many different public keys of the role have signed; one key under two ids counts once. */
export const countSigners = ({ signed, signatures }: TufMetadata, { keys, keyids }: Signers, crypto: Primitives): number => {
	const message = signedText(signed);
	const good = new Set<string>();
	for (const { keyid, sig } of signatures) {
		const key = keyids.includes(keyid) ? keys[keyid]?.keyval.public : undefined;
		const [publicKey, signature] = [fromHex(key ?? ""), fromHex(sig)];
		if (key === undefined || publicKey?.length !== 32 || signature?.length !== 64) continue;
		if (crypto.ed25519Verify(publicKey, message, signature)) good.add(key);
	}
	return good.size;
};

/** The public halves of keys, by id. */
export const keyTable = (keys: readonly RoleKey[], crypto: Primitives): Readonly<Record<string, TufKey>> =>
	Object.fromEntries(keys.map((key) => [key.keyId, publicKeyOf(key, crypto)]));

const signedText = (signed: SignedPart): Uint8Array => new TextEncoder().encode(canonicalJson(signed));
