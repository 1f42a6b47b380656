/**
 * The server's memory: one SQLite file. Small things with an id are kept as JSON under their kind; the audit log can only grow, by a trigger
 * and by a chain of hashes. Every change is durable when its call returns.
 */
import type { DatabaseSync } from "node:sqlite";
import { inTransaction, openDatabase } from "../../agent/host/sqlite.ts";
import { toHex } from "../../shared/bytes.ts";
import type { Primitives } from "../../shared/primitives.ts";

/** Things of one kind, by id. What is read is a copy. */
export interface Collection<T> {
	get(id: string): T | undefined;
	put(id: string, thing: T): void;
	remove(id: string): void;
	/** In order of id, beginning after `after`. */
	list(limit: number, after?: string): readonly T[];
	/** In order of id from the last one backwards. */
	newest(limit: number): readonly T[];
	count(): number;
}

export interface AuditEntry {
	readonly seq: number;
	readonly at: string;
	readonly who: string;
	readonly act: string;
	/** What it was done to: an id, never a document. */
	readonly target: string;
	readonly result: string;
	/** SHA-256 over the entry before and this one. */
	readonly hash: string;
}

export interface Store {
	readonly db: DatabaseSync;
	collection<T>(kind: string): Collection<T>;
	/** The next whole number of a series, from 1; never given out twice. */
	next(series: string): number;
	audit(entry: Omit<AuditEntry, "seq" | "hash">): void;
	/** Newest first, older than `before` when it is given. */
	auditLog(limit: number, before?: number): readonly AuditEntry[];
	/** True when no entry was changed or taken out of the middle. */
	auditHolds(): boolean;
	/** All of `work` is durable when this returns, or nothing of it. Not nested. */
	together<T>(work: () => T): T;
	close(): void;
}

const maxFileBytes = 16 * 1024 ** 3;

const schema = `
	CREATE TABLE IF NOT EXISTS things (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS series (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
	CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, roles TEXT NOT NULL, hash BLOB NOT NULL,
		not_after_ms INTEGER NOT NULL) STRICT;
	CREATE TABLE IF NOT EXISTS law_hashes (hash TEXT PRIMARY KEY, release TEXT NOT NULL) STRICT;
	CREATE TABLE IF NOT EXISTS stage_reports (rollout TEXT NOT NULL, unit TEXT NOT NULL, refused TEXT, PRIMARY KEY (rollout, unit)) STRICT;
	CREATE TABLE IF NOT EXISTS audit (seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL,
		target TEXT NOT NULL, result TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
	CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
	CREATE TRIGGER IF NOT EXISTS audit_grows BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
`;

const entryOf = (row: Record<string, unknown>): AuditEntry => ({
	seq: Number(row.seq),
	at: String(row.at),
	who: String(row.who),
	act: String(row.act),
	target: String(row.target),
	result: String(row.result),
	hash: String(row.hash),
});

/** @throws SQLite's own errors when the file is not a database of this program. */
export const openStore = (path: string, crypto: Pick<Primitives, "sha256">): Store => {
	const db = openDatabase(path, maxFileBytes);
	db.exec(schema);
	const chain = (before: string, entry: Omit<AuditEntry, "seq" | "hash">): string =>
		toHex(crypto.sha256(new TextEncoder().encode(JSON.stringify([before, entry.at, entry.who, entry.act, entry.target, entry.result]))));
	const lastHash = db.prepare("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1");
	const insertAudit = db.prepare("INSERT INTO audit (at, who, act, target, result, hash) VALUES (?, ?, ?, ?, ?, ?)");
	return {
		db,
		collection<T>(kind: string): Collection<T> {
			const thingOf = (row: Record<string, unknown> | undefined): T | undefined =>
				row === undefined ? undefined : (JSON.parse(String(row.body)) as T);
			const things = (rows: readonly Record<string, unknown>[]): readonly T[] => rows.map((row) => JSON.parse(String(row.body)) as T);
			const one = db.prepare("SELECT body FROM things WHERE kind = ? AND id = ?");
			const put = db.prepare("INSERT INTO things (kind, id, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body");
			const remove = db.prepare("DELETE FROM things WHERE kind = ? AND id = ?");
			const page = db.prepare("SELECT body FROM things WHERE kind = ? AND id > ? ORDER BY id LIMIT ?");
			const back = db.prepare("SELECT body FROM things WHERE kind = ? ORDER BY id DESC LIMIT ?");
			const count = db.prepare("SELECT count(*) AS n FROM things WHERE kind = ?");
			return {
				get: (id) => thingOf(one.get(kind, id)),
				put: (id, thing) => void put.run(kind, id, JSON.stringify(thing)),
				remove: (id) => void remove.run(kind, id),
				list: (limit, after = "") => things(page.all(kind, after, limit)),
				newest: (limit) => things(back.all(kind, limit)),
				count: () => Number(count.get(kind)?.n ?? 0),
			};
		},
		next(series) {
			db.prepare("INSERT INTO series (name, last) VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1").run(series);
			return Number(db.prepare("SELECT last FROM series WHERE name = ?").get(series)?.last);
		},
		audit(entry) {
			const before = String(lastHash.get()?.hash ?? "");
			insertAudit.run(entry.at, entry.who, entry.act, entry.target, entry.result, chain(before, entry));
		},
		auditLog: (limit, before = Number.MAX_SAFE_INTEGER) =>
			db.prepare("SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?").all(before, limit).map(entryOf),
		auditHolds() {
			let hash = "";
			for (const row of db.prepare("SELECT * FROM audit ORDER BY seq").iterate()) {
				const entry = entryOf(row);
				hash = chain(hash, entry);
				if (entry.hash !== hash) return false;
			}
			return true;
		},
		together: (work) => inTransaction(db, work),
		close: () => db.close(),
	};
};

/** An id that sorts in the order of making: `d-000042`. */
export const serialId = (prefix: string, serial: number): string => `${prefix}-${String(serial).padStart(6, "0")}`;
