/**
 * The far end: subscribes, verifies, opens, accounts for and keeps every envelope. An envelope is acknowledged to the broker only after it
 * was kept, and the session at the broker outlives the collector, so its own restart loses nothing.
 *
 * As a program: `node simulators/collector.ts --help`.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { connect, type IClientOptions } from "mqtt";
import { loadPrimitives } from "../agent/host/primitives.ts";
import type { OpenedEnvelope, Opener } from "../shared/envelope.ts";
import { KerbError } from "../shared/errors.ts";
import { openerOf, parseKeyRing } from "../shared/key-ring.ts";
import type { Primitives } from "../shared/primitives.ts";
import { uploadFilter } from "../shared/topics.ts";
import { type Account, createAccountBook, type Outcome } from "./collector-account.ts";
import { openCollectorFolder } from "./collector-folder.ts";

export interface CollectorOptions {
	readonly brokerUrl: string;
	readonly opener: Opener;
	readonly primitives: Primitives;
	/** Where envelopes are kept; what is there already is verified and counted first. Absent: nothing is kept. */
	readonly folder?: string;
	/** The name of the session at the broker; two collectors need two. */
	readonly clientId?: string;
	/** 4 (MQTT 3.1.1) unless told: every broker speaks it. */
	readonly mqttVersion?: 4 | 5;
	readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
	/** Called for each accepted envelope, after it was kept and before it is acknowledged. */
	readonly onEnvelope?: (opened: OpenedEnvelope, bytes: Uint8Array) => void;
	/** Hears how every delivery ended. */
	readonly onOutcome?: (outcome: Outcome, topic: string) => void;
	/** Hears of trouble with the broker or the folder; the collector goes on. */
	readonly onProblem?: (error: unknown) => void;
}

export interface Collector {
	account(): Account;
	/** True while it has a session at the broker. */
	connected(): boolean;
	/** Disconnects; the session stays at the broker. */
	close(): Promise<void>;
}

/** Between attempts to reach a broker that is away. */
const reconnectMs = 250;
const forever = 0xffff_ffff;

/**
 * Starts a collector; resolves once the broker has taken its subscription.
 *
 * @throws KerbError LINK_FAILED when the broker refuses the subscription.
 */
export const startCollector = async (options: CollectorOptions): Promise<Collector> => {
	const book = createAccountBook(options);
	const folder = options.folder === undefined ? undefined : openCollectorFolder(options.folder);
	for (const bytes of folder?.kept() ?? []) book.take(bytes);

	const mqttVersion = options.mqttVersion ?? 4;
	const mqttOptions: IClientOptions = {
		...options.tls,
		clientId: options.clientId ?? "kerb-collector",
		protocolVersion: mqttVersion,
		clean: false,
		reconnectPeriod: reconnectMs,
		...(mqttVersion === 5 ? { properties: { sessionExpiryInterval: forever } } : {}),
	};
	const client = connect(options.brokerUrl, { ...mqttOptions, manualConnect: true });
	client.on("error", (error) => {
		options.onProblem?.(error);
		// A broker that refuses the session will refuse it again; one that is away is waited for.
		if ("code" in error && typeof error.code === "number" && !client.connected) client.end(true);
	});
	// The library acknowledges when this calls back without an error.
	client.handleMessage = (packet, done) => {
		try {
			const bytes = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
			const { outcome, opened } = book.take(bytes, packet.topic.toString());
			if (opened !== undefined) {
				folder?.keep(opened.label, bytes);
				options.onEnvelope?.(opened, bytes);
			}
			options.onOutcome?.(outcome, packet.topic.toString());
			if (outcome === "full")
				throw new KerbError("INTERNAL", "the collector remembers as many envelopes as it may; start it with a new folder");
			done();
		} catch (error) {
			options.onProblem?.(error);
			done(error instanceof Error ? error : new KerbError("INTERNAL", "an envelope could not be kept", { cause: error }));
		}
	};
	client.connect();
	try {
		const granted = await client.subscribeAsync(uploadFilter, { qos: 1 });
		if (granted.some(({ qos }) => qos === 128)) throw new KerbError("LINK_FAILED", "the broker grants no subscription to envelopes");
	} catch (error) {
		await client.endAsync(true);
		throw error instanceof KerbError
			? error
			: new KerbError("LINK_FAILED", "the broker took no subscription to envelopes", { cause: error });
	}
	return { account: () => book.account(), connected: () => client.connected, close: () => client.endAsync(!client.connected) };
};

const help = `Receives, verifies and accounts for envelopes.

node simulators/collector.ts --broker URL --keys FILE [--out DIR] [options]

  --broker URL      mqtt://host:port or mqtts://host:port
  --keys FILE       the secrets that open envelopes and the units' public keys (as "kerbstone law init" begins it)
  --out DIR         keeps each envelope as DIR/<unit>/<outlet>/<sequence>.cose; what is there is counted first
  --client-id ID    the session at the broker (default: kerb-collector)
  --mqtt 4|5        MQTT 3.1.1 or 5 (default: 4)
  --ca FILE --cert FILE --key FILE   PEM, for mqtts://
  --envelopes N     ends after N accepted envelopes
  --seconds N       ends after N seconds
  --help

Prints "ready" on standard error once it listens, and its account as one line of JSON when it ends (also at SIGINT and SIGTERM).
Exit codes: 0 all is well; 1 a gap, a conflict, or an envelope that did not verify, open or belong; 2 wrong usage; 4 no broker or file.`;

const isWhole = ({ gaps, signatureFailures, openFailures, conflicts, unenrolled, misaddressed }: Account): boolean =>
	gaps.length + signatureFailures + openFailures + conflicts + unenrolled + misaddressed === 0;

const main = async (argv: readonly string[]): Promise<number> => {
	const text = { type: "string" } as const;
	const { values } = parseArgs({
		args: [...argv],
		options: {
			...{ broker: text, keys: text, out: text, "client-id": text, mqtt: text, ca: text, cert: text, key: text },
			...{ envelopes: text, seconds: text, help: { type: "boolean" } },
		},
	});
	if (values.help === true) {
		console.log(help);
		return 0;
	}
	const { broker, keys, mqtt = "4" } = values;
	if (broker === undefined || keys === undefined || !["4", "5"].includes(mqtt)) {
		console.error("expected --broker URL and --keys FILE; --help says more");
		return 2;
	}
	const primitives = await loadPrimitives();
	const wanted = Number(values.envelopes ?? Number.POSITIVE_INFINITY);
	const ending = new AbortController();
	const end = (): void => ending.abort();
	const read = (path: string): string => readFileSync(path, "utf8");
	let accepted = 0;
	const collector = await startCollector({
		brokerUrl: broker,
		opener: openerOf(parseKeyRing(readFileSync(keys)), primitives),
		primitives,
		...(values.out === undefined ? {} : { folder: values.out }),
		...(values["client-id"] === undefined ? {} : { clientId: values["client-id"] }),
		mqttVersion: mqtt === "5" ? 5 : 4,
		...(values.ca === undefined
			? {}
			: {
					tls: {
						ca: read(values.ca),
						...(values.cert === undefined ? {} : { cert: read(values.cert) }),
						...(values.key === undefined ? {} : { key: read(values.key) }),
					},
				}),
		onEnvelope: () => {
			accepted += 1;
			if (accepted >= wanted) end();
		},
		onProblem: (error) => console.error(`collector: ${error instanceof Error ? error.message : "trouble"}`),
	});
	console.error("ready");
	process.once("SIGINT", end).once("SIGTERM", end);
	const timer = values.seconds === undefined ? undefined : setTimeout(end, Number(values.seconds) * 1_000);
	if (!ending.signal.aborted) await new Promise((resolve) => ending.signal.addEventListener("abort", resolve, { once: true }));
	clearTimeout(timer);
	await collector.close();
	const account = collector.account();
	console.log(JSON.stringify(account));
	return isWhole(account) ? 0 : 1;
};

if (import.meta.main) {
	try {
		process.exitCode = await main(process.argv.slice(2));
	} catch (error) {
		const { message, code } = error as Error & { code?: string };
		console.error(`collector: ${message}`);
		process.exitCode = code?.startsWith("ERR_PARSE_ARGS") ? 2 : 4;
	}
}
