/**
 * Point clouds as PCD files (Point Cloud Library): read in all three forms, written in all three. What is written says nothing of where the sensor was.
 */
import type { PointCloud } from "../../shared/cloud.ts";
import { KerbError } from "../../shared/errors.ts";
import { checkCloud, fieldBytes, maxCloudPoints, packFields, pointsOf } from "./cloud-layout.ts";
import { copyField, keepFields } from "./cloud-select.ts";
import { packLzf, unpackLzf } from "./lzf.ts";
import { readAsciiPoints, writeAsciiPoints } from "./pcd-ascii.ts";
import { type PcdForm, type PcdHeader, parsePcdHeader, type Viewpoint } from "./pcd-header.ts";

export interface DecodedPcd {
	/** Its bytes are a copy. */
	readonly cloud: PointCloud;
	/** Where the sensor was in the frame of whoever wrote the file; undefined at the origin. */
	readonly viewpoint: Viewpoint | undefined;
	/** What the comments of the header say, without `#`. */
	readonly comments: readonly string[];
}

const invalid = (what: string): KerbError => new KerbError("FORMAT_INVALID", `PCD points: ${what}`);

/** The two sizes, packed and unpacked, before the points of the form `binary_compressed`. */
const packedHeadBytes = 8;

/**
 * Reads one PCD file. Fields that a cloud cannot hold (room without meaning, integers of eight bytes) are left out; bytes after the last point are, too.
 *
 * @param maxPoints More points than that are refused before anything is made of them.
 * @throws KerbError FORMAT_INVALID when the file is damaged, cut off, contradicts itself or is too large.
 */
export const decodePcd = (bytes: Uint8Array, maxPoints: number = maxCloudPoints): DecodedPcd => {
	const header = parsePcdHeader(bytes);
	const { widthPoints, heightPoints, viewpoint, comments } = header;
	const points = widthPoints * heightPoints;
	if (points > maxPoints) throw invalid(`expected up to ${maxPoints}, got ${points}; raise the bound or send fewer`);
	const { fields, pointStepBytes } = packFields(
		header.fields.flatMap(({ name, type, count }) => (type === undefined ? [] : [{ name, type, count }])),
	);
	const body = bytes.subarray(header.bytes);
	let data: Uint8Array;
	if (header.form === "binary" && pointStepBytes === header.stepBytes) {
		if (body.length < points * pointStepBytes) throw invalid(`expected ${points * pointStepBytes} bytes, got ${body.length}`);
		// Not slice: that of a Buffer is a view.
		data = new Uint8Array(body.subarray(0, points * pointStepBytes));
	} else {
		// A value takes at least one digit and one blank, so that a header alone cannot ask for memory.
		const values = points * header.fields.reduce((sum, { count }) => sum + count, 0);
		if (header.form === "ascii" && body.length + 1 < 2 * values) throw invalid(`expected ${points} lines, got ${body.length} bytes`);
		if (header.form === "binary" && body.length < points * header.stepBytes) throw invalid("expected more bytes, the file is cut off");
		const planes = header.form === "binary_compressed" ? unpackPlanes(body, points * header.stepBytes) : undefined;
		data = new Uint8Array(points * pointStepBytes);
		let kept = 0;
		const targets = header.fields.map(({ type }) => (type === undefined ? undefined : fields[kept++]));
		if (header.form === "ascii") readAsciiPoints(body, header, targets, data, pointStepBytes);
		for (const [index, target] of header.form === "ascii" ? [] : targets.entries()) {
			const from = header.fields[index];
			if (target === undefined || from === undefined) continue;
			const fieldSize = fieldBytes(target);
			const source =
				planes === undefined
					? { data: body, offset: from.offsetBytes, step: header.stepBytes }
					: { data: planes, offset: from.offsetBytes * points, step: fieldSize };
			copyField(source, { data, offset: target.offsetBytes, step: pointStepBytes }, fieldSize, points);
		}
	}
	return { cloud: { fields, pointStepBytes, heightPoints, widthPoints, data }, viewpoint, comments };
};

/** LZF makes 264 bytes of three at the most: what a stream claims beyond that is refused before there is memory for it. */
const maxGrowth = 90;

const unpackPlanes = (body: Uint8Array, expected: number): Uint8Array => {
	if (body.length < packedHeadBytes) throw invalid("expected the sizes of the packed points, got the end");
	const view = new DataView(body.buffer, body.byteOffset, packedHeadBytes);
	const [packedBytes, unpackedBytes] = [view.getUint32(0, true), view.getUint32(4, true)];
	if (unpackedBytes !== expected) throw invalid(`expected ${expected} bytes unpacked, the file says ${unpackedBytes}`);
	if (packedBytes > body.length - packedHeadBytes) throw invalid(`expected ${packedBytes} packed bytes, the file is cut off`);
	if (expected > packedBytes * maxGrowth) throw invalid("expected more packed bytes for so many points");
	return unpackLzf(body.subarray(packedHeadBytes, packedHeadBytes + packedBytes), expected);
};

/**
 * How many bytes the points take that follow a header, as far as the first bytes of `body` tell. Undefined when more of them are needed, or for the form
 * `ascii`, whose end only its lines tell.
 */
export const pcdBodyBytes = (header: PcdHeader, body: Uint8Array): number | undefined => {
	if (header.form === "ascii") return undefined;
	if (header.form === "binary") return header.widthPoints * header.heightPoints * header.stepBytes;
	if (body.length < packedHeadBytes) return undefined;
	return packedHeadBytes + new DataView(body.buffer, body.byteOffset, packedHeadBytes).getUint32(0, true);
};

const letters = { int: "I", uint: "U", float: "F" } as const;

/**
 * Writes a cloud as one PCD file of version 0.7. VIEWPOINT is always the origin: a pose has its own field, which only qualified recipients get. Room between
 * fields is left out.
 *
 * @returns Bytes of the caller's own.
 * @throws KerbError FORMAT_INVALID when the cloud is not sound (`cloud-layout.ts`).
 */
export const encodePcd = (cloud: PointCloud, form: PcdForm): Uint8Array => {
	checkCloud(cloud);
	const tight = keepFields(cloud, () => true);
	const body = bodyOf(tight, form);
	const { fields, widthPoints, heightPoints } = tight;
	const row = (keyword: string, values: readonly (string | number)[]): string => `${keyword} ${values.join(" ")}\n`;
	const head = Buffer.from(
		`# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\n${row(
			"FIELDS",
			fields.map(({ name }) => name),
		)}${row(
			"SIZE",
			fields.map((field) => fieldBytes({ ...field, count: 1 })),
		)}${row(
			"TYPE",
			fields.map(({ type }) => letters[type.replace(/\d+$/, "") as keyof typeof letters]),
		)}${row(
			"COUNT",
			fields.map(({ count }) => count),
		)}WIDTH ${widthPoints}\nHEIGHT ${heightPoints}\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS ${pointsOf(tight)}\nDATA ${form}\n`,
		"latin1",
	);
	const out = new Uint8Array(head.length + body.length);
	out.set(head);
	out.set(body, head.length);
	return out;
};

const bodyOf = (cloud: PointCloud, form: PcdForm): Uint8Array => {
	if (form === "ascii") return Buffer.from(writeAsciiPoints(cloud), "latin1");
	if (form === "binary") return cloud.data;
	const points = pointsOf(cloud);
	const planes = new Uint8Array(cloud.data.length);
	for (const field of cloud.fields) {
		const size = fieldBytes(field);
		const from = { data: cloud.data, offset: field.offsetBytes, step: cloud.pointStepBytes };
		copyField(from, { data: planes, offset: field.offsetBytes * points, step: size }, size, points);
	}
	const packed = packLzf(planes);
	const out = new Uint8Array(packedHeadBytes + packed.length);
	const view = new DataView(out.buffer);
	view.setUint32(0, packed.length, true);
	view.setUint32(4, planes.length, true);
	out.set(packed, packedHeadBytes);
	return out;
};
