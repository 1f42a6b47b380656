/**
 * Reads retained messages over one open link, one topic at a time, bounded in size and time. It publishes nothing.
 *
 * Only the client class is imported, as in session.ts.
 */
import mqttClient from "mqtt/lib/client";
import { KerbError } from "../../shared/errors.ts";
import type { Clock } from "../host/clock.ts";
import type { Link } from "../host/links.ts";

export interface RetainedOptions {
	/** Not that of an upload session: a broker throws the older of two with one id out. */
	readonly clientId: string;
	/** 5, or 4 for MQTT 3.1.1. */
	readonly mqttVersion: 4 | 5;
	readonly clock: Pick<Clock, "sleep">;
	readonly connectTimeoutMs: number;
	/** How long after its answer to a subscription the broker may still send the retained message. */
	readonly settleMs: number;
	/** The longest message that is ever asked for. */
	readonly maxBytes: number;
}

export interface Retained {
	/**
	 * The retained message of a topic; undefined when the broker sent none, or an empty one.
	 *
	 * @throws KerbError LAW_UNAVAILABLE when the link is over, LAW_INVALID when it is longer than `maxBytes`.
	 */
	readRetained(topic: string, maxBytes: number): Promise<Uint8Array | undefined>;
	/** Calls back with each message of a topic from now on, the retained one first. Rejects as `readRetained`. */
	onNotice(topic: string, heard: (bytes: Uint8Array) => void): Promise<void>;
	/** Drops the link. */
	close(): void;
	/** Resolves when the link is over. Never rejects. */
	readonly closed: Promise<void>;
}

/** More than headers, a topic and properties take. */
const overheadBytes = 1_024;

/** Opens a session on a link and takes the link over. @throws KerbError LAW_UNAVAILABLE when the broker does not accept it. */
export const openRetained = async (link: Link, options: RetainedOptions): Promise<Retained> => {
	const limit = options.maxBytes + overheadBytes;
	const client = new mqttClient.default(() => link.stream, {
		clientId: options.clientId,
		protocolId: "MQTT",
		protocolVersion: options.mqttVersion,
		clean: true,
		keepalive: 30,
		connectTimeout: options.connectTimeoutMs,
		reconnectPeriod: 0,
		resubscribe: false,
		queueQoSZero: false,
		writeCache: false,
		log: () => undefined,
		...(options.mqttVersion === 5 ? { properties: { sessionExpiryInterval: 0, receiveMaximum: 1, maximumPacketSize: limit } } : {}),
	});
	let isOver = false;
	const closed = new Promise<void>((resolve) => {
		client.once("close", () => {
			isOver = true;
			resolve();
		});
	});
	const drop = (): void => {
		link.stream.destroy();
	};
	client.on("error", drop);
	let unparsedBytes = 0;
	link.stream.on("data", (chunk: Uint8Array) => {
		unparsedBytes += chunk.byteLength;
		if (unparsedBytes > limit + 65_536) drop();
	});
	client.on("packetreceive", () => {
		unparsedBytes = 0;
	});
	const listeners = new Map<string, (bytes: Uint8Array) => void>();
	client.on("message", (topic, bytes) => listeners.get(topic)?.(Uint8Array.from(bytes)));

	const unavailable = (why: string): KerbError => new KerbError("LAW_UNAVAILABLE", `the broker that keeps the law ${why}`);
	const connected = await Promise.race([new Promise<true>((resolve) => client.once("connect", () => resolve(true))), closed]);
	if (connected !== true) throw unavailable("accepted no session");

	const subscribe = async (topic: string): Promise<void> => {
		if (isOver) throw unavailable("is gone");
		const answered = new Promise<boolean>((resolve) => {
			client.subscribe(topic, { qos: 1 }, (error, granted) => resolve(!error && granted?.every(({ qos }) => qos < 128) !== false));
		});
		const isGranted = await Promise.race([answered, closed.then(() => undefined)]);
		if (isGranted === undefined) throw unavailable("is gone");
		if (!isGranted) throw unavailable("does not let this unit read it");
	};

	return {
		closed,
		close: drop,
		async readRetained(topic, maxBytes) {
			const settled = new AbortController();
			const heard = new Promise<Uint8Array>((resolve) => {
				listeners.set(topic, resolve);
			});
			try {
				await subscribe(topic);
				const patience = options.clock.sleep(options.settleMs, settled.signal).then(() => undefined);
				const bytes = await Promise.race([heard, patience, closed]);
				if (bytes === undefined && isOver) throw unavailable("is gone");
				if (bytes === undefined || bytes.length === 0) return undefined;
				if (bytes.length > maxBytes) throw new KerbError("LAW_INVALID", `a retained file of the law has more than ${maxBytes} bytes`);
				return bytes;
			} finally {
				settled.abort();
				listeners.delete(topic);
				if (!isOver) client.unsubscribe(topic, () => undefined);
			}
		},
		async onNotice(topic, heard) {
			listeners.set(topic, heard);
			await subscribe(topic);
		},
	};
};
