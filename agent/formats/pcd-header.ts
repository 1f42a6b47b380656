/**
 * The header of a PCD file (Point Cloud Library, "The PCD file format", versions 0.5 to 0.7): lines of a keyword and its values, comments after `#`, and a
 * last line `DATA` that says how the points follow.
 *
 * | line | values |
 * |---|---|
 * | VERSION | a number |
 * | FIELDS (once COLUMNS) | a name per field; `_` is room without meaning |
 * | SIZE, TYPE, COUNT | bytes of a value; I, U or F; values per point (COUNT may be absent: 1) |
 * | WIDTH, HEIGHT, POINTS | POINTS = WIDTH * HEIGHT; old files have POINTS alone |
 * | VIEWPOINT | where the sensor was: three metres and a quaternion, w first |
 * | DATA | ascii, binary, binary_compressed |
 */
import type { CloudScalar } from "../../shared/cloud.ts";
import { KerbError } from "../../shared/errors.ts";
import { isFieldName, maxCloudBytes, maxCloudFields, maxCloudPoints, maxPointBytes, paddingName } from "./cloud-layout.ts";

export const pcdForms = ["ascii", "binary", "binary_compressed"] as const;
export type PcdForm = (typeof pcdForms)[number];

export interface PcdField {
	readonly name: string;
	readonly sizeBytes: number;
	readonly count: number;
	/** From the start of a point in the form `binary`. */
	readonly offsetBytes: number;
	/** Undefined for what no cloud holds: room without meaning, and integers of eight bytes, which are no exact numbers. */
	readonly type: CloudScalar | undefined;
}

/** Three metres, then a quaternion with w first. */
export type Viewpoint = readonly [number, number, number, number, number, number, number];

export interface PcdHeader {
	readonly fields: readonly PcdField[];
	readonly stepBytes: number;
	readonly widthPoints: number;
	readonly heightPoints: number;
	/** Undefined when the file says nothing or that the sensor was at the origin. */
	readonly viewpoint: Viewpoint | undefined;
	readonly form: PcdForm;
	/** Where the points begin. */
	readonly bytes: number;
	/** What the comments say, without `#`, in order. */
	readonly comments: readonly string[];
}

/** Room for a comment with everything that a perception stack has to say of one sweep. */
export const maxPcdHeaderBytes = 256 * 1024;
const maxHeaderLines = 1_000;

const types: Readonly<Record<string, CloudScalar | undefined>> = {
	I1: "int8",
	I2: "int16",
	I4: "int32",
	I8: undefined,
	U1: "uint8",
	U2: "uint16",
	U4: "uint32",
	U8: undefined,
	F4: "float32",
	F8: "float64",
};

const keywords = ["VERSION", "FIELDS", "SIZE", "TYPE", "COUNT", "WIDTH", "HEIGHT", "VIEWPOINT", "POINTS", "DATA"];

const invalid = (what: string): KerbError => new KerbError("FORMAT_INVALID", `PCD header: ${what}`);

/**
 * Where the header ends: the byte after the line that begins with `DATA`. Undefined while it has not come.
 *
 * @throws KerbError FORMAT_INVALID when it has not come within 256 KiB.
 */
export const findPcdHeaderEnd = (bytes: Uint8Array): number | undefined => {
	let lineFrom = 0;
	while (lineFrom < maxPcdHeaderBytes) {
		const lineEnd = bytes.indexOf(0x0a, lineFrom);
		if (lineEnd < 0) break;
		if (startsWithData(bytes, lineFrom)) return lineEnd + 1;
		lineFrom = lineEnd + 1;
	}
	if (bytes.length >= maxPcdHeaderBytes) throw invalid(`expected a line DATA within ${maxPcdHeaderBytes} bytes; see that it is a PCD file`);
	return undefined;
};

const dataWord = [0x44, 0x41, 0x54, 0x41, 0x20];
const startsWithData = (bytes: Uint8Array, from: number): boolean => dataWord.every((byte, index) => bytes[from + index] === byte);

/**
 * Reads the header at the start of `bytes`.
 *
 * @throws KerbError FORMAT_INVALID when it is none, contradicts itself or says more than the bounds of a cloud (`cloud-layout.ts`).
 */
export const parsePcdHeader = (bytes: Uint8Array): PcdHeader => {
	const end = findPcdHeaderEnd(bytes);
	if (end === undefined || end > maxPcdHeaderBytes) throw invalid("expected a line DATA after the other lines, there is none");
	const lines = latin1(bytes.subarray(0, end)).split("\n").slice(0, -1);
	if (lines.length > maxHeaderLines) throw invalid(`expected up to ${maxHeaderLines} lines, got ${lines.length}`);
	const said = new Map<string, readonly string[]>();
	const comments: string[] = [];
	for (const line of lines) {
		if (line.startsWith("#")) {
			comments.push(line.slice(1).trim());
			continue;
		}
		const [first, ...values] = line.split(/[ \t\r]+/).filter((word) => word !== "");
		if (first === undefined) continue;
		const keyword = first === "COLUMNS" ? "FIELDS" : first;
		if (!keywords.includes(keyword)) throw invalid(`expected one of ${keywords.join(", ")} at the start of a line, got another word`);
		if (said.has(keyword)) throw invalid(`expected ${keyword} once`);
		said.set(keyword, values);
	}
	const fields = parseFields(said);
	const stepBytes = fields.reduce((sum, { sizeBytes, count }) => sum + sizeBytes * count, 0);
	const size = parseSize(said);
	if (size.widthPoints * size.heightPoints * stepBytes > maxCloudBytes) throw invalid(`expected up to ${maxCloudBytes} bytes of points`);
	const form = pcdForms.find((each) => each === said.get("DATA")?.[0]);
	if (form === undefined) throw invalid(`expected DATA to be one of ${pcdForms.join(", ")}`);
	return { fields, stepBytes, ...size, viewpoint: parseViewpoint(said.get("VIEWPOINT")), form, bytes: end, comments };
};

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

const parseFields = (said: ReadonlyMap<string, readonly string[]>): readonly PcdField[] => {
	const names = said.get("FIELDS") ?? [];
	if (names.length < 1 || names.length > maxCloudFields) throw invalid(`expected 1 to ${maxCloudFields} FIELDS, got ${names.length}`);
	const perField = (keyword: string): readonly string[] => {
		const values = said.get(keyword);
		if (values === undefined && keyword === "COUNT") return names.map(() => "1");
		if (values?.length !== names.length) throw invalid(`expected ${names.length} values of ${keyword}, got ${values?.length ?? 0}`);
		return values;
	};
	const [sizes, letters, counts] = [perField("SIZE"), perField("TYPE"), perField("COUNT")];
	const seen = new Set<string>();
	let offsetBytes = 0;
	const fields: PcdField[] = [];
	for (const [index, name] of names.entries()) {
		if (name !== paddingName && !isFieldName(name)) throw invalid("expected names of fields of 1 to 64 printable ASCII characters");
		if (name !== paddingName && seen.has(name)) throw invalid("expected each name of a field once");
		seen.add(name);
		const written = `${letters[index] ?? ""}${sizes[index] ?? ""}`;
		if (!Object.hasOwn(types, written)) throw invalid("expected TYPE I, U or F with a SIZE of 1, 2, 4 or 8 that it has");
		const sizeBytes = Number(sizes[index]);
		const count = wholeNumber(counts[index], "COUNT", maxPointBytes);
		if (count === 0) throw invalid("expected a COUNT of 1 or more");
		fields.push({ name, sizeBytes, count, offsetBytes, type: name === paddingName ? undefined : types[written] });
		offsetBytes += sizeBytes * count;
		if (offsetBytes > maxPointBytes) throw invalid(`expected points of up to ${maxPointBytes} bytes`);
	}
	if (fields.every(({ type }) => type === undefined)) throw invalid("expected at least one field of a known type");
	return fields;
};

const wholeNumber = (text: string | undefined, keyword: string, max: number): number => {
	const value = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
	if (!(value <= max)) throw invalid(`expected ${keyword} to be a whole number up to ${max}`);
	return value;
};

const parseSize = (said: ReadonlyMap<string, readonly string[]>): { readonly widthPoints: number; readonly heightPoints: number } => {
	const [width, height, points] = ["WIDTH", "HEIGHT", "POINTS"].map((keyword) => {
		const values = said.get(keyword);
		return values === undefined ? undefined : wholeNumber(values[0], keyword, maxCloudPoints);
	});
	const widthPoints = width ?? points;
	const heightPoints = height ?? 1;
	if (widthPoints === undefined) throw invalid("expected WIDTH or POINTS");
	if (widthPoints * heightPoints > maxCloudPoints) throw invalid(`expected up to ${maxCloudPoints} points`);
	if (points !== undefined && points !== widthPoints * heightPoints) throw invalid("expected POINTS to be WIDTH times HEIGHT");
	return { widthPoints, heightPoints };
};

const parseViewpoint = (values: readonly string[] | undefined): Viewpoint | undefined => {
	if (values === undefined) return undefined;
	const [x, y, z, w, qx, qy, qz, ...more] = values.map(Number);
	const all = [x, y, z, w, qx, qy, qz];
	if (more.length > 0 || all.some((value) => value === undefined || !Number.isFinite(value))) {
		throw invalid("expected seven numbers of VIEWPOINT");
	}
	const [tx = 0, ty = 0, tz = 0, rw = 1, rx = 0, ry = 0, rz = 0] = all;
	const isOrigin = tx === 0 && ty === 0 && tz === 0 && rw === 1 && rx === 0 && ry === 0 && rz === 0;
	return isOrigin ? undefined : [tx, ty, tz, rw, rx, ry, rz];
};
