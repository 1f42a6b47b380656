/**
 * An uploader with everything it needs, for tests: the real clock and the real sockets, an outbox in memory, short waits.
 */
import { systemClock } from "../../agent/host/clock.ts";
import type { KerbEvent } from "../../agent/host/events.ts";
import { systemLinks } from "../../agent/host/links.ts";
import type { ConnectionAccount } from "../../agent/upload/account-link.ts";
import { startUploader, type Uploader, type UploaderOptions } from "../../agent/upload/uploader.ts";
import type { Outlet } from "../../shared/outlet.ts";
import { type MemoryOutbox, memoryOutbox } from "./outbox.ts";

export interface Rig {
	readonly outbox: MemoryOutbox;
	readonly uploader: Uploader;
	readonly events: KerbEvent[];
	readonly accounts: ConnectionAccount[];
	/** Resolves with the first event, past or future, of that name. */
	seen<N extends KerbEvent["event"]>(name: N): Promise<Extract<KerbEvent, { event: N }>>;
}

export const anOutlet = (url: string, over: Partial<Outlet> = {}): Outlet => ({
	id: "cn-cloud",
	jurisdiction: "CN",
	finalJurisdiction: "CN",
	url,
	mqttVersion: 5,
	addressRanges: ["127.0.0.1/32"],
	recipients: [{ name: "cloud", x25519: "00".repeat(32) }],
	inspection: { name: "inspection", x25519: "11".repeat(32) },
	qualifiedSurveying: false,
	maxInFlight: 16,
	...over,
});

export const startRig = (outlet: Outlet, over: Partial<UploaderOptions> = {}): Rig => {
	const outbox = memoryOutbox();
	const events: KerbEvent[] = [];
	const accounts: ConnectionAccount[] = [];
	const listeners = new Set<() => void>();
	const uploader = startUploader({
		unitId: "unit-7f3a",
		outlet,
		outbox,
		links: systemLinks,
		credentials: () => undefined,
		clock: systemClock,
		random: () => 0.5,
		emit: (event) => {
			events.push(event);
			for (const tell of listeners) tell();
		},
		onConnection: (account) => accounts.push(account),
		...over,
		times: { backoff: { minMs: 20, maxMs: 200 }, connectTimeoutMs: 5_000, ...over.times },
	});
	return {
		outbox,
		uploader,
		events,
		accounts,
		seen: (name) =>
			new Promise((resolve) => {
				const look = (): void => {
					const found = events.find((event): event is Extract<KerbEvent, { event: typeof name }> => event.event === name);
					if (found === undefined) return;
					listeners.delete(look);
					resolve(found);
				};
				listeners.add(look);
				look();
			}),
	};
};
