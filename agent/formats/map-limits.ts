/**
 * Bounds of everything that is read of a map. A feature beyond one is refused, a file beyond one ends there.
 */
export const mapLimits = {
	/** Of one file. */
	fileBytes: 67_108_864,
	/** Of one geometry, over all its lines and rings. */
	positions: 50_000,
	/** Over all features that one file gives: many relations may share one long way. */
	positionsPerFile: 5_000_000,
	/** Objects, arrays and values in the properties of one feature. */
	propertyNodes: 100_000,
	/** How deep properties may nest. */
	propertyDepth: 24,
	/** Of a name in properties. */
	nameLength: 200,
	/** Of a text in properties. */
	textLength: 16_384,
	/** Metres from the origin of a local frame: projected coordinates (UTM) are below it. */
	localM: 100_000_000,
	/** Below the deepest and above the highest ground, and then some: what is beyond is no height. */
	heightM: 100_000,
} as const;

/** Why something of a map was not read; counted under this name. */
export const mapRefusals = [
	"json_invalid",
	"xml_invalid",
	"not_a_map",
	"file_too_large",
	"file_broken",
	"crs_not_known",
	"feature_invalid",
	"geometry_missing",
	"geometry_invalid",
	"geometry_too_large",
	"properties_invalid",
	"properties_too_large",
	"reference_missing",
] as const;
export type MapRefusal = (typeof mapRefusals)[number];
