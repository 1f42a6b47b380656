/**
 * `law check`: verifies a law as a unit does, proves over all its cases that nothing leaves above its floor, and says what a person should
 * know before signing.
 */
import { KerbError } from "../../shared/errors.ts";
import { systemClock } from "../host/clock.ts";
import { checkLaw } from "../law-analysis/check-law.ts";
import type { Finding, Severity } from "../law-analysis/finding.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { lawProblems, withoutDangling } from "./law-problems.ts";
import { openLaw } from "./open-law.ts";

const help = `Verifies the law in FOLDER the way a unit does, and goes through every case that it can meet: each category towards each
outlet, under each rule or none, with and without consent, a stale policy, an authorisation, a halt, and with the
conditions of rules met and not met. Home, abroad and a relay at home are told by the outlet.

Errors     what a unit would refuse (unknown categories, outlets or treatments, each with its place); any case that lets a
           category out above its floor without an authorisation; a retention above the floor
Warnings   rules that are never heard or can never release, a policy term above 7 days, thresholds that are unverified
           or were not found
Notes      rules that work with consent alone, categories that no rule names

It checks the law against the catalogue in it; whether the catalogue is the law of the land is for people to say.

Options:
  --home CC   home jurisdiction (default: the catalogue's)
  --json      print JSON

Exit codes: 0 no errors (there may be warnings); 1 errors; 3 the folder holds no law that a unit would take.

Example:
  kerbstone law check law`;

const command: Command = {
	name: "law check",
	summary: "prove that a law lets nothing out above its floor, and list what is odd",
	usage: "law check FOLDER [--home CC] [--json]",
	help,
	options: { home: { type: "string" }, json: { type: "boolean" } },
	run: async (args, io) => {
		const [folder] = args.positionals;
		if (folder === undefined || args.positionals.length > 1)
			throw new KerbError("USAGE", `expected one folder\nUsage: kerbstone ${command.usage}`);
		const law = await openLaw(folder);
		const home = textOption(args, "home") ?? law.catalogue.jurisdiction;
		const nowMs = systemClock.nowMs();
		const problems = lawProblems(law, home, nowMs);
		const { findings: found, cases, released } = checkLaw({ law: withoutDangling(law), home, nowMs });
		const findings = [...problems, ...found];
		const errors = findings.filter(({ severity }) => severity === "error").length;
		if (flag(args, "json")) {
			const { id: policy, version } = law.policy;
			await io.out(JSON.stringify({ law: law.hash, policy, version, home, cases, released, errors, findings }));
		} else {
			for (const line of renderCheck(findings)) await io.out(line);
			await io.out(summaryOf(cases, released, findings));
		}
		return errors === 0 ? exitCodes.ok : exitCodes.failed;
	},
};

export default command;

const headings: readonly (readonly [Severity, string])[] = [
	["error", "Errors"],
	["warning", "Warnings"],
	["note", "Notes"],
];

const renderCheck = (findings: readonly Finding[]): readonly string[] =>
	headings.flatMap(([severity, heading]) => {
		const some = findings.filter((finding) => finding.severity === severity);
		if (some.length === 0) return [];
		return [`${heading} (${some.length})`, ...some.map(({ code, where, text }) => `  ${code} at ${where}: ${text}`), ""];
	});

const summaryOf = (cases: number, released: number, findings: readonly Finding[]): string => {
	const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
	const above = findings.filter(({ code }) => code === "above-floor" || code === "too-many-cases").length;
	const proof = above === 0 ? "none leaves above its floor" : "see above-floor";
	return `${cases} cases gone through, ${released} leave, ${proof}; ${count("error")} errors, ${count("warning")} warnings, ${count("note")} notes`;
};
