/**
 * Looks for a newer law from time to time and when somebody says that there is one, puts it in force, and accounts for what was applied and
 * what was refused. A refusal changes nothing: the last good law stays.
 */
import { isKerbError } from "../shared/errors.ts";
import type { NewLedgerEntry } from "../shared/ledger-entry.ts";
import type { Host } from "./host/host.ts";
import type { TakenLaw } from "./law/load-generation.ts";
import type { LawSource } from "./law-source.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { version } from "./version.ts";

export interface LawRefusal {
	/** A KerbError code. */
	readonly code: string;
	readonly detail: string;
	/** UTC milliseconds. */
	readonly atMs: number;
}

export interface LawWatchOptions {
	readonly unitId: string;
	readonly host: Pick<Host, "clock" | "random" | "emit">;
	readonly ledger: Pick<Ledger, "append">;
	readonly source: LawSource;
	/** Between two looks, give or take a tenth, so that a fleet does not look all at once. */
	readonly refreshMs: number;
	/** Looks at once when it begins to run. */
	readonly lookFirst: boolean;
	/**
	 * Makes another law the one in force; runs between two chunks. Throws KerbError LAW_INVALID or TREATMENT_INVALID, having done nothing,
	 * when it does not compile; anything else that it throws ends the agent.
	 */
	readonly obey: (taken: TakenLaw) => void;
	/** Another law is in force, or a refusal is new or over. */
	readonly onChange: () => void;
}

export interface LawWatch {
	/** Looks until the signal aborts. Rejects with what `obey`, the ledger or the state threw and no refusal is. */
	run(signal: AbortSignal): Promise<void>;
	/** Looks at once, or once more when it is looking already. */
	wake(): void;
	/** Why what the repository has was not taken; undefined when the last look went well. */
	refusal(): LawRefusal | undefined;
}

export const createLawWatch = ({ unitId, host, ledger, source, refreshMs, lookFirst, obey, onChange }: LawWatchOptions): LawWatch => {
	const { clock, emit } = host;
	let refusal: LawRefusal | undefined;
	let waking = new AbortController();

	const refused = (code: string, detail: string): void => {
		const isNews = refusal?.code !== code || refusal.detail !== detail;
		refusal = { code, detail, atMs: clock.nowMs() };
		if (!isNews) return;
		emit({ event: "law_refused", code, detail });
		// A place that cannot be reached is no act of anybody; a law that was refused is.
		if (code !== "LAW_UNAVAILABLE") ledger.append([lawEntry(unitId, "law-refused", clock.nowMs(), "refused")]);
		onChange();
	};

	const look = async (signal: AbortSignal): Promise<void> => {
		let taken: TakenLaw;
		try {
			taken = await source.look();
		} catch (error) {
			if (!isKerbError(error)) throw error;
			if (!signal.aborted) refused(error.code, error.message);
			return;
		}
		if (signal.aborted) return;
		try {
			const isNew = taken.law.hash !== source.current().law.hash;
			const wasRefused = refusal !== undefined;
			if (!isNew) source.take(taken);
			else {
				obey(taken);
				const { hash: lawHash, policy } = taken.law;
				ledger.append([lawEntry(unitId, "law-applied", clock.nowMs(), "done")]);
				emit({ event: "law_applied", lawHash, policy: policy.id, version: policy.version });
			}
			refusal = undefined;
			if (isNew || wasRefused) onChange();
		} catch (error) {
			if (!isKerbError(error, "LAW_INVALID") && !isKerbError(error, "TREATMENT_INVALID")) throw error;
			refused(error.code, error.message);
		}
	};

	return {
		async run(signal) {
			if (lookFirst) waking.abort();
			while (!signal.aborted) {
				const waitMs = refreshMs * (0.9 + 0.2 * host.random());
				await clock.sleep(waitMs, AbortSignal.any([signal, waking.signal]));
				if (signal.aborted) return;
				waking = new AbortController();
				// What is not there yet when the agent ends is left behind: it is on disk only once it is whole.
				await Promise.race([look(signal), aborted(signal)]);
			}
		},
		wake: () => waking.abort(),
		refusal: () => refusal,
	};
};

/** An act of the law's publisher on this unit (regulations G-27). */
const lawEntry = (unitId: string, opType: string, atMs: number, result: "done" | "refused"): NewLedgerEntry => ({
	kind: "act",
	atMs,
	user: { id: "law-repository", role: "publisher", org: "operator" },
	opObject: "law",
	opType,
	loginIp: "local",
	device: { id: unitId, model: "unit", swVersion: version },
	result,
	approvalRef: null,
});

const aborted = (signal: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener("abort", () => resolve(), { once: true });
	});
