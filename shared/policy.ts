/**
 * The policy: what the operator wants released, within the floor. It can only ever name what leaves; what it does not name stays inside.
 */
import * as v from "valibot";
import { CollectRuleSchema } from "./collect-rule.ts";
import { issuePath } from "./issue-path.ts";
import { MapEvidenceSchema } from "./map-evidence.ts";
import { isPathPattern, pathPatternRule } from "./path-pattern.ts";
import { ReleaseConditionsSchema } from "./release-conditions.ts";

const id = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(120),
);
const instant = v.pipe(v.string(), v.isoTimestamp());

export const ReleaseRuleSchema = v.strictObject({
	id,
	/** The outlet that it releases to. */
	outlet: id,
	/** What the data is released for; consent, pseudonyms and labels are bound to it. */
	purpose: id,
	/** Why the purpose cannot do without the data (regulations P-03). */
	necessity: v.pipe(v.string(), v.minLength(10), v.maxLength(500)),
	categories: v.pipe(v.array(id), v.minLength(1), v.maxLength(100)),
	/** Narrows the categories to these paths (path-pattern.ts): whole ones, or `Vehicle.Body.*` for all below. Absent: all their paths. */
	paths: v.optional(v.pipe(v.array(v.pipe(v.string(), v.check(isPathPattern, pathPatternRule))), v.minLength(1), v.maxLength(500))),
	/** In this order. Each is checked against its plug-in's own schema; one unknown name refuses the policy as a whole. */
	treatments: v.pipe(v.array(v.looseObject({ type: id })), v.maxLength(20)),
	/** How long the recipient may keep it; travels in the label. */
	retentionDays: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3_650)),
	/** Only readings that one of these collect rules lets through leave by this rule. Absent: all. */
	collect: v.optional(v.pipe(v.array(id), v.minLength(1), v.maxLength(50))),
	/** When it holds at all. Absent: always. */
	conditions: v.optional(ReleaseConditionsSchema),
	/** What the floor may ask for before a map leaves; travels in the label. */
	evidence: v.optional(MapEvidenceSchema),
});

/** What becomes of data of a category once the policy's term is over: `continue` releases as before, within the floor. */
export const staleEffects = ["drop", "vault", "continue"] as const;
export type StaleEffect = (typeof staleEffects)[number];

type Ruled = {
	readonly collect?: readonly { readonly id: string }[] | undefined;
	readonly release: readonly { readonly collect?: readonly string[] | undefined }[];
};

interface Problem {
	readonly keys: readonly (string | number)[];
	readonly message: string;
}

/** What rules say of each other, with its place. */
const referenceProblems = ({ collect = [], release }: Ruled): readonly Problem[] => {
	const ids = new Set<string>();
	const problems: Problem[] = [];
	for (const [index, { id }] of collect.entries()) {
		if (ids.has(id)) problems.push({ keys: ["collect", index, "id"], message: `the id "${id}" is used twice` });
		ids.add(id);
	}
	for (const [index, rule] of release.entries()) {
		for (const [place, name] of (rule.collect ?? []).entries()) {
			if (!ids.has(name)) problems.push({ keys: ["release", index, "collect", place], message: `there is no collect rule "${name}"` });
		}
	}
	return problems;
};

const days = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));

const PolicyObjectSchema = v.strictObject({
	kind: v.literal("policy"),
	id,
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	issuedAt: instant,
	/** After this nothing but statutory and security-alarm flows leaves, unless `stale` says otherwise. */
	notAfter: instant,
	handler: v.strictObject({
		/** The domestic legal entity that answers for the data (regulations G-05). */
		legalEntityId: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
		name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
	}),
	/** The catalogue that it was written for. */
	catalogue: id,
	/** Which readings are worth keeping around which events; release rules refer to them. */
	collect: v.optional(v.pipe(v.array(CollectRuleSchema), v.maxLength(500))),
	release: v.pipe(v.array(ReleaseRuleSchema), v.maxLength(1_000)),
	/** What happens past `notAfter`. Absent: drop, but for statutory flows. */
	stale: v.optional(
		v.strictObject({
			default: v.optional(v.picklist(staleEffects), "drop"),
			categories: v.optional(v.record(id, v.picklist(staleEffects))),
		}),
	),
	/** How long the unit itself keeps what waits in the spool, at the most. */
	retention: v.optional(v.strictObject({ spoolDays: v.optional(days(3_650)) })),
});

export const PolicySchema = v.pipe(
	PolicyObjectSchema,
	v.rawCheck(({ dataset, addIssue }) => {
		if (!dataset.typed) return;
		for (const { keys, message } of referenceProblems(dataset.value)) addIssue({ message, path: issuePath(dataset.value, keys) });
	}),
);

export type ReleaseRule = v.InferOutput<typeof ReleaseRuleSchema>;
export type Policy = v.InferOutput<typeof PolicySchema>;
