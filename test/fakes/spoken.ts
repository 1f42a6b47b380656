/** Runs a command as the command line does, and keeps what it says. */
import type { Command, CommandArgs, Io } from "../../agent/commands/command.ts";

export interface Spoken {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

export const speak = async (command: Command, values: CommandArgs["values"], ...positionals: readonly string[]): Promise<Spoken> => {
	const [out, err]: [string[], string[]] = [[], []];
	const io: Io = {
		out: (line) => {
			out.push(line);
			return Promise.resolve();
		},
		err: (line) => err.push(line),
		progress: () => undefined,
		isTerminal: false,
		signal: new AbortController().signal,
	};
	const code = await command.run({ values, positionals }, io);
	return { code, out: out.join("\n"), err: err.join("\n") };
};
