/**
 * Live messages: datagrams, and what a broker nearby publishes. Opened again and again, with waits that double up to 30 s and are cut by up to a
 * half, so that a fleet does not knock in step.
 */
import { readFile } from "node:fs/promises";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import type { V2xMessage } from "../../shared/reading.ts";
import { InboundQueue } from "../host/inbound-queue.ts";
import { readLinkCredentials, systemLinks } from "../host/links.ts";
import { readTopics } from "../host/mqtt-input.ts";
import { readDatagrams } from "../host/udp-input.ts";
import type { SourceContext } from "./source.ts";
import type { V2xOptions } from "./v2x-options.ts";
import { maxMessageBytes, type V2xReader } from "./v2x-reader.ts";

type Input = V2xOptions["input"];
type UdpInput = Extract<Input, { readonly udp: unknown }>["udp"];
type MqttInput = Extract<Input, { readonly mqtt: unknown }>["mqtt"];

/** What may wait while the pipeline is at work. */
const maxWaiting = 4_096;
const maxWaitingBytes = 8_388_608;
const maxPasswordBytes = 1_024;

const firstWaitMs = 500;
const longestWaitMs = 30_000;

export interface LiveOptions {
	readonly input: { readonly udp: UdpInput } | { readonly mqtt: MqttInput };
	readonly maxPerSec: number;
	/** Words for `source_opened`: what is read. */
	readonly what: string;
}

/** Chunks of messages until the signal aborts; what is not read is counted by the reader. Never throws. */
export async function* readLive(options: LiveOptions, reader: V2xReader, context: SourceContext): AsyncGenerator<readonly V2xMessage[]> {
	let waitMs = firstWaitMs;
	while (!context.signal.aborted) {
		let detail = "the input ended";
		try {
			for await (const chunk of readOnce(options, reader, context)) {
				waitMs = firstWaitMs;
				if (chunk.length > 0) yield chunk;
			}
		} catch (error) {
			detail = reasonOf(error);
		}
		reader.report();
		if (context.signal.aborted) return;
		const jitteredMs = Math.round(waitMs * (1 - context.random() / 2));
		context.note({ event: "source_retried", detail, waitMs: jitteredMs });
		await context.sleep(jitteredMs);
		waitMs = Math.min(longestWaitMs, waitMs * 2);
	}
}

async function* readOnce(options: LiveOptions, reader: V2xReader, context: SourceContext): AsyncGenerator<readonly V2xMessage[]> {
	const { input, what, maxPerSec } = options;
	const bounds = { messageBytes: maxMessageBytes, messages: maxWaiting, bytes: maxWaitingBytes, perSec: maxPerSec };
	const queue = new InboundQueue(bounds, () => context.bootMs());
	const isUdp = "udp" in input;
	const batches = isUdp
		? readDatagrams({ ...input.udp, queue, onOpen: () => opened("datagrams"), bootMs: () => context.bootMs() }, context.signal)
		: readTopics(
				{
					...(await brokerOf(input.mqtt, context)),
					queue,
					onOpen: () => opened("MQTT"),
					onRetained: () => void reader.count("message_retained"),
				},
				context.signal,
			);
	function opened(carrier: string): void {
		context.note({ event: "source_opened", detail: `${what} in ${carrier}` });
	}
	const shedCode = isUdp ? "datagram_shed" : "message_shed";
	for await (const batch of batches) {
		const { overlong, shed, tooFast, lost } = queue.takeCounts();
		reader.count("message_overlong", overlong);
		reader.count(shedCode, shed);
		reader.count("rate_exceeded", tooFast);
		reader.count("datagram_lost", lost);
		reader.look();
		const messages = batch.map((bytes) => reader.read(bytes)).filter((message) => message !== undefined);
		reader.report();
		yield messages;
	}
}

/** The broker with what the files say, read again at every connect: renewed files take effect without a restart. */
const brokerOf = async (input: MqttInput, context: SourceContext) => {
	const { host, topics, username, passwordFile, caFile, mqttVersion } = input;
	const password = passwordFile === undefined ? undefined : await readPassword(passwordFile);
	return {
		host,
		port: input.port ?? (caFile === undefined ? 1883 : 8883),
		topics,
		mqttVersion,
		...(caFile === undefined ? undefined : { ca: readLinkCredentials({ caFile }).ca }),
		...(username === undefined ? undefined : { login: { username, password } }),
		// By chance, since it names the unit to nobody; a broker throws the older of two clients with one id out.
		clientId: `v2x-${Math.floor(context.random() * 2 ** 48).toString(36)}`,
		links: systemLinks,
		messageBytes: maxMessageBytes,
	};
};

const readPassword = async (path: string): Promise<string> => {
	const bytes = await readFile(path);
	const [line = ""] = bytes.toString("utf8", 0, maxPasswordBytes + 1).split(/\r?\n/);
	if (line.length === 0 || line.length > maxPasswordBytes) {
		throw new KerbError("KEY_INVALID", `expected a password of 1 to ${maxPasswordBytes} characters in the first line of passwordFile`, {
			problems: ["password-file"],
		});
	}
	return line;
};

/** A short reason; never the text of an error that is not ours, which may hold a name or an address. */
const reasonOf = (error: unknown): string => {
	if (isKerbError(error)) return error.problems[0] === undefined ? error.message : `the input failed (${error.problems[0]})`;
	const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown reason";
	return `the input failed (${code})`;
};
