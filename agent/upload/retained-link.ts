/**
 * A connection to the broker that keeps the law: behind the same guard as uploads, opened when it is needed, kept while somebody listens.
 */
import { isKerbError, KerbError } from "../../shared/errors.ts";
import type { Clock } from "../host/clock.ts";
import type { Link, LinkCredentials, Links } from "../host/links.ts";
import { accountLink, type ConnectionAccount } from "./account-link.ts";
import { backoffMs } from "./backoff.ts";
import type { GuardedOutlet } from "./guard.ts";
import { openLink } from "./open-link.ts";
import { openRetained, type Retained } from "./retained.ts";

export interface RetainedLinkOptions {
	/** Asked at every connect. @throws KerbError when nothing says where the broker is. */
	readonly broker: () => GuardedOutlet & { readonly mqttVersion: 4 | 5 };
	readonly credentials: () => LinkCredentials | undefined;
	readonly clientId: string;
	readonly links: Links;
	readonly clock: Clock;
	/** In [0, 1). */
	readonly random: () => number;
	/** The longest message that is taken. */
	readonly maxBytes: number;
	/** Called when a connection is closed; never twice for one. */
	readonly onConnection: (account: ConnectionAccount) => void;
	/** Listening was cut off and goes on after a wait; a short code says why. */
	readonly onLost: (reason: string, waitMs: number) => void;
}

export interface RetainedLink {
	/**
	 * The retained message of a topic; undefined when the broker sent none.
	 *
	 * @throws KerbError LAW_UNAVAILABLE when the broker cannot be reached or must not be, LAW_INVALID when it is longer than `maxBytes`.
	 */
	readRetained(topic: string, maxBytes: number): Promise<Uint8Array | undefined>;
	/** Calls back with each message of a topic, the retained one first and again after every loss, until the signal aborts. */
	watch(topic: string, heard: (bytes: Uint8Array) => void, signal: AbortSignal): Promise<void>;
	/** Accounts for the connection and drops it; there is none afterwards. */
	close(): void;
}

const connectTimeoutMs = 20_000;
/** A broker sends a retained message with its answer to the subscription; the link may be slow. */
const settleMs = 2_000;
const stableMs = 10_000;

export const createRetainedLink = (options: RetainedLinkOptions): RetainedLink => {
	const { clock } = options;
	const ending = new AbortController();
	let session: Promise<Retained> | undefined;

	const open = async (): Promise<Retained> => {
		const late = new AbortController();
		const done = new AbortController();
		void clock.sleep(connectTimeoutMs, done.signal).then(() => late.abort());
		const signal = AbortSignal.any([late.signal, ending.signal]);
		try {
			const outlet = options.broker();
			let link: Link | undefined;
			const onLink = (tcp: Link): void => {
				const settle = accountLink(outlet.id, tcp, () => link, clock, options.onConnection);
				ending.signal.addEventListener("abort", settle, { once: true });
				tcp.stream.once("close", () => ending.signal.removeEventListener("abort", settle));
			};
			link = await openLink({ outlet, links: options.links, credentials: options.credentials, onLink }, signal);
			const { clientId, maxBytes } = options;
			const retained = await openRetained(link, {
				...{ clientId, mqttVersion: outlet.mqttVersion, clock, connectTimeoutMs, settleMs, maxBytes },
			});
			if (ending.signal.aborted) retained.close();
			else ending.signal.addEventListener("abort", retained.close, { once: true });
			void retained.closed.then(() => {
				ending.signal.removeEventListener("abort", retained.close);
				session = undefined;
			});
			return retained;
		} catch (error) {
			session = undefined;
			if (!isKerbError(error) || error.code === "LAW_UNAVAILABLE") throw error;
			const problems = [reasonOf(error)];
			throw new KerbError("LAW_UNAVAILABLE", `the broker that keeps the law was not reached: ${error.message}`, { cause: error, problems });
		} finally {
			done.abort();
		}
	};
	const connected = async (): Promise<Retained> => {
		if (ending.signal.aborted) throw new KerbError("LAW_UNAVAILABLE", "the agent is ending");
		session ??= open();
		return await session;
	};

	return {
		async readRetained(topic, maxBytes) {
			const retained = await connected();
			return await retained.readRetained(topic, maxBytes);
		},
		async watch(topic, heard, outer) {
			const signal = AbortSignal.any([outer, ending.signal]);
			for (let attempt = 1; !signal.aborted; attempt += 1) {
				const startedMs = clock.bootMs();
				let reason = "closed";
				try {
					const retained = await connected();
					await retained.onNotice(topic, heard);
					await Promise.race([retained.closed, aborted(signal)]);
				} catch (error) {
					if (!isKerbError(error)) throw error;
					reason = reasonOf(error);
				}
				if (signal.aborted) return;
				if (clock.bootMs() - startedMs >= stableMs) attempt = 1;
				const waitMs = backoffMs(attempt, options.random());
				options.onLost(reason, waitMs);
				await clock.sleep(waitMs, signal);
			}
		},
		close: () => ending.abort(),
	};
};

const reasonOf = ({ problems, code }: KerbError): string => problems[0] ?? code.toLowerCase().replaceAll("_", "-");

const aborted = (signal: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener("abort", () => resolve(), { once: true });
	});
