/**
 * What the demonstration says: progress, the summary, and what counts as failed.
 */
import type { AgentStatus } from "../shared/status.ts";
import { byteText, categoryTable, grouped } from "../shared/summary-text.ts";
import type { Account } from "./collector-account.ts";

export interface DemoFacts {
	readonly status: AgentStatus;
	readonly account: Account;
	/** CAN frames that the bus has sent. */
	readonly frames: number;
	/** Reports of the GNSS receiver. */
	readonly fixes: number;
	/** The records that the collector opened, as JSON lines. */
	readonly jsonBytes: number;
	/** What went wrong on the way. */
	readonly problems: readonly string[];
}

const readingsOf = ({ status }: DemoFacts): number => status.sources.reduce((sum, { readings }) => sum + readings, 0);

export const demoProgress = (facts: DemoFacts, second: number, seconds: number): string =>
	`${String(Math.round(second)).padStart(3)} of ${seconds} s: ${grouped(facts.frames)} CAN frames, ${grouped(facts.fixes)} GNSS reports, ` +
	`${grouped(readingsOf(facts))} readings sensed; ${grouped(facts.account.envelopes)} envelopes, ${grouped(facts.account.records)} records at the collector`;

export const demoSummary = (facts: DemoFacts): readonly string[] => {
	const { account, status } = facts;
	const share = facts.jsonBytes === 0 ? 0 : Math.round((100 * account.bytes) / facts.jsonBytes);
	return [
		`${grouped(facts.frames)} CAN frames and ${grouped(facts.fixes)} GNSS reports became ${grouped(readingsOf(facts))} readings:`,
		"",
		...categoryTable(status.categories),
		"",
		`On the wire: ${grouped(account.envelopes)} envelopes with ${grouped(account.records)} records in ${byteText(account.bytes)}, labels, signatures and keys included; ` +
			`the same records as JSON lines are ${byteText(facts.jsonBytes)} (${share} %).`,
		`The collector verified ${grouped(account.envelopes)} signatures (${account.signatureFailures} failed), opened ${account.openFailures === 0 ? "every one" : `all but ${account.openFailures}`}, ` +
			`found ${account.gaps.length} gaps in the sequence, ${account.duplicates} duplicates and ${account.conflicts} conflicts.`,
		`The ledger holds ${grouped(status.ledger.entries)} entries. Law: policy "${status.law?.policyId ?? ""}" version ${status.law?.policyVersion ?? ""}, catalogue "${status.law?.catalogueId ?? ""}".`,
	];
};

/** Everything that must hold at the end of a demonstration and does not. */
export const demoFailures = ({ status, account, problems, frames }: DemoFacts): readonly string[] => {
	const failures = [...problems];
	const need = (holds: boolean, failure: string): void => {
		if (!holds) failures.push(failure);
	};
	const delivered = status.outlets.reduce((sum, outlet) => sum + outlet.deliveredEnvelopes, 0);
	const left = status.categories.reduce((sum, { uploaded, coarsened }) => sum + uploaded + coarsened, 0);
	const pending = status.outlets.reduce((sum, outlet) => sum + outlet.pendingEnvelopes, 0);
	const trajectory = status.categories.find(({ id }) => id === "connected-operation.perception.trajectory");
	need(frames > 0 && left > 0, "nothing was sensed, or nothing left");
	need(trajectory !== undefined && trajectory.uploaded === 0 && trajectory.coarsened > 0, "no position was coarsened");
	need(pending === 0, `${pending} envelopes were not delivered`);
	need(account.envelopes === delivered, `${delivered} envelopes were delivered, the collector accepted ${account.envelopes}`);
	need(account.records === left, `${left} readings left, the collector has ${account.records} records`);
	need(account.signatureFailures + account.openFailures + account.unenrolled + account.misaddressed === 0, "an envelope did not verify");
	need(account.gaps.length === 0, "there is a gap in the sequence");
	need(account.conflicts === 0, "one sequence number came with two contents");
	return failures;
};
