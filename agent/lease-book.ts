/**
 * The quota leases of one unit at work: what leaves under an authorisation is taken from its lease here, and is on disk before it is sealed.
 * One JSON file, replaced as a whole, with a checksum over the text of `data`:
 *
 *   { "format": "kerbstone-quota-1", "sha256": "<of data>", "data": "<see decide/quota.ts>" }
 *
 * A file that cannot be believed, or that is gone where there was one, means that nobody knows what has left: the leases in force are used up,
 * and only signed ones that end later open a new count (regulations G-06).
 */
import { hash } from "node:crypto";
import * as v from "valibot";
import { isKerbError, KerbError } from "../shared/errors.ts";
import type { NewLedgerEntry } from "../shared/ledger-entry.ts";
import { parseValue } from "../shared/parse-document.ts";
import type { RouteAuthorisation } from "../shared/verdict.ts";
import {
	emptyQuota,
	forfeit,
	hasLeft,
	parseQuota,
	type QuotaState,
	recordsLeft,
	serialiseQuota,
	take,
	withoutEnded,
} from "./decide/quota.ts";
import type { Disk } from "./host/disk.ts";
import type { Emit } from "./host/events.ts";
import type { State } from "./host/state.ts";

/** The file in the data folder. */
export const quotaFile = "quota.json";

/** More than a unit, which is one subject, can ever write. */
const maxFileBytes = 4_194_304;

const FileSchema = v.strictObject({
	format: v.literal("kerbstone-quota-1"),
	sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
	data: v.string(),
});

export interface LeaseBookOptions {
	readonly path: string;
	readonly disk: Disk;
	/** Remembers that there is a count, so that a file that is gone is missed. */
	readonly state: Pick<State, "get" | "updateNow">;
	/** `subjectHash` of the unit's own pseudonym: all that a unit senses is about its one vehicle. */
	readonly subject: string;
	/** The leases of the law in force. */
	readonly leases: readonly RouteAuthorisation[];
	/** UTC milliseconds that never fall behind what was known to be good, and never run past the end of the policy in force. */
	readonly nowMs: () => number;
	readonly append: (entries: readonly NewLedgerEntry[]) => void;
	readonly emit: Emit;
}

/** Records that want to leave under an authorisation. */
export interface LeaseRequest {
	readonly authorisation: RouteAuthorisation;
	readonly records: number;
}

export interface LeaseBook {
	/**
	 * How many records of each request may leave, taken from the leases in the order given and durable when it returns. Where the count cannot
	 * be written nothing may leave, and the ledger says so once; it stays taken.
	 */
	take(requests: readonly LeaseRequest[]): readonly number[];
	/** Whether at least one more record could be taken now. */
	allows(authorisation: RouteAuthorisation): boolean;
	/** True when `take` has used up a lease, or refused something, since the last call: the law must be compiled anew. */
	takeChange(): boolean;
}

/** @throws KerbError STATE_INVALID when a damaged file cannot be put aside. */
export const openLeaseBook = (options: LeaseBookOptions): LeaseBook => {
	const { path, disk, state, nowMs } = options;
	const subjects = [options.subject];
	disk.removeLeftover(path);
	const found = readQuota(path, disk);
	let quota: QuotaState = typeof found === "string" ? emptyQuota : found;
	let isWritten = true;
	let hasChanged = false;

	const write = (): boolean => {
		const data = serialiseQuota(withoutEnded(quota));
		const file = { format: "kerbstone-quota-1", sha256: hash("sha256", data), data };
		try {
			disk.writeFileDurable(path, new TextEncoder().encode(`${JSON.stringify(file)}\n`), { mode: 0o600 });
			if (state.get().quotaKept !== true) state.updateNow({ quotaKept: true });
			isWritten = true;
		} catch (error) {
			if (!isKerbError(error, "STATE_INVALID")) throw error;
			if (isWritten) options.append([alarm("quota-unwritten", "kept-inside", nowMs())]);
			isWritten = false;
		}
		return isWritten;
	};

	if (found === "damaged" || (found === "missing" && state.get().quotaKept === true)) {
		// First of all, so that a crash from here on finds a file that is gone and not one that never was.
		if (state.get().quotaKept !== true) state.updateNow({ quotaKept: true });
		if (found === "damaged") disk.renameDurable(path, `${path}.damaged`);
		quota = forfeit(quota, options.leases);
		options.append([alarm(`quota-${found}`, "leases-used-up", nowMs())]);
		const what = found === "damaged" ? `was damaged; it was kept as ${path}.damaged` : "is gone";
		options.emit({ event: "state_recovered", detail: `${path} ${what}. The leases in force count as used up until later ones come.` });
		write();
	}

	return {
		take(requests) {
			if (requests.length === 0) return [];
			const atMs = nowMs();
			const before = quota;
			const granted = requests.map(({ authorisation: { id: authorisationId, quota: lease }, records: wanted }) => {
				const records = Math.min(wanted, recordsLeft(quota, { authorisationId, lease, subjects, nowMs: atMs }));
				if (records === 0) return 0;
				quota = take(quota, { authorisationId, lease, subjects, records, nowMs: atMs }).state;
				return records;
			});
			hasChanged ||= requests.some(
				({ authorisation, records }, index) => granted[index] !== records || !hasLeft(quota, authorisation.id, authorisation.quota, atMs),
			);
			if (quota === before || write()) return granted;
			hasChanged = true;
			return granted.map(() => 0);
		},
		allows: ({ id, quota: lease }) => hasLeft(quota, id, lease, nowMs()),
		takeChange() {
			const changed = hasChanged;
			hasChanged = false;
			return changed;
		},
	};
};

const readQuota = (path: string, disk: Disk): QuotaState | "damaged" | "missing" => {
	try {
		const bytes = disk.readFileBounded(path, maxFileBytes);
		if (bytes === undefined) return "missing";
		const file: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
		const { data, sha256 } = parseValue(FileSchema, file, path, "STATE_INVALID");
		if (hash("sha256", data) !== sha256) throw new KerbError("STATE_INVALID", `${path} does not match its own checksum.`);
		return parseQuota(data);
	} catch (error) {
		if (error instanceof SyntaxError || error instanceof TypeError || isKerbError(error, "STATE_INVALID")) return "damaged";
		throw error;
	}
};

const alarm = (ruleId: string, action: string, atMs: number): NewLedgerEntry => ({
	...{ kind: "security", atMs, severity: "alarm", ruleId, eventType: "quota-integrity", subject: quotaFile },
	...{ evidenceRef: null, action, reportDeadline: null },
});
