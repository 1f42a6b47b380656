/**
 * The geofence of jpo-cvdp as a document of places: areas of kind `allowed`, which hold what its geofence holds.
 */
import type { Polygon } from "../../shared/place-positions.ts";
import type { Places } from "../../shared/places.ts";
import type { CvdpAreas } from "./cvdp-areas.ts";

/** An area has at most 400,000 positions; a ring at most nine: four sides, and four that the bounds cut. */
const ringsPerArea = 40_000;

/**
 * The positions are those of GNSS receivers, so the datum is WGS 84. `gapSeedHex` should be random.
 *
 * @param terms Whole of the document but for its areas.
 */
export const cvdpPlaces = (
	{ rings, circles }: CvdpAreas,
	terms: Pick<Places, "id" | "version" | "issuedAt" | "notAfter" | "gapSeedHex">,
): Places => {
	const areas: Places["areas"] = [];
	for (let at = 0; at < rings.length; at += ringsPerArea) {
		const polygons: Polygon[] = rings.slice(at, at + ringsPerArea).map((ring) => [ring]);
		areas.push({ id: `roads-${areas.length + 1}`, kind: "allowed", shape: { type: "polygons", polygons } });
	}
	for (const [index, { latDeg, lonDeg, radiusM }] of circles.entries())
		areas.push({ id: `circle-${index + 1}`, kind: "allowed", shape: { type: "circle", centre: [lonDeg, latDeg], radiusM } });
	return { kind: "places", ...terms, datum: "wgs84", areas };
};
