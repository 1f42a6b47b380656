/**
 * Whether units of this build would take the documents of a draft: every law that they make is compiled as a unit compiles it, so that an
 * unknown treatment or a rule that does not fit the catalogue is found before anybody signs, not by the fleet.
 */
import { compileRegime } from "../../agent/regime.ts";
import { AuthorisationsSchema } from "../../shared/authorisation.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { ConsentsSchema } from "../../shared/consent.ts";
import { isKerbError } from "../../shared/errors.ts";
import { FleetSchema } from "../../shared/fleet.ts";
import { HaltSchema } from "../../shared/halt.ts";
import type { Law } from "../../shared/law.ts";
import type { LawKind, UnitAddress } from "../../shared/law-targets.ts";
import { OutletsSchema } from "../../shared/outlet.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { PolicySchema } from "../../shared/policy.ts";
import { ThresholdsSchema } from "../../shared/thresholds.ts";
import { audiencesOf, documentsFor } from "./audience.ts";
import { contentOf, type LawDocument } from "./documents.ts";

/**
 * Every reason why a unit would refuse its law, each with the policy that it is about.
 *
 * @param documents Each of which holds by itself.
 * @param nowMs UTC milliseconds.
 */
export const buildProblems = (
	documents: readonly LawDocument[],
	known: (unitId: string) => UnitAddress | undefined,
	nowMs: number,
): readonly string[] => {
	const audiences = audiencesOf(documents, known) ?? [{ unitId: "", cohorts: [], hardware: undefined }];
	const tried = new Set<string>();
	const problems = new Set<string>();
	for (const unit of audiences) {
		const taken = documentsFor(documents, unit);
		const key = [...taken.values()]
			.map(({ path }) => path)
			.sort()
			.join(" ");
		if (tried.has(key)) continue;
		tried.add(key);
		const law = lawOf(taken);
		if (law === undefined) continue;
		try {
			const { jurisdiction: home } = law.catalogue;
			compileRegime({ law, overlay: undefined, home, nowMs, pseudonymKey: () => new Uint8Array(32) });
		} catch (error) {
			if (!isKerbError(error)) throw error;
			for (const problem of error.problems) problems.add(`${taken.get("policy")?.path}: ${problem}`);
		}
	}
	return [...problems];
};

const lawOf = (taken: ReadonlyMap<LawKind, LawDocument>): Law | undefined => {
	const parse = <S extends Parameters<typeof parseValue>[0]>(schema: S, kind: LawKind) => {
		const document = taken.get(kind);
		return document && parseValue(schema, contentOf(document), document.path, "LAW_INVALID");
	};
	const [catalogue, policy, outlets] = [
		parse(CatalogueSchema, "catalogue"),
		parse(PolicySchema, "policy"),
		parse(OutletsSchema, "outlets"),
	];
	if (catalogue === undefined || policy === undefined || outlets === undefined) return undefined;
	return {
		...{ hash: "", rootHash: "", catalogue, policy, outlets },
		consents: parse(ConsentsSchema, "consents"),
		fleet: parse(FleetSchema, "fleet"),
		thresholds: parse(ThresholdsSchema, "thresholds"),
		authorisations: parse(AuthorisationsSchema, "authorisations"),
		halt: parse(HaltSchema, "halt"),
	};
};
