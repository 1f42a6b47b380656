/**
 * Takes from a map feature what no map may hold or show (regulations S-10, S-11) and all else that is on no list of what it may say. A feature
 * that is itself such a thing is withheld, and so is one of which a text names it. Heights go, from the properties and from every position.
 *
 * The lists are data: agent/formats/map-attributes-denied.ts with clause and certainty of each entry, and map-attributes-allowed.ts. Which forms of
 * names and values are understood is said in map-attribute-names.ts and map-strip.ts; what is not understood is removed.
 */
import * as v from "valibot";
import { deniedBy } from "../formats/map-attribute-lists.ts";
import { normalName } from "../formats/map-attribute-names.ts";
import { isDeniedFeature } from "../formats/map-feature-class.ts";
import { mapPositions } from "../formats/map-geometry.ts";
import { isDeniedTopic, stripFields } from "../formats/map-strip.ts";
import { defineTreatment } from "./treatment.ts";

const attribute = v.pipe(
	v.string(),
	v.regex(/^[\p{L}][\p{L}\p{N}_:-]{0,79}$/u, "expected the name of an attribute"),
	v.check(
		(name) => deniedBy(name).length === 0,
		"expected an attribute that a map may hold: the lists of GB 20263 (S-10, S-11) come first",
	),
);

export default defineTreatment({
	type: "strip-map-attributes",
	options: v.strictObject({
		type: v.literal("strip-map-attributes"),
		/** public: what a map for everyone may show. home: besides what driving on it needs. */
		use: v.picklist(["home", "public"]),
		/** Attributes that may stay besides, by name. */
		allow: v.optional(v.pipe(v.array(attribute), v.minLength(1), v.maxLength(200))),
	}),
	appliesTo: ["map"],
	outcome: "reduced",
	compile({ use, allow = [] }) {
		const rules = { use, also: new Set(allow.map((name) => normalName(name).letters)) };
		return (reading) => {
			if (reading.kind !== "map") return undefined;
			const { path, geometry, properties } = reading;
			if (isDeniedFeature(path.slice(path.lastIndexOf(".") + 1), properties)) return undefined;
			// A text at the top that names something denied is what the feature is about.
			if (Object.values(properties).some((value) => typeof value === "string" && isDeniedTopic(value))) return undefined;
			const stripped = stripFields(properties, rules);
			return { ...reading, geometry: mapPositions(geometry, ([x = 0, y = 0]) => [x, y]), properties: stripped ?? {} };
		};
	},
});
