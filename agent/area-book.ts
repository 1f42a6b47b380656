/**
 * How much ground each recipient has been shown, over all envelopes and restarts: the union of what fine positions covered. What would take a
 * recipient beyond the limit stays inside; what was counted is on disk before it is sealed.
 *
 * One SQLite file. Cells are kept as keyed hashes: the file tells how much was covered and not where.
 */
import { createHmac } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { NewLedgerEntry } from "../shared/ledger-entry.ts";
import { inTransaction, isUselessFile, openDatabase, removeStaleLog, setDatabaseAside } from "./host/sqlite.ts";
import { cellsInKm2, coveredCells, fineM, type Position, stopKm2, warnKm2 } from "./place/covered-area.ts";

/** The file in the data folder. */
export const areaFile = "area.db";

const maxFileBytes = 64 * 1024 * 1024;
const schema =
	"CREATE TABLE IF NOT EXISTS covered (recipient TEXT NOT NULL, cell BLOB NOT NULL, PRIMARY KEY (recipient, cell)) WITHOUT ROWID";

export interface AreaBookOptions {
	readonly path: string;
	/** 32 secret bytes of this unit: cells are hashed with it. */
	readonly key: Uint8Array;
	readonly nowMs: () => number;
	readonly append: (entries: readonly NewLedgerEntry[]) => void;
	/** The file was damaged or is gone though it was there: true makes every recipient count as full. */
	readonly wasKept: boolean;
	/** Called once, before the first cell is kept. */
	readonly onKept: () => void;
}

/** What one record shows of the ground. */
export interface Shown {
	/** Undefined: it shows places that cannot be told. */
	readonly positions: readonly Position[] | undefined;
	/** How exactly, in metres; 0 when that is not known. */
	readonly precisionM: number;
	/** Its positions continue those of the records before it: what lies between them is covered, too. */
	readonly isWay: boolean;
}

/** Records of one envelope on their way to the keys of one outlet. */
export interface AreaRequest {
	/** One per record; undefined for one that shows no place. */
	readonly shown: readonly (Shown | undefined)[];
	/** Public keys of those who can read it. */
	readonly recipients: readonly string[];
}

export interface AreaBook {
	/**
	 * Which of the records may leave: true for those that cover nothing new or still have room. Durable when it returns; where it cannot be
	 * written, no fine position leaves and the ledger says so once.
	 */
	take(request: AreaRequest): readonly boolean[];
	close(): void;
}

/** Opens nothing until the first fine position wants to leave: most units never show one. */
export const openAreaBook = (options: AreaBookOptions): AreaBook => {
	let opened: AreaBook | undefined;
	let isSaid = false;
	return {
		take({ shown, recipients }) {
			if (!shown.some(isFine)) return shown.map(() => true);
			try {
				opened ??= openOnDisk(options);
			} catch {
				// Nothing says how much was shown, so nothing more is.
				if (!isSaid) options.append([areaEntry("area-unreadable", "alarm", "kept-inside", options.nowMs())]);
				isSaid = true;
				return shown.map((each) => !isFine(each));
			}
			return opened.take({ shown, recipients });
		},
		close: () => opened?.close(),
	};
};

const openOnDisk = (options: AreaBookOptions): AreaBook => {
	const { path, nowMs, append } = options;
	const { db, isLost } = open(path, options.wasKept);
	const say = (ruleId: string, severity: "warning" | "alarm", action: string): void =>
		append([areaEntry(ruleId, severity, action, nowMs())]);
	// Nobody knows what was covered, and a restart does not bring it back: nothing fine leaves this unit any more.
	if (isLost) say("area-lost", "alarm", "kept-inside");
	let wasKept = options.wasKept;
	let isWritten = true;
	const warned = new Set<string>();
	const stopped = new Set<string>();
	const counts = new Map<string, number>();
	/** Per recipient: the last fine position, so that strips are covered, too. */
	const last = new Map<string, Position>();
	const has = db.prepare("SELECT 1 FROM covered WHERE recipient = ? AND cell = ?");
	const insert = db.prepare("INSERT OR IGNORE INTO covered (recipient, cell) VALUES (?, ?)");
	const count = db.prepare("SELECT count(*) AS cells FROM covered WHERE recipient = ?");
	const limit = cellsInKm2(stopKm2);

	const countOf = (recipient: string): number => {
		const known = counts.get(recipient) ?? Number(count.get(recipient)?.cells ?? 0);
		counts.set(recipient, known);
		return known;
	};
	const hashOf = (cell: number): Uint8Array => createHmac("sha256", options.key).update(`${cell}`).digest().subarray(0, 8);

	/** Counts one record for one recipient inside the open transaction; false when there is no room. */
	const cover = (recipient: string, cells: ReadonlySet<number>): boolean => {
		const fresh = [...cells].map(hashOf).filter((cell) => has.get(recipient, cell) === undefined);
		const before = countOf(recipient);
		if (before + fresh.length > limit) {
			if (!stopped.has(recipient)) say("area-limit", "alarm", "kept-inside");
			stopped.add(recipient);
			return false;
		}
		for (const cell of fresh) insert.run(recipient, cell);
		counts.set(recipient, before + fresh.length);
		if (before + fresh.length > cellsInKm2(warnKm2) && !warned.has(recipient)) {
			warned.add(recipient);
			say("area-near-limit", "warning", "went-on");
		}
		return true;
	};

	const coverAll = (recipient: string, { positions = [], isWay }: Shown): boolean =>
		positions.every((position) => {
			const cells = coveredCells(position, isWay ? last.get(recipient) : undefined);
			if (cells === undefined || !cover(recipient, cells)) return false;
			if (isWay) last.set(recipient, position);
			return true;
		});
	const takeFine = ({ shown, recipients }: AreaRequest): readonly boolean[] =>
		shown.map((each) => {
			if (each === undefined || !isFine(each)) return true;
			return each.positions !== undefined && recipients.every((recipient) => coverAll(recipient, each));
		});

	return {
		take(request) {
			const closed = (): readonly boolean[] => request.shown.map((each) => !isFine(each));
			if (isLost) return closed();
			try {
				if (!wasKept) options.onKept();
				wasKept = true;
				const allowed = inTransaction(db, () => takeFine(request));
				isWritten = true;
				return allowed;
			} catch {
				counts.clear();
				if (isWritten) say("area-unwritten", "alarm", "kept-inside");
				isWritten = false;
				return closed();
			}
		},
		close: () => db.close(),
	};
};

/** Stands in the table in place of a recipient, whose key is hexadecimal, once a count was lost. */
const lostMark = "lost";

interface OpenFile {
	readonly db: DatabaseSync;
	readonly isLost: boolean;
}

/** Opens the file or makes it; one that takes the place of another, or of one that is gone, is marked as lost for good. */
const open = (path: string, wasKept: boolean): OpenFile => {
	const openOnce = (isReplacement: boolean): OpenFile => {
		removeStaleLog(path);
		const db = openDatabase(path, maxFileBytes);
		try {
			const isFresh = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'covered'").get() === undefined;
			inTransaction(db, () => {
				db.exec(schema);
				if (isReplacement || (isFresh && wasKept))
					db.prepare("INSERT OR IGNORE INTO covered VALUES (?, ?)").run(lostMark, new Uint8Array(1));
			});
			return { db, isLost: db.prepare("SELECT 1 FROM covered WHERE recipient = ?").get(lostMark) !== undefined };
		} catch (error) {
			db.close();
			throw error;
		}
	};
	try {
		return openOnce(false);
	} catch (error) {
		if (!isUselessFile(error)) throw error;
		setDatabaseAside(path, `${path}.damaged`);
		return openOnce(true);
	}
};

/** Known to 10 m or finer; what is not known of its precision counts as fine. */
const isFine = (shown: Shown | undefined): boolean => shown !== undefined && shown.precisionM <= fineM;

const areaEntry = (ruleId: string, severity: "warning" | "alarm", action: string, atMs: number): NewLedgerEntry => ({
	...{ kind: "security", atMs, severity, ruleId, eventType: "covered-area", subject: areaFile },
	...{ evidenceRef: null, action, reportDeadline: null },
});
