/**
 * The ledger entries that an agent writes about itself.
 */
import type { NewLedgerEntry } from "../shared/ledger-entry.ts";
import type { EndedConsent } from "./consent/register.ts";
import type { Act } from "./control/server.ts";
import type { Batch } from "./pipeline.ts";
import type { WithdrawReason } from "./spool/spool-types.ts";
import { version } from "./version.ts";

export const startEntry = (unitId: string, lawHash: string, overlaySha256: string | undefined, atMs: number): NewLedgerEntry => ({
	kind: "start",
	atMs,
	unitId,
	swVersion: version,
	lawHash,
	overlaySha256: overlaySha256 ?? null,
});

export const stopEntry = (reason: string, atMs: number): NewLedgerEntry => ({ kind: "stop", atMs, reason });

/** An order given over the control socket (regulations G-27); only the agent's own user and root can open it. */
export const actEntry = (act: Act, unitId: string, atMs: number): NewLedgerEntry => ({
	kind: "act",
	atMs,
	user: { id: act.who, role: "operator", org: "local" },
	opObject: act.object ?? "agent",
	opType: act.act,
	loginIp: "local",
	device: { id: unitId, model: "unit", swVersion: version },
	result: act.result === "ok" ? "done" : "refused",
	approvalRef: null,
});

/** A consent that ended without anybody's order: its term, its drive or its notice was over. */
export const consentEndEntry = ({ consent, endedBy }: EndedConsent, unitId: string, atMs: number): NewLedgerEntry => ({
	kind: "act",
	atMs,
	user: { id: "agent", role: "system", org: "local" },
	opObject: `consent ${consent.categoryId} ${consent.purpose}`.slice(0, 200),
	opType: `consent-${endedBy}`,
	loginIp: "local",
	device: { id: unitId, model: "unit", swVersion: version },
	result: "done",
	approvalRef: null,
});

/** Readings that were counted as released and then stayed inside before they were sealed: no envelope and no sequence. */
export const unsealedEntry = (
	{ route, level }: Pick<Batch, "route" | "level">,
	records: number,
	reason: WithdrawReason | "quota-used-up" | "area-limit" | "collection-stopped",
	atMs: number,
): NewLedgerEntry => ({
	...{ kind: "shed", atMs, outlet: route.outletId, category: route.categoryId, level, reason },
	...{ envelopes: 0, records, bytes: 0, firstSequence: 0, lastSequence: 0 },
});

/** Raw and offset coordinates were on their way to the same outlet; the second kind stayed inside (regulations S-06). */
export const datumMixedEntry = (outletId: string, atMs: number): NewLedgerEntry => ({
	...{ kind: "security", atMs, severity: "alarm", ruleId: "datum-mixed", eventType: "coordinate-pair", subject: outletId },
	...{ evidenceRef: null, action: "kept-inside", reportDeadline: null },
});

const consentsAlarm = (ruleId: string, action: string, atMs: number): NewLedgerEntry => ({
	...{ kind: "security", atMs, severity: "alarm", ruleId, eventType: "consent-integrity", subject: "consents" },
	...{ evidenceRef: null, action, reportDeadline: null },
});

/** The register of consents could not be believed: nobody has consented. */
export const consentsDamagedEntry = (atMs: number): NewLedgerEntry => consentsAlarm("consents-damaged", "set-aside", atMs);
/** What ended is obeyed, but not on disk: a restart would not know of it. */
export const consentsUnwrittenEntry = (atMs: number): NewLedgerEntry => consentsAlarm("consents-unwritten", "retry", atMs);
