/**
 * `explain`: what may happen to a category at an outlet under a law, by which rule and which text, and what would have to change.
 */
import { KerbError } from "../../shared/errors.ts";
import type { Law } from "../../shared/law.ts";
import type { Verdict } from "../../shared/verdict.ts";
import { systemClock } from "../host/clock.ts";
import { compileRegime } from "../regime.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { openLaw } from "./open-law.ts";

const help = `Prints the verdict for a category of data at an outlet: upload, vault (stays inside) or drop; the rule of the policy that
speaks, every reason, and the texts behind it with how sure we are of them:
  T text read   X excerpt read   S secondary source   G fragment   M, M? not confirmed   own this project's choice

Options:
  --law FOLDER      the law
  --category ID     a category of the catalogue
  --outlet ID       an outlet of the law
  --path PATH       where rules are narrowed by path: the VSS path to ask for
  --home CC         home jurisdiction (default: the catalogue's)
  --list            print the categories and outlets instead
  --json            print JSON

Example:
  kerbstone explain --law law --category connected-operation.perception.trajectory --outlet oem`;

const command: Command = {
	name: "explain",
	summary: "say what may happen to a category at an outlet, and why",
	usage: "explain --law FOLDER --category ID --outlet ID [--path PATH] [--json]",
	help,
	options: {
		law: { type: "string" },
		category: { type: "string" },
		outlet: { type: "string" },
		path: { type: "string" },
		home: { type: "string" },
		list: { type: "boolean" },
		json: { type: "boolean" },
	},
	run: async (args, io) => {
		const folder = textOption(args, "law");
		if (folder === undefined) throw new KerbError("USAGE", `--law is missing\nUsage: kerbstone ${command.usage}`);
		const law = await openLaw(folder);
		if (flag(args, "list")) {
			for (const line of listLaw(law)) await io.out(line);
			return exitCodes.ok;
		}
		const [categoryId, outletId] = [textOption(args, "category"), textOption(args, "outlet")];
		if (categoryId === undefined || outletId === undefined) {
			throw new KerbError("USAGE", `--category and --outlet are needed; --list prints what there is\nUsage: kerbstone ${command.usage}`);
		}
		const verdicts = explainCategory(law, { categoryId, outletId, path: textOption(args, "path"), home: textOption(args, "home") });
		const answer = { law: law.hash, policy: law.policy.id, version: law.policy.version, category: categoryId, outlet: outletId, verdicts };
		if (flag(args, "json")) await io.out(JSON.stringify(answer));
		else for (const line of renderVerdicts(law, categoryId, verdicts)) await io.out(line);
		return exitCodes.ok;
	},
};

export default command;

export interface Question {
	readonly categoryId: string;
	readonly outletId: string;
	readonly path?: string | undefined;
	readonly home?: string | undefined;
}

/** @throws KerbError USAGE when the law has no such category or outlet; LAW_INVALID or TREATMENT_INVALID when it does not fit together. */
export const explainCategory = (law: Law, question: Question): readonly Verdict[] => {
	const regime = compileRegime({
		law,
		overlay: undefined,
		home: question.home ?? law.catalogue.jurisdiction,
		nowMs: systemClock.nowMs(),
		// Nothing is pseudonymised here; the steps are only compiled to see that they can be.
		pseudonymKey: () => new Uint8Array(32),
	});
	return regime.plan.explain(question.categoryId, question.outletId, question.path);
};

const renderVerdicts = (law: Law, categoryId: string, verdicts: readonly Verdict[]): readonly string[] => {
	const row = law.catalogue.rows.find(({ id }) => id === categoryId);
	const head = [
		`${categoryId}: ${row?.title ?? ""}`,
		`  level      ${row?.level ?? ""}${row?.canRiseTo === undefined ? "" : `, can rise to ${row.canRiseTo}`}${row?.surveying === true ? "; counts as surveying" : ""}`,
		`  at home    ${row?.home.text ?? ""}`,
		`  abroad     ${row?.abroad.text ?? ""}`,
		...(row?.condition ? [`  condition  ${row.condition}`] : []),
		`  law        policy "${law.policy.id}" version ${law.policy.version}, ${law.hash.slice(0, 16)}`,
	];
	return [...head, ...verdicts.flatMap((verdict) => ["", ...renderVerdict(verdict)])];
};

const renderVerdict = ({ effect, outletId, ruleId, reasons }: Verdict): readonly string[] => [
	`  ${effect} at outlet "${outletId}"${ruleId === undefined ? "" : ` by rule "${ruleId}"`}`,
	...reasons.map(
		({ code, text, citations }) => `    ${code}: ${text} [${citations.map(({ ref, certainty }) => `${ref} ${certainty}`).join(", ")}]`,
	),
];

const listLaw = (law: Law): readonly string[] => [
	"Outlets",
	...law.outlets.outlets.map(
		({ id, jurisdiction, finalJurisdiction }) => `  ${id.padEnd(24)} ${jurisdiction}, read in ${finalJurisdiction}`,
	),
	"Categories",
	...law.catalogue.rows.map(({ id, level, title }) => `  ${id.padEnd(54)} ${level.padEnd(20)} ${title}`),
];
