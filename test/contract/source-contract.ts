/**
 * What every source must do (the rules at the head of agent/sources/source.ts), as a suite that each source's own test calls once.
 */
import * as v from "valibot";
import { afterEach, describe, expect, it } from "vitest";
import type { SourcePlugin } from "../../agent/sources/source.ts";
import type { Reading } from "../../shared/reading.ts";
import { type FakeSourceContext, fakeSourceContext } from "../fakes/source-context.ts";

/** An input made ready for one test: the options that open it, and how to take it away again. */
export interface PreparedInput<S extends v.GenericSchema> {
	readonly options: v.InferInput<S>;
	readonly close?: () => Promise<void> | void;
}

export interface SourceContract<S extends v.GenericSchema> {
	readonly name: string;
	readonly plugin: SourcePlugin<S>;
	/** Good input of at least `expectAtLeast` readings, in the order of their time. It may end (a file) or stay open (a daemon). */
	readonly validOptions: () => Promise<PreparedInput<S>> | PreparedInput<S>;
	/** Input in which something must be rejected; it may hold readings, too. */
	readonly garbage: () => Promise<PreparedInput<S>> | PreparedInput<S>;
	/** A live input that stays silent or goes on for ever; a source that only reads files may leave it out. */
	readonly live?: () => Promise<PreparedInput<S>> | PreparedInput<S>;
	readonly expectAtLeast: number;
}

const maxChunk = 4_096;

/** A second is the rule; the rest is for a loaded machine. */
const endWithinMs = 3_000;

const within = async <T>(promise: Promise<T>, ms: number, what: string): Promise<T> => {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error(`${what} took more than ${ms} ms`)), ms);
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
};

/** Sockets, children, pipes and timers of this process that keep it alive, by kind. */
const openResources = (): string[] => process.getActiveResourcesInfo().filter((kind) => kind !== "Immediate" && kind !== "MessagePort");

const countByKind = (kinds: readonly string[]): Map<string, number> => {
	const counts = new Map<string, number>();
	for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
	return counts;
};

const leftBehind = (before: readonly string[]): string[] => {
	const known = countByKind(before);
	return [...countByKind(openResources())].filter(([kind, count]) => count > (known.get(kind) ?? 0)).map(([kind]) => kind);
};

const expectNothingLeft = async (before: readonly string[]): Promise<void> => {
	for (let i = 0; i < 100 && leftBehind(before).length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
	expect(leftBehind(before)).toEqual([]);
};

/** Collects chunks until the input ends or `enough` says so, then aborts and waits for the end. */
const collect = async (
	chunks: AsyncIterable<readonly Reading[]>,
	context: FakeSourceContext,
	enough: (readings: number) => boolean,
): Promise<(readonly Reading[])[]> => {
	const got: (readonly Reading[])[] = [];
	let readings = 0;
	const poll = setInterval(() => enough(readings) && context.abort(), 5);
	try {
		for await (const chunk of chunks) {
			got.push(chunk);
			readings += chunk.length;
			if (enough(readings)) context.abort();
		}
	} finally {
		clearInterval(poll);
	}
	return got;
};

export const sourceContract = <S extends v.GenericSchema>(contract: SourceContract<S>): void => {
	describe(`${contract.name} as a source`, () => {
		const closers: (() => Promise<void> | void)[] = [];
		afterEach(async () => {
			for (const close of closers.splice(0)) await close();
		});

		const start = (input: PreparedInput<S>, context: FakeSourceContext): AsyncIterable<readonly Reading[]> => {
			if (input.close !== undefined) closers.push(input.close);
			return contract.plugin.open(v.parse(contract.plugin.options, input.options), context);
		};

		it("refuses options that it does not know", async () => {
			const input = await contract.validOptions();
			if (input.close !== undefined) closers.push(input.close);
			const options: unknown = input.options;
			expect(v.safeParse(contract.plugin.options, options).success).toBe(true);
			expect(v.safeParse(contract.plugin.options, Object.assign({}, options, { unheardOf: 1 })).success).toBe(false);
		});

		it("yields chunks of 1 to 4,096 readings, in order, each with source and both clocks", async () => {
			const context = fakeSourceContext({ sourceId: "contract0" });
			const chunks = start(await contract.validOptions(), context);
			const got = await within(
				collect(chunks, context, (count) => count >= contract.expectAtLeast),
				30_000,
				"reading good input",
			);
			for (const chunk of got) {
				expect(chunk.length).toBeGreaterThan(0);
				expect(chunk.length).toBeLessThanOrEqual(maxChunk);
			}
			const readings = got.flat();
			expect(readings.length).toBeGreaterThanOrEqual(contract.expectAtLeast);
			let lastTaken = Number.NEGATIVE_INFINITY;
			let lastBoot = Number.NEGATIVE_INFINITY;
			for (const reading of readings) {
				expect(reading.sourceId).toBe("contract0");
				expect(Number.isFinite(reading.takenAtMs) && reading.takenAtMs >= lastTaken, "takenAtMs goes forward").toBe(true);
				expect(Number.isFinite(reading.bootMs) && reading.bootMs >= lastBoot, "bootMs goes forward").toBe(true);
				lastTaken = reading.takenAtMs;
				lastBoot = reading.bootMs;
			}
		});

		it("hands over arrays that the consumer may keep", async () => {
			const context = fakeSourceContext();
			const got = await collect(start(await contract.validOptions(), context), context, (count) => count >= contract.expectAtLeast);
			expect(new Set(got).size).toBe(got.length);
		});

		it("counts garbage and does not throw", async () => {
			const context = fakeSourceContext();
			const chunks = start(await contract.garbage(), context);
			await within(
				collect(chunks, context, () => context.rejectedTotal() > 0),
				30_000,
				"reading garbage",
			);
			expect(context.rejectedTotal()).toBeGreaterThan(0);
			for (const code of context.rejected.keys()) expect(code).toMatch(/^[a-z0-9]+(?:_[a-z0-9]+)*$/);
		});

		it("ends at once when it is opened under an aborted signal", async () => {
			const before = openResources();
			const input = await contract.validOptions();
			const context = fakeSourceContext();
			context.abort();
			await within(
				collect(start(input, context), context, () => true),
				endWithinMs,
				"ending after an abort",
			);
			for (const close of closers.splice(0)) await close();
			await expectNothingLeft(before);
		});

		it("ends within a second of an abort and leaves nothing behind", async () => {
			const before = openResources();
			const input = await (contract.live ?? contract.validOptions)();
			const context = fakeSourceContext();
			const all = collect(start(input, context), context, () => false);
			await new Promise((resolve) => setTimeout(resolve, 100));
			context.abort();
			await within(all, endWithinMs, "ending after an abort");
			expect(context.sleeping()).toBe(0);
			for (const close of closers.splice(0)) await close();
			await expectNothingLeft(before);
		});

		it("leaves nothing behind when the consumer stops early", async () => {
			const before = openResources();
			const context = fakeSourceContext();
			const chunks = start(await contract.validOptions(), context);
			for await (const chunk of chunks) {
				expect(chunk.length).toBeGreaterThan(0);
				break;
			}
			context.abort();
			for (const close of closers.splice(0)) await close();
			await expectNothingLeft(before);
		});
	});
};
