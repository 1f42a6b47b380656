/** The spool against a simple model in memory: whatever the order of calls, both say the same. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Spool } from "../../agent/spool/spool-types.ts";
import { SpoolBench, sealedBytes, spoolItem } from "../fakes/spool-items.ts";

const outlets = ["cloud", "edge"] as const;
const maxEnvelopes = 12;
const maxBytes = 9_000;

interface Waiting {
	readonly outletId: string;
	readonly sequence: number;
	readonly priority: number;
	readonly purpose: string;
	readonly size: number;
}

interface Model {
	/** In order of arrival. */
	waiting: Waiting[];
	readonly last: Record<string, number>;
	readonly delivered: Record<string, number>;
	readonly shed: Record<string, number>;
	/** Numbers that a broker has seen, per outlet. */
	readonly published: Set<string>;
}

interface Real {
	readonly bench: SpoolBench;
	spool: Spool;
}

const totalBytes = (waiting: readonly Waiting[]): number => waiting.reduce((sum, { size }) => sum + size + 512, 0);

const check = (model: Model, { spool }: Real): void => {
	const stat = spool.stat();
	for (const outletId of outlets) {
		const expected = model.waiting.filter((each) => each.outletId === outletId);
		const pending = spool.pending(outletId, 0, 100);
		expect(pending.map(({ sequence, priority, bytes }) => [sequence, priority, bytes])).toEqual(
			expected.map(({ sequence, priority, size }) => [sequence, priority, sealedBytes(outletId, sequence, size)]),
		);
		const row = stat.outlets.find((each) => each.outletId === outletId);
		expect(row?.pending ?? 0).toBe(expected.length);
		expect(row?.bytes ?? 0).toBe(expected.reduce((sum, { size }) => sum + size, 0));
		expect(row?.deliveredTotal ?? 0).toBe(model.delivered[outletId] ?? 0);
		expect(row?.shedTotal ?? 0).toBe(model.shed[outletId] ?? 0);
		expect(row?.lastSequence ?? 0).toBe(model.last[outletId] ?? 0);
		for (const { sequence } of pending) model.published.add(`${outletId} ${sequence}`);
	}
};

const purposeOf = (priority: number): string => `purpose-${priority % 2}`;

type Step = fc.Command<Model, Real>;
const always = () => true;

const append = (batch: readonly (readonly [number, number, number])[]): Step => ({
	check: always,
	run(model, real) {
		const items = batch.map(([outlet, priority, size]) => {
			const outletId = outlets[outlet] ?? "cloud";
			const sequence = real.spool.nextSequence(outletId);
			expect(model.published.has(`${outletId} ${sequence}`)).toBe(false);
			return spoolItem(outletId, sequence, { priority, purpose: purposeOf(priority), bytes: sealedBytes(outletId, sequence, size) });
		});
		const shed = real.spool.append(items);
		const gone: Waiting[] = [];
		for (const { outletId, sequence, priority, purpose, bytes } of items) {
			const each = { outletId, sequence, priority, purpose, size: bytes.length };
			expect(sequence).toBe((model.last[outletId] ?? 0) + 1);
			model.last[outletId] = sequence;
			if (each.size + 512 > maxBytes) gone.push(each);
			else model.waiting.push(each);
		}
		while (model.waiting.length > maxEnvelopes || totalBytes(model.waiting) > maxBytes) {
			const least = model.waiting.reduce((a, b) => (b.priority < a.priority ? b : a));
			model.waiting = model.waiting.filter((each) => each !== least);
			gone.push(least);
		}
		for (const { outletId } of gone) model.shed[outletId] = (model.shed[outletId] ?? 0) + 1;
		expect(shed.map(({ outletId, sequence }) => [outletId, sequence])).toEqual(gone.map(({ outletId, sequence }) => [outletId, sequence]));
		check(model, real);
	},
	toString: () => `append(${JSON.stringify(batch)})`,
});

const settle = (outlet: number, picks: readonly number[]): Step => ({
	check: always,
	run(model, real) {
		const outletId = outlets[outlet] ?? "cloud";
		const mine = model.waiting.filter((each) => each.outletId === outletId);
		const sequences = picks.map((pick) => mine[pick]?.sequence ?? pick + 1_000);
		real.spool.settle(outletId, sequences);
		const removed = mine.filter(({ sequence }) => sequences.includes(sequence));
		model.waiting = model.waiting.filter((each) => !removed.includes(each));
		model.delivered[outletId] = (model.delivered[outletId] ?? 0) + removed.length;
		check(model, real);
	},
	toString: () => `settle(${outlets[outlet]}, ${picks})`,
});

const withdraw = (outlet: number, priority: number, allOutlets: boolean): Step => ({
	check: always,
	run(model, real) {
		const purpose = purposeOf(priority);
		const outletId = outlets[outlet] ?? "cloud";
		const meant = (each: Waiting): boolean => each.purpose === purpose && (allOutlets || each.outletId === outletId);
		const gone = model.waiting.filter(meant);
		const withdrawn = real.spool.withdraw({ purpose, ...(allOutlets ? {} : { outletId }) }, "consent-withdrawn");
		const names = (list: readonly { readonly outletId: string; readonly sequence: number }[]) =>
			list.map((each) => `${each.outletId} ${each.sequence}`).sort();
		expect(names(withdrawn)).toEqual(names(gone));
		model.waiting = model.waiting.filter((each) => !meant(each));
		for (const each of gone) model.shed[each.outletId] = (model.shed[each.outletId] ?? 0) + 1;
		check(model, real);
	},
	toString: () => `withdraw(${allOutlets ? "all" : outlets[outlet]}, ${purposeOf(priority)})`,
});

/** Numbers that were taken and whose envelopes never came. */
const abandon = (outlet: number, count: number, isReleased: boolean): Step => ({
	check: always,
	run(model, real) {
		const outletId = outlets[outlet] ?? "cloud";
		for (let at = 0; at < count; at++) expect(real.spool.nextSequence(outletId)).toBe((model.last[outletId] ?? 0) + 1 + at);
		if (isReleased) real.spool.release(outletId);
		else {
			real.spool.close();
			real.spool = real.bench.open();
		}
		check(model, real);
	},
	toString: () => `abandon(${outlets[outlet]}, ${count}, ${isReleased})`,
});

const reopen = (): Step => ({
	check: always,
	run(model, real) {
		real.spool.close();
		real.spool = real.bench.open();
		check(model, real);
		expect(real.spool.verify()).toEqual([]);
	},
	toString: () => "reopen",
});

/** The file is lost, the device state is not. */
const lose = (): Step => ({
	check: always,
	run(model, real) {
		real.spool.close();
		for (const suffix of ["", "-wal", "-shm"]) rmSync(`${real.bench.path}${suffix}`, { force: true });
		real.spool = real.bench.open();
		model.waiting = [];
		for (const outletId of outlets) {
			model.delivered[outletId] = 0;
			model.shed[outletId] = 0;
			const row = real.spool.stat().outlets.find((each) => each.outletId === outletId);
			expect(row?.lastSequence ?? 0).toBeGreaterThanOrEqual(model.last[outletId] ?? 0);
			model.last[outletId] = row?.lastSequence ?? 0;
		}
		check(model, real);
	},
	toString: () => "lose the file",
});

describe("openSpool", () => {
	it("agrees with the model for all sequences of append, settle, abandon, reopen and loss, and hands no published number out again", () => {
		const item = fc.tuple(fc.nat(1), fc.nat(3), fc.constantFrom(1, 40, 700, 3_000, 9_000));
		const steps = [
			fc.array(item, { minLength: 1, maxLength: 5 }).map(append),
			fc.tuple(fc.nat(1), fc.array(fc.nat(8), { maxLength: 5 })).map(([outlet, picks]) => settle(outlet, picks)),
			fc.tuple(fc.nat(1), fc.constantFrom(1, 2, 300), fc.boolean()).map(([outlet, count, released]) => abandon(outlet, count, released)),
			fc.tuple(fc.nat(1), fc.nat(1), fc.boolean()).map(([outlet, priority, all]) => withdraw(outlet, priority, all)),
			fc.constant(reopen()),
			fc.constant(lose()),
		];
		fc.assert(
			fc.property(fc.commands(steps, { maxCommands: 25 }), (commands) => {
				const folder = mkdtempSync(join(tmpdir(), "kerb-model-"));
				const bench = new SpoolBench(join(folder, "spool.db"), { maxEnvelopes, maxBytes });
				const real: Real = { bench, spool: bench.open() };
				try {
					fc.modelRun(() => ({ model: { waiting: [], last: {}, delivered: {}, shed: {}, published: new Set<string>() }, real }), commands);
				} finally {
					real.spool.close();
					rmSync(folder, { recursive: true, force: true });
				}
			}),
			{ numRuns: 60 },
		);
	}, 120_000);
});
