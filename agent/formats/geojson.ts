/**
 * GeoJSON (RFC 7946): features in and out.
 *
 * Read: a Feature or a FeatureCollection with geometries of all types but GeometryCollection, each feature checked by itself. Members that the
 * RFC does not name are not read; an `id` goes to the properties that have none. A member `crs` (of the format's draft of 2008, section 4 took it out)
 * is taken only where it says what the RFC says, longitude and latitude.
 */

import { KerbError } from "../../shared/errors.ts";
import type { MessageFields } from "../../shared/message.ts";
import type { Datum, MapFeature, MapGeometry } from "../../shared/reading.ts";
import { copyGeometry } from "./map-geometry.ts";
import type { MapRefusal } from "./map-limits.ts";
import { copyProperties, isFields } from "./map-tree.ts";

/** One feature of a map file, whatever its format; `layer` is the second part of the reading's path. */
export interface MapDraft {
	readonly layer: string;
	readonly datum: Datum;
	readonly geometry: MapGeometry;
	readonly properties: MessageFields;
}

/** The names that GeoJSON programs write for longitude and latitude of WGS 84. */
const longitudeLatitude = /^(?:urn:ogc:def:crs:OGC:(?:1\.3)?:CRS84|EPSG:4326|urn:ogc:def:crs:EPSG::4326)$/i;

const hasForeignCrs = (document: MessageFields): boolean => {
	const { crs } = document;
	if (crs === undefined || crs === null) return false;
	const name = isFields(crs) && isFields(crs.properties) ? crs.properties.name : undefined;
	return typeof name !== "string" || !longitudeLatitude.test(name);
};

/** One feature, or why it is none. Never throws. */
export const readFeature = (value: unknown, layer: string, datum: Datum): MapDraft | MapRefusal => {
	if (!isFields(value) || value.type !== "Feature") return "feature_invalid";
	if (hasForeignCrs(value)) return "crs_not_known";
	const geometry = copyGeometry(value.geometry, datum);
	if (typeof geometry === "string") return geometry;
	const properties = copyProperties(value.properties === undefined ? null : value.properties);
	if (typeof properties === "string") return properties;
	const { id } = value;
	const isId = (typeof id === "string" && id.length <= 200) || (typeof id === "number" && Number.isFinite(id));
	return { layer, datum, geometry, properties: isId && !Object.hasOwn(properties, "id") ? { id, ...properties } : properties };
};

/** The features of a GeoJSON text, one by one, or why one or all of them are none. Never throws. */
export function* readGeoJson(text: string, layer: string, datum: Datum): Generator<MapDraft | MapRefusal> {
	let document: unknown;
	try {
		document = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
	} catch {
		yield "json_invalid";
		return;
	}
	if (!isFields(document)) {
		yield "not_a_map";
	} else if (document.type === "Feature") {
		yield readFeature(document, layer, datum);
	} else if (document.type !== "FeatureCollection" || !Array.isArray(document.features)) {
		yield "not_a_map";
	} else if (hasForeignCrs(document)) {
		yield "crs_not_known";
	} else {
		for (const feature of document.features) yield readFeature(feature, layer, datum);
	}
}

/**
 * The GeoJSON text of a map feature: type, geometry and properties, and nothing else that the object may hold. In the datum `local` its numbers are
 * metres, which only the record's own datum says.
 *
 * @throws KerbError FORMAT_INVALID when geometry or properties are not as the reader would take them.
 */
export const encodeMapFeature = (reading: Pick<MapFeature, "datum" | "geometry" | "properties">): string => {
	const geometry = copyGeometry(reading.geometry, reading.datum);
	const properties = copyProperties(reading.properties);
	if (typeof geometry === "string" || typeof properties === "string") {
		const what = typeof geometry === "string" ? geometry : properties;
		throw new KerbError(
			"FORMAT_INVALID",
			`map feature: expected a GeoJSON geometry and properties within their bounds, got ${String(what)}`,
		);
	}
	return JSON.stringify({ type: "Feature", geometry, properties });
};
