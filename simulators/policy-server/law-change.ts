/**
 * What a draft changes against the law in force, for every kind of unit that either of them can tell apart, and how many people that needs
 * (regulations G-11: widening two, anything else one).
 */
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { type Change, type ComparableLaw, classifyChange } from "../../shared/law-diff.ts";
import type { UnitAddress } from "../../shared/law-targets.ts";
import { OutletsSchema } from "../../shared/outlet.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { PolicySchema } from "../../shared/policy.ts";
import { audiencesOf, documentsFor } from "./audience.ts";
import { contentOf, type LawDocument } from "./documents.ts";

export interface DraftChange extends Change {
	/** For whom: "everybody", or who is named. */
	readonly for: string;
}

export interface LawChange {
	readonly widening: readonly DraftChange[];
	readonly narrowing: readonly DraftChange[];
	readonly neutral: readonly DraftChange[];
	/** Different people who must approve: 2 when anything is widened, else 1. */
	readonly approvalsNeeded: 1 | 2;
}

/** The law of one unit out of documents that were checked; undefined when it would have none. */
const lawOf = (documents: readonly LawDocument[], unit: UnitAddress): ComparableLaw | undefined => {
	const taken = documentsFor(documents, unit);
	const [catalogue, policy, outlets] = [taken.get("catalogue"), taken.get("policy"), taken.get("outlets")];
	if (catalogue === undefined || policy === undefined || outlets === undefined) return undefined;
	const others = [...taken].filter(([kind]) => !["catalogue", "policy", "outlets"].includes(kind));
	return {
		...Object.fromEntries(others.map(([kind, document]) => [kind, contentOf(document)])),
		catalogue: parseValue(CatalogueSchema, contentOf(catalogue), catalogue.path, "LAW_INVALID"),
		policy: parseValue(PolicySchema, contentOf(policy), policy.path, "LAW_INVALID"),
		outlets: parseValue(OutletsSchema, contentOf(outlets), outlets.path, "LAW_INVALID"),
	};
};

const nameOf = ({ unitId, cohorts, hardware }: UnitAddress): string => {
	if (unitId !== "") return `unit ${unitId}`;
	const parts = [...cohorts.map((cohort) => `cohort ${cohort}`), ...(hardware === undefined ? [] : [`hardware ${hardware}`])];
	return parts.length === 0 ? "everybody" : parts.join(" with ");
};

const wholly = (document: string, text: string): DraftChange => ({
	direction: "widening",
	document,
	context: [],
	unsure: true,
	text,
	for: "everybody",
});

/**
 * The change from one set of documents to another, both of which hold by themselves.
 *
 * @param inForce Empty before the first law: then all of the draft is widening.
 */
export const lawChange = (
	inForce: readonly LawDocument[],
	draft: readonly LawDocument[],
	known: (unitId: string) => UnitAddress | undefined,
): LawChange => {
	const audiences = audiencesOf([...inForce, ...draft], known);
	if (audiences === undefined) {
		const text = "documents are meant for more kinds of unit than can be compared; the whole draft counts as widening";
		return { widening: [wholly("law", text)], narrowing: [], neutral: [], approvalsNeeded: 2 };
	}
	const seen = new Set<string>();
	const found: DraftChange[] = [];
	for (const unit of audiences) {
		const [before, after] = [lawOf(inForce, unit), lawOf(draft, unit)];
		const changes =
			before === undefined || after === undefined ? firstLaw(before, after) : Object.values(classifyChange(before, after)).flat();
		for (const change of changes) {
			const key = JSON.stringify(change);
			if (seen.has(key)) continue;
			seen.add(key);
			found.push({ ...change, for: nameOf(unit) });
		}
	}
	const of = (direction: Change["direction"]) => found.filter((change) => change.direction === direction);
	const widening = of("widening");
	return { widening, narrowing: of("narrowing"), neutral: of("neutral"), approvalsNeeded: widening.length > 0 ? 2 : 1 };
};

const firstLaw = (before: ComparableLaw | undefined, after: ComparableLaw | undefined): readonly Change[] => {
	if (after === undefined) return before === undefined ? [] : [{ ...wholly("law", "there would be no law"), direction: "narrowing" }];
	return after.policy.release.map((rule) => ({
		...wholly("policy", `the first law: rule ${rule.id} releases ${rule.categories.join(", ")}`),
		outlet: rule.outlet,
		purpose: rule.purpose,
		unsure: false,
	}));
};
