/**
 * Lanelet2 maps (OSM XML 0.6: nodes, ways and relations with tags) as map features. Other OSM files are read alike.
 *
 * - A way is a LineString, a way that is tagged as an area and closed a Polygon; a node with tags a Point.
 * - A relation of the type `lanelet` is a MultiLineString of its left and its right border; one of the type `multipolygon` is a MultiLineString of
 *   its rings' ways; a regulatory element one of the ways it refers to. What it consists of is in the properties as `members`.
 * - Tags are the properties; `id` is the element's id. The tag `ele` of nodes is the third number of a position.
 *
 * The layer follows from the tags: `Lane`, `Marking`, `Sign`, `Signal`, `Area`, `Regulation`, else `Way`, `Node` and `Relation`. Elements that their
 * editor marked as deleted are left out.
 */

import { KerbError } from "../../shared/errors.ts";
import type { MessageFields, MessageValue } from "../../shared/message.ts";
import type { Datum } from "../../shared/reading.ts";
import type { MapDraft } from "./geojson.ts";
import { laneletLayer } from "./lanelet2-layer.ts";
import { copyGeometry, type Position } from "./map-geometry.ts";
import { type MapRefusal, mapLimits } from "./map-limits.ts";
import { copyProperties } from "./map-tree.ts";
import { XmlReader } from "./xml-reader.ts";

const limits = { nodes: 1_000_000, ways: 300_000, relations: 300_000, references: 5_000_000 } as const;

interface Member {
	readonly type: string;
	readonly ref: string;
	readonly role: string;
}

interface Element {
	readonly kind: "node" | "way" | "relation";
	readonly id: string;
	readonly tags: Map<string, string>;
	readonly refs: string[];
	readonly members: Member[];
	readonly at: readonly [lonDeg: number, latDeg: number];
	readonly isDeleted: boolean;
}

const isKind = (name: string): name is Element["kind"] => name === "node" || name === "way" || name === "relation";

/** An attribute as a number; an empty text is none. */
const numberOf = (text: string | undefined): number => (text === undefined || text.trim() === "" ? Number.NaN : Number(text));

const tooMany = (what: string): KerbError => new KerbError("FORMAT_INVALID", `OSM XML: expected fewer ${what}`);

/** Reads a file piece by piece; its features are there when it ended, since an element may refer to a later one. */
export class Lanelet2Reader {
	readonly #xml: XmlReader;
	readonly #datum: Datum;
	readonly #positions = new Map<string, Position>();
	readonly #points: Element[] = [];
	readonly #ways = new Map<string, Element>();
	readonly #relations: Element[] = [];
	#current: Element | undefined;
	#references = 0;
	#depth = 0;
	#isMap = false;

	constructor(datum: Datum) {
		this.#datum = datum;
		this.#xml = new XmlReader({
			open: (name, attributes) => {
				if (this.#depth === 0) this.#isMap = name === "osm";
				if (this.#isMap && this.#depth === 1 && isKind(name)) this.#begin(name, attributes);
				else if (this.#depth === 2) this.#addTo(name, attributes);
				this.#depth += 1;
			},
			text: () => undefined,
			close: () => {
				this.#depth -= 1;
				if (this.#depth === 1 && this.#current !== undefined) this.#finish(this.#current);
			},
		});
	}

	/** @throws KerbError FORMAT_INVALID as XmlReader does, and for more elements than a map of this size can have. */
	push(text: string): void {
		this.#xml.push(text);
	}

	/** @throws KerbError FORMAT_INVALID when the document is not complete. */
	end(): void {
		this.#xml.end();
	}

	#begin(kind: Element["kind"], attributes: Readonly<Record<string, string>>): void {
		const { id = "", lat, lon, action, visible } = attributes;
		this.#current = {
			...{ kind, id, tags: new Map(), refs: [], members: [] },
			at: [numberOf(lon), numberOf(lat)],
			isDeleted: action === "delete" || visible === "false",
		};
	}

	#addTo(name: string, attributes: Readonly<Record<string, string>>): void {
		const element = this.#current;
		if (element === undefined) return;
		const { k, v, ref, type = "", role = "" } = attributes;
		if (name === "tag" && k !== undefined && v !== undefined) {
			element.tags.set(k, v);
			this.#references += 1;
		}
		if (ref !== undefined && (name === "nd" || name === "member")) {
			this.#references += 1;
			if (name === "nd") element.refs.push(ref);
			else element.members.push({ type, ref, role });
		}
		if (this.#references > limits.references) throw tooMany("tags and references");
	}

	#finish(element: Element): void {
		this.#current = undefined;
		if (element.isDeleted) return;
		if (element.kind === "node") {
			if (this.#positions.size >= limits.nodes) throw tooMany("nodes");
			const heightM = numberOf(element.tags.get("ele"));
			this.#positions.set(element.id, Number.isNaN(heightM) ? element.at : [...element.at, heightM]);
			if (element.tags.size > 0) this.#points.push(element);
		} else if (element.kind === "way") {
			if (this.#ways.size >= limits.ways) throw tooMany("ways");
			this.#ways.set(element.id, element);
		} else {
			if (this.#relations.length >= limits.relations) throw tooMany("relations");
			this.#relations.push(element);
		}
	}

	/** The features, made one by one. Gives up with `geometry_too_large` where the elements refer to more positions than a file may have. */
	*features(): Generator<MapDraft | MapRefusal> {
		if (!this.#isMap) {
			yield "not_a_map";
			return;
		}
		let left: number = mapLimits.positionsPerFile;
		for (const element of [...this.#points, ...this.#ways.values(), ...this.#relations]) {
			const lines = this.#linesOf(element);
			left -= lines === undefined ? 1 : lines.reduce((sum, { length }) => sum + length, 1);
			if (left < 0) {
				yield "geometry_too_large";
				return;
			}
			yield lines === undefined ? "reference_missing" : this.#feature(element, lines);
		}
	}

	/** The lines of an element; undefined when it has none, or one of its nodes or ways is not in the file. */
	#linesOf({ kind, id, refs, members }: Element): readonly (readonly Position[])[] | undefined {
		if (kind === "node") {
			const position = this.#positions.get(id);
			return position === undefined ? undefined : [[position]];
		}
		if (kind === "way") {
			const line = refs.map((ref) => this.#positions.get(ref));
			return line.every((position) => position !== undefined) ? [line] : undefined;
		}
		const lines: (readonly Position[])[] = [];
		let count = 0;
		for (const { type, ref } of members) {
			if (type !== "way") continue;
			const way = this.#ways.get(ref);
			count += way?.refs.length ?? 0;
			// What is too large anyway is not put together.
			if (count > mapLimits.positions) break;
			const line = way === undefined ? undefined : this.#linesOf(way)?.[0];
			if (line === undefined) return undefined;
			lines.push(line);
		}
		return lines.length === 0 ? undefined : lines;
	}

	#feature(element: Element, lines: readonly (readonly Position[])[]): MapDraft | MapRefusal {
		const { kind, id, tags, members } = element;
		const isArea = kind === "way" && tags.get("area") === "yes";
		const drawn: Readonly<Record<Element["kind"], readonly [string, unknown]>> = {
			node: ["Point", lines[0]?.[0]],
			way: isArea ? ["Polygon", lines] : ["LineString", lines[0]],
			relation: ["MultiLineString", lines],
		};
		const [type, coordinates] = drawn[kind];
		const geometry = copyGeometry({ type, coordinates }, this.#datum);
		const fields: [string, MessageValue][] = [...tags];
		const listed: readonly MessageFields[] = members.map((member) => ({ ...member }));
		const properties = copyProperties(Object.fromEntries([...fields, ["id", id], ...(listed.length === 0 ? [] : [["members", listed]])]));
		if (typeof geometry === "string") return geometry;
		if (typeof properties === "string") return properties as MapRefusal;
		return { layer: laneletLayer(kind, tags), datum: this.#datum, geometry, properties };
	}
}
