/**
 * Sites out of GeoJSON (RFC 7946): the features of a collection that are polygons, each with an id of its own.
 */
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import { parseDocument, parseValue } from "../../shared/parse-document.ts";
import { type Polygon, PolygonsSchema } from "../../shared/place-positions.ts";

export interface Site {
	readonly id: string;
	readonly polygons: readonly Polygon[];
}

const name = v.union([v.pipe(v.string(), v.minLength(1), v.maxLength(200)), v.number()]);

const CollectionSchema = v.object({
	type: v.literal("FeatureCollection"),
	features: v.pipe(
		v.array(
			v.object({
				type: v.literal("Feature"),
				id: v.optional(name),
				properties: v.optional(v.nullable(v.object({ id: v.optional(name), name: v.optional(name) }))),
				geometry: v.object({ type: v.picklist(["Polygon", "MultiPolygon"]), coordinates: v.array(v.unknown()) }),
			}),
		),
		v.minLength(1),
		v.maxLength(100_000),
	),
});

/** Heights are left out. @throws KerbError FORMAT_INVALID when it is no such collection, a ring is not closed, or an id is missing or used twice. */
export const readSites = (bytes: Uint8Array, what: string): readonly Site[] => {
	const { features } = parseDocument(CollectionSchema, bytes, what, "FORMAT_INVALID");
	const sites = features.map(({ id, properties, geometry: { type, coordinates } }, index): Site => {
		const own = id ?? properties?.id ?? properties?.name;
		if (own === undefined)
			throw new KerbError("FORMAT_INVALID", `${what}: features[${index}] has no id; expected id, properties.id or properties.name`);
		const flat = withoutHeights(type === "Polygon" ? [coordinates] : coordinates);
		return { id: String(own), polygons: parseValue(PolygonsSchema, flat, `${what}: features[${index}]`, "FORMAT_INVALID") };
	});
	if (new Set(sites.map(({ id }) => id)).size < sites.length) throw new KerbError("FORMAT_INVALID", `${what}: an id is used twice`);
	return sites;
};

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const withoutHeights = (polygons: readonly unknown[]): readonly unknown[] =>
	polygons.map((rings) =>
		isList(rings)
			? rings.map((ring) => (isList(ring) ? ring.map((position) => (isList(position) ? position.slice(0, 2) : position)) : ring))
			: rings,
	);
