/**
 * Accounts for connections: one record of each, from its first to its last byte, for the ledger.
 */
import type { UtcMs } from "../../shared/units.ts";
import type { Clock } from "../host/clock.ts";
import type { Link } from "../host/links.ts";

export interface ConnectionAccount {
	readonly outletId: string;
	readonly openedAtMs: UtcMs;
	readonly closedAtMs: UtcMs;
	readonly localAddress: string;
	readonly localPort: number;
	readonly remoteAddress: string;
	readonly remotePort: number;
	readonly transport: "tcp";
	readonly application: "mqtt";
	/** True when TLS was established, not merely wanted. */
	readonly tls: boolean;
	readonly peerFingerprint?: string;
	readonly bytesOut: number;
	readonly bytesIn: number;
}

/**
 * Calls `done` once, when the connection is closed, or before that when what is returned is called.
 *
 * @param security The same link under TLS, when that was established.
 */
export const accountLink = (
	outletId: string,
	link: Link,
	security: () => Link | undefined,
	clock: Pick<Clock, "nowMs">,
	done: (account: ConnectionAccount) => void,
): (() => void) => {
	const openedAtMs = clock.nowMs();
	let isDone = false;
	const settle = (): void => {
		if (isDone) return;
		isDone = true;
		const secured = security();
		const { localAddress, localPort, remoteAddress, remotePort } = link;
		done({
			outletId,
			openedAtMs,
			closedAtMs: clock.nowMs(),
			...{ localAddress, localPort, remoteAddress, remotePort, transport: "tcp", application: "mqtt" },
			tls: secured?.tls ?? false,
			...(secured?.peerFingerprint === undefined ? {} : { peerFingerprint: secured.peerFingerprint }),
			...link.traffic(),
		});
	};
	link.stream.once("close", settle);
	return settle;
};
