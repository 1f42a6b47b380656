/**
 * The treatments of one release rule into the steps that `treat` runs: all of them, or an error that lists everything wrong with them.
 */
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import type { ReadingKind } from "../../shared/reading.ts";
import type { Outcome, Step, StreamStep } from "../../shared/verdict.ts";
import { treatments } from "./registry.ts";
import type { Facilities, TreatmentOutcome, TreatmentPlugin } from "./treatment.ts";

/** A treatment as a policy writes it. */
export interface TreatmentOptions {
	readonly type: string;
	readonly [option: string]: unknown;
}

export interface CompiledTreatments {
	readonly steps: readonly (Step | StreamStep)[];
	/** The treatments' names in order, for the label. */
	readonly types: readonly string[];
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
 * @throws KerbError TREATMENT_INVALID when a type or an option is unknown, an option is out of range, or a treatment fits none of the kinds;
 * `problems` lists every one with its path, such as `treatments[1].cellM`.
 */
export const compileTreatments = (
	list: readonly TreatmentOptions[],
	kinds: readonly ReadingKind[],
	facilities: Facilities,
): CompiledTreatments => {
	const problems: string[] = [];
	const steps: (Step | StreamStep)[] = [];
	const used: TreatmentPlugin[] = [];
	if (list.length > maxTreatments) problems.push(`treatments: expected at most ${maxTreatments}, got ${list.length}`);
	for (const [index, written] of list.slice(0, maxTreatments).entries()) {
		try {
			const plugin = pluginOf(written.type);
			steps.push(compileOne(plugin, written, kinds, facilities));
			used.push(plugin);
		} catch (error) {
			if (!isKerbError(error)) throw error;
			problems.push(...problemLines(error).map((line) => `treatments[${index}]${line}`));
		}
	}
	if (problems.length > 0) {
		throw new KerbError("TREATMENT_INVALID", `the treatments of a rule are not valid: ${problems.join("; ")}`, { problems });
	}
	const outcome = outcomesByWeight.find((word) => used.some((plugin) => plugin.outcome === word)) ?? "uploaded";
	return { steps, types: used.map(({ type }) => type), outcome };
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
	written: TreatmentOptions,
	kinds: readonly ReadingKind[],
	facilities: Facilities,
): Step | StreamStep => {
	const options = parseValue(plugin.options, written, plugin.type, "TREATMENT_INVALID");
	const lowers = plugin.kindsOf?.(options) ?? plugin.appliesTo;
	if (!kinds.some((kind) => lowers.includes(kind))) {
		const met = kinds.length === 0 ? "no kind of reading" : kinds.join(" and ");
		throw new KerbError("TREATMENT_INVALID", `"${plugin.type}" as written lowers ${lowers.join(" and ")}, but the rule meets ${met}`);
	}
	return plugin.compile(options, facilities);
};
