/**
 * Who may do what. A person (or a machine) is a name with roles; it shows itself by a bearer token, of which only the hash is kept, or by a
 * client certificate with its name as subject CN. Two tokens of one name are one person, so they never make two approvals.
 */
import type { DatabaseSync } from "node:sqlite";
import { toHex } from "../../shared/bytes.ts";
import { KerbError } from "../../shared/errors.ts";
import type { Primitives } from "../../shared/primitives.ts";
import { isUnitId } from "../../shared/topics.ts";

/** collector: hands in what envelope labels say. The others are as their names are. */
export const roles = ["author", "approver", "publisher", "operator", "unit", "auditor", "collector"] as const;
export type Role = (typeof roles)[number];

export interface Person {
	/** For a unit: its unit id. */
	readonly name: string;
	readonly roles: readonly Role[];
	/** What rates are counted by. */
	readonly credential: string;
}

export interface People {
	/**
	 * Makes a token and returns it; it is never shown again.
	 * @param days How long it is good for, 1 to 3,650.
	 * @throws KerbError USAGE when name, roles or days are not as they must be.
	 */
	addToken(name: string, roles: readonly string[], days: number): string;
	/** Lets a client certificate with this subject CN act with these roles. @throws KerbError USAGE as `addToken`. */
	addCertificate(name: string, roles: readonly string[]): void;
	/** Takes every token and certificate of a name away; false when there was none. */
	remove(name: string): boolean;
	/** Names and roles, never a hash. */
	list(): readonly { readonly kind: string; readonly name: string; readonly roles: string; readonly notAfterMs: number }[];
	byToken(token: string): Person | undefined;
	/** `cn` of a certificate that the TLS layer has verified. */
	byCertificate(cn: string): Person | undefined;
}

const isRole = (text: string): text is Role => roles.some((role) => role === text);
const dayMs = 86_400_000;

/** `nowMs`: UTC. */
export const openPeople = (db: DatabaseSync, crypto: Pick<Primitives, "sha256" | "randomBytes" | "equal">, nowMs: () => number): People => {
	const hash = (text: string): Uint8Array => crypto.sha256(new TextEncoder().encode(`kerb-policy-server-token\n${text}`));
	const check = (name: string, wanted: readonly string[]): void => {
		if (!/^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/.test(name))
			throw new KerbError("USAGE", "name: expected 1 to 64 lower-case letters, digits, '.' and '-'");
		const unknown = wanted.filter((role) => !isRole(role));
		if (wanted.length === 0 || unknown.length > 0) throw new KerbError("USAGE", `role: expected some of ${roles.join(", ")}`);
		if (wanted.includes("unit") && (wanted.length > 1 || !isUnitId(name)))
			throw new KerbError("USAGE", "role unit: expected no other role beside it and a unit id as the name");
	};
	const insert = db.prepare("INSERT INTO people (id, kind, name, roles, hash, not_after_ms) VALUES (?, ?, ?, ?, ?, ?)");
	const personOf = (row: Record<string, unknown> | undefined, credential: string): Person | undefined => {
		if (row === undefined || Number(row.not_after_ms) <= nowMs()) return undefined;
		return { name: String(row.name), roles: String(row.roles).split(",").filter(isRole), credential };
	};
	return {
		addToken(name, wanted, days) {
			check(name, wanted);
			if (!Number.isInteger(days) || days < 1 || days > 3_650) throw new KerbError("USAGE", "days: expected a whole number from 1 to 3650");
			const id = toHex(crypto.randomBytes(8));
			const secret = toHex(crypto.randomBytes(32));
			insert.run(id, "token", name, [...new Set(wanted)].join(","), hash(secret), nowMs() + days * dayMs);
			return `kerb_${id}_${secret}`;
		},
		addCertificate(name, wanted) {
			check(name, wanted);
			db.prepare("DELETE FROM people WHERE kind = 'certificate' AND name = ?").run(name);
			insert.run(`cn-${name}`, "certificate", name, [...new Set(wanted)].join(","), new Uint8Array(), Number.MAX_SAFE_INTEGER);
		},
		remove: (name) => Number(db.prepare("DELETE FROM people WHERE name = ?").run(name).changes) > 0,
		list: () =>
			db
				.prepare("SELECT kind, name, roles, not_after_ms FROM people ORDER BY name, kind LIMIT 10000")
				.all()
				.map((row) => ({
					kind: String(row.kind),
					name: String(row.name),
					roles: String(row.roles),
					notAfterMs: Number(row.not_after_ms),
				})),
		byToken(token) {
			const [, id = "", secret = ""] = /^kerb_([0-9a-f]{16})_([0-9a-f]{64})$/.exec(token) ?? [];
			const row = db.prepare("SELECT * FROM people WHERE id = ? AND kind = 'token'").get(id);
			// Compared even when there is no such token, so that time does not tell which ids there are.
			const kept = row?.hash instanceof Uint8Array ? row.hash : new Uint8Array(32);
			return crypto.equal(kept, hash(secret)) ? personOf(row, id) : undefined;
		},
		byCertificate: (cn) =>
			personOf(db.prepare("SELECT * FROM people WHERE kind = 'certificate' AND name = ?").get(cn), `cn-${cn.slice(0, 64)}`),
	};
};
