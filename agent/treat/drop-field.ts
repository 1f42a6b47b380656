/**
 * Takes fields away: `fields` names the optional fields of a fix, `paths` names signals, which are withheld as a whole.
 *
 * A kind for which nothing is named is withheld, so that a rule never lets through what its author did not think of.
 */
import * as v from "valibot";
import { compilePathPatterns, isPathPattern, pathPatternRule } from "../../shared/path-pattern.ts";
import type { Fix } from "../../shared/reading.ts";
import { defineTreatment } from "./treatment.ts";

const droppable = ["accuracyM", "altitudeM", "speedMps", "courseDeg"] as const satisfies readonly (keyof Fix)[];

const field = v.picklist(
	droppable,
	`expected one of ${droppable.join(", ")}; a fix without latDeg and lonDeg is none: leave its category out of the rule instead`,
);

export default defineTreatment({
	type: "drop-field",
	options: v.pipe(
		v.strictObject({
			type: v.literal("drop-field"),
			fields: v.optional(v.pipe(v.array(field), v.minLength(1), v.maxLength(droppable.length))),
			paths: v.optional(
				v.pipe(v.array(v.pipe(v.string(), v.check(isPathPattern, `expected ${pathPatternRule}`))), v.minLength(1), v.maxLength(500)),
			),
		}),
		v.check(({ fields, paths }) => fields !== undefined || paths !== undefined, "expected fields (of a fix), paths (of signals) or both"),
	),
	appliesTo: ["signal", "fix"],
	kindsOf: ({ fields, paths }) => [
		...(paths === undefined ? [] : (["signal"] as const)),
		...(fields === undefined ? [] : (["fix"] as const)),
	],
	outcome: "reduced",
	compile({ fields, paths }) {
		const named = new Set<string>(fields);
		const isNamed = compilePathPatterns(paths ?? []);
		return (reading) => {
			if (reading.kind === "signal") return paths === undefined || isNamed(reading.path) ? undefined : reading;
			if (reading.kind !== "fix" || fields === undefined) return undefined;
			const { accuracyM, altitudeM, speedMps, courseDeg, ...rest } = reading;
			return {
				...rest,
				// Without its altitude a fix is one of two dimensions.
				mode: named.has("altitudeM") ? 2 : reading.mode,
				...(accuracyM === undefined || named.has("accuracyM") ? undefined : { accuracyM }),
				...(altitudeM === undefined || named.has("altitudeM") ? undefined : { altitudeM }),
				...(speedMps === undefined || named.has("speedMps") ? undefined : { speedMps }),
				...(courseDeg === undefined || named.has("courseDeg") ? undefined : { courseDeg }),
			};
		};
	},
});
