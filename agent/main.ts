#!/usr/bin/env node
/**
 * The command line: finds the command, parses its arguments, turns errors into words and exit codes. The only file that exits, reads the
 * environment or writes to the console.
 */
import { parseArgs } from "node:util";
import { isKerbError, KerbError, type KerbErrorCode } from "../shared/errors.ts";
import { type Command, type CommandEntry, exitCodes, type Io } from "./commands/command.ts";
import { lawTools } from "./commands/law-tools.ts";
import { version } from "./version.ts";

/** Commands are loaded when they are called: `decode` does not pay for MQTT. */
const commands: readonly CommandEntry[] = [
	{ name: "run", summary: "run the agent of one unit until it is stopped", load: () => import("./commands/run.ts") },
	{ name: "replay", summary: "push recordings through the whole pipeline", load: () => import("./commands/replay.ts") },
	{ name: "decode", summary: "decode a CAN recording with DBC files", load: () => import("./commands/decode.ts") },
	{ name: "open", summary: "verify and open envelopes", load: () => import("./commands/open.ts") },
	{ name: "explain", summary: "say what may happen to a category at an outlet, and why", load: () => import("./commands/explain.ts") },
	...lawTools,
	{ name: "status", summary: "ask a running agent how it is", load: () => import("./commands/status.ts") },
	{ name: "consent list", summary: "show what people have consented to", load: () => import("./commands/consent-list.ts") },
	{ name: "consent grant", summary: "give a person's consent", load: () => import("./commands/consent-grant.ts") },
	{ name: "consent withdraw", summary: "withdraw consents, also for what waits", load: () => import("./commands/consent-withdraw.ts") },
	{ name: "collection stop", summary: "stop what cameras, LiDAR and radar collect", load: () => import("./commands/collection-stop.ts") },
	{ name: "collection start", summary: "let sensors collect again", load: () => import("./commands/collection-start.ts") },
	{ name: "spool stat", summary: "count what waits in the spool", load: () => import("./commands/spool-stat.ts") },
	{ name: "spool verify", summary: "check every row of the spool", load: () => import("./commands/spool-verify.ts") },
	{ name: "ledger show", summary: "print entries of the ledger", load: () => import("./commands/ledger-show.ts") },
	{ name: "ledger verify", summary: "check the ledger's chain", load: () => import("./commands/ledger-verify.ts") },
];

const listOf = (some: typeof commands): readonly string[] => some.map(({ name, summary }) => `  ${name.padEnd(20)} ${summary}`);

const overview = (): string =>
	[
		"kerbstone: the data kerb of a vehicle or a roadside unit",
		"",
		"Usage: kerbstone COMMAND [OPTIONS]     kerbstone COMMAND --help",
		"",
		...listOf(commands),
		"",
		"Exit codes: 0 done; 1 done, and something was found wrong; 2 wrong usage; 3 configuration, law or key refused;",
		"            4 a needed file, device or link is not there; 70 a defect of this program.",
	].join("\n");

const exitCodeOf = (code: KerbErrorCode): number => {
	switch (code) {
		case "USAGE":
			return exitCodes.usage;
		case "CONFIG_INVALID":
		case "STATE_INVALID":
		case "KEY_INVALID":
		case "LAW_MISSING":
		case "LAW_INVALID":
		case "LAW_SIGNATURE":
		case "LAW_EXPIRED":
		case "LAW_ROLLBACK":
		case "TREATMENT_INVALID":
		case "OUTLET_REFUSED":
			return exitCodes.refused;
		case "SOURCE_UNAVAILABLE":
		case "LINK_FAILED":
		case "LAW_UNAVAILABLE":
		case "CONTROL_UNAVAILABLE":
			return exitCodes.unavailable;
		case "FORMAT_INVALID":
		case "ENVELOPE_INVALID":
		case "ENVELOPE_SIGNATURE":
		case "ENVELOPE_NO_KEY":
		case "ENVELOPE_DECRYPT":
		case "SPOOL_CORRUPT":
		case "SPOOL_FULL":
		case "LEDGER_BROKEN":
			return exitCodes.failed;
		case "INTERNAL":
			return exitCodes.internal;
	}
};

const createIo = (): Io => {
	const stop = new AbortController();
	for (const name of ["SIGINT", "SIGTERM"] as const) {
		// The second signal ends the process at once: somebody who asks twice means it.
		process.once(name, () => stop.abort());
	}
	process.stdout.on("error", (error: Error & { code?: unknown }) => {
		// A reader that went away (`kerbstone decode | head`) is not an error of ours; a full disk must not pass for success.
		if (error.code === "EPIPE") process.exit(exitCodes.ok);
		process.stderr.write("kerbstone: the output cannot be written: is there room where it goes? [OUTPUT]\n");
		process.exit(exitCodes.unavailable);
	});
	const isTerminal = process.stderr.isTTY === true;
	let progressing = false;
	return {
		out: (line) =>
			process.stdout.write(`${line}\n`) ? Promise.resolve() : new Promise((resolve) => process.stdout.once("drain", () => resolve())),
		err: (line) => {
			process.stderr.write(progressing ? `\r\u001b[K${line}\n` : `${line}\n`);
			progressing = false;
		},
		progress: (line) => {
			if (!isTerminal) return;
			process.stderr.write(`\r\u001b[K${line}`);
			progressing = true;
		},
		isTerminal,
		signal: stop.signal,
	};
};

const main = async (argv: readonly string[], io: Io): Promise<number> => {
	const [first, second] = argv;
	if (first === undefined || first === "--help" || first === "-h" || first === "help") {
		await io.out(overview());
		return first === undefined ? exitCodes.usage : exitCodes.ok;
	}
	if (first === "--version" || first === "-v") {
		await io.out(`kerbstone ${version}`);
		return exitCodes.ok;
	}
	const entry = commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first);
	if (entry === undefined) {
		const family = commands.filter(({ name }) => name.startsWith(`${first} `));
		if (family.length > 0 && (second === "--help" || second === "-h" || second === "help")) {
			await io.out([`Usage: kerbstone ${first} COMMAND [OPTIONS]     each has --help`, "", ...listOf(family)].join("\n"));
			return exitCodes.ok;
		}
		const hint =
			first === "law" && lawTools.length === 0
				? "a unit's own program has no tools for making law; use kerbstone from the checkout"
				: family.length > 0
					? `did you mean: ${family.map(({ name }) => name).join(", ")}?`
					: '"kerbstone --help" lists the commands';
		throw new KerbError(
			"USAGE",
			`there is no command "${[first, family.length > 0 ? second : undefined].filter(Boolean).join(" ")}"; ${hint}`,
		);
	}
	const { default: command } = await entry.load();
	return await runCommand(command, argv.slice(entry.name.split(" ").length), io);
};

const runCommand = async (command: Command, argv: readonly string[], io: Io): Promise<number> => {
	if (argv.includes("--help") || argv.includes("-h")) {
		await io.out(`Usage: kerbstone ${command.usage}\n\n${command.help}`);
		return exitCodes.ok;
	}
	const { values, positionals } = parseArguments(command, argv);
	return await command.run({ values, positionals }, io);
};

const parseArguments = (command: Command, argv: readonly string[]) => {
	try {
		return parseArgs({ args: [...argv], options: command.options, allowPositionals: true, strict: true });
	} catch (cause) {
		const message = cause instanceof Error ? cause.message : "the arguments cannot be read";
		throw new KerbError("USAGE", `${message}\nUsage: kerbstone ${command.usage}`, { cause });
	}
};

const report = (error: unknown, io: Io): number => {
	if (!isKerbError(error)) {
		io.err(`kerbstone: a defect of this program (please report it): ${error instanceof Error ? error.stack : String(error)}`);
		return exitCodes.internal;
	}
	io.err(`kerbstone: ${error.message} [${error.code}]`);
	if (error.problems.length > 1) for (const problem of error.problems) io.err(`  - ${problem}`);
	return exitCodeOf(error.code);
};

const io = createIo();
try {
	process.exitCode = await main(process.argv.slice(2), io);
} catch (error) {
	process.exitCode = report(error, io);
}
// What is still open now (a socket that does not close, a child that does not end) must not keep a finished command alive.
if (process.stdout.writableLength === 0) process.exit();
process.stdout.once("drain", () => process.exit());
