/** A complete status document of an agent in the middle of its work. */
import type { AgentStatus } from "../../shared/status.ts";

export const agentStatus = (changes: Partial<AgentStatus> = {}): AgentStatus => ({
	kind: "status",
	unitId: "demo-unit-1",
	version: "0.1.0",
	state: "running",
	now: "2026-03-01T12:00:00.000Z",
	uptimeMs: 3_723_000,
	law: {
		hash: "ab".repeat(32),
		policyId: "sample",
		policyVersion: 3,
		notAfter: "2026-03-02T13:00:00.000Z",
		expired: false,
		catalogueId: "cn",
		catalogueVersion: 1,
	},
	sources: [
		{ id: "can0", type: "can", state: "open", readings: 12_345, rejected: { line_invalid: 2, crc: 5 }, lastReadingAgeMs: 900 },
		{ id: "gnss0", type: "gnss", state: "waiting", detail: "gpsd does not answer", readings: 0, rejected: {} },
	],
	categories: [
		{
			id: "telemetry.speed",
			level: "general",
			sensed: 100,
			uploaded: 60,
			coarsened: 10,
			kept: 20,
			dropped: 10,
			reasons: { "not-requested": 20, "floor-drop": 10 },
		},
		{
			id: "unknown",
			level: "important",
			sensed: 7,
			uploaded: 0,
			coarsened: 0,
			kept: 7,
			dropped: 0,
			reasons: { "unknown-category": 7 },
		},
	],
	outlets: [
		{ id: "home", link: "connected", pendingEnvelopes: 2, pendingBytes: 12_000, oldestPendingAgeMs: 61_000, deliveredEnvelopes: 40 },
	],
	ledger: { entries: 17, headHash: "cd".repeat(32) },
	...changes,
});
