/**
 * Keeps a unit's status retained at a broker for the length of one session: when it begins, when the status changes, from time to time so that
 * silence means something, and when it ends in order. A session that breaks leaves the last status behind, which grows old.
 */
import type { Clock } from "../host/clock.ts";
import type { Session } from "./session.ts";

export interface PresenceOptions {
	readonly session: Pick<Session, "retain" | "closed">;
	readonly topic: string;
	readonly status: (state: "online" | "offline") => Uint8Array;
	readonly clock: Pick<Clock, "sleep">;
	/** Between two that say nothing new. */
	readonly repeatMs: number;
}

export interface Presence {
	/** The status has changed. Of several changes while one is on its way the last is told. */
	tell(): void;
	/** Says the last one; resolves when the broker has it, or the session is over. Nothing is told afterwards. */
	leave(): Promise<void>;
}

/** Begins to tell at once. One status is unacknowledged at a time, so that envelopes keep their room. */
export const createPresence = ({ session, topic, status, clock, repeatMs }: PresenceOptions): Presence => {
	const over = new AbortController();
	let isBusy = false;
	let isAsked = false;
	let isLeaving = false;
	let left: () => void = () => undefined;

	const tell = (): void => {
		if (over.signal.aborted) return;
		isAsked = true;
		if (isBusy) return;
		isAsked = false;
		isBusy = true;
		const isLast = isLeaving;
		// A broker that does not want it is not asked again before there is something new.
		session.retain(topic, status(isLast ? "offline" : "online"), () => {
			isBusy = false;
			if (isLast) end();
			else if (isAsked) tell();
		});
	};
	const end = (): void => {
		over.abort();
		left();
	};
	const repeat = async (): Promise<void> => {
		while (!over.signal.aborted) {
			await clock.sleep(repeatMs, over.signal);
			if (!isLeaving) tell();
		}
	};
	void session.closed.then(end);
	tell();
	void repeat();
	return {
		tell,
		leave: () =>
			new Promise((resolve) => {
				if (over.signal.aborted) return resolve();
				left = resolve;
				isLeaving = true;
				tell();
			}),
	};
};
