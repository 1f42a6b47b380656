/**
 * Datagrams that come in on a port. Nothing is ever sent: the sockets have no peer, and no call here sends.
 */
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { InboundQueue } from "./inbound-queue.ts";
import { countDrops } from "./udp-drops.ts";

export interface UdpInputOptions {
	/** A literal address of this box, or `0.0.0.0` or `::` for all of them. Multicast is joined on its interface. */
	readonly address: string;
	readonly port: number;
	/** IPv4 multicast groups to hear, too. */
	readonly groups: readonly string[];
	/** Takes the datagrams; ends with the input. */
	readonly queue: InboundQueue;
	/** Called once all sockets are bound. */
	readonly onOpen: () => void;
	/** The box's monotonic clock in milliseconds. */
	readonly bootMs: () => number;
}

/** How often the system is asked what it dropped. */
const dropsEveryMs = 1_000;

/** As much as the system allows, up to this: a burst waits there while the agent works. */
const receiveBufferBytes = 1_048_576;

const anyAddresses: readonly string[] = ["0.0.0.0", "::"];

const bound = (socket: Socket, port: number, address: string): Promise<void> =>
	new Promise((resolve, reject) => {
		socket.once("error", reject);
		socket.bind({ port, address, exclusive: true }, () => {
			socket.off("error", reject);
			resolve();
		});
	});

/**
 * Batches of datagrams, each one fresh bytes, until the signal aborts. A batch is empty when some were shed.
 *
 * @throws a system error when the port cannot be bound, a group cannot be joined or a socket fails.
 */
export async function* readDatagrams(options: UdpInputOptions, signal: AbortSignal): AsyncGenerator<readonly Uint8Array[]> {
	const { address, port, groups, queue } = options;
	const isAny = anyAddresses.includes(address);
	const heardAt = isAny ? [address] : [address, ...groups];
	const dropped = (): number => heardAt.reduce((sum, at) => sum + countDrops(at, port), 0);
	let droppedBefore = 0;
	let askedAtMs = options.bootMs();
	const askDropped = (): void => {
		const now = dropped();
		queue.noteLost(now - droppedBefore);
		droppedBefore = now;
		askedAtMs = options.bootMs();
	};
	const sockets: Socket[] = [];
	const stop = (): void => queue.end();
	const open = async (at: string): Promise<Socket> => {
		const family = isIPv6(at) ? { type: "udp6" as const, ipv6Only: true } : { type: "udp4" as const };
		// Several sockets share the port only where each hears another address.
		const socket = createSocket({ ...family, reuseAddr: groups.length > 0 });
		sockets.push(socket);
		await bound(socket, port, at);
		socket.on("error", (cause) => queue.end({ cause }));
		socket.on("message", (bytes) => queue.push(bytes));
		try {
			socket.setRecvBufferSize(receiveBufferBytes);
		} catch {
			// Less room for bursts, no reason to hear nothing.
		}
		return socket;
	};
	signal.addEventListener("abort", stop, { once: true });
	try {
		if (signal.aborted) return;
		const first = await open(address);
		for (const group of groups) {
			// A socket on all addresses hears every group that is joined; one on a single address hears none, so that each group has its own.
			const socket = isAny ? first : await open(group);
			socket.addMembership(group, isAny ? undefined : address);
		}
		droppedBefore = dropped();
		options.onOpen();
		for await (const batch of queue.batches()) {
			if (options.bootMs() - askedAtMs >= dropsEveryMs) askDropped();
			if (signal.aborted) return;
			yield batch;
		}
	} finally {
		signal.removeEventListener("abort", stop);
		queue.end();
		for (const socket of sockets) socket.close();
	}
}
