/**
 * What a command of the command line is. `main.ts` holds the table, parses arguments and turns errors into exit codes.
 */
import type { ParseArgsOptionsConfig } from "node:util";

/** Exit codes of the command line; also in the README. */
export const exitCodes = {
	ok: 0,
	/** The work was done and found something wrong: an envelope that does not verify, a broken chain, a failed run. */
	failed: 1,
	/** The command was called in a way it does not know. */
	usage: 2,
	/** The configuration, the law or a key was refused. Nothing was started. */
	refused: 3,
	/** A file, device, daemon or link that is needed is not there. */
	unavailable: 4,
	/** A defect of this program. */
	internal: 70,
} as const;

export interface Io {
	/** Writes one line to standard output; resolves when the reader can take more. */
	out(line: string): Promise<void>;
	/** Writes one line to standard error. */
	err(line: string): void;
	/** Rewrites the last line on a terminal; does nothing where there is none. */
	progress(line: string): void;
	/** True when standard error is a terminal. */
	readonly isTerminal: boolean;
	/** Aborts at SIGINT and SIGTERM. */
	readonly signal: AbortSignal;
}

export interface CommandArgs {
	readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
	readonly positionals: readonly string[];
}

export interface Command {
	/** `decode`, or two words: `spool stat`. */
	readonly name: string;
	/** One line for the overview. */
	readonly summary: string;
	/** What `--help` prints after the usage line: options, examples, exit codes. */
	readonly help: string;
	readonly usage: string;
	readonly options: ParseArgsOptionsConfig;
	/** Returns the exit code. */
	run(args: CommandArgs, io: Io): Promise<number>;
}

/** A row of the table of commands: what the overview says, and how to get at the command when it is called. */
export interface CommandEntry {
	readonly name: string;
	readonly summary: string;
	readonly load: () => Promise<{ readonly default: Command }>;
}

/** The value of an option that takes text; undefined when it was not given. */
export const textOption = (args: CommandArgs, name: string): string | undefined => {
	const value = args.values[name];
	return typeof value === "string" ? value : undefined;
};

/** The values of an option that may be given more than once. */
export const textOptions = (args: CommandArgs, name: string): readonly string[] => {
	const value = args.values[name];
	return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
};

/** True when a flag was given. */
export const flag = (args: CommandArgs, name: string): boolean => args.values[name] === true;
