/** `spool verify`: reads every row of a unit's spool and says what is wrong with it. */
import { KerbError } from "../../shared/errors.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { renderSpoolVerify, runSpoolVerify } from "./spool.ts";

const command: Command = {
	name: "spool verify",
	summary: "check every row of the spool",
	usage: "spool verify --data FOLDER [--json]",
	help: `Checks the file's structure, the checksum of every row, the order of sequence numbers and the counters. Changes nothing.

Options:
  --data FOLDER   the unit's data folder
  --json          print JSON

Exit codes: 0 all good; 1 something is wrong; 4 there is no spool in the folder.`,
	options: { data: { type: "string" }, json: { type: "boolean" } },
	run: async (args, io) => {
		const dataDir = textOption(args, "data");
		if (dataDir === undefined) throw new KerbError("USAGE", `--data is missing\nUsage: kerbstone ${command.usage}`);
		const report = runSpoolVerify({ dataDir });
		await io.out(flag(args, "json") ? JSON.stringify(report) : renderSpoolVerify(report));
		return report.ok ? exitCodes.ok : exitCodes.failed;
	},
};

export default command;
