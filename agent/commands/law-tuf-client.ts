/**
 * `law tuf-client`: the unit's own TUF client behind the command line of the public TUF client conformance suite, so that anybody can judge it
 * by that suite. It works in the folder that it is given, in place, as the suite looks at it.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { systemClock } from "../host/clock.ts";
import { httpGet } from "../host/http-get.ts";
import type { TufUpdater } from "../law/tuf-updater.ts";
import { type Command, type CommandArgs, exitCodes, type Io, textOption, textOptions } from "./command.ts";

const help = `The client under test of the TUF client conformance suite (its CLIENT-CLI.md), around the updater that units use:

  law tuf-client --metadata-dir DIR init TRUSTED_ROOT
  law tuf-client --metadata-dir DIR --metadata-url URL refresh
  law tuf-client --metadata-dir DIR --metadata-url URL --target-name PATH --target-base-url URL --target-dir DIR download

Options:
  --metadata-dir DIR     where trusted metadata is kept: root.json, timestamp.json and so on
  --metadata-url URL     where the repository's metadata is; https://, or http:// on this machine
  --target-name PATH     the target; may be given more than once
  --target-base-url URL  where the repository's targets are
  --target-dir DIR       where targets go, named by their path, URL-encoded

Exit codes: 0 done; 1 refused or failed; 2 wrong usage.`;

const command: Command = {
	name: "law tuf-client",
	summary: "the TUF client alone, for the TUF conformance suite",
	usage: "law tuf-client --metadata-dir DIR [OPTIONS] init TRUSTED_ROOT | refresh | download",
	help,
	options: {
		"metadata-dir": { type: "string" },
		"metadata-url": { type: "string" },
		"target-name": { type: "string", multiple: true },
		"target-base-url": { type: "string" },
		"target-dir": { type: "string" },
	},
	run: async (args, io) => {
		const [verb, trustedRoot, ...more] = args.positionals;
		const metadataDir = needed(args, "metadata-dir");
		const isInit = verb === "init" && trustedRoot !== undefined;
		if (more.length > 0 || !(isInit || ((verb === "refresh" || verb === "download") && trustedRoot === undefined))) {
			throw usage("expected init TRUSTED_ROOT, refresh or download");
		}
		try {
			if (trustedRoot !== undefined) init(metadataDir, trustedRoot);
			else if (verb === "refresh") await (await open(args, metadataDir)).refresh();
			else await download(args, metadataDir);
			return exitCodes.ok;
		} catch (error) {
			return refused(error, io);
		}
	},
};

export default command;

/** A target is never longer than this; the suite's are small, and the client holds one at a time. */
const maxTargetBytes = 64 * 1024 * 1024;
const timeoutMs = 60_000;

const usage = (problem: string): KerbError => new KerbError("USAGE", `${problem}\nUsage: kerbstone ${command.usage}`);

const needed = (args: CommandArgs, name: string): string => {
	const value = textOption(args, name);
	if (value === undefined) throw usage(`--${name} is missing`);
	return value;
};

const init = (metadataDir: string, trustedRoot: string): void => {
	mkdirSync(metadataDir, { recursive: true });
	copyFileSync(trustedRoot, join(metadataDir, "root.json"));
};

/** The updater is loaded here: the suite starts this program hundreds of times, a third of them for `init`, which does without. */
const open = async (args: CommandArgs, metadataDir: string): Promise<TufUpdater> => {
	const { openTufUpdater } = await import("../law/tuf-updater.ts");
	return openTufUpdater({
		metadataDir,
		metadataUrl: needed(args, "metadata-url"),
		targetUrl: textOption(args, "target-base-url") ?? needed(args, "metadata-url"),
		// Not one of the names that the suite looks at: metadata ends in .json.
		scratchFile: join(metadataDir, "download"),
		get: (url, maxBytes) => httpGet(url, { maxBytes: Math.min(maxBytes, maxTargetBytes), timeoutMs }),
		nowMs: systemClock.nowMs(),
	});
};

const download = async (args: CommandArgs, metadataDir: string): Promise<void> => {
	const targetDir = needed(args, "target-dir");
	needed(args, "target-base-url");
	const names = textOptions(args, "target-name");
	if (names.length === 0) throw usage("--target-name is missing");
	mkdirSync(targetDir, { recursive: true });
	const updater = await open(args, metadataDir);
	await updater.refresh();
	for (const name of names) {
		const target = await updater.find(name);
		if (target === undefined) throw new KerbError("LAW_MISSING", `no role that may sign it names ${name}`);
		const file = join(targetDir, encodeURIComponent(name));
		if (!(await updater.holds(target, file))) await updater.download(target, file);
	}
};

/** The suite knows one code for every failure. */
const refused = (error: unknown, io: Io): number => {
	if (isKerbError(error, "USAGE")) throw error;
	io.err(isKerbError(error) ? `${error.message} [${error.code}]` : `failed: ${error instanceof Error ? error.message : "unknown"}`);
	return exitCodes.failed;
};
