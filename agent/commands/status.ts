/**
 * status: asks a running agent how it is.
 */
import { join } from "node:path";
import * as v from "valibot";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { AgentStatusSchema } from "../../shared/status.ts";
import { type UnixReply, unixHttp } from "../host/unix-http.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { statusText } from "./status-text.ts";

export interface StatusQuestion {
	/** Where the agent listens; wins over `dataDir`. */
	readonly socketPath?: string;
	/** The agent's data folder; its control socket is `control.sock` in it unless the configuration says otherwise. */
	readonly dataDir?: string;
	/** The document as the agent sent it instead of text. */
	readonly json?: boolean;
}

/** Where an agent listens whose configuration names no socket. */
export const controlSocketIn = (dataDir: string): string => join(dataDir, "control.sock");

const ask = async (socketPath: string): Promise<UnixReply> => {
	try {
		return await unixHttp({ socketPath, method: "GET", path: "/status" });
	} catch (cause) {
		if (!isKerbError(cause, "CONTROL_UNAVAILABLE")) throw cause;
		const message = `${cause.message}. Start it with: kerbstone run --config FILE; or name the socket of one that runs with --socket`;
		throw new KerbError("CONTROL_UNAVAILABLE", message, { cause });
	}
};

const parseStatus = (text: string) => {
	try {
		return v.safeParse(AgentStatusSchema, JSON.parse(text));
	} catch {
		return undefined;
	}
};

/**
 * The status of the agent as plain text, or as one line of JSON.
 *
 * @throws KerbError USAGE when neither socket nor folder is named; CONTROL_UNAVAILABLE when no agent answers, or not with a status.
 */
export const runStatus = async ({ socketPath, dataDir, json = false }: StatusQuestion): Promise<string> => {
	const path = socketPath ?? (dataDir === undefined ? undefined : controlSocketIn(dataDir));
	if (path === undefined) throw new KerbError("USAGE", "expected --socket PATH or --data DIR: where the agent keeps its control socket");
	const reply = await ask(path);
	const parsed = reply.status === 200 ? parseStatus(reply.text) : undefined;
	if (parsed === undefined || !parsed.success) {
		throw new KerbError(
			"CONTROL_UNAVAILABLE",
			`what answers on ${path} is no agent of this version: expected a status, got HTTP ${reply.status}; use the kerbstone that the agent was started with`,
		);
	}
	return json ? JSON.stringify(parsed.output) : statusText(parsed.output);
};

const command: Command = {
	name: "status",
	summary: "ask a running agent how it is",
	usage: "status (--data DIR | --socket PATH) [--json]",
	help: `Asks the agent over its control socket, which only its own user may open.

  --data DIR     the agent's data folder (dataDir of its configuration)
  --socket PATH  its control socket, when the configuration names another one
  --json         the status document on one line; its fields are in shared/schemas/control-api.yaml

Examples:
  kerbstone status --data ./data
  curl --unix-socket ./data/control.sock http://kerb/status

Exit codes: 0 the agent answered; 2 wrong usage; 4 no agent answers.`,
	options: { data: { type: "string" }, socket: { type: "string" }, json: { type: "boolean" } },
	run: async (args, io) => {
		const socketPath = textOption(args, "socket");
		const dataDir = textOption(args, "data");
		await io.out(
			await runStatus({
				...(socketPath === undefined ? {} : { socketPath }),
				...(dataDir === undefined ? {} : { dataDir }),
				json: flag(args, "json"),
			}),
		);
		return exitCodes.ok;
	},
};

export default command;
