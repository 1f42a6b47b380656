/**
 * From the bytes of the documents that a unit took to a law: every document strictly parsed, and checked against the others. Whole or not
 * at all; no I/O, no clock. Expiry is not judged here: a stale law is still the law, and the policy says what that means.
 */
import { AuthorisationsSchema } from "../../shared/authorisation.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { ConsentsSchema } from "../../shared/consent.ts";
import { KerbError } from "../../shared/errors.ts";
import { FleetSchema } from "../../shared/fleet.ts";
import { HaltSchema } from "../../shared/halt.ts";
import type { Law } from "../../shared/law.ts";
import type { LawKind } from "../../shared/law-targets.ts";
import { falseNotices, NoticesSchema } from "../../shared/notice.ts";
import { OutletsSchema } from "../../shared/outlet.ts";
import { parseDocument } from "../../shared/parse-document.ts";
import { PlacesSchema } from "../../shared/places.ts";
import { PolicySchema } from "../../shared/policy.ts";
import type { Primitives } from "../../shared/primitives.ts";
import { ThresholdsSchema } from "../../shared/thresholds.ts";

export interface LawDocument {
	readonly kind: LawKind;
	/** Names it in an error. */
	readonly path: string;
	readonly bytes: Uint8Array;
}

export interface LawIdentity {
	readonly hash: string;
	readonly rootHash: string;
}

/** The highest version of each kind of document that this unit has obeyed. */
export type VersionFloors = Readonly<Partial<Record<string, number>>>;

/**
 * @throws KerbError LAW_MISSING when a required kind is not there, LAW_INVALID with every problem of a document, LAW_ROLLBACK when one has a
 * lower version than one of its kind that was obeyed before.
 */
export const parseLaw = (
	documents: readonly LawDocument[],
	identity: LawIdentity,
	floors: VersionFloors,
	crypto: Pick<Primitives, "sha256">,
): Law => {
	const of = (kind: LawKind): LawDocument | undefined => documents.find((document) => document.kind === kind);
	const must = (kind: LawKind): LawDocument => {
		const found = of(kind);
		if (found === undefined) throw new KerbError("LAW_MISSING", `the law has no document of kind ${kind}`);
		return found;
	};
	const parse = <S extends Parameters<typeof parseDocument>[0]>(schema: S, { bytes, path }: LawDocument) =>
		parseDocument(schema, bytes, path, "LAW_INVALID");
	const [notices, fleet, thresholds, authorisations, places, halt, consents] = [
		of("notices"),
		of("fleet"),
		of("thresholds"),
		of("authorisations"),
		of("places"),
		of("halt"),
		of("consents"),
	];
	const law: Law = {
		...identity,
		catalogue: parse(CatalogueSchema, must("catalogue")),
		policy: parse(PolicySchema, must("policy")),
		outlets: parse(OutletsSchema, must("outlets")),
		consents: consents && parse(ConsentsSchema, consents),
		notices: notices && parse(NoticesSchema, notices),
		fleet: fleet && parse(FleetSchema, fleet),
		thresholds: thresholds && parse(ThresholdsSchema, thresholds),
		authorisations: authorisations && parse(AuthorisationsSchema, authorisations),
		places: places && parse(PlacesSchema, places),
		halt: halt && parse(HaltSchema, halt),
	};
	checkFloors(law, floors);
	const { catalogue, policy } = law;
	if (policy.catalogue !== catalogue.id) {
		throw new KerbError(
			"LAW_INVALID",
			`the policy was written for catalogue "${policy.catalogue}", but the law has catalogue "${catalogue.id}"`,
		);
	}
	const wrong = law.notices === undefined ? [] : falseNotices(law.notices, crypto.sha256);
	if (wrong.length > 0) throw new KerbError("LAW_INVALID", `notices whose hash is not that of their text: ${wrong.join(", ")}`);
	return law;
};

/** The version of each document of a law, for the floors. */
export const lawVersions = (law: Law): Readonly<Record<string, number>> =>
	Object.fromEntries(
		(["catalogue", "policy", "outlets", "consents", "notices", "fleet", "thresholds", "authorisations", "places", "halt"] as const).flatMap(
			(kind) => (law[kind] === undefined ? [] : [[kind, law[kind].version]]),
		),
	);

const checkFloors = (law: Law, floors: VersionFloors): void => {
	for (const [kind, version] of Object.entries(lawVersions(law))) {
		const floor = floors[kind];
		if (floor === undefined || version >= floor) continue;
		throw new KerbError(
			"LAW_ROLLBACK",
			`the document of kind ${kind} has version ${version}, but this unit has obeyed version ${floor}; publish a higher version`,
		);
	}
};
