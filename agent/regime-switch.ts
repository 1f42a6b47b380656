/**
 * Puts a regime in force for what comes and for what waits, in one synchronous step: between its first and its last line nothing is read,
 * sealed or published. What may no longer leave is forgotten in the pipeline, taken out of the spool, dropped by the uploaders and accounted
 * for. An envelope that was published and not yet acknowledged cannot be recalled.
 */
import type { NewLedgerEntry } from "../shared/ledger-entry.ts";
import type { Level } from "../shared/tag.ts";
import { unsealedEntry } from "./agent-entries.ts";
import type { Host } from "./host/host.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Pipeline } from "./pipeline.ts";
import { type RecallFacts, recallReason } from "./recall.ts";
import type { Regime } from "./regime.ts";
import type { ShedItem, Spool } from "./spool/spool-types.ts";
import type { Uploader } from "./upload/uploader.ts";

/** What a switch took back. */
export interface Recalled {
	readonly envelopes: number;
	/** In those envelopes and in what waited to be sealed. */
	readonly records: number;
}

export interface RegimeSwitchOptions extends Pick<RecallFacts, "home" | "endedByWithdrawal"> {
	readonly host: Pick<Host, "clock" | "emit">;
	readonly parts: { readonly spool: Pick<Spool, "waiting" | "withdraw" | "expire">; readonly ledger: Pick<Ledger, "append"> };
	readonly pipeline: Pipeline;
	/** By outlet; those that run. */
	readonly uploaders: ReadonlyMap<string, Uploader>;
}

export interface RegimeSwitch {
	/**
	 * Throws what seal, spool and ledger throw; the agent must end then, since something accepted may be lost.
	 * @param withdrawnNow see `RecallFacts`
	 */
	apply(next: Regime, withdrawnNow?: RecallFacts["withdrawnNow"]): Recalled;
	/** Holds the regime in force against what an earlier run left in the spool. Throws likewise. */
	review(): Recalled;
	/** Takes back what was sealed before `beforeMs`, UTC milliseconds; sealing times after `nowMs` prove nothing. Throws likewise. */
	expire(beforeMs: number, nowMs: number): void;
}

/** One ledger entry per unbroken row of sequences, unless there are more rows than this; then one per outlet and category. */
const maxRuns = 200;

export const createRegimeSwitch = (options: RegimeSwitchOptions): RegimeSwitch => {
	const { host, pipeline, uploaders } = options;
	const { spool, ledger } = options.parts;

	const account = (shed: readonly ShedItem[]): void => {
		if (shed.length > 0) ledger.append(withdrawalEntries(shed, host.clock.nowMs()));
		for (const { outletId, categoryId, envelopes } of shedRuns(shed, () => true)) {
			host.emit({ event: "spool_shed", outlet: outletId, category: categoryId, envelopes });
		}
	};
	const tellUploaders = (shed: readonly ShedItem[]): void => {
		for (const [id, uploader] of uploaders) {
			uploader.reconsider(shed.filter(({ outletId }) => outletId === id).map(({ sequence }) => sequence));
		}
	};
	const run = (regime: Regime, lawChanged: boolean, withdrawnNow: RecallFacts["withdrawnNow"]): Recalled => {
		const { home, endedByWithdrawal } = options;
		const facts: RecallFacts = { regime, home, lawChanged, withdrawnNow, endedByWithdrawal };
		const forgotten = pipeline.forget((route) => recallReason(route, facts) !== undefined);
		const entries = forgotten.map((batch) =>
			unsealedEntry(batch, batch.records, recallReason(batch.route, facts) ?? "reclassified", host.clock.nowMs()),
		);
		if (entries.length > 0) ledger.append(entries);
		if (regime !== pipeline.regime) pipeline.apply(regime);
		const shed = spool.waiting().flatMap((group) => {
			const reason = recallReason(group, facts);
			return reason === undefined ? [] : spool.withdraw(group, reason);
		});
		account(shed);
		tellUploaders(shed);
		const records = [...forgotten, ...shed].reduce((sum, each) => sum + each.records, 0);
		return { envelopes: shed.length, records };
	};
	return {
		apply: (next, withdrawnNow = () => false) => run(next, next.law.hash !== pipeline.regime.law.hash, withdrawnNow),
		review: () => run(pipeline.regime, true, () => false),
		expire: (beforeMs, nowMs) => {
			const shed = spool.expire(beforeMs, nowMs);
			if (shed.length === 0) return;
			account(shed);
			tellUploaders(shed);
		},
	};
};

interface Run {
	readonly outletId: string;
	readonly categoryId: string;
	readonly level: Level;
	readonly reason: ShedItem["reason"];
	envelopes: number;
	records: number;
	bytes: number;
	first: number;
	last: number;
}

/** Joins items of one outlet, category, level and reason; `joins` says whether the next may follow the last sequence of a run. */
const shedRuns = (items: readonly ShedItem[], joins: (last: number, next: number) => boolean): readonly Run[] => {
	const runs: Run[] = [];
	const open = new Map<string, Run>();
	for (const { outletId, categoryId, level, reason, sequence, records, byteLength } of items) {
		const key = [outletId, categoryId, level, reason].join("\n");
		const known = open.get(key);
		if (known !== undefined && joins(known.last, sequence)) {
			known.envelopes += 1;
			known.records += records;
			known.bytes += byteLength;
			known.first = Math.min(known.first, sequence);
			known.last = Math.max(known.last, sequence);
			continue;
		}
		const run: Run = { outletId, categoryId, level, reason, envelopes: 1, records, bytes: byteLength, first: sequence, last: sequence };
		open.set(key, run);
		runs.push(run);
	}
	return runs;
};

const withdrawalEntries = (shed: readonly ShedItem[], atMs: number): readonly NewLedgerEntry[] => {
	const exact = shedRuns(shed, (last, next) => next === last + 1);
	const runs = exact.length <= maxRuns ? exact : shedRuns(shed, () => true);
	return runs.map(({ outletId, categoryId, level, reason, envelopes, records, bytes, first, last }) => ({
		...{ kind: "shed", atMs, outlet: outletId, category: categoryId, level, reason },
		...{ envelopes, records, bytes, firstSequence: first, lastSequence: last },
	}));
};
