/** Consents, halts and changes of law against a real pipeline, spool, ledger and disk. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Grant } from "../agent/consent/consent-rules.ts";
import { type ConsentDesk, createConsentDesk } from "../agent/consent-desk.ts";
import { type Disk, systemDisk } from "../agent/host/disk.ts";
import type { KerbEvent } from "../agent/host/events.ts";
import { Pipeline } from "../agent/pipeline.ts";
import { compileRegime, type Regime } from "../agent/regime.ts";
import { createRegimeSwitch } from "../agent/regime-switch.ts";
import type { Uploader } from "../agent/upload/uploader.ts";
import type { Consent } from "../shared/consent.ts";
import { KerbError } from "../shared/errors.ts";
import type { Law } from "../shared/law.ts";
import type { NewLedgerEntry } from "../shared/ledger-entry.ts";
import type { Notices } from "../shared/notice.ts";
import { bootMs, utcMs } from "../shared/units.ts";
import { catalogue, keepFloor, outlet, outlets, policy, row, rule, uploadFloor } from "./fakes/law-documents.ts";
import { appendMany, pendingNumbers, SpoolBench } from "./fakes/spool-items.ts";

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;
const start = Date.parse("2026-06-01T08:00:00.000Z");

let folder = "";
const closers: (() => void)[] = [];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-desk-"));
});
afterEach(() => {
	for (const close of closers.splice(0).reverse()) close();
	rmSync(folder, { recursive: true, force: true });
});

const rows = [
	row("status", { match: { kinds: [], paths: ["Vehicle\\.Speed"] } }),
	row("seat", { level: "personal", home: uploadFloor({ need: "consent" }), match: { kinds: [], paths: ["Vehicle\\.Seat"] } }),
];
const rules = [rule("status"), rule("seat", { categories: ["seat"], purpose: "comfort" })];
const lawOf = (extra: Partial<Law> = {}): Law => ({
	hash: "a".repeat(64),
	rootHash: "b".repeat(64),
	catalogue: catalogue(...rows),
	policy: policy(rules),
	outlets: outlets(outlet("oem")),
	consents: undefined,
	...extra,
});
const notices = (hash: string): Notices => ({
	kind: "notices",
	version: 1,
	issuedAt: "2026-01-01T00:00:00Z",
	notices: [{ id: "cabin", version: 1, categories: ["seat"], text: { en: "a notice" }, hash }],
});

/** What compose wires, with a clock and a disk that a test has in its hand. */
const wire = (first: Law = lawOf(), given: { readonly disk?: Disk; readonly atMs?: number; readonly isReplay?: boolean } = {}) => {
	const time = { nowMs: given.atMs ?? start, bootMs: 0 };
	const clock = { nowMs: () => utcMs(time.nowMs), bootMs: () => bootMs(time.bootMs), sleep: () => Promise.resolve() };
	let law = first;
	const events: KerbEvent[] = [];
	const entries: NewLedgerEntry[] = [];
	const reconsidered: number[] = [];
	const bench = new SpoolBench(join(folder, "spool.db"));
	const spool = bench.open();
	closers.push(() => spool.close());
	const ledger = { append: (list: readonly NewLedgerEntry[]) => void entries.push(...list) };
	const host = { clock, disk: given.disk ?? systemDisk, emit: (event: KerbEvent) => void events.push(event) };
	const uploader: Uploader = {
		wake: () => undefined,
		reconsider: (sequences) => void reconsidered.push(...sequences),
		tellStatus: () => undefined,
		drained: () => Promise.resolve(),
		stop: () => Promise.resolve(),
	};
	const compile = (): Regime =>
		compileRegime({
			law: desk.withConsents(law),
			overlay: undefined,
			home: "CN",
			nowMs: time.nowMs,
			pseudonymKey: () => new Uint8Array(32),
		});
	const desk: ConsentDesk = createConsentDesk({
		...{ unitId: "unit-1", dataDir: folder, host, ledger, law: () => law, isReplay: given.isReplay ?? false },
		nowMs: () => time.nowMs,
		obey: (withdrawnNow) => regimes.apply(compile(), withdrawnNow),
	});
	const pipeline = new Pipeline(compile(), { maxRecords: 100, maxAgeMs: 1_000, commit: () => undefined });
	const regimes = createRegimeSwitch({
		...{ host, pipeline, home: "CN", endedByWithdrawal: desk.endedByWithdrawal },
		parts: { spool, ledger },
		uploaders: new Map([["oem", uploader]]),
	});
	const releases = (categoryId: string): boolean =>
		pipeline.regime.plan.explain(categoryId, "oem").some(({ effect }) => effect === "upload");
	const obeyLaw = (next: Law) => {
		law = next;
		return regimes.apply(compile());
	};
	const shed = () =>
		entries.flatMap((entry) => (entry.kind === "shed" ? [[entry.reason, entry.category, entry.envelopes, entry.records]] : []));
	return { time, desk, pipeline, regimes, spool, entries, events, reconsidered, releases, obeyLaw, shed };
};

const asked = (extra: Partial<Grant> = {}): Grant => ({
	subjectPseudonym: "somebody-1",
	categoryId: "seat",
	purpose: "comfort",
	noticeHash: "a".repeat(64),
	term: "drive",
	channel: "hmi",
	...extra,
});
const until = (ms: number): Grant => asked({ term: "until", notAfter: new Date(ms).toISOString() });

describe("createConsentDesk", () => {
	it("releases nothing by default, then what was granted, and nothing again once it was withdrawn", () => {
		const unit = wire();
		expect([unit.releases("status"), unit.releases("seat")]).toEqual([true, false]);
		unit.desk.grant(asked());
		expect(unit.releases("seat")).toBe(true);
		appendMany(unit.spool, "oem", 2, { categoryId: "seat", purpose: "comfort" });
		appendMany(unit.spool, "oem", 1, { categoryId: "status" });
		appendMany(unit.spool, "oem", 1, { categoryId: "seat", purpose: "comfort" });
		unit.pipeline.accept([{ kind: "signal", sourceId: "s", takenAtMs: utcMs(0), bootMs: bootMs(0), path: "Vehicle.Seat", value: true }], 0);
		expect(unit.desk.withdraw({ categoryId: "seat" })).toEqual({ consents: 1, envelopes: 3, records: 10 });
		expect(unit.releases("seat")).toBe(false);
		expect(pendingNumbers(unit.spool, "oem")).toEqual([3]);
		expect(unit.reconsidered).toEqual([1, 2, 4]);
		expect(unit.shed()).toEqual([
			["consent-withdrawn", "seat", 0, 1],
			["consent-withdrawn", "seat", 2, 6],
			["consent-withdrawn", "seat", 1, 3],
		]);
	});

	it("takes back what one person's data may be among although another still consents, and goes on with the other", () => {
		const unit = wire();
		unit.desk.grant(asked());
		unit.desk.grant(asked({ subjectPseudonym: "somebody-2" }));
		appendMany(unit.spool, "oem", 2, { categoryId: "seat", purpose: "comfort" });
		expect(unit.desk.withdraw({ subjectPseudonym: "somebody-2" })).toMatchObject({ consents: 1, envelopes: 2 });
		expect(unit.releases("seat")).toBe(true);
	});

	it("ends a consent by its term although the clock jumps back ten years, and never brings it back", () => {
		const unit = wire();
		unit.desk.grant(until(start + 3_600_000));
		unit.time.nowMs = start - 10 * yearMs;
		unit.time.bootMs = 3_599_000;
		unit.desk.review();
		expect(unit.desk.list().live).toHaveLength(1);
		unit.time.bootMs = 3_600_000;
		unit.desk.review();
		expect([unit.desk.list().live.length, unit.releases("seat")]).toEqual([0, false]);
		expect(unit.entries).toContainEqual(expect.objectContaining({ kind: "act", opType: "consent-expired" }));
		expect(wire(lawOf(), { atMs: start - 10 * yearMs }).desk.list().live).toEqual([]);
	});

	it("ends everything when the clock jumps ten years ahead, and a grant works again after it", () => {
		const unit = wire();
		unit.desk.grant(until(start + 90 * dayMs));
		unit.time.nowMs = start + 10 * yearMs;
		unit.desk.review();
		unit.time.nowMs = start;
		unit.desk.review();
		expect([unit.desk.list().live.length, unit.releases("seat")]).toEqual([0, false]);
		expect(unit.desk.grant(until(start + dayMs)).grantedAt).toBe(new Date(start).toISOString());
		expect(unit.releases("seat")).toBe(true);
	});

	it("obeys a withdrawal that the disk refuses, says so, and writes it as soon as it can", () => {
		let full = false;
		const disk: Disk = {
			...systemDisk,
			writeFileDurable: (...args) => {
				if (full) throw new KerbError("STATE_INVALID", "no space");
				systemDisk.writeFileDurable(...args);
			},
		};
		const unit = wire(lawOf(), { disk });
		unit.desk.grant(until(start + dayMs));
		full = true;
		expect(() => unit.desk.withdraw({})).toThrow("no space");
		expect(unit.releases("seat")).toBe(false);
		expect(() => unit.desk.grant(until(start + dayMs))).toThrow("no space");
		expect([unit.releases("seat"), unit.desk.list().live]).toEqual([false, []]);
		unit.desk.review();
		expect(unit.entries.filter((entry) => entry.kind === "security" && entry.ruleId === "consents-unwritten")).toHaveLength(1);
		expect(wire().desk.list().live).toHaveLength(1);
		full = false;
		unit.desk.review();
		expect(wire().desk.list().live).toEqual([]);
	});

	it("voids consents to an older notice with the law that brings the new one", () => {
		const unit = wire(lawOf({ notices: notices("a".repeat(64)) }));
		unit.desk.grant(until(start + dayMs));
		appendMany(unit.spool, "oem", 1, { categoryId: "seat", purpose: "comfort" });
		expect(unit.obeyLaw(lawOf({ hash: "c".repeat(64), notices: notices("d".repeat(64)) }))).toMatchObject({ envelopes: 1 });
		expect(unit.releases("seat")).toBe(false);
		unit.desk.review();
		expect(unit.desk.list().ended).toMatchObject([{ endedBy: "notice-changed" }]);
		expect(() => unit.desk.grant(until(start + dayMs))).toThrow("notice");
	});

	it("takes consents of the law only where they are samples or a replay, and lets them be withdrawn", () => {
		const given = (channel: Consent["channel"]): Law => {
			const { term: _term, ...rest } = asked();
			const consent: Consent = {
				...rest,
				channel,
				grantedAt: new Date(start).toISOString(),
				notAfter: new Date(start + dayMs).toISOString(),
			};
			return lawOf({ consents: { kind: "consents", version: 1, issuedAt: "2026-01-01T00:00:00Z", consents: [consent] } });
		};
		expect(wire(given("app")).releases("seat")).toBe(false);
		expect(wire(given("app"), { isReplay: true }).releases("seat")).toBe(true);
		const unit = wire(given("test"));
		expect(unit.releases("seat")).toBe(true);
		expect(unit.desk.withdraw({ purpose: "comfort" })).toMatchObject({ consents: 1 });
		expect([unit.releases("seat"), wire(given("test")).releases("seat")]).toEqual([false, false]);
	});
});

describe("createRegimeSwitch", () => {
	it("takes back what another law no longer releases, and only that", () => {
		const unit = wire();
		appendMany(unit.spool, "oem", 3, { categoryId: "status" });
		expect(unit.obeyLaw(lawOf({ hash: "c".repeat(64) }))).toEqual({ envelopes: 0, records: 0 });
		const kept = rows.map((each) => (each.id === "status" ? { ...each, level: "important" as const, home: keepFloor } : each));
		expect(unit.obeyLaw(lawOf({ hash: "d".repeat(64), catalogue: catalogue(...kept) }))).toEqual({ envelopes: 3, records: 9 });
		expect(unit.shed()).toEqual([["reclassified", "status", 3, 9]]);
	});

	it("takes back what is for an outlet or a rule that is gone", () => {
		const unit = wire();
		appendMany(unit.spool, "oem", 1, { categoryId: "status" });
		expect(unit.obeyLaw(lawOf({ hash: "c".repeat(64), policy: policy([]) }))).toMatchObject({ envelopes: 1 });
		appendMany(unit.spool, "gone", 2, { categoryId: "status" });
		expect(unit.regimes.review()).toMatchObject({ envelopes: 2 });
	});

	it("keeps what a halt pauses and what a policy past its term has released", () => {
		const unit = wire();
		appendMany(unit.spool, "oem", 2, { categoryId: "status" });
		const halt = { kind: "halt", version: 1, all: true, outlets: [], categories: [] } as const;
		expect(unit.obeyLaw(lawOf({ hash: "c".repeat(64), halt: { ...halt, outlets: [], categories: [] } }))).toMatchObject({ envelopes: 0 });
		unit.time.nowMs = Date.parse("2027-03-01T00:00:00Z");
		expect(unit.obeyLaw(lawOf({ hash: "d".repeat(64) }))).toMatchObject({ envelopes: 0 });
		expect(pendingNumbers(unit.spool, "oem")).toEqual([1, 2]);
	});

	it("reaches ten thousand envelopes in one step, accounted for in few entries", () => {
		const unit = wire();
		unit.desk.grant(asked());
		for (let round = 0; round < 10; round += 1) {
			const kind = round % 2 === 0 ? { categoryId: "seat", purpose: "comfort" } : { categoryId: "status" };
			appendMany(unit.spool, "oem", 1_000, kind);
		}
		expect(unit.desk.withdraw({})).toMatchObject({ envelopes: 5_000, records: 15_000 });
		expect(unit.shed()).toHaveLength(5);
	});
});
