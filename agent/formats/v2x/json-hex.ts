/**
 * Hexadecimal digits of octet and bit strings in JSON (ITU-T X.697, 24 and 25).
 */

/** Per character code the digit's value, 255 for others. */
const digitValues = Uint8Array.from({ length: 128 }, (_, code) => {
	const value = "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase());
	return value < 0 ? 255 : value;
});

const valueAt = (hex: string, index: number): number => digitValues[hex.charCodeAt(index)] ?? 255;

const nibbles = Array.from({ length: 16 }, (_, value) => value.toString(2).padStart(4, "0"));

/** The digits in lower case; undefined when they are not whole octets. */
export const lowerHex = (hex: string): string | undefined => {
	if (hex.length % 2 !== 0) return undefined;
	for (let i = 0; i < hex.length; i++) if (valueAt(hex, i) > 15) return undefined;
	return hex.toLowerCase();
};

/** `length` bits from as many whole octets as they need; undefined when those are others, or bits behind the last one are not zero. */
export const bitsFromHex = (hex: string, length: number): string | undefined => {
	if (!Number.isInteger(length) || length < 0 || hex.length !== Math.ceil(length / 8) * 2) return undefined;
	let bits = "";
	for (let i = 0; i < hex.length; i++) {
		const value = valueAt(hex, i);
		if (value > 15) return undefined;
		bits += nibbles[value];
	}
	return bits.includes("1", length) ? undefined : bits.slice(0, length);
};

/** Bits as text to upper-case digits of whole octets, filled up with zeros. */
export const bitsToHex = (bits: string): string => {
	let hex = "";
	for (let i = 0; i < bits.length; i += 8) {
		hex += Number.parseInt(bits.slice(i, i + 8).padEnd(8, "0"), 2)
			.toString(16)
			.padStart(2, "0");
	}
	return hex.toUpperCase();
};
