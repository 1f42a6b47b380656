/**
 * `law diff`: what a new law lets out more and less than an old one, so that a person knows how many must agree.
 */
import { KerbError } from "../../shared/errors.ts";
import type { Law } from "../../shared/law.ts";
import { type Change, type ChangeClasses, classifyChange } from "../../shared/law-diff.ts";
import { systemClock } from "../host/clock.ts";
import type { Basis } from "../law-analysis/basis.ts";
import { diffCases } from "../law-analysis/case-diff.ts";
import { type Command, exitCodes, flag } from "./command.ts";
import { openLaw } from "./open-law.ts";

const help = `Compares two law folders by what they mean, not by how they are written, and sorts every difference:

  widening    more leaves, or is treated less, or reaches more recipients, address ranges or countries, or is kept longer,
              or holds longer; needs two people
  narrowing   the opposite; one person is enough
  neutral     nothing that leaves differs

What this program cannot tell apart is on both lists, marked with "?", and counts as widening. As a second look both laws
are gone through case by case, and the cases that opened and closed are counted.

Options:
  --json   print JSON

Exit codes: 0 nothing widens; 1 something widens; 3 a folder holds no law that a unit would take.

Example:
  kerbstone law diff law-in-force law-draft`;

const command: Command = {
	name: "law diff",
	summary: "sort what changed between two laws into widening and narrowing",
	usage: "law diff OLD NEW [--json]",
	help,
	options: { json: { type: "boolean" } },
	run: async (args, io) => {
		const [oldFolder, newFolder] = args.positionals;
		if (oldFolder === undefined || newFolder === undefined || args.positionals.length > 2)
			throw new KerbError("USAGE", `expected two folders\nUsage: kerbstone ${command.usage}`);
		const [before, after] = [await openLaw(oldFolder), await openLaw(newFolder)];
		const nowMs = systemClock.nowMs();
		const basis = (law: Law): Basis => ({ law, home: law.catalogue.jurisdiction, nowMs, counted: true });
		const cases = diffCases(basis(before), basis(after));
		const changes = withCases(classifyChange(before, after), cases.opened);
		if (flag(args, "json")) await io.out(JSON.stringify({ old: before.hash, new: after.hash, ...changes, cases }));
		else for (const line of renderChanges(changes)) await io.out(line);
		if (!flag(args, "json")) {
			const { widening, narrowing, neutral } = changes;
			await io.out(
				`${widening.length} widening, ${narrowing.length} narrowing, ${neutral.length} neutral; ${cases.opened.length} cases opened, ${cases.closed.length} closed`,
			);
		}
		return changes.widening.length === 0 ? exitCodes.ok : exitCodes.failed;
	},
};

export default command;

/** Cases that opened although nothing was found to widen are widening all the same. */
const withCases = (changes: ChangeClasses, opened: readonly string[]): ChangeClasses =>
	changes.widening.length > 0
		? changes
		: {
				...changes,
				widening: opened.map((text) => ({
					direction: "widening",
					document: "cases",
					context: [],
					unsure: true,
					text: `leaves now: ${text}`,
				})),
			};

const renderChanges = ({ widening, narrowing, neutral }: ChangeClasses): readonly string[] =>
	(
		[
			["Widening", widening],
			["Narrowing", narrowing],
			["Neutral", neutral],
		] as const
	).flatMap(([heading, changes]) => (changes.length === 0 ? [] : [heading, ...changes.map(changeLine), ""]));

const changeLine = ({ document, category, outlet, purpose, paths, context, unsure, text }: Change): string => {
	const place = [category, outlet && `to ${outlet}`, purpose && `for ${purpose}`, paths && `paths ${paths.join(" ")}`]
		.filter(Boolean)
		.join(" ");
	const needs = context.length === 0 ? "" : ` (with ${context.join(" and ")})`;
	return `  ${unsure ? "? " : ""}${document}${place === "" ? "" : ` ${place}`}: ${text}${needs}`;
};
