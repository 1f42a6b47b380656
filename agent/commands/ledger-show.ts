/** `ledger show`: entries of a unit's ledger, for people and for programs. */
import { KerbError } from "../../shared/errors.ts";
import { type LedgerKind, ledgerKinds } from "../../shared/ledger-entry.ts";
import { type Command, type CommandArgs, exitCodes, flag, textOption } from "./command.ts";
import { renderLedgerShow, runLedgerShow } from "./ledger.ts";

const command: Command = {
	name: "ledger show",
	summary: "print entries of the ledger",
	usage: "ledger show --data FOLDER [--from N] [--to N] [--kind KIND] [--limit N] [--json]",
	help: `Prints entries in the order of the chain; without --from the newest.

Options:
  --data FOLDER   the unit's data folder
  --from N        first index
  --to N          last index
  --kind KIND     only ${ledgerKinds.join(", ")}
  --limit N       at most so many, 1 to 10000 (default 100)
  --json          one JSON object a line

Exit codes: 0 done; 4 there is no ledger in the folder.`,
	options: {
		data: { type: "string" },
		from: { type: "string" },
		to: { type: "string" },
		kind: { type: "string" },
		limit: { type: "string" },
		json: { type: "boolean" },
	},
	run: async (args, io) => {
		const dataDir = textOption(args, "data");
		if (dataDir === undefined) throw new KerbError("USAGE", `--data is missing\nUsage: kerbstone ${command.usage}`);
		const [from, to, limit, kind] = [
			numberOption(args, "from", 0),
			numberOption(args, "to", 0),
			numberOption(args, "limit", 1),
			kindOption(args),
		];
		const entries = runLedgerShow({
			dataDir,
			...(from === undefined ? undefined : { from }),
			...(to === undefined ? undefined : { to }),
			...(limit === undefined ? undefined : { limit: Math.min(limit, 10_000) }),
			...(kind === undefined ? undefined : { kind }),
		});
		if (flag(args, "json")) for (const entry of entries) await io.out(JSON.stringify(entry));
		else await io.out(renderLedgerShow(entries));
		return exitCodes.ok;
	},
};

export default command;

const numberOption = (args: CommandArgs, name: string, min: number): number | undefined => {
	const text = textOption(args, name);
	if (text === undefined) return undefined;
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < min) throw new KerbError("USAGE", `--${name}: expected a whole number from ${min}`);
	return value;
};

const kindOption = (args: CommandArgs): LedgerKind | undefined => {
	const text = textOption(args, "kind");
	const kind = ledgerKinds.find((each) => each === text);
	if (text !== undefined && kind === undefined) throw new KerbError("USAGE", `--kind: expected one of ${ledgerKinds.join(", ")}`);
	return kind;
};
