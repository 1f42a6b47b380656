/**
 * JSON Schemas for editors, one per kind of law document, made from the schemas that the agent checks with. `node test/write-schemas.ts`
 * writes them to shared/schemas.
 */
import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { treatments } from "../agent/treat/registry.ts";
import { AuthorisationsSchema } from "../shared/authorisation.ts";
import { CatalogueSchema } from "../shared/catalogue.ts";
import { ConsentsSchema } from "../shared/consent.ts";
import { FleetSchema } from "../shared/fleet.ts";
import { HaltSchema } from "../shared/halt.ts";
import { NoticesSchema } from "../shared/notice.ts";
import { OutletsSchema } from "../shared/outlet.ts";
import { anyLines, anyPolygons, PositionSchema } from "../shared/place-positions.ts";
import { PlacesSchema } from "../shared/places.ts";
import { PolicySchema } from "../shared/policy.ts";
import { ThresholdsSchema } from "../shared/thresholds.ts";

/** By the kind of document; the file is `<kind>.schema.json`. */
export const documentSchemas: Readonly<Record<string, v.GenericSchema>> = {
	authorisations: AuthorisationsSchema,
	catalogue: CatalogueSchema,
	consents: ConsentsSchema,
	fleet: FleetSchema,
	halt: HaltSchema,
	notices: NoticesSchema,
	outlets: OutletsSchema,
	places: PlacesSchema,
	policy: PolicySchema,
	thresholds: ThresholdsSchema,
};

const note =
	"Made from the agent's own schema, for editors. What a JSON Schema cannot say (patterns of paths, conditions, references and dates that belong together) only the agent checks: `kerbstone law check`.";

/** The one open object of all documents is a treatment in a policy: it takes the options of the treatments that this build knows. */
const treatmentSchema = (): JsonSchema => ({
	anyOf: [...treatments.values()].map((plugin) => convert(plugin.options)),
});

const listOf = (items: JsonSchema, minItems: number): JsonSchema => ({ type: "array", items, minItems });

const position: JsonSchema = {
	type: "array",
	items: [
		{ type: "number", minimum: -360, maximum: 360 },
		{ type: "number", minimum: -90, maximum: 90 },
	],
	minItems: 2,
	maxItems: 2,
};

/** Positions are checked by hand, so their form is written by hand, too. */
const positionSchemas: ReadonlyMap<unknown, JsonSchema> = new Map<unknown, JsonSchema>([
	[PositionSchema, position],
	[anyLines, listOf(listOf(position, 2), 1)],
	[anyPolygons, listOf(listOf(listOf(position, 4), 1), 1)],
]);

const convert = (schema: v.GenericSchema): JsonSchema => {
	const { $schema: _draft, ...rest } = toJsonSchema(schema, {
		errorMode: "ignore",
		typeMode: "input",
		overrideSchema: ({ valibotSchema }) => (valibotSchema.type === "loose_object" ? treatmentSchema() : positionSchemas.get(valibotSchema)),
	});
	return rest;
};

/** The text of each file by its name. Equal sources give equal bytes. */
export const editorSchemas = (): ReadonlyMap<string, string> =>
	new Map(
		Object.entries(documentSchemas).map(([kind, schema]) => {
			const converted = {
				$schema: "http://json-schema.org/draft-07/schema#",
				title: `Kerbstone ${kind}`,
				description: note,
				...convert(schema),
			};
			return [`${kind}.schema.json`, `${JSON.stringify(converted, undefined, "\t")}\n`];
		}),
	);
