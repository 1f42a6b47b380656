/**
 * All that keeps a verified law from working in this build: what its rules name and does not exist, and treatments that cannot be compiled.
 */
import { isKerbError } from "../../shared/errors.ts";
import type { Law } from "../../shared/law.ts";
import type { Finding } from "../law-analysis/finding.ts";
import { compileRegime } from "../regime.ts";

/** One finding per problem; none when a unit can obey the law. Rules that name what does not exist do not hide the problems of others. */
export const lawProblems = (law: Law, home: string, nowMs: number): readonly Finding[] => {
	const names = problemsOf(law, home, nowMs);
	if (names.length === 0) return [];
	const fitting = withoutDangling(law);
	const others = problemsOf(fitting, home, nowMs);
	return [...new Set([...names, ...others])].map((text) => ({ severity: "error", code: "not-valid", where: "policy.release", text }));
};

/** The law without what its rules name and does not exist: what is left can be judged. */
export const withoutDangling = (law: Law): Law => {
	const rows = new Set(law.catalogue.rows.map(({ id }) => id));
	const outlets = new Set(law.outlets.outlets.map(({ id }) => id));
	const release = law.policy.release
		.map((rule) => ({ ...rule, categories: rule.categories.filter((id) => rows.has(id)) }))
		.filter(
			(rule, index, all) => outlets.has(rule.outlet) && rule.categories.length > 0 && all.findIndex(({ id }) => id === rule.id) === index,
		);
	return { ...law, policy: { ...law.policy, release } };
};

const problemsOf = (law: Law, home: string, nowMs: number): readonly string[] => {
	try {
		compileRegime({ law, overlay: undefined, home, nowMs, pseudonymKey: () => new Uint8Array(32) });
		return [];
	} catch (error) {
		if (!isKerbError(error)) throw error;
		return error.problems.length > 0 ? error.problems : [error.message];
	}
};
