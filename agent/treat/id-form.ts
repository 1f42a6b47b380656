/**
 * The forms that ids have in messages, and pseudonyms of the same form.
 */
import type { MessageValue } from "../../shared/message.ts";
import type { BitsType, IntType, MessageType, OctetsType, TextType } from "../formats/v2x/message-type.ts";
import type { IdKey } from "./id-key.ts";

export interface IdForm {
	/** Lower-case hexadecimal as jpo-cvdp and ODE write it. Undefined: the value is none of this form. */
	toHex(value: MessageValue): string | undefined;
	/** Undefined: no value of this form says that. */
	fromHex(hex: string): MessageValue | undefined;
	/** Whether the one may stand where the other stood: of the same length. */
	isLike(value: MessageValue, other: MessageValue): boolean;
	/** Fits the type as the value does. Undefined: the value is none of this form, and goes. */
	pseudonym(value: MessageValue, key: IdKey, role: string): MessageValue | undefined;
}

/** Undefined for what has no pseudonym of its own form: enumerations, booleans, groups. */
export const compileIdForm = (type: MessageType): IdForm | undefined => {
	switch (type.kind) {
		case "int":
			return intForm(type);
		case "octets":
			return digitsForm(type, 16, /^[0-9a-f]{1,256}$/, (digits) => digits);
		case "bits":
			return digitsForm(type, 2, /^[01]{1,256}$/, (digits) => BigInt(`0b${digits}`).toString(16));
		case "text":
			return textForm(type);
		default:
			return undefined;
	}
};

/** Up to here a form has a permutation of its own. */
const maxOrdered = 65_536;
/** Longer ids are cut into none; they go. */
const maxDigits = 256;

const intForm = ({ from, to, unavailable }: IntType): IdForm => {
	// Ids without bounds are given 32 bits.
	const lowest = from ?? 0;
	const highest = to ?? lowest + 0xffff_ffff;
	const isId = (value: MessageValue): value is number => typeof value === "number" && Number.isSafeInteger(value);
	const hasUnavailable = typeof unavailable === "number" && unavailable >= lowest && unavailable <= highest;
	const count = highest - lowest + 1 - (hasUnavailable ? 1 : 0);
	// The value for the unavailable is left out of what is counted.
	const toIndex = (value: number): number => value - lowest - (hasUnavailable && value > unavailable ? 1 : 0);
	const fromIndex = (index: number): number => index + lowest + (hasUnavailable && index + lowest >= unavailable ? 1 : 0);
	return {
		toHex: (value) => (isId(value) && value >= 0 ? even(value.toString(16)) : undefined),
		fromHex(hex) {
			const value = hex.length > 12 ? Number.NaN : Number.parseInt(hex, 16);
			return value >= lowest && value <= highest ? value : undefined;
		},
		isLike: () => true,
		pseudonym(value, key, role) {
			if (!isId(value) || count < 1) return undefined;
			const index = toIndex(value);
			if (count <= maxOrdered && index >= 0 && index < count) return fromIndex(key.order(count)[index] ?? 0);
			// 48 bits leave no bias that matters in a range of 32; wider ranges are filled as far as 48 bits reach.
			const name = `${role} int ${value}`;
			return key.once(name, () => fromIndex(key.bytes(`${lowest} ${highest} ${name}`).readUIntBE(0, 6) % count));
		},
	};
};

const even = (hex: string): string => (hex.length % 2 === 0 ? hex : `0${hex}`);

/** Octets and bits: text of digits, as long as the id is. */
const digitsForm = ({ unavailable }: OctetsType | BitsType, radix: 2 | 16, isDigits: RegExp, toHex: (digits: string) => string): IdForm => {
	const alphabet = "0123456789abcdef".slice(0, radix);
	const isId = (value: MessageValue): value is string => typeof value === "string" && isDigits.test(value);
	return {
		toHex: (value) => (isId(value) ? even(toHex(value)) : undefined),
		fromHex: (hex) => (radix === 16 ? hex : [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("")),
		isLike: (value, other) => typeof value === "string" && typeof other === "string" && value.length === other.length,
		pseudonym(value, key, role) {
			if (!isId(value)) return undefined;
			const { length } = value;
			const count = radix ** length;
			if (count <= maxOrdered && unavailable === undefined) {
				return (key.order(count)[Number.parseInt(value, radix)] ?? 0).toString(radix).padStart(length, "0");
			}
			const name = `${role} base ${radix} ${value}`;
			return key.once(name, () => {
				const made = drawDigits(key, name, length, alphabet);
				return made === unavailable ? drawDigits(key, `${name} again`, length, alphabet) : made;
			});
		},
	};
};

/** Characters that the type permits; of wide character sets lower-case hexadecimal ones. */
const textForm = ({ alphabet, charset }: TextType): IdForm => {
	const digits = alphabet ?? (charset === "numeric" ? "0123456789" : "0123456789abcdef");
	return {
		toHex: (value) => (typeof value === "string" ? value.toLowerCase() : undefined),
		fromHex: (hex) => ([...hex].every((digit) => digits.includes(digit)) ? hex : undefined),
		isLike: (value, other) => typeof value === "string" && typeof other === "string" && value.length === other.length,
		pseudonym(value, key, role) {
			if (typeof value !== "string" || value.length === 0 || value.length > maxDigits) return undefined;
			return key.once(`${role} text ${value}`, () => drawDigits(key, `${role} text ${value}`, value.length, digits));
		},
	};
};

/** `length` digits, each from two bytes of the key's own: a bias below 1/256 of a digit for the odd alphabets, none for powers of two. */
const drawDigits = (key: IdKey, text: string, length: number, alphabet: string): string => {
	let drawn = "";
	for (let block = 0; drawn.length < length; block += 1) {
		const bytes = key.bytes(`${length} ${block} ${text}`);
		for (let at = 0; at + 1 < bytes.length && drawn.length < length; at += 2) drawn += alphabet[bytes.readUInt16BE(at) % alphabet.length];
	}
	return drawn;
};
