/**
 * The documents of a draft: what is checked of each alone, of all together, and against the law in force.
 */
import type { GenericSchema } from "valibot";
import * as v from "valibot";
import { AuthorisationsSchema } from "../../shared/authorisation.ts";
import { toHex } from "../../shared/bytes.ts";
import { canonicalJson } from "../../shared/canonical-json.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { ConsentsSchema } from "../../shared/consent.ts";
import { isKerbError } from "../../shared/errors.ts";
import { FleetSchema } from "../../shared/fleet.ts";
import { HaltSchema, idleHalts } from "../../shared/halt.ts";
import { maxDocumentBytes } from "../../shared/law.ts";
import { type Audience, AudienceSchema, type LawKind, lawKinds, requiredKinds } from "../../shared/law-targets.ts";
import { falseNotices, NoticesSchema } from "../../shared/notice.ts";
import { OutletsSchema } from "../../shared/outlet.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { PolicySchema } from "../../shared/policy.ts";
import type { Primitives } from "../../shared/primitives.ts";
import { ThresholdsSchema } from "../../shared/thresholds.ts";

/** One document, with where it lies among the targets and for whom it is meant. */
export interface LawDocument {
	readonly path: string;
	readonly kind: LawKind;
	/** Absent: everybody. */
	readonly for?: Audience | undefined;
	/** The bytes that are published, as text. */
	readonly text: string;
	/** SHA-256 of these bytes, hexadecimal. */
	readonly sha256: string;
}

/** Documents that a law may have; more are no draft but an attack. */
export const maxDocuments = 200;

/** What a client sends of a document. */
export const DocumentInputSchema = v.strictObject({
	path: v.pipe(
		v.string(),
		v.maxLength(120),
		v.regex(/^[a-z]+\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.json$/, "KIND/NAME.json in lower-case letters, digits, '.' and '-'"),
	),
	for: v.optional(AudienceSchema),
	document: v.looseObject({ kind: v.picklist(lawKinds) }),
});
export type DocumentInput = v.InferOutput<typeof DocumentInputSchema>;

/** Places are opaque: whoever signs them answers for their form. */
const schemas: Partial<Record<LawKind, GenericSchema>> = {
	catalogue: CatalogueSchema,
	thresholds: ThresholdsSchema,
	policy: PolicySchema,
	outlets: OutletsSchema,
	consents: ConsentsSchema,
	notices: NoticesSchema,
	fleet: FleetSchema,
	authorisations: AuthorisationsSchema,
	halt: HaltSchema,
};

export const documentOf = (input: DocumentInput, crypto: Pick<Primitives, "sha256">): LawDocument => {
	const text = `${JSON.stringify(input.document, null, "\t")}\n`;
	return {
		path: input.path,
		kind: input.document.kind,
		...(input.for === undefined ? {} : { for: input.for }),
		text,
		sha256: toHex(crypto.sha256(new TextEncoder().encode(text))),
	};
};

/** What approvals bind: SHA-256 over every document's place, audience and content, whatever their order. */
export const digestOf = (documents: readonly LawDocument[], crypto: Pick<Primitives, "sha256">): string => {
	const lines = documents.map(({ path, kind, for: audience, sha256 }) => canonicalJson([path, kind, audience ?? {}, sha256])).sort();
	return toHex(crypto.sha256(new TextEncoder().encode(`kerb-draft\n${lines.join("\n")}\n`)));
};

/** The version inside a document; 0 when it has none. */
export const versionOf = (document: LawDocument): number => {
	const { version } = contentOf(document);
	return typeof version === "number" ? version : 0;
};

/** The JSON object inside. */
export const contentOf = (document: LawDocument): Record<string, unknown> => JSON.parse(document.text) as Record<string, unknown>;

/** Every problem of the documents, alone and together, each with its place; none: a unit could take them. */
export const documentProblems = (documents: readonly LawDocument[], crypto: Pick<Primitives, "sha256">): readonly string[] => {
	const alone = documents.flatMap((document) => ownProblems(document, crypto));
	return alone.length > 0 ? alone : [...missingKinds(documents), ...audienceProblems(documents), ...referenceProblems(documents)];
};

const ownProblems = (document: LawDocument, crypto: Pick<Primitives, "sha256">): readonly string[] => {
	// Measured as it is published: white space counts, too.
	if (new TextEncoder().encode(document.text).length > maxDocumentBytes)
		return [`${document.path}: a document has at most ${maxDocumentBytes} bytes; units take no larger one`];
	const folder = document.path.split("/")[0];
	const misplaced = folder === document.kind ? [] : [`${document.path}: a document of kind "${document.kind}" lies in ${document.kind}/`];
	const schema = schemas[document.kind];
	if (schema === undefined) return misplaced;
	try {
		const value = parseValue(schema, contentOf(document), document.path, "LAW_INVALID");
		const notices = v.safeParse(NoticesSchema, value);
		const wrong = notices.success ? falseNotices(notices.output, crypto.sha256) : [];
		return [...misplaced, ...wrong.map((id) => `${document.path}: notice "${id}": the hash is not that of its text`)];
	} catch (error) {
		if (!isKerbError(error)) throw error;
		return [...misplaced, ...error.problems.map((problem) => `${document.path}: ${problem}`)];
	}
};

const isForAll = ({ for: audience }: LawDocument): boolean => Object.keys(audience ?? {}).length === 0;

const missingKinds = (documents: readonly LawDocument[]): readonly string[] =>
	requiredKinds
		.filter((kind) => !documents.some((document) => document.kind === kind && isForAll(document)))
		.map((kind) => `a document of kind "${kind}" for everybody is missing; without it a unit has no law`);

/** Two documents of a kind that are equally close to one unit would make it refuse the law. */
const audienceProblems = (documents: readonly LawDocument[]): readonly string[] => {
	const taken = new Map<string, string>();
	const paths = new Set<string>();
	const problems: string[] = [];
	for (const document of documents) {
		if (paths.has(document.path)) problems.push(`${document.path}: the path is used twice`);
		paths.add(document.path);
		const { units = [], cohorts = [], hardware = [] } = document.for ?? {};
		const names = isForAll(document)
			? ["everybody"]
			: [...units.map((name) => `unit ${name}`), ...cohorts.map((name) => `cohort ${name}`), ...hardware.map((name) => `hardware ${name}`)];
		for (const name of names) {
			const other = taken.get(`${document.kind} ${name}`);
			if (other !== undefined) problems.push(`${document.path}: ${name} already has a document of kind "${document.kind}", ${other}`);
			taken.set(`${document.kind} ${name}`, document.path);
		}
	}
	return problems;
};

/** Policies and halts name catalogues, outlets and categories that are somewhere among the documents. */
const referenceProblems = (documents: readonly LawDocument[]): readonly string[] => {
	const of = <S extends GenericSchema>(kind: LawKind, schema: S) =>
		documents
			.filter((document) => document.kind === kind)
			.map((document) => ({ path: document.path, value: parseValue(schema, contentOf(document), document.path, "LAW_INVALID") }));
	const catalogues = of("catalogue", CatalogueSchema);
	const outletIds = new Set(of("outlets", OutletsSchema).flatMap(({ value }) => value.outlets.map(({ id }) => id)));
	const allCategories = catalogues.flatMap(({ value }) => value.rows.map(({ id }) => id));
	const idle = of("halt", HaltSchema).flatMap(({ path, value }) =>
		idleHalts(value, outletIds, allCategories).map((problem) => `${path}: ${problem}`),
	);
	const dangling = of("policy", PolicySchema).flatMap(({ path, value }) => {
		const catalogue = catalogues.find((each) => each.value.id === value.catalogue);
		if (catalogue === undefined) return [`${path}: catalogue: there is no catalogue "${value.catalogue}" among the documents`];
		const categories = new Set(catalogue.value.rows.map(({ id }) => id));
		return value.release.flatMap((rule, index) => [
			...(outletIds.has(rule.outlet) ? [] : [`${path}: release.${index}.outlet: there is no outlet "${rule.outlet}" among the documents`]),
			...rule.categories
				.filter((id) => !categories.has(id))
				.map((id) => `${path}: release.${index}.categories: the catalogue has no category "${id}"`),
		]);
	});
	return [...dangling, ...idle];
};

/** Units refuse a document whose version is lower than one that they have obeyed; one that changed needs a higher one. */
export const versionProblems = (documents: readonly LawDocument[], inForce: readonly LawDocument[]): readonly string[] =>
	documents.flatMap((document) => {
		if (inForce.some((old) => old.kind === document.kind && old.sha256 === document.sha256)) return [];
		const highest = Math.max(0, ...inForce.filter((old) => old.kind === document.kind).map(versionOf));
		return highest === 0 || versionOf(document) > highest
			? []
			: [`${document.path}: version: expected more than ${highest}, which is in force; units refuse to go back`];
	});
