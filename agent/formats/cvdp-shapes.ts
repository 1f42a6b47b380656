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

export interface CvdpEdge {
	readonly fromLatDeg: number;
	readonly fromLonDeg: number;
	readonly toLatDeg: number;
	readonly toLonDeg: number;
	readonly widthM: number;
}

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
	readonly edges: readonly CvdpEdge[];
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
	const edges: CvdpEdge[] = [];
	const circles: CvdpCircle[] = [];
	const grids: CvdpGrid[] = [];
	let invalidLines = 0;
	let excludedEdges = 0;
	const plain = new PlainEdge(bytes);
	const decoder = new TextDecoder("latin1");
	for (let start = bytes.indexOf(lineFeed) + 1; start > 0 && start < bytes.length; ) {
		const newline = bytes.indexOf(lineFeed, start);
		const end = newline < 0 ? bytes.length : newline;
		const edge = plain.read(start, end);
		const line = edge === undefined ? decoder.decode(bytes.subarray(start, end)) : "";
		start = end + 1;
		if (edge !== undefined) edges.push(edge);
		else if (line.trim() !== "") {
			const shape = shapeOf(line);
			if (shape === undefined) invalidLines++;
			else if (shape === "excluded") excludedEdges++;
			else if ("radiusM" in shape) circles.push(shape);
			else if ("southDeg" in shape) grids.push(shape);
			else edges.push(shape);
		}
		if (edges.length + circles.length + grids.length > maxShapes)
			throw new KerbError("FORMAT_INVALID", `${what}: expected at most ${maxShapes} shapes`);
	}
	if (edges.length + circles.length + grids.length === 0)
		throw new KerbError(
			"FORMAT_INVALID",
			`${what}: expected a map of jpo-cvdp with a line of titles (type,id,geography,attributes) and one shape per line; there is no shape in it`,
		);
	return { edges, circles, grids, invalidLines, excludedEdges };
};

const lineFeed = 0x0a;

/**
 * Reads edges that are written as jpo-cvdp's own maps are, without making text of them: a map has tens of thousands. Any other line is left to
 * `shapeOf`.
 */
class PlainEdge {
	readonly #bytes: Uint8Array;
	#at = 0;
	/** Roads of one type follow each other: the last attributes up to `:` and the width that they gave. */
	#type: Uint8Array = new Uint8Array(0);
	#widthM: number | undefined;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	read(start: number, end: number): CvdpEdge | undefined {
		const bytes = this.#bytes;
		// "edge,"
		if (bytes[start] !== 0x65 || bytes[start + 1] !== 0x64 || bytes[start + 2] !== 0x67 || bytes[start + 3] !== 0x65) return undefined;
		if (bytes[start + 4] !== 0x2c) return undefined;
		this.#at = start + 5;
		this.#skipDigits();
		if (!this.#take(0x2c)) return undefined;
		this.#skipDigits();
		if (!this.#take(0x3b)) return undefined;
		const fromLatDeg = this.#decimal();
		if (!this.#take(0x3b)) return undefined;
		const fromLonDeg = this.#decimal();
		if (!this.#take(0x3a)) return undefined;
		this.#skipDigits();
		if (!this.#take(0x3b)) return undefined;
		const toLatDeg = this.#decimal();
		if (!this.#take(0x3b)) return undefined;
		const toLonDeg = this.#decimal();
		if (!this.#take(0x2c)) return undefined;
		const widthM = this.#width(end);
		const isOnEarth = isLatitude(fromLatDeg) && isLatitude(toLatDeg) && isLongitude(fromLonDeg) && isLongitude(toLonDeg);
		return isOnEarth && widthM !== undefined ? { fromLatDeg, fromLonDeg, toLatDeg, toLonDeg, widthM } : undefined;
	}

	#take(byte: number): boolean {
		return this.#bytes[this.#at++] === byte;
	}

	#skipDigits(): void {
		while (isDigit(this.#bytes[this.#at])) this.#at++;
	}

	/** At most 15 digits, so that the quotient is the double nearest to the decimal; NaN for anything else. */
	#decimal(): number {
		const bytes = this.#bytes;
		const isNegative = bytes[this.#at] === 0x2d;
		if (isNegative) this.#at++;
		let digits = 0;
		let value = 0;
		let point = -1;
		for (; digits < 16; this.#at++) {
			const byte = bytes[this.#at];
			if (isDigit(byte)) {
				value = value * 10 + byte - 0x30;
				digits++;
			} else if (byte === 0x2e && point < 0 && digits > 0) point = digits;
			else break;
		}
		if (digits === 0 || digits > 15 || point === digits) return Number.NaN;
		const magnitude = point < 0 ? value : value / 10 ** (digits - point);
		return isNegative ? -magnitude : magnitude;
	}

	/** Of `way_type=...:` at the place. */
	#width(end: number): number | undefined {
		const bytes = this.#bytes;
		const colon = bytes.indexOf(0x3a, this.#at);
		const last = colon < 0 || colon > end ? end : colon;
		const type = this.#type;
		let isSame = type.length === last - this.#at;
		for (let i = 0; isSame && i < type.length; i++) isSame = type[i] === bytes[this.#at + i];
		if (isSame && type.length > 0) return this.#widthM;
		this.#type = bytes.slice(this.#at, last);
		const text = String.fromCharCode(...this.#type.subarray(0, 100));
		const match = /^way_type=(\w+)$/.exec(text);
		this.#widthM = match === null ? undefined : cvdpWayWidthM(match[1] ?? "");
		return this.#widthM;
	}
}

const isDigit = (byte: number | undefined): byte is number => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** Undefined when the line cannot be read; "excluded" for an edge that is never part of a geofence. */
const shapeOf = (line: string): CvdpEdge | CvdpCircle | CvdpGrid | "excluded" | undefined => {
	const parts = line.split(",");
	if (parts.length !== 3 && parts.length !== 4) return undefined;
	const [kind = "", , geography = "", attributes = ""] = parts;
	const shape = shapeReaders.get(kind.trim())?.(geography);
	if (shape === undefined || !("toLatDeg" in shape)) return shape;
	const type = /(?:^|:)\s*way_type\s*=\s*([^:=]*)/i.exec(attributes)?.[1]?.trim() ?? "";
	const widthM = cvdpWayWidthM(type);
	return widthM === undefined ? "excluded" : { ...shape, widthM };
};

type Ends = Omit<CvdpEdge, "widthM">;

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
