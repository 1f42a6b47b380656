import { describe, expect, it } from "vitest";
import { HandOver } from "../../agent/sources/hand-over.ts";

describe("HandOver", () => {
	it("passes chunks on in order and tells a writer when the next one is asked for", async () => {
		const hand = new HandOver<number>();
		const said: string[] = [];
		const writers = [1, 2, 3].map(async (chunk) => said.push(`${chunk} ${await hand.give(chunk)}`));
		const reader = hand.chunks();
		expect((await reader.next()).value).toBe(1);
		await new Promise((resolve) => setTimeout(resolve, 5));
		expect(said).toEqual([]);
		expect((await reader.next()).value).toBe(2);
		expect(said).toEqual(["1 true"]);
		hand.close();
		expect((await reader.next()).done).toBe(true);
		await Promise.all(writers);
		expect(said.sort()).toEqual(["1 true", "2 true", "3 false"]);
	});

	it("counts a chunk as not passed on when the reader stops at it", async () => {
		const hand = new HandOver<number>();
		const given = hand.give(1);
		for await (const chunk of hand.chunks()) {
			expect(chunk).toBe(1);
			break;
		}
		expect(await given).toBe(false);
	});

	it("ends a reader that waits, and takes nothing more once it is closed", async () => {
		const hand = new HandOver<number>();
		const waiting = hand.chunks().next();
		hand.close();
		expect((await waiting).done).toBe(true);
		expect(await hand.give(1)).toBe(false);
		expect((await hand.chunks().next()).done).toBe(true);
	});
});
