/**
 * OpenDRIVE (ASAM, 1.4 to 1.8; .xodr) as map features.
 *
 * - A road is a LineString of its reference line, layer `Road`. Everything else that its element says (link, lanes, elevation, signals, objects ...)
 *   is in the properties as it stands, but for `planView`, which is the geometry.
 * - A junction is a MultiPoint of where its connecting roads begin, layer `Junction`, with its connections in the properties. One whose roads
 *   are not in the file is counted as `reference_missing`.
 *
 * Coordinates are as the file has them. Where `geoReference` says that they are longitude and latitude of WGS 84, the datum is `wgs84`; otherwise
 * they are metres in a projection, and the datum is `local`: nothing is projected here.
 */
import type { MessageFields } from "../../shared/message.ts";
import type { Datum } from "../../shared/reading.ts";
import type { MapDraft } from "./geojson.ts";
import { copyGeometry } from "./map-geometry.ts";
import type { MapRefusal } from "./map-limits.ts";
import { copyProperties } from "./map-tree.ts";
import type { Point } from "./opendrive-curve.ts";
import { childrenOf, referenceLine } from "./opendrive-geometry.ts";
import { XmlReader } from "./xml-reader.ts";
import { XmlTree } from "./xml-tree.ts";

export interface OpenDriveOptions {
	/** Metres between two points of a curve, above 0. */
	readonly stepM: number;
	/** The datum of degrees, where the file has any. */
	readonly degrees: Datum;
}

const maxRoads = 200_000;

/** A PROJ string or WKT of longitude and latitude on the ellipsoid of WGS 84. */
const isGeographic = (text: string): boolean => {
	if (/\+proj=(?:longlat|latlong|lonlat|latlon)\b/.test(text)) return /\+(?:datum|ellps)=WGS84\b|epsg:4326/i.test(text);
	return /^\s*(?:EPSG:4326|GEOGCS\["WGS 84")/i.test(text);
};

/** Reads a file piece by piece. What is complete can be taken after each. */
export class OpenDriveReader {
	readonly #xml: XmlReader;
	readonly #options: OpenDriveOptions;
	readonly #out: (MapDraft | MapRefusal)[] = [];
	/** Where roads of junctions begin, by junction and road. */
	readonly #starts = new Map<string, Point>();
	#tree: XmlTree | undefined;
	#top = "";
	#depth = 0;
	#isMap = false;
	#datum: Datum = "local";

	constructor(options: OpenDriveOptions) {
		this.#options = options;
		this.#xml = new XmlReader({
			open: (name, attributes) => {
				if (this.#depth === 0) this.#isMap = name === "OpenDRIVE";
				if (this.#depth === 1 && this.#isMap) {
					this.#top = name;
					this.#tree = new XmlTree();
				}
				this.#depth += 1;
				this.#tree?.open(name, attributes);
			},
			text: (text) => this.#tree?.text(text),
			close: () => {
				this.#depth -= 1;
				const done = this.#tree?.close();
				if (this.#depth !== 1 || this.#tree === undefined) return;
				this.#tree = undefined;
				if (typeof done === "string") this.#out.push(done);
				else if (done !== undefined) this.#take(this.#top, done);
			},
		});
	}

	/** @throws KerbError FORMAT_INVALID as XmlReader does. */
	push(text: string): void {
		this.#xml.push(text);
	}

	/** What came since it was last asked. */
	take(): readonly (MapDraft | MapRefusal)[] {
		return this.#out.splice(0);
	}

	/** @throws KerbError FORMAT_INVALID when the document is not complete. */
	end(): void {
		this.#xml.end();
		if (!this.#isMap) this.#out.push("not_a_map");
	}

	#take(name: string, element: MessageFields): void {
		if (name === "header") {
			const reference = childrenOf(element, "geoReference").map((each) => each["#text"]);
			if (reference.some((text) => typeof text === "string" && isGeographic(text))) this.#datum = this.#options.degrees;
		}
		if (name === "road") this.#takeRoad(element);
		if (name === "junction") this.#takeJunction(element);
	}

	#takeRoad(road: MessageFields): void {
		const points = referenceLine(road, this.#options.stepM);
		if (points?.[0] === undefined) {
			this.#out.push("geometry_invalid");
			return;
		}
		const { junction, id } = road;
		if (typeof junction === "string" && junction !== "-1" && this.#starts.size < maxRoads) {
			this.#starts.set(JSON.stringify([junction, id]), points[0]);
		}
		const { planView: _geometry, ...properties } = road;
		this.#give("Road", { type: "LineString", coordinates: points }, properties);
	}

	#takeJunction(junction: MessageFields): void {
		const roads = new Set(childrenOf(junction, "connection").map(({ connectingRoad }) => connectingRoad));
		const starts = [...roads].flatMap((road) => {
			const start = this.#starts.get(JSON.stringify([junction.id, road]));
			return start === undefined ? [] : [start];
		});
		if (starts.length === 0) this.#out.push("reference_missing");
		else this.#give("Junction", { type: "MultiPoint", coordinates: starts }, junction);
	}

	#give(layer: string, drawn: unknown, tree: MessageFields): void {
		const geometry = copyGeometry(drawn, this.#datum);
		const properties = copyProperties(tree);
		if (typeof geometry === "string") this.#out.push(geometry);
		else if (typeof properties === "string") this.#out.push(properties as MapRefusal);
		else this.#out.push({ layer, datum: this.#datum, geometry, properties });
	}
}
