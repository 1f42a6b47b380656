/**
 * Values that are no numbers, as columns: strings by a dictionary, booleans as bits, whole numbers beyond 53 bits as bytes.
 */
import { type CborValue, isCborArray } from "./cbor-value.ts";
import { decodeIntegers, encodeIntegers } from "./columns-integers.ts";
import { KerbError } from "./errors.ts";

const refuse = (what: string): KerbError => new KerbError("ENVELOPE_INVALID", `columns: expected ${what}`);

/** UTF-16 units of one text; sources take less. It bounds what one repeated text can swell to. */
const maxTextLength = 65_536;

/**
 * Text as it is; text that UTF-8 cannot hold (a lone surrogate) as its UTF-16 code units, so that nothing is changed on the way.
 *
 * @throws KerbError ENVELOPE_INVALID when it is longer than any source makes it.
 */
export const packText = (text: string): CborValue => {
	if (text.length > maxTextLength) throw refuse(`text of at most ${maxTextLength} UTF-16 units`);
	if (text.isWellFormed()) return text;
	const bytes = new Uint8Array(text.length * 2);
	const view = new DataView(bytes.buffer);
	for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), true);
	return bytes;
};

/** @throws KerbError ENVELOPE_INVALID */
export const unpackText = (item: CborValue | undefined): string => {
	if (typeof item === "string" && item.length <= maxTextLength) return item;
	if (!(item instanceof Uint8Array) || item.length % 2 !== 0 || item.length > maxTextLength * 2) throw refuse("text");
	const view = new DataView(item.buffer, item.byteOffset, item.byteLength);
	let text = "";
	for (let at = 0; at < item.length; at += 2) text += String.fromCharCode(view.getUint16(at, true));
	return text;
};

/** [dictionary in order of appearance, indexes]. */
export const encodeStrings = (strings: readonly string[]): CborValue => {
	const indexes = new Map<string, number>();
	const column = new Float64Array(strings.length);
	for (const [at, text] of strings.entries()) {
		const index = indexes.get(text) ?? indexes.size;
		indexes.set(text, index);
		column[at] = index;
	}
	return [[...indexes.keys()].map(packText), encodeIntegers(column).cbor];
};

/** @throws KerbError ENVELOPE_INVALID */
export const decodeStrings = (item: CborValue | undefined, count: number): string[] => {
	if (!isCborArray(item) || item.length !== 2) throw refuse("a string column");
	const [dictionary, indexes] = item;
	if (!isCborArray(dictionary) || dictionary.length > count) throw refuse("a dictionary no longer than its column");
	const texts = dictionary.map(unpackText);
	return Array.from(decodeIntegers(indexes, count), (index) => {
		const text = texts[index];
		if (text === undefined) throw refuse("an index inside its dictionary");
		return text;
	});
};

/** One bit each, lowest first; unused bits are zero. */
export const encodeBooleans = (booleans: readonly boolean[]): CborValue => {
	const bytes = new Uint8Array(Math.ceil(booleans.length / 8));
	for (const [at, bit] of booleans.entries()) if (bit) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
	return bytes;
};

/** @throws KerbError ENVELOPE_INVALID */
export const decodeBooleans = (item: CborValue | undefined, count: number): boolean[] => {
	if (!(item instanceof Uint8Array) || item.length !== Math.ceil(count / 8)) throw refuse("a bit for each boolean");
	return Array.from({ length: count }, (_, at) => ((item[at >> 3] ?? 0) & (1 << (at & 7))) !== 0);
};

/** More hexadecimal digits than any sensed whole number has; what is longer is refused when it is written, not when it is read. */
const maxBigDigits = 2_048;

/** Each as text in hexadecimal with its sign: rare, and zstd packs it. */
export const encodeBigints = (values: readonly bigint[]): CborValue => {
	const texts = values.map((value) => value.toString(16));
	if (texts.some((text) => text.length > maxBigDigits)) throw refuse(`whole numbers of at most ${maxBigDigits} hexadecimal digits`);
	return encodeStrings(texts);
};

/** @throws KerbError ENVELOPE_INVALID */
export const decodeBigints = (item: CborValue | undefined, count: number): bigint[] =>
	decodeStrings(item, count).map((text) => {
		if (text.length > maxBigDigits || !/^(?:0|-?[1-9a-f][0-9a-f]*)$/.test(text)) throw refuse("a whole number in hexadecimal");
		return text.startsWith("-") ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
	});
