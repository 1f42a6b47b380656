/**
 * What `replay` says: progress, the events that matter to whoever replays, and the summary.
 */
import type { AgentStatus } from "../../shared/status.ts";
import { byteText, categoryTable, grouped, reasonText, tableLines } from "../../shared/summary-text.ts";
import type { KerbEvent } from "../host/events.ts";

/** What was sealed so far. */
export interface Sealed {
	envelopes: number;
	bytes: number;
}

export const progressLine = (status: AgentStatus, sealed: Sealed): string => {
	const read = status.sources.reduce((sum, { readings }) => sum + readings, 0);
	const pending = status.outlets.reduce((sum, { pendingEnvelopes }) => sum + pendingEnvelopes, 0);
	return `${grouped(read)} readings, ${grouped(sealed.envelopes)} envelopes (${byteText(sealed.bytes)}), ${grouped(pending)} to deliver`;
};

/** A line for an event that somebody who replays should see; undefined for the rest. */
export const replayWords = (event: KerbEvent): string | undefined => {
	switch (event.event) {
		case "source_warned":
		case "source_failed":
			return `${event.source}: ${event.detail}`;
		case "law_expired":
			return `policy "${event.policy}" is past its term: ${reasonText("policy-stale")}, so nothing but statutory flows leaves`;
		case "link_refused":
			return `outlet ${event.outlet}: link refused (${event.reason})${event.detail === undefined ? "" : `: ${event.detail}`}`;
		case "link_lost":
			return `outlet ${event.outlet}: no link (${event.reason}), next try in ${Math.round(event.waitMs / 1_000)} s`;
		case "envelope_unheard":
			return `outlet ${event.outlet}: nobody at the broker subscribes to ${event.category}; it waits until somebody does`;
		case "envelope_refused":
			return `outlet ${event.outlet}: the broker refuses what is published there`;
		case "state_recovered":
			return event.detail;
		default:
			return undefined;
	}
};

/** The summary as lines. */
export const replaySummary = (
	status: AgentStatus,
	sealed: Sealed,
	unit: { readonly unitId: string; readonly ed25519: string },
): readonly string[] => {
	const read = status.sources.reduce((sum, { readings }) => sum + readings, 0);
	const rejected = status.sources.flatMap(({ id, rejected: codes }) =>
		Object.entries(codes).map(([code, count]) => [id, code, count] as const),
	);
	const leaving = status.categories.reduce((sum, { uploaded, coarsened }) => sum + uploaded + coarsened, 0);
	const delivered = status.outlets.reduce((sum, { deliveredEnvelopes }) => sum + deliveredEnvelopes, 0);
	return [
		`${grouped(read)} readings sensed; ${grouped(leaving)} left in ${grouped(sealed.envelopes)} envelopes of ${byteText(sealed.bytes)}${delivered > 0 ? `, ${grouped(delivered)} acknowledged by the broker` : ""}.`,
		"",
		...categoryTable(status.categories),
		...(rejected.length === 0 ? [] : ["", ...tableLines([["source", "not readable", "count"], ...rejected])]),
		"",
		`law ${status.law?.hash.slice(0, 16) ?? "none"}, policy "${status.law?.policyId ?? ""}" version ${status.law?.policyVersion ?? ""}; unit ${unit.unitId}, Ed25519 ${unit.ed25519}`,
	];
};
