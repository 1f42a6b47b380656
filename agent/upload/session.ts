/**
 * One MQTT session over one open link: connect, publish with the broker's answer, end. Nothing is kept past it: no stored packets, no
 * resubscription, no reconnection of the library's own. What was not acknowledged is still in the spool.
 *
 * Only the client class is imported: the package's entry would bring WebSocket and SOCKS, which the kerb must not have.
 */
import mqttClient from "mqtt/lib/client";
import { KerbError } from "../../shared/errors.ts";
import { type Link, linkErrorCode } from "../host/links.ts";

export interface SessionOptions {
	readonly clientId: string;
	/** 5, or 4 for MQTT 3.1.1. */
	readonly mqttVersion: 4 | 5;
	/** Silence after which the peer is asked for a sign of life; half as much again without one ends the session. */
	readonly keepAliveSec: number;
	/** For the broker's CONNACK. */
	readonly connectTimeoutMs: number;
}

export interface Session {
	/** The broker takes so many unacknowledged publications at once (MQTT 5 section 3.2.2.3.3). */
	readonly receiveMaximum: number;
	/**
	 * Publishes at QoS 1. `done` hears the PUBACK's reason code (0 in MQTT 3.1.1), at most once, and never when the session ends first.
	 * Borrows `bytes` until then.
	 */
	publish(topic: string, bytes: Uint8Array, done: (reasonCode: number) => void): void;
	/** Publishes a retained JSON document at QoS 1; `done` as for `publish`. It counts against `receiveMaximum`, too. */
	retain(topic: string, bytes: Uint8Array, done: (reasonCode: number) => void): void;
	/** Resolves with a short code when the session is over, whoever ended it. Never rejects. */
	readonly closed: Promise<string>;
	/** Says DISCONNECT and closes the link; by force when `signal` aborts first. Without effect when it is over. */
	end(signal: AbortSignal): Promise<void>;
	/** Drops the link at once; `closed` then gives `reason`. */
	abort(reason: string): void;
}

/** MQTT 5 section 2.4. */
const packetTooLarge = 0x95;
const retainNotSupported = 0x9a;
/** A peer may send so much that makes up no packet before it is taken for hostile: MQTT 3.1.1 lets it announce 256 MiB. */
const maxUnparsedBytes = 262_144;
/** More than the fixed header, lengths, packet id and the properties below take. */
const publishOverhead = 128;

const reasonOf = (error: unknown, connected: boolean): string => {
	const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
	if (typeof code === "number") return connected ? `protocol-${code}` : `connack-${code}`;
	if (typeof code === "string") return linkErrorCode(error);
	if (error instanceof Error && error.message === "Keepalive timeout") return "keepalive-timeout";
	if (error instanceof Error && error.message === "connack timeout") return "connack-timeout";
	return "protocol-error";
};

/**
 * Opens a session on a link and takes the link over.
 *
 * @throws KerbError LINK_FAILED, with a short code in `problems`, when the broker does not accept it or the signal aborts.
 */
export const openSession = async (link: Link, options: SessionOptions, signal: AbortSignal): Promise<Session> => {
	const failed = (reason: string): KerbError =>
		new KerbError("LINK_FAILED", `the outlet's broker accepted no MQTT session (${reason})`, { problems: [reason] });
	if (link.stream.destroyed) throw failed("closed");

	const client = new mqttClient.default(() => link.stream, {
		clientId: options.clientId,
		protocolId: "MQTT",
		protocolVersion: options.mqttVersion,
		clean: true,
		keepalive: options.keepAliveSec,
		connectTimeout: options.connectTimeoutMs,
		reconnectPeriod: 0,
		resubscribe: false,
		queueQoSZero: false,
		// The cache would hold 65,536 numbers of two bytes each in their own buffer.
		writeCache: false,
		log: () => undefined,
		// The unit subscribes to nothing: whatever a broker sends is small, or is not meant for it.
		...(options.mqttVersion === 5 ? { properties: { sessionExpiryInterval: 0, receiveMaximum: 1, maximumPacketSize: 16_384 } } : {}),
	});

	let reason: string | undefined;
	let ackCode = 0;
	const closed = new Promise<string>((resolve) => {
		client.once("close", () => resolve(reason ?? "closed"));
	});
	const abort = (why: string): void => {
		reason ??= why;
		link.stream.destroy();
	};
	client.on("error", (error) => {
		// The library reports what it then cleans up; a stream that is still open afterwards is of no use.
		abort(reasonOf(error, client.connected));
	});
	client.on("disconnect", (packet) => abort(`disconnect-${packet.reasonCode ?? 0}`));
	let unparsedBytes = 0;
	link.stream.on("data", (chunk: Uint8Array) => {
		unparsedBytes += chunk.byteLength;
		if (unparsedBytes > maxUnparsedBytes) abort("flood");
	});
	client.on("packetreceive", (packet) => {
		unparsedBytes = 0;
		if (packet.cmd === "puback") ackCode = packet.reasonCode ?? 0;
	});

	const stop = (): void => abort("timeout");
	if (signal.aborted) stop();
	signal.addEventListener("abort", stop, { once: true });
	const connected = await Promise.race([new Promise<true>((resolve) => client.once("connect", () => resolve(true))), closed]);
	signal.removeEventListener("abort", stop);
	if (connected !== true) throw failed(connected);

	const properties = client.serverProperties;
	const maximumPacketSize = properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
	const publishOptions = {
		qos: 1 as const,
		// The same for every envelope, so it tells nothing about one: COSE (RFC 9052 section 11), first format.
		...(options.mqttVersion === 5 ? { properties: { contentType: "application/cose", userProperties: { "kerb-format": "1" } } } : {}),
	};

	const retainOptions = {
		qos: 1 as const,
		retain: true,
		...(options.mqttVersion === 5 ? { properties: { contentType: "application/json" } } : {}),
	};
	const publish = (topic: string, bytes: Uint8Array, how: typeof publishOptions | typeof retainOptions, done: (code: number) => void) => {
		if (bytes.byteLength + topic.length + publishOverhead > maximumPacketSize) {
			// Sending it would only cost the session (MQTT 5 section 3.2.2.3.6).
			queueMicrotask(() => done(packetTooLarge));
			return;
		}
		const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		client.publish(topic, payload, how, (error) => {
			// An error without a reason code means that the session is over; `closed` says so to everybody at once.
			if (!error) done(ackCode);
			else if ("code" in error && typeof error.code === "number") done(error.code);
		});
	};

	return {
		receiveMaximum: properties?.receiveMaximum ?? 65_535,
		closed,
		abort,
		publish: (topic, bytes, done) => publish(topic, bytes, publishOptions, done),
		retain(topic, bytes, done) {
			// A broker that keeps nothing ends the session of whoever asks for it (MQTT 5 section 3.2.2.3.5).
			if (properties?.retainAvailable === false) queueMicrotask(() => done(retainNotSupported));
			else publish(topic, bytes, retainOptions, done);
		},
		async end(grace) {
			const force = (): void => {
				link.stream.destroy();
			};
			reason ??= "stopped";
			if (grace.aborted || Object.keys(client.outgoing).length > 0) force();
			else {
				grace.addEventListener("abort", force, { once: true });
				client.end();
			}
			await closed;
			grace.removeEventListener("abort", force);
		},
	};
};
