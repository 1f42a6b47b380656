import { describe, expect, it } from "vitest";
import { type InboundBounds, InboundQueue } from "../../agent/host/inbound-queue.ts";

const bounds: InboundBounds = { messageBytes: 10, messages: 5, bytes: 30, perSec: 1_000 };
const none = { overlong: 0, shed: 0, tooFast: 0, lost: 0 };

const queueOf = (extra: Partial<InboundBounds> = {}) => {
	const clock = { nowMs: 0 };
	return { clock, queue: new InboundQueue({ ...bounds, ...extra }, () => clock.nowMs) };
};

const drain = async (queue: InboundQueue): Promise<number[]> => {
	queue.end();
	const lengths: number[] = [];
	for await (const batch of queue.batches()) {
		lengths.push(...batch.map(({ length }) => length));
		queue.takeCounts();
	}
	return lengths;
};

describe("InboundQueue", () => {
	it("hands on in order what came, and sheds the newest beyond its number and its bytes", async () => {
		const many = queueOf().queue;
		for (const length of [1, 2, 3, 4, 5, 6, 7]) many.push(new Uint8Array(length));
		expect(many.takeCounts()).toEqual({ ...none, shed: 2 });
		expect(await drain(many)).toEqual([1, 2, 3, 4, 5]);
		const large = queueOf().queue;
		for (const length of [10, 10, 9, 2, 1]) large.push(new Uint8Array(length));
		expect(large.takeCounts()).toEqual({ ...none, shed: 1 });
		expect(await drain(large)).toEqual([10, 10, 9, 1]);
	});

	it("has room again once a batch was taken", async () => {
		const { queue } = queueOf();
		let taken = 0;
		for (let at = 0; at < 5; at++) queue.push(new Uint8Array(6));
		for await (const batch of queue.batches()) {
			taken += batch.length;
			if (taken >= 500) queue.end();
			for (let at = 0; at < 5; at++) queue.push(new Uint8Array(6));
			expect(queue.takeCounts()).toEqual(none);
		}
		expect(taken).toBe(500);
	});

	it("counts what is longer than a message may be, and wakes its reader to say so", async () => {
		const { queue } = queueOf();
		const batches = queue.batches();
		const next = batches.next();
		queue.push(new Uint8Array(11));
		expect(await next).toEqual({ done: false, value: [] });
		expect(queue.takeCounts()).toEqual({ ...none, overlong: 1 });
		queue.end();
		expect(await batches.next()).toEqual({ done: true, value: undefined });
	});

	it("lets through no more than its rate, over a second", async () => {
		const { clock, queue } = queueOf({ perSec: 10, messages: 1_000, bytes: 1_000 });
		let tooFast = 0;
		for (clock.nowMs = 0; clock.nowMs < 10_000; clock.nowMs += 5) {
			queue.push(new Uint8Array(1));
			tooFast += queue.takeCounts().tooFast;
		}
		// Ten of the first second's allowance, then ten a second.
		expect(2_000 - tooFast).toBe(10 + 99);
		expect(await drain(queue)).toHaveLength(109);
	});

	it("lets nothing more through for a clock that stands still or steps back", () => {
		const { clock, queue } = queueOf({ perSec: 2 });
		for (let at = 0; at < 4; at++) queue.push(new Uint8Array(1));
		clock.nowMs = -60_000;
		for (let at = 0; at < 4; at++) queue.push(new Uint8Array(1));
		expect(queue.takeCounts()).toEqual({ ...none, tooFast: 6 });
	});

	it("gives what waits before it throws what it ended with, and takes nothing afterwards", async () => {
		const { queue } = queueOf();
		queue.push(new Uint8Array(3));
		queue.end({ cause: new Error("gone") });
		queue.push(new Uint8Array(4));
		const batches = queue.batches();
		expect((await batches.next()).value).toHaveLength(1);
		await expect(batches.next()).rejects.toThrow("gone");
		expect(queue.takeCounts()).toEqual(none);
	});
});
