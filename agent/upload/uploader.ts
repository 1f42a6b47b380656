/**
 * Brings the envelopes of one outlet from the spool to its broker, at least once, for as long as it runs.
 *
 * Connect (through the egress guard) -> session -> window -> lost -> wait -> connect. There is no other store than the spool: after any loss the
 * next session starts with the oldest envelope that is not settled, and the collector removes what comes twice.
 */
import { KerbError } from "../../shared/errors.ts";
import type { Outlet } from "../../shared/outlet.ts";
import { clientIdOf, statusTopic } from "../../shared/topics.ts";
import type { Clock } from "../host/clock.ts";
import type { Emit } from "../host/events.ts";
import type { Link, LinkCredentials, Links } from "../host/links.ts";
import { accountLink, type ConnectionAccount } from "./account-link.ts";
import { type BackoffBounds, backoffMs, defaultBackoff } from "./backoff.ts";
import { createHolds } from "./holds.ts";
import { openLink } from "./open-link.ts";
import type { Outbox } from "./outbox.ts";
import { createPresence, type Presence } from "./presence.ts";
import { openSession } from "./session.ts";
import { createWindow, type UploadWindow } from "./window.ts";

export interface UploaderTimes {
	/** To resolve, connect and prove identity, and again for the broker's CONNACK. */
	readonly connectTimeoutMs: number;
	readonly keepAliveSec: number;
	readonly ackTimeoutMs: number;
	/** A session that lasted so long was a good one: the next wait starts from the shortest. */
	readonly stableMs: number;
	/** Between two statuses that say nothing new. */
	readonly statusMs: number;
	readonly backoff: BackoffBounds;
}

export const defaultUploaderTimes: UploaderTimes = {
	connectTimeoutMs: 20_000,
	keepAliveSec: 60,
	ackTimeoutMs: 120_000,
	stableMs: 10_000,
	statusMs: 600_000,
	backoff: defaultBackoff,
};

export interface UploaderOptions {
	readonly unitId: string;
	readonly outlet: Outlet;
	readonly outbox: Outbox;
	readonly links: Links;
	/** Asked at every connect; undefined when the configuration names none for this outlet. */
	readonly credentials: () => LinkCredentials | undefined;
	readonly clock: Clock;
	/** In [0, 1). */
	readonly random: () => number;
	readonly emit: Emit;
	/** Called when a connection is closed; never twice for one. */
	readonly onConnection: (account: ConnectionAccount) => void;
	/**
	 * Under MQTT 5 a broker says when nobody subscribes to what it took: it is gone then. True tries again until somebody does; the default
	 * settles and says so in an event, for brokers that hand messages on by other ways than subscriptions.
	 */
	readonly keepUnheard?: boolean;
	/** Whether an envelope of the category may be published now, see `WindowOptions`. */
	readonly mayPublish?: (categoryId?: string) => boolean;
	/** What the unit says of itself; without it nothing is said. Small, and holds nothing that was sensed. */
	readonly status?: (state: "online" | "offline") => Uint8Array;
	readonly times?: Partial<UploaderTimes>;
}

export interface Uploader {
	/** The outbox may have something new for this outlet. Cheap; may be called per envelope. */
	wake(): void;
	/** What may be published has changed, or the given sequences were taken out of the outbox: looks anew at what waits. */
	reconsider(withdrawn: readonly number[]): void;
	/** The unit's status has changed: says so when there is a session; the next session says it anyway. */
	tellStatus(): void;
	/** Resolves as soon as the outbox has nothing left for this outlet, or when the uploader is stopped. */
	drained(): Promise<void>;
	/** Waits up to `drainMs` for what is in flight, disconnects and ends. What was not acknowledged stays in the outbox. Never rejects. */
	stop(options: { readonly drainMs: number }): Promise<void>;
}

/** The wait for the broker to close its side after DISCONNECT. */
const farewellMs = 1_000;

/** A short code for an event; errors of links carry one. */
const reasonOf = (error: unknown): string => {
	if (!(error instanceof KerbError)) return error instanceof Error ? `internal-${error.name.toLowerCase()}` : "internal";
	return error.problems[0] ?? error.code.toLowerCase().replaceAll("_", "-");
};

/** A refusal without a short code of its own is about this box: a file of keys, say. Its message holds nothing that was sensed. */
const detailOf = ({ problems, message }: KerbError): { readonly detail?: string } => (problems.length === 0 ? { detail: message } : {});

/**
 * Starts at once and runs until stopped.
 *
 * @throws KerbError CONFIG_INVALID when the unit id is not one.
 */
export const startUploader = (options: UploaderOptions): Uploader => {
	const { outlet, outbox, clock, emit } = options;
	const times: UploaderTimes = { ...defaultUploaderTimes, ...options.times };
	const clientId = clientIdOf(options.unitId, outlet.id);
	const holds = createHolds(options.random, times.backoff);
	const stopping = new AbortController();
	let drainMs = 0;
	let window: UploadWindow | undefined;
	let presence: Presence | undefined;
	let drainWaiters: (() => void)[] = [];

	const releaseDrained = (force: boolean): void => {
		if (drainWaiters.length === 0 || !(force || outbox.pending(outlet.id, -1, 1).length === 0)) return;
		const waiters = drainWaiters;
		drainWaiters = [];
		for (const release of waiters) release();
	};

	/** A signal that aborts after `ms`, or with the uploader; `done` lets go of it. */
	const deadline = (ms: number, withStop: boolean): { readonly signal: AbortSignal; done(): void } => {
		const late = new AbortController();
		const over = new AbortController();
		void clock.sleep(ms, over.signal).then(() => {
			if (!over.signal.aborted) late.abort();
		});
		return { signal: withStop ? AbortSignal.any([late.signal, stopping.signal]) : late.signal, done: () => over.abort() };
	};

	const account = (link: Link, security: () => Link | undefined): void => {
		accountLink(outlet.id, link, security, clock, options.onConnection);
	};

	/** One connection from its start to its end; gives the reason of the end. */
	const connectOnce = async (): Promise<string> => {
		const limit = deadline(times.connectTimeoutMs, true);
		let link: Link | undefined;
		const session = await (async () => {
			try {
				link = await openLink(
					{ outlet, links: options.links, credentials: options.credentials, onLink: (tcp) => account(tcp, () => link) },
					limit.signal,
				);
				const { connectTimeoutMs, keepAliveSec } = times;
				return await openSession(link, { clientId, mqttVersion: outlet.mqttVersion, keepAliveSec, connectTimeoutMs }, limit.signal);
			} finally {
				limit.done();
			}
		})();
		if (link !== undefined) {
			emit({ event: "link_opened", outlet: outlet.id, address: link.remoteAddress, port: link.remotePort, tls: link.tls });
		}
		const { unitId, status } = options;
		// Where the broker takes one at a time there is no room beside the envelopes.
		const told =
			status === undefined || session.receiveMaximum < 2
				? undefined
				: createPresence({ session, topic: statusTopic(unitId, outlet.id), status, clock, repeatMs: times.statusMs });
		const { publish, abort } = session;
		const receiveMaximum = told === undefined ? session.receiveMaximum : session.receiveMaximum - 1;
		presence = told;
		const current = createWindow({
			...{ unitId, outlet, outbox, holds, clock, emit, ackTimeoutMs: times.ackTimeoutMs },
			session: { publish, abort, receiveMaximum },
			keepUnheard: options.keepUnheard ?? false,
			...(options.mayPublish === undefined ? {} : { mayPublish: options.mayPublish }),
			onSettled: () => releaseDrained(false),
		});
		window = current;
		const farewell = async (): Promise<void> => {
			const drain = deadline(drainMs, false);
			await Promise.race([
				current.drain().then(() => told?.leave()),
				session.closed,
				new Promise((late) => drain.signal.addEventListener("abort", late, { once: true })),
			]);
			drain.done();
			const grace = deadline(farewellMs, false);
			await session.end(grace.signal);
			grace.done();
		};
		const onStop = (): void => void farewell();
		if (stopping.signal.aborted) onStop();
		stopping.signal.addEventListener("abort", onStop, { once: true });
		const reason = await session.closed;
		stopping.signal.removeEventListener("abort", onStop);
		window = undefined;
		presence = undefined;
		try {
			current.close();
			return reason;
		} catch {
			// They are sent again, and the collector knows them by their sequence.
			return "outbox-failed";
		}
	};

	const run = async (): Promise<void> => {
		for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
			const startedMs = clock.bootMs();
			let reason: string;
			let refusal: KerbError | undefined;
			try {
				reason = await connectOnce();
				if (clock.bootMs() - startedMs >= times.stableMs) attempt = 1;
			} catch (error) {
				reason = reasonOf(error);
				refusal = error instanceof KerbError && error.code !== "LINK_FAILED" ? error : undefined;
			}
			if (stopping.signal.aborted) break;
			const waitMs = backoffMs(attempt, options.random(), times.backoff);
			if (refusal === undefined) emit({ event: "link_lost", outlet: outlet.id, reason, waitMs });
			else emit({ event: "link_refused", outlet: outlet.id, reason, ...detailOf(refusal) });
			await clock.sleep(waitMs, stopping.signal);
		}
		releaseDrained(true);
	};
	const running = run();

	return {
		wake: () => window?.wake(),
		tellStatus: () => presence?.tell(),
		reconsider(withdrawn) {
			window?.reconsider(withdrawn);
			releaseDrained(false);
		},
		drained: () =>
			new Promise((resolve) => {
				drainWaiters.push(resolve);
				releaseDrained(stopping.signal.aborted);
			}),
		stop(stop) {
			drainMs = stop.drainMs;
			stopping.abort();
			return running;
		},
	};
};
