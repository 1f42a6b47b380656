/**
 * Messages that a broker nearby publishes. The client only subscribes, at QoS 0, with a clean session: after the words that open the session and
 * name the topics, nothing goes to the broker but signs of life.
 *
 * The broker must be on this machine, on a private network or on the link, judged by its address before the connection and by the connected
 * socket's own word after it, before the first byte.
 *
 * Only the client class is imported: the package's entry would bring WebSocket and SOCKS, which the kerb must not have.
 */
import mqttClient from "mqtt/lib/client";
import { isLoopback, parseAddress } from "../../shared/cidr.ts";
import { KerbError } from "../../shared/errors.ts";
import type { InboundQueue } from "./inbound-queue.ts";
import { type Link, type Links, linkErrorCode } from "./links.ts";
import { isLocalAddress } from "./local-peer.ts";

export interface MqttInputOptions {
	/** A name or a literal address. */
	readonly host: string;
	readonly port: number;
	/** Topic filters. */
	readonly topics: readonly string[];
	/** PEM of the authorities that may vouch for the broker; without it there is no TLS. */
	readonly ca?: string | undefined;
	/** A password goes over TLS, or stays on this machine. */
	readonly login?: { readonly username: string; readonly password?: string | undefined } | undefined;
	readonly clientId: string;
	readonly mqttVersion: 4 | 5;
	readonly links: Links;
	/** Takes the messages; ends with the input. */
	readonly queue: InboundQueue;
	/** The longest message that the queue takes, in bytes. */
	readonly messageBytes: number;
	/** Called for each retained message, which is passed over: it is of a time that nobody knows. */
	readonly onRetained: () => void;
	/** Called once the broker has granted all topics. */
	readonly onOpen: () => void;
}

const connectTimeoutMs = 20_000;
/** More answers than this are not a server but an attack on our patience. */
const maxCandidates = 16;
/** More than headers, a topic and properties take. */
const overheadBytes = 4_096;

const refused = (reason: string): KerbError =>
	new KerbError("LINK_FAILED", `the broker was refused (${reason}); nothing was sent to it`, { problems: [reason] });
const failed = (reason: string): KerbError =>
	new KerbError("LINK_FAILED", `the broker gives no messages (${reason})`, { problems: [reason] });

const refusalOf = (peer: string, hasPlainPassword: boolean): string | undefined => {
	if (!isLocalAddress(peer)) return "peer-not-local";
	const address = parseAddress(peer);
	return hasPlainPassword && (address === undefined || !isLoopback(address)) ? "plain-password" : undefined;
};

const openLink = async ({ host, port, ca, login, links }: MqttInputOptions, signal: AbortSignal): Promise<Link> => {
	const found = (await links.resolve(host, signal)).slice(0, maxCandidates).filter(isLocalAddress);
	let failure: unknown = refused("address-not-local");
	for (const address of found) {
		let link: Link;
		try {
			link = await links.connect(address, port, signal);
		} catch (error) {
			if (signal.aborted) throw error;
			failure = error;
			continue;
		}
		const refusal = refusalOf(link.remoteAddress, ca === undefined && login?.password !== undefined);
		if (refusal !== undefined) {
			link.stream.destroy();
			throw refused(refusal);
		}
		return ca === undefined ? link : await links.secure(link, host, { ca }, signal);
	}
	throw failure;
};

const reasonOf = (error: unknown, isConnected: boolean): string => {
	const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
	if (typeof code === "number") return isConnected ? `protocol-${code}` : `connack-${code}`;
	return typeof code === "string" ? linkErrorCode(error) : "protocol-error";
};

/**
 * Batches of messages, each one fresh bytes, until the signal aborts. A batch is empty when some were shed.
 *
 * @throws KerbError LINK_FAILED or OUTLET_REFUSED, with a short code in `problems`, when the broker cannot be reached, must not be, does not grant a
 * topic, or ends the session.
 */
export async function* readTopics(options: MqttInputOptions, signal: AbortSignal): AsyncGenerator<readonly Uint8Array[]> {
	const { queue } = options;
	const limit = options.messageBytes + overheadBytes;
	if (signal.aborted) return;
	const opening = AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)]);
	const link = await openLink(options, opening);
	if (link.stream.destroyed) throw failed("closed");
	let reason: string | undefined;
	const drop = (why: string): void => {
		reason ??= why;
		link.stream.destroy();
	};
	const { username, password } = options.login ?? {};
	const client = new mqttClient.default(() => link.stream, {
		clientId: options.clientId,
		protocolId: "MQTT",
		protocolVersion: options.mqttVersion,
		clean: true,
		keepalive: 30,
		connectTimeout: connectTimeoutMs,
		reconnectPeriod: 0,
		resubscribe: false,
		queueQoSZero: false,
		writeCache: false,
		log: () => undefined,
		...(username === undefined ? undefined : { username }),
		...(password === undefined ? undefined : { password }),
		// A message somewhat too long is taken and counted; the broker keeps those beyond that.
		...(options.mqttVersion === 5 ? { properties: { sessionExpiryInterval: 0, receiveMaximum: 1, maximumPacketSize: 2 * limit } } : {}),
	});
	client.on("error", (error) => drop(reasonOf(error, client.connected)));
	client.on("disconnect", (packet) => drop(`disconnect-${packet.reasonCode ?? 0}`));
	let unparsedBytes = 0;
	link.stream.on("data", (chunk: Uint8Array) => {
		unparsedBytes += chunk.byteLength;
		if (unparsedBytes > 2 * limit + 65_536) drop("flood");
	});
	client.on("packetreceive", (packet) => {
		unparsedBytes = 0;
		// The client would keep messages of QoS 2 until the broker is done with them, and answer those of QoS 1.
		if (packet.cmd === "publish" && packet.qos > 0) drop("qos-not-granted");
	});
	client.on("message", (_topic, bytes, packet) => {
		if (packet.retain === true) options.onRetained();
		// A copy, since the bytes are part of whatever came with them.
		else if (packet.qos === 0) queue.push(Uint8Array.from(bytes));
	});
	const closed = new Promise<undefined>((resolve) => {
		client.once("close", () => {
			queue.end({ cause: failed(reason ?? "closed") });
			resolve(undefined);
		});
	});
	const stop = (): void => {
		drop("ended");
		queue.end();
	};
	const late = (): void => drop("timeout");
	signal.addEventListener("abort", stop, { once: true });
	opening.addEventListener("abort", late, { once: true });
	try {
		if (opening.aborted) drop("timeout");
		const isConnected = await Promise.race([new Promise<true>((resolve) => client.once("connect", () => resolve(true))), closed]);
		if (isConnected !== true) throw failed(reason ?? "closed");
		const isGranted = await Promise.race([
			new Promise<boolean>((resolve) => {
				// 2: no retained messages (MQTT 5 section 3.8.3.1).
				client.subscribe([...options.topics], { qos: 0, rh: 2 }, (error, granted) =>
					resolve(!error && granted?.every(({ qos }) => qos < 128) !== false),
				);
			}),
			closed,
		]);
		if (isGranted !== true) throw failed(isGranted === undefined ? (reason ?? "closed") : "not-granted");
		opening.removeEventListener("abort", late);
		options.onOpen();
		for await (const batch of queue.batches()) {
			if (signal.aborted) return;
			yield batch;
		}
	} finally {
		signal.removeEventListener("abort", stop);
		opening.removeEventListener("abort", late);
		queue.end();
		link.stream.destroy();
		await closed;
	}
}
