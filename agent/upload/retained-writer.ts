/**
 * Writes retained messages over one open link, each with the broker's answer: for whoever publishes law. A unit has no use for it.
 *
 * Only the client class is imported, as in session.ts.
 */
import { createHash } from "node:crypto";
import mqttClient from "mqtt/lib/client";
import { KerbError } from "../../shared/errors.ts";
import type { Clock } from "../host/clock.ts";
import type { Link } from "../host/links.ts";

export interface RetainedWriter {
	/** SHA-256, in hexadecimal, of what is retained under a filter, by topic: what the broker showed until it was silent for a while. */
	list(filter: string): Promise<ReadonlyMap<string, string>>;
	/** Retains bytes under a topic, or clears it when there are none. @throws KerbError LINK_FAILED when the broker does not take it. */
	write(topic: string, bytes: Uint8Array): Promise<void>;
	/** Says DISCONNECT and closes the link. */
	end(): Promise<void>;
}

/** A repository has far fewer files; a broker that shows more is not asked for the rest. */
const maxListed = 20_000;
const connectTimeoutMs = 20_000;
const quietMs = 1_000;

export const sha256Hex = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Opens a session on a link and takes the link over. @throws KerbError LINK_FAILED when the broker does not accept it. */
export const openRetainedWriter = async (link: Link, clientId: string, clock: Pick<Clock, "sleep">): Promise<RetainedWriter> => {
	const client = new mqttClient.default(() => link.stream, {
		clientId,
		protocolId: "MQTT",
		protocolVersion: 5,
		clean: true,
		keepalive: 30,
		connectTimeout: connectTimeoutMs,
		reconnectPeriod: 0,
		resubscribe: false,
		writeCache: false,
		log: () => undefined,
	});
	let isEnding = false;
	const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
	client.on("error", () => {
		link.stream.destroy();
	});
	const failed = (why: string, cause?: unknown): KerbError => new KerbError("LINK_FAILED", `the broker ${why}`, { cause });
	const lost = async (): Promise<never> => {
		await closed;
		throw failed(isEnding ? "was left" : "ended the session; may this client publish and subscribe there?");
	};
	const connected = new Promise<void>((resolve) => client.once("connect", () => resolve()));
	await Promise.race([connected, lost()]);

	return {
		async list(filter) {
			const found = new Map<string, string>();
			let news = 0;
			const hear = (topic: string, bytes: Uint8Array): void => {
				news += 1;
				if (bytes.length > 0 && found.size < maxListed) found.set(topic, sha256Hex(bytes));
			};
			client.on("message", hear);
			try {
				await Promise.race([
					client.subscribeAsync(filter, { qos: 1 }).catch(refused("does not let this client read what it keeps")),
					lost(),
				]);
				for (let seen = -1; seen !== news; ) {
					seen = news;
					await Promise.race([clock.sleep(quietMs), lost()]);
				}
				await Promise.race([client.unsubscribeAsync(filter), lost()]);
			} finally {
				client.off("message", hear);
			}
			return found;
		},
		async write(topic, bytes) {
			const sent = client.publishAsync(topic, Buffer.from(bytes), { qos: 1, retain: true });
			await Promise.race([sent.catch(refused(`does not take ${topic}`)), lost()]);
		},
		async end() {
			isEnding = true;
			client.end();
			await closed;
		},
	};
};

const refused =
	(why: string) =>
	(cause: unknown): never => {
		throw new KerbError("LINK_FAILED", `the broker ${why}`, { cause });
	};
