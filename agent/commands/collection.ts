/**
 * What `collection stop` and `collection start` share: one request for one zone.
 */
import { KerbError } from "../../shared/errors.ts";
import { type Command, exitCodes, textOption } from "./command.ts";
import { agentHelp, agentOptions, askAgent, socketOf } from "./consent.ts";

export interface CollectionOrder {
	readonly verb: "stop" | "start";
	/** What the zone is in afterwards. */
	readonly state: "stopped" | "running";
	readonly summary: string;
	/** What it does, for the help. */
	readonly text: string;
}

export const collectionCommand = ({ verb, state, summary, text }: CollectionOrder): Command => ({
	name: `collection ${verb}`,
	summary,
	usage: `collection ${verb} (--data DIR | --socket PATH) [--zone exterior|cabin]`,
	help: `${text}

${agentHelp}
  --zone ZONE    exterior (the default) or cabin

Example:
  kerbstone collection ${verb} --data ./data

Exit codes: 0 done; 2 wrong usage; 4 no agent answers, or it could not write it down.`,
	options: { ...agentOptions, zone: { type: "string" } },
	run: async (args, io) => {
		const zone = textOption(args, "zone") ?? "exterior";
		if (zone !== "exterior" && zone !== "cabin") throw new KerbError("USAGE", `expected --zone exterior or cabin, got "${zone}"`);
		await io.out(
			await askAgent({ socketPath: socketOf(args), method: "POST", path: "/collection", body: JSON.stringify({ zone, state }) }),
		);
		return exitCodes.ok;
	},
});
