/**
 * The points of a PCD file of the form `ascii`: a line per point, a word per value.
 */
import type { CloudField, CloudScalar, PointCloud } from "../../shared/cloud.ts";
import { KerbError } from "../../shared/errors.ts";
import { scalarReaders } from "./cloud-columns.ts";
import { pointsOf, scalarBytes } from "./cloud-layout.ts";
import type { PcdHeader } from "./pcd-header.ts";

/** The longest number that a writer has reason for is far shorter. */
const maxWordBytes = 64;

const invalid = (what: string): KerbError => new KerbError("FORMAT_INVALID", `PCD points: ${what}`);

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

type Put = (view: DataView, at: number, value: number) => void;

const integer =
	(min: number, max: number, put: Put): Put =>
	(view, at, value) => {
		if (!Number.isInteger(value) || value < min || value > max) throw invalid("expected whole numbers that their TYPE and SIZE can hold");
		put(view, at, value);
	};

const writers: Readonly<Record<CloudScalar, Put>> = {
	int8: integer(-128, 127, (view, at, value) => view.setInt8(at, value)),
	uint8: integer(0, 255, (view, at, value) => view.setUint8(at, value)),
	int16: integer(-32_768, 32_767, (view, at, value) => view.setInt16(at, value, true)),
	uint16: integer(0, 65_535, (view, at, value) => view.setUint16(at, value, true)),
	int32: integer(-2_147_483_648, 2_147_483_647, (view, at, value) => view.setInt32(at, value, true)),
	uint32: integer(0, 4_294_967_295, (view, at, value) => view.setUint32(at, value, true)),
	float32: (view, at, value) => view.setFloat32(at, value, true),
	float64: (view, at, value) => view.setFloat64(at, value, true),
};

const notFinite: Readonly<Record<string, number>> = {
	nan: Number.NaN,
	"-nan": Number.NaN,
	inf: Number.POSITIVE_INFINITY,
	"+inf": Number.POSITIVE_INFINITY,
	"-inf": Number.NEGATIVE_INFINITY,
	infinity: Number.POSITIVE_INFINITY,
	"-infinity": Number.NEGATIVE_INFINITY,
};

const parseWord = (word: string): number => {
	if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(word)) return Number(word);
	const value = notFinite[word.toLowerCase()];
	if (value === undefined) throw invalid("expected numbers, got another word");
	return value;
};

/** Walks over the words of lines without making more than one string at a time. */
class Words {
	readonly #bytes: Buffer;
	#at = 0;

	/** `bytes` is borrowed. */
	constructor(bytes: Uint8Array) {
		this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	/** Goes past empty lines to the next word; false at the end. */
	nextLine(): boolean {
		while (this.#at < this.#bytes.length) {
			const byte = this.#bytes[this.#at] ?? 0;
			if (byte !== 0x0a && !isBlank(byte)) return true;
			this.#at++;
		}
		return false;
	}

	/** The next word of this line; undefined at its end. */
	next(): string | undefined {
		const bytes = this.#bytes;
		while (this.#at < bytes.length && isBlank(bytes[this.#at] ?? 0)) this.#at++;
		const from = this.#at;
		while (this.#at < bytes.length && bytes[this.#at] !== 0x0a && !isBlank(bytes[this.#at] ?? 0)) {
			this.#at++;
			if (this.#at - from > maxWordBytes) throw invalid(`expected words of up to ${maxWordBytes} bytes`);
		}
		return this.#at === from ? undefined : bytes.toString("latin1", from, this.#at);
	}
}

/**
 * Reads as many points as the header says into `data`, laid out as `targets` says (one per field of the header; undefined: left out).
 *
 * @throws KerbError FORMAT_INVALID when there are fewer or more lines or words, or a word is no number that its field can hold.
 */
export const readAsciiPoints = (
	bytes: Uint8Array,
	header: PcdHeader,
	targets: readonly (CloudField | undefined)[],
	data: Uint8Array,
	pointStepBytes: number,
): void => {
	const words = new Words(bytes);
	const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
	const points = header.widthPoints * header.heightPoints;
	for (let point = 0; point < points; point++) {
		if (!words.nextLine()) throw invalid(`expected ${points} lines, got ${point}`);
		for (const [index, { count }] of header.fields.entries()) {
			const target = targets[index];
			for (let k = 0; k < count; k++) {
				const word = words.next();
				if (word === undefined) throw invalid("expected a word per value on each line, got fewer");
				if (target === undefined) continue;
				writers[target.type](view, point * pointStepBytes + target.offsetBytes + k * scalarBytes[target.type], parseWord(word));
			}
		}
		if (words.next() !== undefined) throw invalid("expected a word per value on each line, got more");
	}
	if (words.nextLine()) throw invalid(`expected ${points} lines, got more`);
};

/** The points as lines; numbers of 32 bits with the fewest digits that give them back. */
export const writeAsciiPoints = (cloud: PointCloud): string => {
	const { data, fields, pointStepBytes } = cloud;
	const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
	const points = pointsOf(cloud);
	const lines: string[] = [];
	for (let point = 0; point < points; point++) {
		const words: string[] = [];
		for (const { type, count, offsetBytes } of fields) {
			for (let k = 0; k < count; k++) {
				const value = scalarReaders[type](view, point * pointStepBytes + offsetBytes + k * scalarBytes[type]);
				words.push(type === "float32" ? shortest(value) : wordOf(value));
			}
		}
		lines.push(words.join(" "));
	}
	return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
};

const wordOf = (value: number): string => {
	if (Number.isNaN(value)) return "nan";
	if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
	return Object.is(value, -0) ? "-0" : String(value);
};

const shortest = (value: number): string => {
	if (!Number.isFinite(value) || value === 0) return wordOf(value);
	for (const digits of [6, 7, 8]) {
		const text = value.toPrecision(digits);
		if (Math.fround(Number(text)) === value) return String(Number(text));
	}
	return String(Number(value.toPrecision(9)));
};
