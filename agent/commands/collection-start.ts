/**
 * collection start: let sensors collect again, as the law has it.
 */
import { KerbError } from "../../shared/errors.ts";
import { type Command, exitCodes, textOption } from "./command.ts";
import { agentHelp, agentOptions, askAgent, socketOf } from "./consent.ts";

const command: Command = {
	name: "collection start",
	summary: "let sensors collect again, as the law has it",
	usage: "collection start (--data DIR | --socket PATH) [--zone exterior|cabin]",
	help: `Starts collection in a zone that was stopped by hand. Whether anything leaves is for the law to say, as before.

${agentHelp}
  --zone ZONE    exterior (the default) or cabin

Example:
  kerbstone collection start --data ./data

Exit codes: 0 done; 2 wrong usage; 4 no agent answers, or it could not write it down.`,
	options: { ...agentOptions, zone: { type: "string" } },
	run: async (args, io) => {
		const zone = textOption(args, "zone") ?? "exterior";
		if (zone !== "exterior" && zone !== "cabin") throw new KerbError("USAGE", `expected --zone exterior or cabin, got "${zone}"`);
		const body = JSON.stringify({ zone, state: "running" });
		await io.out(await askAgent({ socketPath: socketOf(args), method: "POST", path: "/collection", body }));
		return exitCodes.ok;
	},
};

export default command;
