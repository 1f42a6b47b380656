/**
 * `law matrix`: what may happen to every category at every outlet, as a table for people.
 */
import { writeFile } from "node:fs/promises";
import { KerbError } from "../../shared/errors.ts";
import { systemClock } from "../host/clock.ts";
import { cellText, type Matrix, matrixOf } from "../law-analysis/matrix.ts";
import { matrixPage } from "../law-analysis/matrix-page.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { openLaw } from "./open-law.ts";
import { textTable } from "./text-table.ts";

const help = `Prints one row per category and one column per outlet of the law in FOLDER:

  upload     leaves by this outlet, after the treatments of its rule
  inside     stays in the unit, encrypted
  drop       is forgotten at once

and in brackets what would make it leave: consent, an authorisation that fits, conditions; or that the floor could let it
out and no rule asks for it. The word is for an ordinary day: a policy in its term, nothing halted, the rules'
conditions met, no consent or authorisation but those that are in the law.

Options:
  --html FILE   write one HTML page that needs nothing else: every cell opens to its reasons and sources
  --home CC     home jurisdiction (default: the catalogue's)
  --json        print JSON

Example:
  kerbstone law matrix law --html matrix.html`;

const command: Command = {
	name: "law matrix",
	summary: "show what may happen to every category at every outlet",
	usage: "law matrix FOLDER [--html FILE] [--home CC] [--json]",
	help,
	options: { html: { type: "string" }, home: { type: "string" }, json: { type: "boolean" } },
	run: async (args, io) => {
		const [folder] = args.positionals;
		if (folder === undefined || args.positionals.length > 1)
			throw new KerbError("USAGE", `expected one folder\nUsage: kerbstone ${command.usage}`);
		const law = await openLaw(folder);
		const nowMs = systemClock.nowMs();
		const matrix = matrixOf({ law, home: textOption(args, "home") ?? law.catalogue.jurisdiction, nowMs, counted: true });
		const file = textOption(args, "html");
		if (file !== undefined) {
			await writePage(file, matrixPage(matrix, new Date(nowMs).toISOString()));
			await io.out(`matrix of ${matrix.rows.length} categories and ${matrix.outlets.length} outlets in ${file}`);
		} else if (flag(args, "json")) await io.out(JSON.stringify(matrix));
		else for (const line of renderMatrix(matrix)) await io.out(line);
		return exitCodes.ok;
	},
};

export default command;

const writePage = async (file: string, page: string): Promise<void> => {
	try {
		await writeFile(file, page);
	} catch (cause) {
		throw new KerbError("USAGE", `${file} cannot be written; check that its folder is there and that this user may write to it`, { cause });
	}
};

const renderMatrix = ({ law, home, outlets, rows, cases }: Matrix): readonly string[] => [
	textTable(
		["category", "level", ...outlets.map(({ id, finalJurisdiction }) => `${id} (${finalJurisdiction})`)],
		rows.map(({ row, cells }) => [row.id, row.level, ...cells.map(cellText)]),
	),
	"",
	`policy "${law.policy}" version ${law.policyVersion}, catalogue "${law.catalogue}" version ${law.catalogueVersion}, home ${home}; ${cases} cases gone through`,
];
