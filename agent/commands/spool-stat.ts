/** `spool stat`: what waits in a unit's spool, while its agent runs or when it does not. */
import { KerbError } from "../../shared/errors.ts";
import { systemClock } from "../host/clock.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { renderSpoolStat, runSpoolStat } from "./spool.ts";

const command: Command = {
	name: "spool stat",
	summary: "count what waits in the spool",
	usage: "spool stat --data FOLDER [--json]",
	help: `Per outlet: envelopes that wait, their bytes and age, the last sequence number, and how many were delivered and shed so far.

Options:
  --data FOLDER   the unit's data folder
  --json          print JSON

Exit codes: 0 done; 4 there is no spool in the folder.`,
	options: { data: { type: "string" }, json: { type: "boolean" } },
	run: async (args, io) => {
		const dataDir = textOption(args, "data");
		if (dataDir === undefined) throw new KerbError("USAGE", `--data is missing\nUsage: kerbstone ${command.usage}`);
		const stat = runSpoolStat({ dataDir });
		await io.out(flag(args, "json") ? JSON.stringify(stat) : renderSpoolStat(stat, systemClock.nowMs()));
		return exitCodes.ok;
	},
};

export default command;
