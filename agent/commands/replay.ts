/**
 * `replay`: recordings through the whole pipeline as fast as it goes, to a broker or into a folder.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { KerbError } from "../../shared/errors.ts";
import { messageForms } from "../../shared/message.ts";
import type { AgentStatus } from "../../shared/status.ts";
import { compose } from "../compose.ts";
import { type Config, type Link, parseConfig } from "../config.ts";
import { uperFamilyNames } from "../formats/v2x/shapes.ts";
import { readLinkCredentials } from "../host/links.ts";
import { systemHost } from "../host/system-host.ts";
import { folderUploader } from "../upload/folder.ts";
import { type Command, type CommandArgs, exitCodes, flag, type Io, textOption, textOptions } from "./command.ts";
import { openOutFolder } from "./out-folder.ts";
import { progressLine, replaySummary, replayWords, type Sealed } from "./replay-text.ts";

/** Envelopes that may wait for delivery before the recordings are held. */
const holdAbove = 64;

const help = `Reads recordings, tags, decides, treats, seals and spools them exactly as the agent does, and delivers what the law lets out.
Prints what became of the readings. Recordings may be gzipped; a recording is read no faster than it can be delivered.

Options:
  --law FOLDER       the signed law ("kerbstone law init" makes one)
  --can FILE         a candump recording in any of its three shapes; may be given more than once; - is standard input
  --dbc FILE         a DBC file for it; may be given more than once
  --overlay FILE     maps CAN signals to VSS paths; without it no CAN signal has a category and all stay inside
  --nmea FILE        an NMEA 0183 recording; may be given more than once
  --v2x FORM:FILE    a recording of V2X messages, one a line; may be given more than once. FORM is ode, its-client or vanetza for JSON, and
                     tcsae, etsi or j2735 for UPER in hexadecimal, with "<milliseconds since 1970> " before it where the time is known
  --out FOLDER       write envelopes here, with unit.json to open them by; those of another unit or run must not be in it
  --broker URL       or publish them there, in place of the outlets' own brokers
  --ca, --cert, --key FILE   TLS material for mqtts://
  --unit ID          the unit's id (default: replay)
  --state FOLDER     keep keys, spool and ledger here (default: a temporary folder, removed at the end)
  --wait SECONDS     give up when nothing was delivered for so long after the recordings ended (default: 60)
  --json             print the summary as JSON

Example:
  kerbstone replay --can drive.log.gz --dbc car.dbc --overlay car.overlay.json --law law --out out

Exit codes: 0 all delivered (also when nothing may leave); 2 wrong usage; 3 the law, a DBC file, an overlay or a key was refused;
            4 a recording, the folder or the broker is not there.`;

const command: Command = {
	name: "replay",
	summary: "push recordings through the whole pipeline",
	usage: "replay --law FOLDER [--can FILE --dbc FILE [--overlay FILE]] [--nmea FILE] [--v2x FORM:FILE] (--out FOLDER | --broker URL)",
	help,
	options: {
		law: { type: "string" },
		can: { type: "string", multiple: true },
		dbc: { type: "string", multiple: true },
		overlay: { type: "string" },
		nmea: { type: "string", multiple: true },
		v2x: { type: "string", multiple: true },
		out: { type: "string" },
		broker: { type: "string" },
		ca: { type: "string" },
		cert: { type: "string" },
		key: { type: "string" },
		unit: { type: "string" },
		state: { type: "string" },
		wait: { type: "string" },
		json: { type: "boolean" },
	},
	run: async (args, io) => {
		if (args.positionals.length > 0) throw usage(`"${args.positionals[0]}" is not an option`);
		const out = textOption(args, "out");
		const broker = textOption(args, "broker");
		if ((out === undefined) === (broker === undefined)) throw usage("one of --out and --broker is needed");
		const link = linkOf(args);
		if (broker !== undefined) checkBroker(broker, link);
		const kept = textOption(args, "state");
		const dataDir = kept === undefined ? await mkdtemp(join(tmpdir(), "kerbstone-replay-")) : resolve(kept);
		try {
			return await replay(io, {
				config: configOf(args, dataDir),
				link,
				out: out === undefined ? undefined : resolve(out),
				broker,
				isKept: kept !== undefined,
				waitMs: secondsOf(textOption(args, "wait") ?? "60"),
				json: flag(args, "json"),
			});
		} finally {
			if (kept === undefined) await rm(dataDir, { recursive: true, force: true });
		}
	},
};

export default command;

const usage = (problem: string): KerbError => new KerbError("USAGE", `${problem}\nUsage: kerbstone ${command.usage}`);

const linkOf = (args: CommandArgs): Link => {
	const [caFile, certFile, keyFile] = ["ca", "cert", "key"].map((name) => textOption(args, name));
	return {
		// A recording is no unit that anybody waits for.
		status: false,
		...(caFile === undefined ? undefined : { caFile }),
		...(certFile === undefined ? undefined : { certFile }),
		...(keyFile === undefined ? undefined : { keyFile }),
	};
};

/**
 * What would fail at every connection is said at once.
 *
 * @throws KerbError USAGE when the URL is none of a broker or lacks what TLS needs; KEY_INVALID when a file of TLS material is not usable.
 */
const checkBroker = (url: string, link: Link): void => {
	const protocol = URL.canParse(url) && new URL(url).hostname !== "" ? new URL(url).protocol : undefined;
	if (protocol !== "mqtt:" && protocol !== "mqtts:") throw usage("--broker: expected mqtt://HOST:PORT or mqtts://HOST:PORT");
	if (protocol === "mqtts:" && link.caFile === undefined)
		throw usage("--broker mqtts:// needs --ca: the authority that vouches for the broker");
	if ((link.certFile === undefined) !== (link.keyFile === undefined)) throw usage("--cert and --key need each other");
	if (protocol === "mqtts:") readLinkCredentials(link);
};

/** The configuration that the options stand for. */
const configOf = (args: CommandArgs, dataDir: string): Config => {
	const law = textOption(args, "law");
	if (law === undefined) throw usage("--law is missing");
	const can = textOptions(args, "can");
	const nmea = textOptions(args, "nmea");
	const v2x = textOptions(args, "v2x");
	const dbc = textOptions(args, "dbc");
	if (can.length + nmea.length + v2x.length === 0) throw usage("there is nothing to replay: give --can, --nmea or --v2x");
	if (can.length > 0 && dbc.length === 0) throw usage("--can needs --dbc");
	const input = (file: string) => (file === "-" ? { stdin: true } : { file });
	const written = {
		unit: { id: textOption(args, "unit") ?? "replay" },
		dataDir,
		law: { folder: law },
		overlay: textOption(args, "overlay"),
		sources: [
			...can.map((file, index) => ({ id: `can${index}`, type: "can", dbc, input: input(file) })),
			...nmea.map((file, index) => ({ id: `gnss${index}`, type: "gnss", input: input(file) })),
			...v2x.map((recording, index) => {
				const { file, ...how } = v2xRecording(recording);
				return { id: `v2x${index}`, type: "v2x", ...how, input: input(file) };
			}),
		],
	};
	return parseConfig(new TextEncoder().encode(JSON.stringify(written)), process.cwd());
};

/** @throws KerbError USAGE when it does not begin with a form. */
const v2xRecording = (written: string) => {
	const colon = written.indexOf(":");
	const [form, file] = [written.slice(0, colon), written.slice(colon + 1)];
	const isFamily = uperFamilyNames.some((family) => family === form);
	const isJson = form !== "uper" && messageForms.some((each) => each === form);
	if (file === "" || !(isFamily || isJson)) {
		const forms = [...messageForms.filter((each) => each !== "uper"), ...uperFamilyNames];
		throw usage(`--v2x: expected FORM:FILE with one of ${forms.join(", ")}, such as ode:messages.ndjson`);
	}
	return isFamily ? { form: "uper", family: form, file } : { form, file };
};

interface ReplayTarget {
	readonly config: Config;
	readonly out: string | undefined;
	readonly broker: string | undefined;
	/** TLS material for `broker`. */
	readonly link: Link;
	/** True when the spool outlives the command. */
	readonly isKept: boolean;
	readonly waitMs: number;
	readonly json: boolean;
}

const replay = async (io: Io, { config, out, broker, link, isKept, waitMs, json }: ReplayTarget): Promise<number> => {
	const sealed: Sealed = { envelopes: 0, bytes: 0 };
	let lastMoveMs = 0;
	const host = await systemHost({
		emit: (event) => {
			if (event.event === "envelope_sealed" || event.event === "envelope_delivered") lastMoveMs = host.clock.bootMs();
			if (event.event === "envelope_sealed") {
				sealed.envelopes += 1;
				sealed.bytes += event.bytes;
			}
			const words = replayWords(event);
			if (words !== undefined) io.err(words);
		},
	});
	const agent = await compose(config, host, {
		withoutControl: true,
		looksFirst: true,
		holdAbove,
		outbound: (standard) => (outlet, outbox) => {
			if (out !== undefined) return folderUploader(outlet.id, out, outbox, host.disk);
			return standard(broker === undefined ? outlet : { ...outlet, url: broker }, outbox, link);
		},
	});
	try {
		if (out !== undefined) openOutFolder(out, config.dataDir, host.disk);
	} catch (error) {
		await agent.close();
		throw error;
	}

	const ending = new AbortController();
	const done = new AbortController();
	const ticking = (async () => {
		while (!done.signal.aborted) {
			await host.clock.sleep(250, done.signal);
			const status = agent.status();
			io.progress(progressLine(status, sealed));
			const isRead = status.sources.every(({ state }) => state === "ended" || state === "failed");
			if (!isRead) lastMoveMs = host.clock.bootMs();
			else if (host.clock.bootMs() - lastMoveMs > waitMs) ending.abort();
		}
	})();
	lastMoveMs = host.clock.bootMs();
	try {
		await agent.run(AbortSignal.any([io.signal, ending.signal]), { untilDone: true });
	} finally {
		done.abort();
		await ticking;
		io.progress("");
	}
	const status = agent.status();
	if (json) await io.out(JSON.stringify({ unit: agent.unit, ...sealed, ...status }));
	else for (const line of replaySummary(status, sealed, agent.unit)) await io.out(line);
	return finish(status, isKept ? config.dataDir : undefined);
};

/** @throws KerbError when a recording could not be read, or when envelopes are left over. */
const finish = (status: AgentStatus, keptIn: string | undefined): number => {
	const failed = status.sources.find(({ state }) => state === "failed");
	if (failed !== undefined) throw new KerbError("SOURCE_UNAVAILABLE", failed.detail ?? `source "${failed.id}" failed`);
	const pending = status.outlets.reduce((sum, outlet) => sum + outlet.pendingEnvelopes, 0);
	if (pending === 0) return exitCodes.ok;
	const where = keptIn === undefined ? "with --state they would wait for the next try" : `they wait in ${keptIn} for the next run`;
	const why = status.outlets.find(({ pendingEnvelopes }) => pendingEnvelopes > 0)?.detail;
	throw new KerbError("LINK_FAILED", `${pending} envelopes were not delivered${why === undefined ? "" : ` (${why})`}; ${where}`);
};

const secondsOf = (text: string): number => {
	const seconds = Number(text);
	if (!Number.isFinite(seconds) || seconds < 1 || seconds > 86_400) throw usage("--wait: expected 1 to 86400 seconds");
	return seconds * 1_000;
};
