/**
 * The ledger entries that an agent writes about itself.
 */
import type { NewLedgerEntry } from "../shared/ledger-entry.ts";
import type { Act } from "./control/server.ts";
import { version } from "./version.ts";

export const startEntry = (unitId: string, lawHash: string, atMs: number): NewLedgerEntry => ({
	kind: "start",
	atMs,
	unitId,
	swVersion: version,
	lawHash,
});

export const stopEntry = (reason: string, atMs: number): NewLedgerEntry => ({ kind: "stop", atMs, reason });

/** An order given over the control socket (regulations G-27); only the agent's own user and root can open it. */
export const actEntry = (act: Act, unitId: string, atMs: number): NewLedgerEntry => ({
	kind: "act",
	atMs,
	user: { id: act.who, role: "operator", org: "local" },
	opObject: "agent",
	opType: act.act,
	loginIp: "local",
	device: { id: unitId, model: "unit", swVersion: version },
	result: act.result === "ok" ? "done" : "refused",
	approvalRef: null,
});
