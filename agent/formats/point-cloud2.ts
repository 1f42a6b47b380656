/**
 * ROS 2 clouds: sensor_msgs/msg/PointCloud2 as plain CDR (OMG DDS-RTPS 2.5, clause 10; XCDR version 1) has it, read and written without an object per value.
 *
 * | bytes | meaning |
 * |---|---|
 * | 4 | encapsulation: 00 00 big-endian or 00 01 little-endian, two bytes of options |
 * | 8 | stamp: seconds (signed) and nanoseconds |
 * | text | frame: length with the closing zero, bytes, zero |
 * | 8 | height, width |
 * | list | fields: name (text), offset, type (1 byte, 1 to 8), values per point |
 * | 1 | whether the points are big-endian |
 * | 8 | bytes per point, bytes per row |
 * | list of bytes | the points |
 * | 1 | whether every point is somewhere |
 *
 * Numbers of four bytes begin at a multiple of four, counted from the end of the encapsulation.
 */
import { type CloudField, type CloudScalar, cloudScalars, type PointCloud } from "../../shared/cloud.ts";
import { KerbError } from "../../shared/errors.ts";
import { readAxes } from "./cloud-columns.ts";
import { checkCloud, fieldBytes, maxCloudFields, maxCloudPoints, packFields, pointsOf, scalarBytes } from "./cloud-layout.ts";
import { copyField, keepFields } from "./cloud-select.ts";

export interface PointCloud2 {
	readonly stampSec: number;
	/** 0 to 999,999,999. */
	readonly stampNanosec: number;
	/** The coordinate frame's name; up to 255 bytes. */
	readonly frameId: string;
	readonly cloud: PointCloud;
}

const maxTextBytes = 256;
const encapsulationBytes = 4;

const invalid = (what: string): KerbError => new KerbError("FORMAT_INVALID", `PointCloud2: ${what}`);

class CdrReader {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	readonly #isLittle: boolean;
	#at = encapsulationBytes;

	constructor(bytes: Uint8Array) {
		if (bytes.length < encapsulationBytes) throw invalid("expected an encapsulation of four bytes, got the end");
		if (bytes[0] !== 0 || (bytes[1] ?? 2) > 1) throw invalid("expected plain CDR, got another encapsulation");
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.#isLittle = bytes[1] === 1;
	}

	#take(size: number): number {
		const from = this.#at;
		if (from + size > this.#bytes.length) throw invalid("expected more bytes, the message is cut off");
		this.#at = from + size;
		return from;
	}

	#word(): number {
		this.#at = (this.#at + 3) & ~3;
		return this.#take(4);
	}

	uint8(): number {
		return this.#bytes[this.#take(1)] ?? 0;
	}

	bool(): boolean {
		const value = this.uint8();
		if (value > 1) throw invalid("expected yes or no to be 1 or 0");
		return value === 1;
	}

	uint32(): number {
		return this.#view.getUint32(this.#word(), this.#isLittle);
	}

	int32(): number {
		return this.#view.getInt32(this.#word(), this.#isLittle);
	}

	/** Borrowed. */
	bytes(max: number): Uint8Array {
		const length = this.uint32();
		if (length > max) throw invalid(`expected up to ${max} bytes, the message says ${length}`);
		const from = this.#take(length);
		return this.#bytes.subarray(from, from + length);
	}

	text(): string {
		const bytes = this.bytes(maxTextBytes);
		// Some writers send no byte at all for an empty text.
		if (bytes.length === 0) return "";
		if (bytes.indexOf(0) !== bytes.length - 1) throw invalid("expected text that ends with its only zero");
		try {
			return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, -1));
		} catch (error) {
			throw new KerbError("FORMAT_INVALID", "PointCloud2: expected text in UTF-8", { cause: error });
		}
	}
}

/**
 * Reads one message. Points become little-endian, and rows lose what pads them; what lies between the fields of a point stays. Bytes after the message are
 * ignored: writers pad to four.
 *
 * @param cdr Borrowed; the cloud's bytes are a copy.
 * @param maxPoints More points than that are refused.
 * @throws KerbError FORMAT_INVALID when the message is damaged, cut off, contradicts itself, or is beyond the bounds of a cloud (`cloud-layout.ts`).
 */
export const readPointCloud2 = (cdr: Uint8Array, maxPoints: number = maxCloudPoints): PointCloud2 => {
	const reader = new CdrReader(cdr);
	const stampSec = reader.int32();
	const stampNanosec = reader.uint32();
	if (stampNanosec > 999_999_999) throw invalid("expected fewer nanoseconds than a second has");
	const frameId = reader.text();
	const heightPoints = reader.uint32();
	const widthPoints = reader.uint32();
	if (heightPoints * widthPoints > maxPoints) throw invalid(`expected up to ${maxPoints} points, got ${heightPoints * widthPoints}`);
	const fields = readFields(reader);
	const isBigEndian = reader.bool();
	const pointStepBytes = reader.uint32();
	const rowStepBytes = reader.uint32();
	const rowBytes = widthPoints * pointStepBytes;
	const source = reader.bytes(cdr.length);
	if (heightPoints > 1 ? rowStepBytes < rowBytes : heightPoints === 1 && source.length < rowBytes)
		throw invalid("expected rows that hold their points");
	// Of a single row nobody needs the length, and some writers leave it at 0.
	const expected = heightPoints > 1 ? rowStepBytes * heightPoints : Math.max(rowBytes * heightPoints, rowStepBytes * heightPoints);
	if (source.length !== expected) throw invalid(`expected ${expected} bytes of points, got ${source.length}`);
	reader.bool();
	const data = new Uint8Array(rowBytes * heightPoints);
	for (let row = 0; row < heightPoints && rowBytes > 0; row++) {
		const from = heightPoints > 1 ? row * rowStepBytes : 0;
		data.set(source.subarray(from, from + rowBytes), row * rowBytes);
	}
	const cloud: PointCloud = { fields, pointStepBytes, heightPoints, widthPoints, data };
	checkCloud(cloud);
	return { stampSec, stampNanosec, frameId, cloud: isBigEndian ? turnBytes(cloud) : cloud };
};

const readFields = (reader: CdrReader): CloudField[] => {
	const count = reader.uint32();
	if (count > maxCloudFields) throw invalid(`expected up to ${maxCloudFields} fields, got ${count}`);
	const fields: CloudField[] = [];
	for (let i = 0; i < count; i++) {
		const name = reader.text();
		const offsetBytes = reader.uint32();
		const type: CloudScalar | undefined = cloudScalars[reader.uint8() - 1];
		if (type === undefined) throw invalid("expected types of fields from 1 to 8");
		fields.push({ name, offsetBytes, type, count: reader.uint32() });
	}
	return fields;
};

/** Lays the fields anew while it turns them, so that two that share bytes are not turned twice. */
const turnBytes = (cloud: PointCloud): PointCloud => {
	const { fields, pointStepBytes } = packFields(cloud.fields);
	const points = pointsOf(cloud);
	const data = new Uint8Array(points * pointStepBytes);
	for (const [index, field] of cloud.fields.entries()) {
		const size = scalarBytes[field.type];
		for (let at = 0; at < fieldBytes(field); at++) {
			const mirrored = at - (at % size) + (size - 1 - (at % size));
			const from = { data: cloud.data, offset: field.offsetBytes + at, step: cloud.pointStepBytes };
			copyField(from, { data, offset: (fields[index]?.offsetBytes ?? 0) + mirrored, step: pointStepBytes }, 1, points);
		}
	}
	const turned = { ...cloud, fields, pointStepBytes, data };
	checkCloud(turned);
	return turned;
};

class CdrWriter {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	#at = encapsulationBytes;

	constructor(maxBytes: number) {
		this.#bytes = new Uint8Array(maxBytes);
		this.#bytes[1] = 1;
		this.#view = new DataView(this.#bytes.buffer);
	}

	uint8(value: number): void {
		this.#bytes[this.#at++] = value;
	}

	#word(): number {
		const at = (this.#at + 3) & ~3;
		this.#at = at + 4;
		return at;
	}

	uint32(value: number): void {
		this.#view.setUint32(this.#word(), value, true);
	}

	int32(value: number): void {
		this.#view.setInt32(this.#word(), value, true);
	}

	bytes(bytes: Uint8Array): void {
		this.uint32(bytes.length);
		this.#bytes.set(bytes, this.#at);
		this.#at += bytes.length;
	}

	text(text: Uint8Array): void {
		this.uint32(text.length + 1);
		this.#bytes.set(text, this.#at);
		this.#at += text.length + 1;
	}

	end(): Uint8Array {
		return this.#bytes.subarray(0, this.#at);
	}
}

/**
 * Writes one message, little-endian; what lies between the fields of a point is left out.
 *
 * @returns Bytes of the caller's own.
 * @throws KerbError FORMAT_INVALID when the cloud is not sound, the stamp is no stamp of ROS, or the frame's name is longer than 255 bytes or holds a zero.
 */
export const writePointCloud2 = ({ stampSec, stampNanosec, frameId, cloud }: PointCloud2): Uint8Array => {
	checkCloud(cloud);
	const frame = new TextEncoder().encode(frameId);
	if (frame.length >= maxTextBytes || frame.includes(0)) throw invalid(`expected a frame's name of up to ${maxTextBytes - 1} bytes`);
	const isStamp = Number.isInteger(stampNanosec) && stampNanosec >= 0 && stampNanosec <= 999_999_999 && (stampSec | 0) === stampSec;
	if (!isStamp) throw invalid("expected a stamp of whole seconds in 32 bits and whole nanoseconds below a second");
	const { fields, pointStepBytes, heightPoints, widthPoints, data } = keepFields(cloud, () => true);
	const texts = fields.map(({ name }) => new TextEncoder().encode(name));
	// Each text takes its length, a zero and up to three bytes before the next number; each field three numbers more.
	const headBytes = 64 + frame.length + texts.reduce((sum, text) => sum + text.length + 24, 0);
	const writer = new CdrWriter(headBytes + data.length);
	writer.int32(stampSec);
	writer.uint32(stampNanosec);
	writer.text(frame);
	writer.uint32(heightPoints);
	writer.uint32(widthPoints);
	writer.uint32(fields.length);
	for (const [index, { type, offsetBytes, count }] of fields.entries()) {
		writer.text(texts[index] ?? new Uint8Array(0));
		writer.uint32(offsetBytes);
		writer.uint8(cloudScalars.indexOf(type) + 1);
		writer.uint32(count);
	}
	writer.uint8(0);
	writer.uint32(pointStepBytes);
	writer.uint32(pointStepBytes * widthPoints);
	writer.bytes(data);
	writer.uint8(isDense(cloud) ? 1 : 0);
	return writer.end();
};

/** Where nobody can tell, it is not said that every point is somewhere. */
const isDense = (cloud: PointCloud): boolean => {
	const axes = readAxes(cloud);
	return axes !== undefined && [axes.x, axes.y, axes.z].every((column) => column.every((value) => Number.isFinite(value)));
};
