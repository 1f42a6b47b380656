/** Keys of every kind that a TUF repository may use, made with Node's own crypto and written down as public metadata has them. */
import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export type KeyKind = "ed25519" | "ecdsa-p256" | "ecdsa-p384" | "rsa-pss" | "rsa-pss-longest-salt";

export interface TufKey {
	readonly keyid: string;
	/** As it stands in root or in a delegation. */
	readonly json: Record<string, unknown>;
	/** A hex signature over the bytes. */
	sign(bytes: Uint8Array): string;
}

/** The canonical JSON that TUF signs: sorted names, no spaces, and only quotes and backslashes escaped. */
export const canonical = (value: unknown): string => {
	if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
	if (typeof value === "string") return `"${value.replaceAll(/["\\]/g, "\\$&")}"`;
	if (typeof value !== "object" || value === null) return String(value);
	const named = Object.entries(value).filter(([, each]) => each !== undefined);
	return `{${named
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, each]) => `${canonical(name)}:${canonical(each)}`)
		.join(",")}}`;
};

interface Kind {
	readonly keytype: string;
	readonly scheme: string;
	readonly make: () => { publicKey: KeyObject; privateKey: KeyObject };
	readonly publicText: (key: KeyObject) => string;
	readonly sign: (bytes: Uint8Array, key: KeyObject) => Buffer;
}

const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const rsa = (saltLength: number): Kind => ({
	keytype: "rsa",
	scheme: "rsassa-pss-sha256",
	make: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
	publicText: pem,
	sign: (bytes, key) => sign("sha256", bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }),
});

const kinds: Record<KeyKind, Kind> = {
	ed25519: {
		keytype: "ed25519",
		scheme: "ed25519",
		make: () => generateKeyPairSync("ed25519"),
		publicText: (key) => key.export({ type: "spki", format: "der" }).subarray(-32).toString("hex"),
		sign: (bytes, key) => sign(undefined, bytes, key),
	},
	"ecdsa-p256": {
		keytype: "ecdsa",
		scheme: "ecdsa-sha2-nistp256",
		make: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
		publicText: pem,
		sign: (bytes, key) => sign("sha256", bytes, key),
	},
	"ecdsa-p384": {
		keytype: "ecdsa",
		scheme: "ecdsa-sha2-nistp384",
		make: () => generateKeyPairSync("ec", { namedCurve: "P-384" }),
		publicText: pem,
		sign: (bytes, key) => sign("sha384", bytes, key),
	},
	"rsa-pss": rsa(constants.RSA_PSS_SALTLEN_DIGEST),
	"rsa-pss-longest-salt": rsa(constants.RSA_PSS_SALTLEN_MAX_SIGN),
};

/** `extra`: further members of the public key, which its id covers. */
export const makeTufKey = (kind: KeyKind = "ecdsa-p256", extra: Record<string, unknown> = {}): TufKey => {
	const { keytype, scheme, make, publicText, sign: signWith } = kinds[kind];
	const { publicKey, privateKey } = make();
	const json = { keytype, scheme, keyval: { public: publicText(publicKey) }, ...extra };
	return {
		keyid: createHash("sha256").update(canonical(json)).digest("hex"),
		json,
		sign: (bytes) => signWith(bytes, privateKey).toString("hex"),
	};
};
