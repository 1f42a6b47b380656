/**
 * The treatments of one release rule into the steps that `treat` runs: all of them, or an error that lists everything wrong with them.
 */
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import type { ReadingKind } from "../../shared/reading.ts";
import type { Outcome, Step, StreamStep } from "../../shared/verdict.ts";
import { forMotionOnly } from "./motion-guards.ts";
import { treatments } from "./registry.ts";
import type { Facilities, TreatmentOptions, TreatmentOutcome, TreatmentPlugin } from "./treatment.ts";

export interface CompiledTreatments {
	readonly steps: readonly (Step | StreamStep)[];
	/** The treatments' names in order, for the label. */
	readonly types: readonly string[];
	/** What positions are known to at best after all of them, in metres; 0 when none coarsens positions. */
	readonly precisionM: number;
	/** The one word for what left after all of them: the one that says most. */
	readonly outcome: Outcome;
}

const maxTreatments = 20;

/** How `parseValue` names a problem that has no path. */
const wholeDocument = "(whole document)";

/** From the word that says most of a reading to the one that says least. */
const outcomesByWeight = ["pseudonymised", "coarsened", "reduced", "thinned"] as const satisfies readonly TreatmentOutcome[];

/**
 * Checks every option strictly and compiles the steps in the given order. Steps with state are made anew, so each route has its own.
 *
 * @param kinds The kinds of reading that the rule can meet; each treatment must lower at least one of them.
 * @param guards What hides the unit's motion for the sake of another rule (`motionGuardsFor`): applied to motion signals before all else.
 * @throws KerbError TREATMENT_INVALID when a type or an option is unknown, an option is out of range, or a treatment fits none of the kinds;
 * `problems` lists every one with its path, such as `treatments[1].cellM`.
 */
export const compileTreatments = (
	list: readonly TreatmentOptions[],
	kinds: readonly ReadingKind[],
	facilities: Facilities,
	guards: readonly TreatmentOptions[] = [],
): CompiledTreatments => {
	const problems: string[] = [];
	const steps: (Step | StreamStep)[] = [];
	const used: TreatmentPlugin[] = [];
	let precisionM = 0;
	if (list.length > maxTreatments) problems.push(`treatments: expected at most ${maxTreatments}, got ${list.length}`);
	for (const [index, written] of list.slice(0, maxTreatments).entries()) {
		try {
			const plugin = pluginOf(written.type);
			const options = parseValue(plugin.options, written, plugin.type, "TREATMENT_INVALID");
			steps.push(compileOne(plugin, options, kinds, facilities));
			precisionM = Math.max(precisionM, plugin.precisionM?.(options) ?? 0);
			used.push(plugin);
		} catch (error) {
			if (!isKerbError(error)) throw error;
			problems.push(...problemLines(error).map((line) => `treatments[${index}]${line}`));
		}
	}
	const hiding = kinds.includes("signal") && problems.length === 0 ? guards.map((options) => guardStep(options, facilities)) : [];
	if (problems.length > 0) {
		throw new KerbError("TREATMENT_INVALID", `the treatments of a rule are not valid: ${problems.join("; ")}`, { problems });
	}
	const outcome = outcomesByWeight.find((word) => used.some((plugin) => plugin.outcome === word)) ?? "uploaded";
	return { steps: [...hiding, ...steps], types: used.map(({ type }) => type), precisionM, outcome };
};

const guardStep = (written: TreatmentOptions, facilities: Facilities): Step | StreamStep => {
	const plugin = pluginOf(written.type);
	const options = parseValue(plugin.options, written, plugin.type, "TREATMENT_INVALID");
	return forMotionOnly(compileOne(plugin, options, ["signal"], facilities));
};

/** Ready to follow the path of the treatment: `.cellM: expected ...` for one option, `: expected ...` for the whole. */
const problemLines = (error: KerbError): readonly string[] =>
	error.problems.length === 0
		? [`: ${error.message}`]
		: error.problems.map((line) => (line.startsWith(wholeDocument) ? line.slice(wholeDocument.length) : `.${line}`));

const pluginOf = (type: string): TreatmentPlugin => {
	const plugin = treatments.get(type);
	if (plugin !== undefined) return plugin;
	throw new KerbError("TREATMENT_INVALID", `there is no treatment "${type}"; there are ${[...treatments.keys()].join(", ")}`);
};

const compileOne = (
	plugin: TreatmentPlugin,
	options: unknown,
	kinds: readonly ReadingKind[],
	facilities: Facilities,
): Step | StreamStep => {
	const lowers = plugin.kindsOf?.(options) ?? plugin.appliesTo;
	if (!kinds.some((kind) => lowers.includes(kind))) {
		const met = kinds.length === 0 ? "no kind of reading" : kinds.join(" and ");
		throw new KerbError("TREATMENT_INVALID", `"${plugin.type}" as written lowers ${lowers.join(" and ")}, but the rule meets ${met}`);
	}
	return plugin.compile(options, facilities);
};
