/**
 * The ledger: what was decided, sent, done and noticed, in an append-only chain of hashes (see `chain.ts`). Nothing imports it but what
 * composes the agent and the commands that read it.
 *
 * Nothing is ever taken out here. Over its limit the ledger goes on and raises an alarm, once; the hard end of the file is far above it.
 * A damaged file is kept beside, a new one goes on where the device state or the memory knows the chain to stand, and the break is an
 * entry of its own: `verify` names what is missing for good.
 */
import { existsSync } from "node:fs";
import * as v from "valibot";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { type NewLedgerEntry, NewLedgerEntrySchema, stampOf } from "../../shared/ledger-entry.ts";
import type { UtcMs } from "../../shared/units.ts";
import { databaseFileBytes, inTransaction, isDamage, isFull, isUselessFile, setDatabaseAside, sqliteCode } from "../host/sqlite.ts";
import { chainHash, type LedgerHead } from "./chain.ts";
import { type LedgerFile, maxEntryBytes, openLedgerFile } from "./ledger-file.ts";
import { type LedgerFilter, type ShownEntry, showLedger } from "./show-ledger.ts";
import { type LedgerVerdict, verifyLedger } from "./verify-ledger.ts";

export interface LedgerOptions {
	/** From the device state: what the chain must hold at least. */
	readonly head: LedgerHead | null;
	/** The time of entries that the ledger writes about itself. */
	nowMs(): UtcMs;
	/** Of the stamps, from UTC; 480 (China) unless told. */
	readonly offsetMinutes?: number;
	/** Bytes of the file above which the alarm is raised; 256 MiB unless told. */
	readonly maxBytes?: number;
	/** Hears of every alarm that the ledger writes about itself, in words. */
	readonly report?: (problem: string) => void;
}

export interface Ledger {
	/**
	 * Adds entries, in order, durable when it returns, all of them or none.
	 * @throws KerbError FORMAT_INVALID when a field is missing, unknown or wrong in any of them (nothing is written); LEDGER_BROKEN when the disk
	 * is full or fails. Whoever must account for something does not do it when this throws.
	 */
	append(entries: readonly NewLedgerEntry[]): void;
	/** Where the chain stands now: what the device state should keep, the latest every few seconds and at every stop. */
	head(): LedgerHead;
	/** Checks the whole chain against its own hashes and against `head`, if one is given. Time in proportion to the file. */
	verify(head?: LedgerHead): LedgerVerdict;
	/** Entries for people; see `LedgerFilter`. */
	show(filter?: LedgerFilter): ShownEntry[];
	stat(): { readonly entries: number; readonly fileBytes: number; readonly isOverLimit: boolean };
	close(): void;
}

/** Damaged files that are kept: evidence is never written over, so after so many the ledger refuses to go on. */
const maxSetAside = 100;
const defaultMaxBytes = 268_435_456;

/**
 * Opens the ledger or begins one. The folder must exist.
 * @throws KerbError LEDGER_BROKEN when no file can be opened at `path`.
 */
export const openLedger = (path: string, options: LedgerOptions): Ledger => {
	const maxBytes = options.maxBytes ?? defaultMaxBytes;
	const alarm = (ruleId: string, evidenceRef: string | null, problem: string): NewLedgerEntry => {
		options.report?.(problem);
		const [severity, eventType, action] = ["alarm", "ledger-integrity", "went-on"] as const;
		return {
			...{ kind: "security", atMs: options.nowMs(), severity, ruleId, eventType },
			...{ subject: "ledger", evidenceRef, action, reportDeadline: null },
		};
	};
	const opened = openOrSetAside(path, maxBytes, options.head);
	let file = opened.file;
	let { index, hash } = file.last;
	let isOverLimit = false;

	const write = (entries: readonly NewLedgerEntry[]): void => {
		let nextIndex = index;
		let nextHash = hash;
		inTransaction(file.db, () => {
			for (const entry of entries) {
				nextIndex++;
				const bytes = encodeEntry(entry, nextIndex, options.offsetMinutes ?? 480);
				nextHash = chainHash(nextHash, bytes);
				file.insert.run(nextIndex, nextHash, bytes);
			}
		});
		index = nextIndex;
		hash = nextHash;
	};

	/** A new file that goes on from where the chain stands in memory. */
	const goOnElsewhere = (): NewLedgerEntry => {
		closeQuietly(file);
		const aside = setAside(path);
		file = openLedgerFile(path, maxBytes, { count: index + 1, hash: Buffer.from(hash).toString("hex") });
		return alarm("ledger-damaged", aside, `${path} is damaged and was kept as ${aside}.`);
	};

	const guarded = (entries: readonly NewLedgerEntry[]): void => {
		try {
			write(entries);
		} catch (error) {
			if (!isDamage(error)) throw explained(path, error);
			try {
				write([goOnElsewhere(), ...entries]);
			} catch (again) {
				throw explained(path, again);
			}
		}
		if (isOverLimit || databaseFileBytes(path) <= maxBytes) return;
		isOverLimit = true;
		guarded([alarm("ledger-over-limit", null, `${path} is larger than ${maxBytes} bytes. Nothing was dropped; ship it away.`)]);
	};

	const noticed: NewLedgerEntry[] = [];
	const known = options.head;
	if (opened.loss !== undefined) {
		noticed.push(alarm(opened.loss.ruleId, opened.loss.aside, opened.loss.problem));
	} else if (known !== null && index < known.count - 1) {
		noticed.push(alarm("ledger-cut-off", null, `${path} ends after ${index + 1} entries; the device state knows ${known.count}.`));
		// Going on above the hole keeps it visible for ever; filling it with new entries would hide it.
		index = known.count - 1;
		hash = Buffer.from(known.hash, "hex");
	} else if (known !== null && known.count > 0 && hashAt(file, known.count - 1) !== known.hash) {
		noticed.push(alarm("ledger-rewritten", null, `entry ${known.count - 1} of ${path} is not the one that the device state knows.`));
	}
	if (noticed.length > 0) guarded(noticed);

	return {
		append(entries) {
			if (entries.length > 0) guarded(checked(entries));
		},
		head: () => ({ count: index + 1, hash: Buffer.from(hash).toString("hex") }),
		verify: (head) => verifyLedger(file.db, head ?? null),
		show: (filter) => showLedger(file.db, filter),
		stat: () => ({ entries: index + 1, fileBytes: databaseFileBytes(path), isOverLimit }),
		close: () => closeQuietly(file),
	};
};

interface Opened {
	readonly file: LedgerFile;
	/** What happened to the file that should have been there; undefined when all is well. */
	readonly loss?: { readonly ruleId: string; readonly aside: string | null; readonly problem: string };
}

const openOrSetAside = (path: string, maxBytes: number, head: LedgerHead | null): Opened => {
	try {
		const file = openLedgerFile(path, maxBytes, head);
		if (!file.isFresh || head === null || head.count === 0) return { file };
		return {
			file,
			loss: { ruleId: "ledger-gone", aside: null, problem: `${path} is gone; the device state knows ${head.count} entries.` },
		};
	} catch (error) {
		if (!isUselessFile(error) && !isKerbError(error, "LEDGER_BROKEN")) throw explained(path, error);
		try {
			const aside = setAside(path);
			const problem = `${path} was damaged and kept as ${aside}.`;
			return { file: openLedgerFile(path, maxBytes, head), loss: { ruleId: "ledger-damaged", aside, problem } };
		} catch (again) {
			throw explained(path, again);
		}
	}
};

const setAside = (path: string): string => {
	for (let number = 1; number <= maxSetAside; number++) {
		const aside = `${path}.damaged-${number}`;
		if (existsSync(aside)) continue;
		setDatabaseAside(path, aside);
		return aside;
	}
	throw new KerbError(
		"LEDGER_BROKEN",
		`${maxSetAside} damaged ledgers stand beside ${path}. Take them away for inspection; the disk is failing.`,
	);
};

const checked = (entries: readonly NewLedgerEntry[]): NewLedgerEntry[] =>
	entries.map((entry, at) => {
		const parsed = v.safeParse(NewLedgerEntrySchema, entry);
		if (parsed.success) return parsed.output;
		// Paths and expectations only: what was given may be anything.
		const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "entry"}: expected ${issue.expected ?? "another form"}`);
		throw new KerbError("FORMAT_INVALID", `ledger entry ${at + 1} of ${entries.length} was refused: ${problems.join("; ")}.`, { problems });
	});

const encodeEntry = (entry: NewLedgerEntry, index: number, offsetMinutes: number): Uint8Array => {
	const { atMs, ...fields } = entry;
	const bytes = new TextEncoder().encode(JSON.stringify({ seq: index, ...stampOf(atMs, offsetMinutes), ...fields }));
	if (bytes.length <= maxEntryBytes) return bytes;
	throw new KerbError("FORMAT_INVALID", `a ledger entry of ${bytes.length} bytes was refused; at most ${maxEntryBytes}.`);
};

const hashAt = (file: LedgerFile, index: number): string | undefined => {
	const hash = file.db.prepare("SELECT hash FROM entry WHERE idx = ?").get(index)?.hash;
	return hash instanceof Uint8Array ? Buffer.from(hash).toString("hex") : undefined;
};

const closeQuietly = (file: LedgerFile): void => {
	try {
		if (file.db.isOpen) file.db.close();
	} catch {
		// What is durable is so already.
	}
};

const explained = (path: string, cause: unknown): unknown => {
	if (isFull(cause)) return new KerbError("LEDGER_BROKEN", `${path}: there is no space left; nothing was written. Make room.`, { cause });
	const code = sqliteCode(cause);
	if (code === undefined && !isDamage(cause)) return cause;
	return new KerbError(
		"LEDGER_BROKEN",
		`${path} cannot be read or written (SQLite ${code ?? "value out of range"}). Check the disk and the rights.`,
		{ cause },
	);
};
