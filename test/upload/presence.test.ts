import { describe, expect, it } from "vitest";
import { createPresence } from "../../agent/upload/presence.ts";
import { handClock } from "../fakes/hand-clock.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const aPresence = () => {
	const clock = handClock();
	const said: string[] = [];
	const answers: (() => void)[] = [];
	let text = "a";
	let close: (reason: string) => void = () => undefined;
	const closed = new Promise<string>((resolve) => {
		close = resolve;
	});
	const presence = createPresence({
		session: {
			closed,
			retain: (topic, bytes, done) => {
				said.push(`${topic} ${new TextDecoder().decode(bytes)}`);
				answers.push(() => done(0));
			},
		},
		topic: "t",
		status: (state) => new TextEncoder().encode(`${state} ${text}`),
		clock,
		repeatMs: 1_000,
	});
	return {
		...{ presence, clock, said, answers, close: () => close("lost") },
		say: (now: string) => {
			text = now;
			presence.tell();
		},
	};
};

describe("createPresence", () => {
	it("tells at once, one at a time, and of many changes the last", async () => {
		const { said, say, answers } = aPresence();
		expect(said).toStrictEqual(["t online a"]);
		for (const text of ["b", "c", "d"]) say(text);
		expect(said).toHaveLength(1);
		answers.shift()?.();
		expect(said).toStrictEqual(["t online a", "t online d"]);
		answers.shift()?.();
		await turn();
		expect(said).toHaveLength(2);
	});

	it("repeats itself after a while, and never once the session is over", async () => {
		const { said, clock, answers, close, say } = aPresence();
		answers.shift()?.();
		await clock.advance(1_000);
		await turn();
		expect(said).toHaveLength(2);
		close();
		await turn();
		say("b");
		await clock.advance(5_000);
		await turn();
		expect(said).toHaveLength(2);
	});

	it("says last that it is leaving, after what is on its way, and nothing more", async () => {
		const { said, answers, presence, say } = aPresence();
		let isGone = false;
		const leaving = presence.leave().then(() => {
			isGone = true;
		});
		answers.shift()?.();
		await turn();
		expect([said.at(-1), isGone]).toStrictEqual(["t offline a", false]);
		answers.shift()?.();
		await leaving;
		say("b");
		expect(said).toHaveLength(2);
	});

	it("leaves at once when the session is lost", async () => {
		const { presence, close } = aPresence();
		const leaving = presence.leave();
		close();
		await leaving;
		await presence.leave();
	});
});
