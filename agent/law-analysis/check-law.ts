/**
 * The check of a law that fits together: the proof over all its cases, and what a person should know of its rules, terms and numbers.
 */
import type { certainties } from "../../shared/catalogue.ts";
import { idleHalts } from "../../shared/halt.ts";
import { abstractCases, caseMaker, countCases, maxCases } from "./abstract-cases.ts";
import type { Basis } from "./basis.ts";
import { changedFlags, flagWords } from "./context.ts";
import type { Finding } from "./finding.ts";
import { floorBreaches } from "./floor-proof.ts";
import { reachOfRules, retentionAboveFloor, shadowedRules } from "./rule-findings.ts";

export interface LawCheck {
	readonly findings: readonly Finding[];
	/** Cases that were gone through. */
	readonly cases: number;
	/** How many of them leave. */
	readonly released: number;
}

const dayMs = 86_400_000;
/** Regulations 8.8: at most seven days are recommended. */
const recommendedDays = 7;
/** Breaches that are listed one by one. */
const maxListed = 100;

/** Pure. What the law itself has of authorisations and consents is left out: nothing may leave above the floor without the context's own. */
export const checkLaw = (given: Omit<Basis, "counted">): LawCheck => {
	const basis: Basis = { ...given, counted: false };
	const proof = prove(basis);
	return {
		...proof,
		findings: [
			...proof.findings,
			...retentionAboveFloor(basis),
			...shadowedRules(basis),
			...reachOfRules(basis, caseMaker(basis)),
			...termFindings(basis),
			...thresholdFindings(basis),
			...unnamedCategories(basis),
			...haltFindings(basis),
		],
	};
};

const haltFindings = ({ law: { halt, outlets, catalogue } }: Basis): readonly Finding[] =>
	(halt === undefined
		? []
		: idleHalts(
				halt,
				outlets.outlets.map(({ id }) => id),
				catalogue.rows.map(({ id }) => id),
			)
	).map((text) => ({ severity: "warning", code: "idle-halt", where: "halt", text: `${text}: correct the name, or it closes nothing.` }));

const prove = (basis: Basis): LawCheck => {
	const expected = countCases(basis.law);
	if (expected > maxCases) {
		const text = `The law has ${expected} cases; at most ${maxCases} are gone through, so nothing is proved. Cut it into policies for fewer units.`;
		return { findings: [{ severity: "error", code: "too-many-cases", where: "policy.release", text }], cases: 0, released: 0 };
	}
	const findings: Finding[] = [];
	let cases = 0;
	let released = 0;
	for (const given of abstractCases(basis)) {
		cases += 1;
		if (given.verdict.effect !== "upload") continue;
		released += 1;
		for (const breach of findings.length < maxListed ? floorBreaches(given, basis) : []) {
			const { row, outlet, rule, context } = given;
			const when =
				changedFlags(context)
					.map((flag) => flagWords[flag])
					.join(", ") || "ordinary circumstances";
			const text = `${row.id} leaves by outlet "${outlet.id}" above its floor (${when}): ${breach}. This is a defect of this program; do not sign the law.`;
			findings.push({ severity: "error", code: "above-floor", where: rule === undefined ? "policy" : `policy.release.${rule.id}`, text });
		}
	}
	return { findings, cases, released };
};

const termFindings = ({ law: { policy }, nowMs }: Basis): readonly Finding[] => {
	const [fromMs, untilMs] = [Date.parse(policy.issuedAt), Date.parse(policy.notAfter)];
	const days = Math.ceil((untilMs - fromMs) / dayMs);
	const found: Finding[] = [];
	if (untilMs - fromMs > recommendedDays * dayMs) {
		const text = `The policy holds for ${days} days after it was issued; at most ${recommendedDays}, renewed in time, are recommended (8.8).`;
		found.push({ severity: "warning", code: "long-policy-term", where: "policy.notAfter", text });
	}
	if (nowMs >= untilMs) {
		const text = `The policy's term ended on ${policy.notAfter}: units treat it as stale. Publish one that holds longer.`;
		found.push({ severity: "warning", code: "policy-term-over", where: "policy.notAfter", text });
	}
	return found;
};

/** Numbers that nobody has read in the text itself, or that were not found at all: they may only ever tighten (regulations 0.2). */
const verified: readonly string[] = ["T", "X", "own"] satisfies readonly (typeof certainties)[number][];

const thresholdFindings = ({ law }: Basis): readonly Finding[] => {
	const own = law.catalogue.rows.flatMap((row) =>
		row.thresholds.map((threshold) => ({ threshold, where: `catalogue.rows.${row.id}.thresholds.${threshold.id}` })),
	);
	const signed = (law.thresholds?.thresholds ?? []).map((threshold) => ({ threshold, where: `thresholds.${threshold.id}` }));
	return [...own, ...signed]
		.filter(({ threshold }) => threshold.value === null || !verified.includes(threshold.certainty))
		.map(({ threshold: { value, unit, certainty, source }, where }) => ({
			severity: "warning",
			code: "unverified-threshold",
			where,
			text:
				value === null
					? `The number was not found (${source}); its condition counts as met until somebody enters it.`
					: `${value} ${unit} is unverified, certainty ${certainty} (${source}). Read the text and enter its number.`,
		}));
};

const unnamedCategories = ({ law }: Basis): readonly Finding[] => {
	const named = new Set(law.policy.release.flatMap(({ categories }) => categories));
	const missing = law.catalogue.rows.map(({ id }) => id).filter((id) => !named.has(id));
	if (missing.length === 0) return [];
	const text = `${missing.length} of ${law.catalogue.rows.length} categories are named by no rule and stay inside: ${missing.join(", ")}.`;
	return [{ severity: "note", code: "category-without-rule", where: "policy.release", text }];
};
