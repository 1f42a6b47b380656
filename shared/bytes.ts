/**
 * Small helpers over byte arrays, for code that knows no Node Buffer.
 */

const digits = "0123456789abcdef";

/** Lower-case hexadecimal. */
export const toHex = (bytes: Uint8Array): string => {
	let text = "";
	for (const byte of bytes) text += `${digits[byte >> 4]}${digits[byte & 15]}`;
	return text;
};

/** The bytes of hexadecimal text of either case; undefined when it is anything else. */
export const fromHex = (text: string): Uint8Array | undefined => {
	if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
	const bytes = new Uint8Array(text.length / 2);
	for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
	return bytes;
};

/** One fresh array with the parts in order. */
export const concatBytes = (...parts: readonly Uint8Array[]): Uint8Array => {
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
};

/** True when the bytes are the same. For public bytes only: it stops at the first difference. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);
