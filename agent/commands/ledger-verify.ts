/** `ledger verify`: checks the chain of a unit's ledger and names the first entry that is not as it was written. */
import { KerbError } from "../../shared/errors.ts";
import { systemDisk } from "../host/disk.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { renderLedgerVerify, runLedgerVerify } from "./ledger.ts";

const command: Command = {
	name: "ledger verify",
	summary: "check the ledger's chain",
	usage: "ledger verify --data FOLDER [--json]",
	help: `Recomputes the hash of every entry from the one before, and compares the end with what the device state knows. An entry that was
changed, taken out, put in or moved, and a ledger that was cut off or rolled back, is named by the first bad index.

Options:
  --data FOLDER   the unit's data folder
  --json          print JSON

Exit codes: 0 whole; 1 broken; 4 there is no ledger in the folder.`,
	options: { data: { type: "string" }, json: { type: "boolean" } },
	run: async (args, io) => {
		const dataDir = textOption(args, "data");
		if (dataDir === undefined) throw new KerbError("USAGE", `--data is missing\nUsage: kerbstone ${command.usage}`);
		const report = runLedgerVerify({ dataDir, disk: systemDisk });
		await io.out(flag(args, "json") ? JSON.stringify(report) : renderLedgerVerify(report));
		return report.ok ? exitCodes.ok : exitCodes.failed;
	},
};

export default command;
