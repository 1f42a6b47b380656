/**
 * collection stop: stop what cameras, LiDAR and radar collect, at once and over restarts.
 */
import { KerbError } from "../../shared/errors.ts";
import { type Command, exitCodes, textOption } from "./command.ts";
import { agentHelp, agentOptions, askAgent, socketOf } from "./consent.ts";

const command: Command = {
	name: "collection stop",
	summary: "stop what cameras, LiDAR and radar collect, at once and over restarts",
	usage: "collection stop (--data DIR | --socket PATH) [--zone exterior|cabin]",
	help: `Stops collection in a zone: when the command returns, nothing that its sensors give is decided on, redacted or sealed any more, what was in hand is forgotten, and a restart changes nothing of it. What is sealed already is not taken back; a withdrawal of consent or a halt does that.

${agentHelp}
  --zone ZONE    exterior (the default) or cabin

Example:
  kerbstone collection stop --data ./data

Exit codes: 0 done; 2 wrong usage; 4 no agent answers, or it could not write it down.`,
	options: { ...agentOptions, zone: { type: "string" } },
	run: async (args, io) => {
		const zone = textOption(args, "zone") ?? "exterior";
		if (zone !== "exterior" && zone !== "cabin") throw new KerbError("USAGE", `expected --zone exterior or cabin, got "${zone}"`);
		const body = JSON.stringify({ zone, state: "stopped" });
		await io.out(await askAgent({ socketPath: socketOf(args), method: "POST", path: "/collection", body }));
		return exitCodes.ok;
	},
};

export default command;
