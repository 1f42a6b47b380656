/**
 * Takes fields away: `fields` names the optional fields of a fix, `paths` names signals, which are withheld as a whole, `messageFields` and `messageRoles`
 * name parts of messages by where they stand and by what they mean.
 *
 * A part that a standard does not let be left out says that it is unknown; where it cannot, what is around it goes, and at last the message.
 *
 * A kind for which nothing is named is withheld, so that a rule never lets through what its author did not think of.
 */
import * as v from "valibot";
import { compilePathPatterns, isPathPattern, pathPatternRule } from "../../shared/path-pattern.ts";
import type { Fix } from "../../shared/reading.ts";
import { compileLowering } from "../formats/v2x/message-lowering.ts";
import { groupRoles, leafRoles, type Role } from "../formats/v2x/message-type.ts";
import { perShape, withContent } from "./message-steps.ts";
import { defineTreatment } from "./treatment.ts";

const droppable = ["accuracyM", "altitudeM", "speedMps", "courseDeg"] as const satisfies readonly (keyof Fix)[];

const field = v.picklist(
	droppable,
	`expected one of ${droppable.join(", ")}; a fix without latDeg and lonDeg is none: leave its category out of the rule instead`,
);

/** Names as the standards have them, with no step for the elements of a list. */
const isFieldPath = (text: string): boolean => text.length <= 200 && /^[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*){0,15}$/.test(text);
const fieldPathRule = "names of fields joined by dots, such as coreData.size; a path may begin anywhere in the message";

const roles: readonly Role[] = [...leafRoles, ...groupRoles];

export default defineTreatment({
	type: "drop-field",
	options: v.pipe(
		v.strictObject({
			type: v.literal("drop-field"),
			fields: v.optional(v.pipe(v.array(field), v.minLength(1), v.maxLength(droppable.length))),
			paths: v.optional(
				v.pipe(v.array(v.pipe(v.string(), v.check(isPathPattern, `expected ${pathPatternRule}`))), v.minLength(1), v.maxLength(500)),
			),
			messageFields: v.optional(
				v.pipe(v.array(v.pipe(v.string(), v.check(isFieldPath, `expected ${fieldPathRule}`))), v.minLength(1), v.maxLength(200)),
			),
			messageRoles: v.optional(
				v.pipe(v.array(v.picklist(roles, `expected one of ${roles.join(", ")}`)), v.minLength(1), v.maxLength(roles.length)),
			),
		}),
		v.check(
			({ type: _type, ...named }) => Object.values(named).some((list) => list !== undefined),
			"expected fields (of a fix), paths (of signals), messageFields or messageRoles",
		),
	),
	appliesTo: ["signal", "fix", "message"],
	kindsOf: ({ fields, paths, messageFields, messageRoles }) => [
		...(paths === undefined ? [] : (["signal"] as const)),
		...(fields === undefined ? [] : (["fix"] as const)),
		...(messageFields === undefined && messageRoles === undefined ? [] : (["message"] as const)),
	],
	outcome: "reduced",
	compile({ fields, paths, messageFields, messageRoles }) {
		const namedRoles = new Set<string>(messageRoles);
		const isForMessages = messageFields !== undefined || messageRoles !== undefined;
		const lowerings = perShape(({ type, form }) =>
			compileLowering(
				type,
				({ isNamed: isNamedPlace, type: { role } }) => (isNamedPlace || (role !== undefined && namedRoles.has(role)) ? "erase" : "keep"),
				{ paths: messageFields, form },
			),
		);
		const named = new Set<string>(fields);
		const isNamed = compilePathPatterns(paths ?? []);
		return (reading) => {
			if (reading.kind === "signal") return paths === undefined || isNamed(reading.path) ? undefined : reading;
			if (reading.kind === "message") {
				return isForMessages ? withContent(reading, lowerings(reading)?.(reading.content, undefined)) : undefined;
			}
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
