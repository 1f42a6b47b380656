/**
 * What the consent commands share: where the agent listens, and one request to it.
 */
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { type UnixRequest, unixHttp } from "../host/unix-http.ts";
import { type CommandArgs, textOption } from "./command.ts";
import { controlSocketIn } from "./status.ts";

/** The options by which an agent is named. */
export const agentOptions = { data: { type: "string" }, socket: { type: "string" } } as const;

export const agentHelp = `  --data DIR     the agent's data folder (dataDir of its configuration)
  --socket PATH  its control socket, when the configuration names another one`;

/** @throws KerbError USAGE when neither is given. */
export const socketOf = (args: CommandArgs): string => {
	const dataDir = textOption(args, "data");
	const path = textOption(args, "socket") ?? (dataDir === undefined ? undefined : controlSocketIn(dataDir));
	if (path === undefined) throw new KerbError("USAGE", "expected --socket PATH or --data DIR: where the agent keeps its control socket");
	return path;
};

const errorIn = (text: string): { readonly code: string; readonly message: string } | undefined => {
	try {
		const { error } = JSON.parse(text);
		return typeof error?.message === "string" ? { code: String(error.code), message: error.message } : undefined;
	} catch {
		return undefined;
	}
};

/**
 * Sends one request and gives the answer's JSON text.
 *
 * @throws KerbError USAGE when the agent refuses what was asked for; CONTROL_UNAVAILABLE when no agent answers, or not as one does.
 */
export const askAgent = async (request: Pick<UnixRequest, "socketPath" | "method" | "path" | "body">): Promise<string> => {
	const { socketPath } = request;
	try {
		const reply = await unixHttp({ ...request, headers: { "content-type": "application/json" } });
		if (reply.status === 200) return reply.text.trimEnd();
		const error = errorIn(reply.text);
		if (reply.status === 400 && error !== undefined) throw new KerbError("USAGE", error.message);
		const said = error === undefined ? `HTTP ${reply.status}` : `${error.code}: ${error.message}`;
		throw new KerbError("CONTROL_UNAVAILABLE", `the agent on ${socketPath} did not do it (${said})`);
	} catch (cause) {
		if (!isKerbError(cause, "CONTROL_UNAVAILABLE") || cause.cause === undefined) throw cause;
		throw new KerbError("CONTROL_UNAVAILABLE", `${cause.message}. Start it with: kerbstone run --config FILE`, { cause });
	}
};
