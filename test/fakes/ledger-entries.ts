/** One valid entry of each kind, and a short one. */
import { ledgerKinds, type NewLedgerEntry } from "../../shared/ledger-entry.ts";

const atMs = Date.UTC(2026, 0, 1, 23, 4, 5, 678);
const lawHash = "a".repeat(64);

export const stopEntry = (reason: string): NewLedgerEntry => ({ kind: "stop", atMs, reason });

export const sampleEntries: readonly NewLedgerEntry[] = [
	{ kind: "start", atMs, unitId: "unit-1", swVersion: "0.1.0", lawHash, overlaySha256: null },
	{
		...{ kind: "decision", atMs, sinceMs: atMs - 1_000, lawHash },
		counts: [
			{ category: "unknown", level: "important", outlet: null, effect: "drop", rule: null, reasons: ["unknown-category"], readings: 40 },
			{
				category: "vehicle.dynamics",
				level: "general",
				outlet: "cloud",
				effect: "upload",
				rule: "speed-1",
				reasons: ["floor-upload"],
				readings: 9,
			},
		],
	},
	{
		...{
			kind: "connection",
			atMs,
			srcIp: "10.0.0.2",
			srcPort: 40_000,
			dstIp: "2001:db8::1",
			dstPort: 8_883,
			transportProto: "tcp",
			appProto: "mqtts",
		},
		...{ packetBytes: 12_345, state: "closed", outlet: "cloud", dstJurisdiction: "CN", tlsPeerFingerprint: "b".repeat(64) },
	},
	{
		...{
			kind: "act",
			atMs,
			user: { id: "operator-7", role: "operator", org: "fleet" },
			opObject: "exterior",
			opType: "stop",
			loginIp: "local",
		},
		...{ device: { id: "unit-1", model: "t-box", swVersion: "0.1.0" }, result: "done", approvalRef: null },
	},
	{
		...{
			kind: "security",
			atMs,
			severity: "alarm",
			ruleId: "unknown-destination",
			eventType: "egress",
			subject: "cloud",
			evidenceRef: null,
		},
		...{ action: "refused", reportDeadline: null },
	},
	{
		...{
			kind: "shed",
			atMs,
			outlet: "cloud",
			category: "vehicle.dynamics",
			level: "general",
			reason: "full",
			envelopes: 2,
			records: 60,
			bytes: 900,
		},
		...{ firstSequence: 3, lastSequence: 4 },
	},
	stopEntry("asked"),
];

/** True when there is a sample of every kind. */
export const isComplete = ledgerKinds.every((kind) => sampleEntries.some((entry) => entry.kind === kind));
