import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { KerbEvent } from "../../agent/host/events.ts";
import { createHolds } from "../../agent/upload/holds.ts";
import type { Outbox } from "../../agent/upload/outbox.ts";
import { createWindow, type UploadWindow, type WindowOptions } from "../../agent/upload/window.ts";
import { handClock } from "../fakes/hand-clock.ts";
import { memoryOutbox, sequenceIn, someItems } from "../fakes/outbox.ts";

/** A few turns of the event loop: all that the window does at once is done. */
const settle = async (): Promise<void> => {
	for (let turn = 0; turn < 6; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

const open: UploadWindow[] = [];
afterEach(() => {
	for (const window of open.splice(0)) window.close();
});

/** A broker that answers when it is told to, and writes down all it heard. */
const rig = (over: Partial<WindowOptions> & { readonly maxInFlight?: number; readonly receiveMaximum?: number } = {}) => {
	const clock = handClock();
	const outbox = memoryOutbox();
	const events: KerbEvent[] = [];
	const waiting = new Map<number, (reasonCode: number) => void>();
	const heard: number[] = [];
	const topics: string[] = [];
	const aborted: string[] = [];
	let most = 0;
	const window = createWindow({
		unitId: "unit-7f3a",
		outlet: { id: "cn-cloud", maxInFlight: over.maxInFlight ?? 4 },
		session: {
			receiveMaximum: over.receiveMaximum ?? 65_535,
			abort: (reason) => aborted.push(reason),
			publish(topic, bytes, done) {
				const sequence = sequenceIn(bytes);
				heard.push(sequence);
				topics.push(topic);
				waiting.set(sequence, done);
				most = Math.max(most, waiting.size);
			},
		},
		outbox,
		holds: createHolds(() => 0, { minMs: 100, maxMs: 1_000 }),
		clock,
		emit: (event) => events.push(event),
		ackTimeoutMs: 1_000,
		onSettled: () => undefined,
		...over,
	});
	open.push(window);
	const answer = (sequence: number, reasonCode = 0): void => {
		const done = waiting.get(sequence);
		waiting.delete(sequence);
		done?.(reasonCode);
	};
	const answerAll = async (reasonCode = 0): Promise<void> => {
		for (let rounds = 0; waiting.size > 0 && rounds < 1_000; rounds += 1) {
			for (const sequence of [...waiting.keys()]) answer(sequence, reasonCode);
			await settle();
		}
	};
	const named = <N extends KerbEvent["event"]>(name: N) =>
		events.filter((event): event is Extract<KerbEvent, { event: N }> => event.event === name);
	return { clock, outbox, window, heard, topics, waiting, aborted, answer, answerAll, named, most: () => most };
};

describe("createWindow", () => {
	it("never has more in flight than the outlet allows, and asks the outbox for no more", async () => {
		const { outbox, window, answerAll, most, heard } = rig({ maxInFlight: 4 });
		outbox.put(...someItems(1, 50));
		window.wake();
		await settle();
		expect(heard).toEqual([1, 2, 3, 4]);
		await answerAll();
		expect(heard).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
		expect([most(), outbox.largestLimit(), outbox.waiting().length]).toEqual([4, 4, 0]);
	});

	it("respects the broker's receive maximum below that", async () => {
		const { outbox, most, answerAll, heard } = rig({ maxInFlight: 100, receiveMaximum: 3 });
		outbox.put(...someItems(1, 20));
		await settle();
		await answerAll();
		expect([most(), heard.length]).toEqual([3, 20]);
	});

	it("settles only what was acknowledged, and that of one tick in one call", async () => {
		const { outbox, answer, named } = rig();
		outbox.put(...someItems(1, 4));
		await settle();
		answer(3);
		answer(1);
		expect(outbox.settled).toEqual([]);
		await settle();
		expect(outbox.settled).toEqual([[3, 1]]);
		expect(outbox.waiting()).toEqual([2, 4]);
		expect(named("envelope_delivered").map(({ sequence }) => sequence)).toEqual([3, 1]);
	});

	it("settles nothing that was refused, waits, and sends it again in order", async () => {
		const { clock, outbox, answer, answerAll, heard, named } = rig();
		outbox.put(...someItems(1, 3));
		await settle();
		for (const sequence of [1, 2, 3]) answer(sequence, 0x97);
		await settle();
		expect(outbox.settled).toEqual([]);
		expect(named("envelope_refused")).toEqual([expect.objectContaining({ reasonCode: 0x97, waitMs: 100, sequence: 1 })]);
		clock.advance(99);
		await settle();
		expect(heard).toEqual([1, 2, 3]);
		clock.advance(1);
		await settle();
		expect(heard).toEqual([1, 2, 3, 1, 2, 3]);
		await answerAll();
		expect(outbox.waiting()).toEqual([]);
	});

	it("lets other categories pass one that is not authorised", async () => {
		const { outbox, answer, answerAll, waiting, clock } = rig({ maxInFlight: 2 });
		outbox.put(...someItems(1, 200, "image.cabin"), ...someItems(201, 230, "telemetry.speed"));
		await settle();
		answer(1, 0x87);
		answer(2, 0x87);
		for (let rounds = 0; rounds < 40; rounds += 1) {
			await settle();
			for (const sequence of [...waiting.keys()]) answer(sequence);
		}
		expect(outbox.waiting()).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
		clock.advance(100);
		await settle();
		await answerAll();
		expect(outbox.waiting()).toEqual([]);
	});

	it("sends what it passed over as soon as the broker takes one of its category", async () => {
		const { outbox, answer, answerAll } = rig({ maxInFlight: 2 });
		outbox.put(...someItems(1, 6));
		await settle();
		answer(1, 0x87);
		await settle();
		answer(2, 0);
		await settle();
		await answerAll();
		expect(outbox.waiting()).toEqual([]);
	});

	it("says when nobody was there to hear, and settles", async () => {
		const { outbox, answer, named } = rig();
		outbox.put(...someItems(1, 1));
		await settle();
		answer(1, 0x10);
		await settle();
		expect(named("envelope_unheard")).toHaveLength(1);
		expect(outbox.waiting()).toEqual([]);
	});

	it("keeps what nobody was there to hear when told to", async () => {
		const { clock, outbox, answer, answerAll, named } = rig({ keepUnheard: true });
		outbox.put(...someItems(1, 1));
		await settle();
		answer(1, 0x10);
		await settle();
		expect([named("envelope_unheard").length, named("envelope_refused").length, outbox.waiting().length]).toEqual([1, 1, 1]);
		clock.advance(100);
		await settle();
		await answerAll();
		expect(outbox.waiting()).toEqual([]);
	});

	it("does not send what was withdrawn while it waited", async () => {
		const { outbox, answerAll, heard } = rig({ maxInFlight: 2 });
		outbox.put(...someItems(1, 6));
		await settle();
		for (const sequence of [4, 5]) outbox.withdraw(sequence);
		await answerAll();
		expect(heard).toEqual([1, 2, 3, 6]);
	});

	it("gives the session up when nothing is acknowledged for too long, and not while something is", async () => {
		const { clock, outbox, answer, aborted } = rig();
		outbox.put(...someItems(1, 4));
		await settle();
		for (const sequence of [1, 2, 3]) {
			clock.advance(900);
			await settle();
			answer(sequence);
			await settle();
		}
		expect(aborted).toEqual([]);
		for (let quarter = 0; quarter < 5; quarter += 1) {
			clock.advance(250);
			await settle();
		}
		expect(aborted[0]).toBe("ack-timeout");
	});

	it("keeps an envelope whose category can stand in no topic, and sends the others", async () => {
		const { outbox, answerAll, named, topics } = rig();
		outbox.put(...someItems(1, 1, "VIN LSVAA4182E2123456"), ...someItems(2, 3));
		await settle();
		await answerAll();
		expect(outbox.waiting()).toEqual([1]);
		expect(named("envelope_refused")).toEqual([expect.objectContaining({ sequence: 1, reasonCode: 0x90 })]);
		expect(topics.join()).not.toContain("LSV");
	});

	it("gives the session up when the outbox fails or breaks its word", async () => {
		const failing: Outbox = {
			pending: () => {
				throw new RangeError("disk");
			},
			settle: () => undefined,
		};
		const first = rig({ outbox: failing });
		await settle();
		expect(first.aborted).toEqual(["outbox-failed"]);
		const repeating: Outbox = { pending: () => someItems(5, 5), settle: () => undefined };
		const second = rig({ outbox: repeating });
		await settle();
		expect(second.aborted).toEqual(["outbox-internal"]);
	});

	it("takes nothing more once it drains, and resolves when all is answered", async () => {
		const { outbox, window, answerAll, heard } = rig({ maxInFlight: 2 });
		outbox.put(...someItems(1, 10));
		await settle();
		let done = false;
		const drained = window.drain().then(() => {
			done = true;
		});
		await settle();
		expect(done).toBe(false);
		await answerAll();
		await drained;
		expect(heard).toEqual([1, 2]);
		expect(outbox.waiting()).toHaveLength(8);
	});

	it("settles what was acknowledged just before it closed, and nothing that was answered after", async () => {
		const { outbox, window, answer } = rig();
		outbox.put(...someItems(1, 3));
		await settle();
		answer(2);
		window.close();
		answer(1);
		await settle();
		expect(outbox.waiting()).toEqual([1, 3]);
	});

	it("delivers everything exactly once, whatever the broker answers and in whatever order (property)", () =>
		fc.assert(
			fc.asyncProperty(
				fc.array(fc.constantFrom(0, 0, 0x10, 0x80, 0x87, 0x95, 0x97), { maxLength: 120 }),
				fc.integer({ min: 1, max: 5 }),
				async (codes, maxInFlight) => {
					const { clock, outbox, waiting, answer, named, aborted, most, window } = rig({ maxInFlight, ackTimeoutMs: 1e9 });
					outbox.put(...someItems(1, 8, "a"), ...someItems(9, 16, "b"));
					const script = [...codes];
					for (let rounds = 0; rounds < 400 && outbox.waiting().length > 0; rounds += 1) {
						await settle();
						const flying = [...waiting.keys()];
						const chosen = flying[(rounds * 7) % Math.max(1, flying.length)];
						if (chosen === undefined) clock.advance(1_000);
						else answer(chosen, script.shift() ?? 0);
					}
					await settle();
					window.close();
					const delivered = named("envelope_delivered").map(({ sequence }) => sequence);
					expect(delivered.sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, at) => at + 1));
					expect(aborted).toEqual([]);
					expect(most()).toBeLessThanOrEqual(maxInFlight);
				},
			),
			{ numRuns: 60 },
		));

	it("publishes nothing that may not be, keeps it in the outbox, and goes on where it was when it may again", async () => {
		let halted = new Set(["b"]);
		let open = true;
		const { window, outbox, heard, answerAll } = rig({
			mayPublish: (categoryId) => open && (categoryId === undefined || !halted.has(categoryId)),
		});
		outbox.put(...someItems(1, 3, "a"), ...someItems(4, 9, "b"), ...someItems(10, 11, "a"));
		window.wake();
		await settle();
		await answerAll();
		expect(heard).toEqual([1, 2, 3, 10, 11]);
		expect(outbox.waiting()).toEqual([4, 5, 6, 7, 8, 9]);
		open = false;
		halted = new Set();
		window.reconsider([]);
		await settle();
		expect(heard).toHaveLength(5);
		open = true;
		window.reconsider([]);
		await settle();
		await answerAll();
		expect(outbox.waiting()).toEqual([]);
		expect(heard).toHaveLength(11);
	});

	it("gives the session up when what was withdrawn is with it, and not otherwise", async () => {
		const { window, outbox, aborted, heard } = rig({ maxInFlight: 2 });
		outbox.put(...someItems(1, 4));
		window.wake();
		await settle();
		expect(heard).toEqual([1, 2]);
		outbox.withdraw(3);
		window.reconsider([3]);
		await settle();
		expect(aborted).toEqual([]);
		outbox.withdraw(2);
		window.reconsider([2]);
		expect(aborted).toEqual(["withdrawn"]);
	});
});
