/**
 * The map files of jpo-cvdp (`.edges`, `.quad`): after a line of titles one shape per line, `type,id,geography[,attributes]`. Facts from its
 * docs/configuration.md and its own files:
 *
 * - `edge`: two points `id;latitude;longitude` joined by `:`; attributes `key=value` joined by `:`, of which `way_type` gives the width;
 * - `circle`: `latitude:longitude:radius in metres`;
 * - `grid`: a rectangle `south:west:north:east`.
 *
 * As jpo-cvdp does, a line that cannot be read is skipped: what is not in the map is not released.
 */
import { KerbError } from "../../shared/errors.ts";
import { cvdpWayWidthM } from "./cvdp-way-types.ts";

/** Numbers of an edge: latitude and longitude of its one end, of its other end, and the width in metres. */
export const edgeLength = 5;

export interface CvdpCircle {
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly radiusM: number;
}

export interface CvdpGrid {
	readonly southDeg: number;
	readonly westDeg: number;
	readonly northDeg: number;
	readonly eastDeg: number;
}

export interface CvdpShapes {
	/** `edgeLength` numbers each; a map has tens of thousands. */
	readonly edges: Float64Array;
	readonly circles: readonly CvdpCircle[];
	readonly grids: readonly CvdpGrid[];
	/** Lines that could not be read. */
	readonly invalidLines: number;
	/** Edges of a way type that never is part of a geofence. */
	readonly excludedEdges: number;
}

const maxBytes = 200_000_000;
const maxShapes = 2_000_000;
const maxRadiusM = 1_000_000;

/**
 * @param bytes Borrowed for the call.
 * @param what Names the file for a person.
 * @throws KerbError FORMAT_INVALID when it holds no shape at all, or too much.
 */
export const parseCvdpShapes = (bytes: Uint8Array, what: string): CvdpShapes => {
	if (bytes.length > maxBytes) throw new KerbError("FORMAT_INVALID", `${what}: expected at most ${maxBytes} bytes, got ${bytes.length}`);
	const edges = new EdgeTable();
	const circles: CvdpCircle[] = [];
	const grids: CvdpGrid[] = [];
	let invalidLines = 0;
	let excludedEdges = 0;
	const plain = new PlainEdge(bytes, edges);
	const decoder = new TextDecoder("latin1");
	for (let start = bytes.indexOf(lineFeed) + 1; start > 0 && start < bytes.length; ) {
		const next = plain.read(start);
		if (next > 0) {
			start = next;
			continue;
		}
		const newline = bytes.indexOf(lineFeed, start);
		const end = newline < 0 ? bytes.length : newline;
		const line = decoder.decode(bytes.subarray(start, end));
		start = end + 1;
		if (line.trim() !== "") {
			const shape = shapeOf(line);
			if (shape === undefined) invalidLines++;
			else if (shape === "excluded") excludedEdges++;
			else if ("radiusM" in shape) circles.push(shape);
			else if ("southDeg" in shape) grids.push(shape);
			else edges.add(shape.fromLatDeg, shape.fromLonDeg, shape.toLatDeg, shape.toLonDeg, shape.widthM);
		}
		if (edges.count + circles.length + grids.length > maxShapes)
			throw new KerbError("FORMAT_INVALID", `${what}: expected at most ${maxShapes} shapes`);
	}
	if (edges.count + circles.length + grids.length === 0)
		throw new KerbError(
			"FORMAT_INVALID",
			`${what}: expected a map of jpo-cvdp with a line of titles (type,id,geography,attributes) and one shape per line; there is no shape in it`,
		);
	return { edges: edges.numbers, circles, grids, invalidLines, excludedEdges };
};

const lineFeed = 0x0a;

class EdgeTable {
	#numbers = new Float64Array(edgeLength * 1_024);
	count = 0;

	add(fromLatDeg: number, fromLonDeg: number, toLatDeg: number, toLonDeg: number, widthM: number): void {
		const at = this.count++ * edgeLength;
		if (at === this.#numbers.length) {
			const grown = new Float64Array(at * 2);
			grown.set(this.#numbers);
			this.#numbers = grown;
		}
		this.#numbers[at] = fromLatDeg;
		this.#numbers[at + 1] = fromLonDeg;
		this.#numbers[at + 2] = toLatDeg;
		this.#numbers[at + 3] = toLonDeg;
		this.#numbers[at + 4] = widthM;
	}

	get numbers(): Float64Array {
		return this.#numbers.slice(0, this.count * edgeLength);
	}
}

/**
 * Reads edges that are written as jpo-cvdp's own maps are, without making text of them: a map has tens of thousands. Any other line is left to
 * `shapeOf`.
 */
class PlainEdge {
	readonly #bytes: Uint8Array;
	readonly #numbers = new Float64Array(4);
	/** Roads of one type follow each other: the last attributes up to `:` and the width that they gave. */
	#type: Uint8Array = new Uint8Array(0);
	#widthM: number | undefined;
	/** Behind the attribute that was read. */
	#end = 0;

	readonly #edges: EdgeTable;

	constructor(bytes: Uint8Array, edges: EdgeTable) {
		this.#bytes = bytes;
		this.#edges = edges;
	}

	/** Adds the edge of the line; returns where the next line begins, 0 when it is no edge, or written in another way. */
	read(start: number): number {
		const bytes = this.#bytes;
		// "edge,"
		if (bytes[start] !== 0x65 || bytes[start + 1] !== 0x64 || bytes[start + 2] !== 0x67 || bytes[start + 3] !== 0x65) return 0;
		if (bytes[start + 4] !== 0x2c) return 0;
		let at = pastDigits(bytes, start + 5);
		if (bytes[at] !== 0x2c) return 0;
		// Two points, "id;latitude;longitude" each.
		for (let point = 0; point < 2; point++) {
			at = pastDigits(bytes, at + 1);
			if (bytes[at] !== 0x3b) return 0;
			at = this.#decimal(at + 1, 2 * point);
			if (bytes[at] !== 0x3b) return 0;
			at = this.#decimal(at + 1, 2 * point + 1);
			if (bytes[at] !== (point === 0 ? 0x3a : 0x2c)) return 0;
		}
		const numbers = this.#numbers;
		const [fromLatDeg, fromLonDeg] = [numbers[0] as number, numbers[1] as number];
		const [toLatDeg, toLonDeg] = [numbers[2] as number, numbers[3] as number];
		const widthM = this.#width(at + 1);
		const isOnEarth = isLatitude(fromLatDeg) && isLatitude(toLatDeg) && isLongitude(fromLonDeg) && isLongitude(toLonDeg);
		if (!isOnEarth || widthM === undefined) return 0;
		// The other attributes, as long as there is no comma more.
		for (at = this.#end; at < bytes.length; at++) {
			const byte = bytes[at] as number;
			if (byte === lineFeed) break;
			if (byte === 0x2c) return 0;
		}
		this.#edges.add(fromLatDeg, fromLonDeg, toLatDeg, toLonDeg, widthM);
		return at + 1;
	}

	/** Past a number of at most 15 digits, so that the quotient is the double nearest to the decimal; NaN for anything else. */
	#decimal(start: number, index: number): number {
		const bytes = this.#bytes;
		const isNegative = bytes[start] === 0x2d;
		let at = isNegative ? start + 1 : start;
		let digits = 0;
		let value = 0;
		let point = -1;
		for (; digits < 16; at++) {
			const byte = bytes[at] as number;
			if (byte >= 0x30 && byte <= 0x39) {
				value = value * 10 + byte - 0x30;
				digits++;
			} else if (byte === 0x2e && point < 0 && digits > 0) point = digits;
			else break;
		}
		const isNumber = digits > 0 && digits < 16 && point !== digits;
		const magnitude = point < 0 ? value : value / (powers[digits - point] as number);
		this.#numbers[index] = isNumber ? (isNegative ? -magnitude : magnitude) : Number.NaN;
		return at;
	}

	/** Of `way_type=...` at the place, up to a colon or the end of the line. */
	#width(start: number): number | undefined {
		const bytes = this.#bytes;
		const type = this.#type;
		let at = start;
		let isSame = true;
		for (; at < bytes.length; at++) {
			const byte = bytes[at] as number;
			if (byte === 0x3a || byte === lineFeed) break;
			isSame &&= byte === type[at - start];
		}
		this.#end = at;
		if (isSame && at - start === type.length && type.length > 0) return this.#widthM;
		this.#type = bytes.slice(start, at);
		const match = /^way_type=(\w+)$/.exec(String.fromCharCode(...this.#type.subarray(0, 100)));
		this.#widthM = match === null ? undefined : cvdpWayWidthM(match[1] ?? "");
		return this.#widthM;
	}
}

const powers = Float64Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

const pastDigits = (bytes: Uint8Array, start: number): number => {
	let at = start;
	while ((bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at++;
	return at;
};

/** Undefined when the line cannot be read; "excluded" for an edge that is never part of a geofence. */
const shapeOf = (line: string): (Ends & { readonly widthM: number }) | CvdpCircle | CvdpGrid | "excluded" | undefined => {
	const parts = line.split(",");
	if (parts.length !== 3 && parts.length !== 4) return undefined;
	const [kind = "", , geography = "", attributes = ""] = parts;
	const shape = shapeReaders.get(kind.trim())?.(geography);
	if (shape === undefined || !("toLatDeg" in shape)) return shape;
	const type = /(?:^|:)\s*way_type\s*=\s*([^:=]*)/i.exec(attributes)?.[1]?.trim() ?? "";
	const widthM = cvdpWayWidthM(type);
	return widthM === undefined ? "excluded" : { ...shape, widthM };
};

interface Ends {
	readonly fromLatDeg: number;
	readonly fromLonDeg: number;
	readonly toLatDeg: number;
	readonly toLonDeg: number;
}

const edgeOf = (geography: string): Ends | undefined => {
	const points = geography.split(":").map((point) => point.split(";"));
	const [from, to] = points;
	if (from === undefined || to === undefined || points.length !== 2 || from.length !== 3 || to.length !== 3) return undefined;
	const ends = {
		fromLatDeg: latitudeOf(from[1]),
		fromLonDeg: longitudeOf(from[2]),
		toLatDeg: latitudeOf(to[1]),
		toLonDeg: longitudeOf(to[2]),
	};
	return Number.isNaN(ends.fromLatDeg + ends.fromLonDeg + ends.toLatDeg + ends.toLonDeg) ? undefined : ends;
};

const circleOf = (geography: string): CvdpCircle | undefined => {
	const [lat, lon, radius, more] = geography.split(":");
	const circle = { latDeg: latitudeOf(lat), lonDeg: longitudeOf(lon), radiusM: numberOf(radius) };
	const isOne = more === undefined && circle.radiusM >= 0 && circle.radiusM <= maxRadiusM;
	return isOne && !Number.isNaN(circle.latDeg + circle.lonDeg) ? circle : undefined;
};

const gridOf = (geography: string): CvdpGrid | undefined => {
	const [south, west, north, east, more] = geography.split(":");
	const grid = {
		southDeg: latitudeOf(south),
		westDeg: longitudeOf(west),
		northDeg: latitudeOf(north),
		eastDeg: longitudeOf(east),
	};
	return more === undefined && grid.southDeg < grid.northDeg && grid.westDeg < grid.eastDeg ? grid : undefined;
};

const shapeReaders: ReadonlyMap<string, (geography: string) => Ends | CvdpCircle | CvdpGrid | undefined> = new Map<
	string,
	(geography: string) => Ends | CvdpCircle | CvdpGrid | undefined
>([
	["edge", edgeOf],
	["circle", circleOf],
	["grid", gridOf],
]);

/** NaN for what is no number, and for nothing. */
const numberOf = (text: string | undefined): number => (text === undefined || text.trim() === "" ? Number.NaN : Number(text));

/** The range of jpo-cvdp. */
const isLatitude = (deg: number): boolean => deg >= -84 && deg <= 80;
const isLongitude = (deg: number): boolean => deg > -180 && deg < 180;

/** In degrees; NaN outside the range. */
const latitudeOf = (text: string | undefined): number => {
	const deg = numberOf(text);
	return isLatitude(deg) ? deg : Number.NaN;
};

const longitudeOf = (text: string | undefined): number => {
	const deg = numberOf(text);
	return isLongitude(deg) ? deg : Number.NaN;
};
