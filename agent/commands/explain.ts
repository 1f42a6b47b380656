/**
 * `explain`: what may happen to a category at an outlet under a law, by which rule and which text, and what would have to change.
 */
import { KerbError } from "../../shared/errors.ts";
import type { Law } from "../../shared/law.ts";
import type { Effect } from "../../shared/verdict.ts";
import { systemClock } from "../host/clock.ts";
import { ordinaryContext } from "../law-analysis/context.ts";
import { type ExplainedVerdict, explainCase } from "../law-analysis/explain-case.ts";
import { compileRegime } from "../regime.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { openLaw } from "./open-law.ts";

const help = `Prints the verdict for a category of data at an outlet: upload, vault (stays inside) or drop; the rule of the policy that
speaks, every reason, and the texts behind it with how sure we are of them:
  T text read   X excerpt read   S secondary source   G fragment   M, M? not confirmed   own this project's choice

and what evidence would change it: a consent, an authorisation by which pathway and with which fields, a treatment with its
least strength, a qualified recipient, a shorter retention. Of rules for one purpose the first that names a path speaks; rules
of other purposes speak for themselves. Conditions of time, network and place are taken as met, and leases as not used up.

Options:
  --law FOLDER      the law
  --category ID     a category of the catalogue
  --outlet ID       an outlet of the law
  --path PATH       where rules are narrowed by path: the VSS path to ask for
  --home CC         home jurisdiction (default: the catalogue's)
  --consent         what if everybody had consented
  --stale           what if the policy's term were over
  --with-authorisation   what if there were an authorisation that fits, where one can be given
  --list            print the categories and outlets instead
  --json            print JSON

Example:
  kerbstone explain --law law --category connected-operation.perception.trajectory --outlet oem`;

const command: Command = {
	name: "explain",
	summary: "say what may happen to a category at an outlet, and why",
	usage: "explain --law FOLDER --category ID --outlet ID [--path PATH] [--consent] [--stale] [--with-authorisation] [--json]",
	help,
	options: {
		law: { type: "string" },
		category: { type: "string" },
		outlet: { type: "string" },
		path: { type: "string" },
		home: { type: "string" },
		consent: { type: "boolean" },
		stale: { type: "boolean" },
		"with-authorisation": { type: "boolean" },
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
		const assumed = {
			consent: flag(args, "consent"),
			stale: flag(args, "stale"),
			authorisation: flag(args, "with-authorisation"),
		};
		const explained = explainCategory(law, {
			categoryId,
			outletId,
			path: textOption(args, "path"),
			home: textOption(args, "home"),
			...assumed,
		});
		if (flag(args, "json")) {
			const verdicts = explained.map(({ verdict, changes }) => ({ ...verdict, changes }));
			const { id: policy, version } = law.policy;
			await io.out(JSON.stringify({ law: law.hash, policy, version, category: categoryId, outlet: outletId, assumed, verdicts }));
		} else for (const line of renderVerdicts(law, categoryId, explained)) await io.out(line);
		return exitCodes.ok;
	},
};

export default command;

export interface Question {
	readonly categoryId: string;
	readonly outletId: string;
	readonly path?: string | undefined;
	readonly home?: string | undefined;
	readonly consent?: boolean;
	readonly stale?: boolean;
	readonly authorisation?: boolean;
}

/** @throws KerbError USAGE when the law has no such category or outlet; LAW_INVALID or TREATMENT_INVALID when it does not fit together. */
export const explainCategory = (law: Law, question: Question): readonly ExplainedVerdict[] => {
	const home = question.home ?? law.catalogue.jurisdiction;
	const nowMs = systemClock.nowMs();
	// Nothing is pseudonymised here; the law is only compiled to see that it can be.
	compileRegime({ law, overlay: undefined, home, nowMs, pseudonymKey: () => new Uint8Array(32) });
	const context = {
		...ordinaryContext,
		consent: question.consent ?? false,
		stale: (question.stale ?? false) || nowMs >= Date.parse(law.policy.notAfter),
		authorisation: question.authorisation ?? false,
	};
	const { categoryId, outletId, path } = question;
	return explainCase({ law, home, nowMs, counted: true }, context, { categoryId, outletId, path });
};

const renderVerdicts = (law: Law, categoryId: string, verdicts: readonly ExplainedVerdict[]): readonly string[] => {
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

const renderVerdict = ({ verdict: { effect, outletId, ruleId, reasons }, changes }: ExplainedVerdict): readonly string[] => [
	`  ${effect} at outlet "${outletId}"${ruleId === undefined ? "" : ` by rule "${ruleId}"`}`,
	...reasons.map(
		({ code, text, citations }) => `    ${code}: ${text} [${citations.map(({ ref, certainty }) => `${ref} ${certainty}`).join(", ")}]`,
	),
	...whatWouldChange(effect, changes),
];

const whatWouldChange = (effect: Effect, changes: ExplainedVerdict["changes"]): readonly string[] => {
	if (effect === "upload") return [];
	if (changes.length === 0) return ["    nothing but another catalogue would let it leave here"];
	return ["    to let it leave:", ...changes.map(({ text }) => `      - ${text}`)];
};

const listLaw = (law: Law): readonly string[] => [
	"Outlets",
	...law.outlets.outlets.map(
		({ id, jurisdiction, finalJurisdiction }) => `  ${id.padEnd(24)} ${jurisdiction}, read in ${finalJurisdiction}`,
	),
	"Categories",
	...law.catalogue.rows.map(({ id, level, title }) => `  ${id.padEnd(54)} ${level.padEnd(20)} ${title}`),
];
