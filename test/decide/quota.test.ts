import { describe, expect, it } from "vitest";
import {
	emptyQuota,
	forfeit,
	hasLeft,
	maxTrackedSubjects,
	parseQuota,
	type QuotaState,
	serialiseQuota,
	subjectHash,
	type Taking,
	take,
	withoutEnded,
} from "../../agent/decide/quota.ts";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import type { QuotaLease } from "../../shared/authorisation.ts";
import { isKerbError } from "../../shared/errors.ts";

const at = (iso: string): number => Date.parse(iso);
const nowMs = at("2026-06-01T00:00:00Z");
const lease: QuotaLease = { maxSubjects: 3, maxRecords: 100, notAfter: "2027-02-01T00:00:00Z" };
const person = (index: number): string => index.toString(16).padStart(16, "0");

const taking = (extra: Partial<Taking> = {}): Taking => ({
	authorisationId: "a-1",
	lease,
	subjects: [person(1)],
	records: 1,
	nowMs,
	...extra,
});
/** Takes one after the other; the reasons in order. */
const run = (
	state: QuotaState,
	...steps: readonly Partial<Taking>[]
): { readonly state: QuotaState; readonly reasons: readonly string[] } => {
	const reasons: string[] = [];
	let now = state;
	for (const step of steps) {
		const taken = take(now, taking(step));
		now = taken.state;
		reasons.push(taken.reason);
	}
	return { state: now, reasons };
};
const subjectsOf = (state: QuotaState): number | undefined => state.counts.get("a-1")?.subjects;
const restarted = (state: QuotaState): QuotaState => parseQuota(serialiseQuota(state));

describe("take", () => {
	it("counts one subject over three topics once, and three over three as three (G-07)", () => {
		expect(subjectsOf(run(emptyQuota, {}, {}, {}).state)).toBe(1);
		const three = run(emptyQuota, {}, { subjects: [person(2)] }, { subjects: [person(3)] });
		expect(subjectsOf(three.state)).toBe(3);
		expect(run(three.state, { subjects: [person(4)] }, { subjects: [person(3)] }).reasons).toEqual(["subjects", "allowed"]);
	});

	it("counts a subject once that one batch names twice", () => {
		expect(subjectsOf(run(emptyQuota, { subjects: [person(1), person(1)] }).state)).toBe(1);
	});

	it("takes all or nothing", () => {
		const before = run(emptyQuota, { subjects: [person(1), person(2)], records: 99 }).state;
		expect(run(before, { subjects: [person(3), person(4)] }).reasons).toEqual(["subjects"]);
		const after = run(before, { subjects: [person(3)], records: 2 });
		expect(after.reasons).toEqual(["records"]);
		expect([subjectsOf(after.state), after.state.counts.get("a-1")?.records]).toEqual([2, 99]);
		expect(run(before, { records: 1 }).reasons).toEqual(["allowed"]);
	});

	it("is not reset by clocks over 1 January, nor by restarts (G-06)", () => {
		const full = run(emptyQuota, { records: 100 }).state;
		for (const iso of ["2026-12-31T23:59:59Z", "2027-01-01T00:00:01Z", "2025-12-31T23:59:59Z", "2016-06-01T00:00:00Z"]) {
			expect(run(restarted(full), { nowMs: at(iso) }).reasons, iso).toEqual(["records"]);
		}
	});

	it("stays expired when the clock goes back, over restarts", () => {
		const late = run(emptyQuota, {}, { nowMs: at(lease.notAfter) });
		expect(late.reasons).toEqual(["allowed", "expired"]);
		expect(run(restarted(late.state), { nowMs }).reasons).toEqual(["expired"]);
	});

	it("starts anew with a lease that ends later, and never goes back to one that ends earlier", () => {
		const full = run(emptyQuota, { records: 100 }).state;
		const newer = { ...lease, notAfter: "2027-03-01T00:00:00Z" };
		const renewed = run(full, { lease: newer, records: 100 }, { lease }, { lease: { ...newer, maxRecords: 101 } });
		expect(renewed.reasons).toEqual(["allowed", "older-lease", "allowed"]);
		expect(run(renewed.state, { lease: newer }).reasons).toEqual(["records"]);
	});

	it("counts two authorisations apart", () => {
		expect(run(emptyQuota, { records: 100 }, { authorisationId: "a-2", records: 100 }).reasons).toEqual(["allowed", "allowed"]);
	});

	it.each<Partial<Taking>>([
		{ nowMs: Number.NaN },
		{ records: -1 },
		{ records: 0.5 },
		{ records: Number.POSITIVE_INFINITY },
		{ subjects: ["somebody"] },
		{ lease: { ...lease, notAfter: "never" } },
		{ lease: { ...lease, maxSubjects: Number.NaN } },
	])("refuses what makes no sense: %j", (step) => {
		expect(take(emptyQuota, taking(step))).toEqual({ state: expect.anything(), allowed: false, reason: "invalid" });
	});

	it("holds a bounded number of subjects, whatever the lease says", () => {
		const wide = { ...lease, maxSubjects: 10_000_000, maxRecords: 10_000_000 };
		const all = Array.from(
			{ length: maxTrackedSubjects },
			(_, index) => index.toString(16).padStart(2, "0").slice(-2) + person(index).slice(2),
		);
		const full = run(emptyQuota, { lease: wide, subjects: all }).state;
		expect(run(full, { lease: wide, subjects: ["ffffffffffffffff"] }, { lease: wide, subjects: all.slice(0, 5) }).reasons).toEqual([
			"subjects",
			"allowed",
		]);
		expect(subjectsOf(restarted(full))).toBe(maxTrackedSubjects);
	});
});

describe("quota state", () => {
	it("is the same after it was written and read", () => {
		const { state } = run(emptyQuota, {}, { subjects: [person(2)], records: 5 }, { authorisationId: "a-2" });
		expect(restarted(state)).toEqual(state);
	});

	it("says that nothing is left only when nothing is", () => {
		expect(hasLeft(emptyQuota, "a-1", lease, nowMs)).toBe(true);
		const { state } = run(emptyQuota, { subjects: [person(1), person(2), person(3)], records: 99 });
		expect(hasLeft(state, "a-1", lease, nowMs)).toBe(true);
		expect(hasLeft(run(state, {}).state, "a-1", lease, nowMs)).toBe(false);
		expect(hasLeft(state, "a-1", lease, at(lease.notAfter))).toBe(false);
	});

	it("lets a lost count be used up until a later lease comes", () => {
		const lost = restarted(forfeit(emptyQuota, [{ id: "a-1", quota: lease }]));
		expect(run(lost, {}, { lease: { ...lease, notAfter: "2027-03-01T00:00:00Z" } }).reasons).toEqual(["lost", "allowed"]);
	});

	it("forgets counts of leases that ended, and they stay ended", () => {
		const late = run(emptyQuota, {}, { nowMs: at(lease.notAfter) }).state;
		const kept = withoutEnded(late);
		expect(kept.counts.size).toBe(0);
		expect(run(kept, {}).reasons).toEqual(["expired"]);
	});

	it.each(["", "{}", "null", '{"kind":"quota","version":2,"latestMs":0,"counts":[]}', `${serialiseQuota(emptyQuota)}x`])(
		"refuses %j as damaged",
		(text) => {
			try {
				parseQuota(text);
				expect.unreachable();
			} catch (error) {
				expect(isKerbError(error, "STATE_INVALID")).toBe(true);
			}
		},
	);

	it("names a subject by eight bytes that depend on the key", async () => {
		const primitives = await loadPrimitives();
		const [one, other] = [1, 2].map((fill) => new Uint8Array(32).fill(fill)) as [Uint8Array, Uint8Array];
		expect(subjectHash(primitives, one, "unit-1")).toMatch(/^[0-9a-f]{16}$/);
		expect(subjectHash(primitives, one, "unit-1")).toBe(subjectHash(primitives, one, "unit-1"));
		expect(
			new Set([subjectHash(primitives, one, "unit-1"), subjectHash(primitives, one, "unit-2"), subjectHash(primitives, other, "unit-1")])
				.size,
		).toBe(3);
	});
});
