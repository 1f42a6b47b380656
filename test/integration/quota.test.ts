/**
 * T-04 with a lease: a recipient abroad behind a relay at home gets what an authorisation covers, as many records as the lease has, and none
 * more, whatever happens to the process and its clock.
 */
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { runLedgerShow, runLedgerVerify } from "../../agent/commands/ledger.ts";
import type { Agent } from "../../agent/compose.ts";
import { systemDisk } from "../../agent/host/disk.ts";
import { openSpool, spoolFile } from "../../agent/spool/spool.ts";
import { toHex } from "../../shared/bytes.ts";
import { readLabel } from "../../shared/envelope.ts";
import { record } from "../decide/authorisations.ts";
import { catalogue, outlet, outlets, policy, row, rule, uploadFloor } from "../fakes/law-documents.ts";
import { crypto, document } from "../fakes/law-repository.ts";
import { type LawUnit, makeLawUnit, runLawUnit } from "../fakes/law-unit.ts";

const leaseRecords = 25;
const startMs = Date.parse("2026-06-01T12:00:00Z");
const recipientKey = toHex(crypto.x25519Public(new Uint8Array(32).fill(7)));
const inspectionKey = toHex(crypto.x25519Public(new Uint8Array(32).fill(8)));

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const relay = (id: string) =>
	outlet(id, {
		url: "mqtt://127.0.0.1:9",
		finalJurisdiction: "DE",
		recipients: [{ name: "Recipient abroad", x25519: recipientKey }],
		inspection: { name: "inspection", x25519: inspectionKey },
	});
const release = (id: string, to: string, extra: object = {}) =>
	rule(id, { outlet: to, purpose: "remote-service", retentionDays: 30, paths: ["Vehicle.Speed"], ...extra });
const lawOf = (extra: object) => [
	document(
		"catalogue",
		catalogue(
			row("status", {
				abroad: uploadFloor({ need: "authorisation", pathway: "standard-contract", or: ["security-assessment"] }),
				match: { kinds: [], paths: ["Vehicle\\.Speed"] },
			}),
		),
	),
	document("policy", policy([release("one", "relay"), release("two", "relay-2")], { handler: { legalEntityId: "ENTITY-1", name: "X" } })),
	document("outlets", outlets(relay("relay"), relay("relay-2"))),
	document("authorisations", {
		kind: "authorisations",
		version: 1,
		issuedAt: "2026-06-01T00:00:00Z",
		authorisations: [
			record("security-assessment", {
				recipientKey,
				notBefore: "2026-05-01T00:00:00Z",
				quota: { maxSubjects: 1, maxRecords: leaseRecords, notAfter: "2026-06-20T00:00:00Z" },
				approvals: [
					{ approver: "alice", approvedAt: "2026-04-30T00:00:00Z" },
					{ approver: "bob", approvedAt: "2026-04-30T00:00:00Z" },
				],
				maxRecords: 1_000_000,
				...extra,
			}),
		],
	}),
];

const makeUnit = async () => {
	const unit = await makeLawUnit(lawOf({}), startMs - 60_000);
	cleanups.push(unit.remove);
	return unit;
};

/** The labels of all that waits. */
const labelsOf = ({ config }: LawUnit) => {
	const spool = openSpool(join(config.dataDir, spoolFile), { ...config.spool, floors: {}, reserve: () => {} });
	const items = ["relay", "relay-2"].flatMap((id) => spool.pending(id, 0, 1_000));
	spool.close();
	return items;
};
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const reasons = (agent: Agent) =>
	["relay", "relay-2"].flatMap((id) =>
		agent
			.regime()
			.plan.explain("status", id)
			.map(({ reasons: [first] }) => first?.code),
	);

it("a lease lets exactly its records leave, over two outlets, restarts and jumps of the clock", async () => {
	const unit = await makeUnit();
	const year = 365 * 86_400_000;
	for (const jumpMs of [0, 3_600_000, -10 * year, 7_200_000]) {
		await runLawUnit(unit, startMs + jumpMs, async ({ sense }) => {
			await sense(3);
			await sense(1);
		});
	}
	const records = () => labelsOf(unit).reduce((sum, item) => sum + item.records, 0);
	expect(records()).toBe(leaseRecords);
	await runLawUnit(unit, startMs, async ({ agent, sense }) => {
		expect(reasons(agent)).toEqual(["quota-used-up", "quota-used-up"]);
		await sense(10);
	});
	expect(records()).toBe(leaseRecords);
	const entries = runLedgerShow({ dataDir: unit.config.dataDir, limit: 10_000 }).flatMap(({ entry }) => entry ?? []);
	const released = entries.flatMap((entry) =>
		entry.kind === "decision" ? entry.counts.filter(({ effect }) => effect === "upload").map(({ readings }) => readings) : [],
	);
	const stayed = entries.flatMap((entry) => (entry.kind === "shed" && entry.reason === "quota-used-up" ? [entry.records] : []));
	// What was released beyond the lease, before it was known to be used up, is in the ledger as such.
	expect(sum(released) - sum(stayed)).toBe(leaseRecords);
	expect(sum(stayed)).toBeGreaterThan(0);
	expect(runLedgerVerify({ dataDir: unit.config.dataDir, disk: systemDisk })).toMatchObject({ ok: true });
}, 60_000);

it("a lease used up in one run denies the next batch with the reason quota, and only a later lease opens it again", async () => {
	const unit = await makeUnit();
	await runLawUnit(unit, startMs, async ({ agent, sense }) => {
		expect(reasons(agent)).toEqual(["released", "released"]);
		await sense(40);
		await expect.poll(() => reasons(agent)).toEqual(["quota-used-up", "quota-used-up"]);
		await sense(5);
		const counts = agent.status().categories.find(({ id }) => id === "status");
		expect(counts?.reasons["quota-used-up"]).toBeGreaterThanOrEqual(5);
	});
	const items = labelsOf(unit);
	expect(items.reduce((sum, item) => sum + item.records, 0)).toBe(leaseRecords);
	expect(new Set(items.map(({ bytes }) => readLabel(bytes).label.authorisation))).toEqual(new Set(["a-1"]));

	for (const [maxRecords, notAfter, more] of [
		[1_000, "2026-06-20T00:00:00Z", 975],
		[10, "2026-06-21T00:00:00Z", 10],
	] as const) {
		unit.repository.publish(lawOf({ quota: { maxSubjects: 1, maxRecords, notAfter } }), startMs);
		await unit.write();
		await runLawUnit(unit, startMs, async ({ sense }) => sense(more + 5));
	}
	expect(labelsOf(unit).reduce((sum, item) => sum + item.records, 0)).toBe(1_000 + 10);
}, 60_000);
