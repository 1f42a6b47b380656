/**
 * IP addresses and address ranges, strictly read: what an address is must not depend on who reads it.
 *
 * IPv4 is four decimal numbers without leading zeros (no octal, no hexadecimal, no short forms). IPv6 is RFC 4291 section 2.2, without a zone.
 * An IPv4-mapped IPv6 address (::ffff:0:0/96) is the IPv4 address it carries, and so is a range inside that block; an IPv6 range that
 * merely covers the block, such as ::/0, holds no IPv4 address.
 */
import { KerbError } from "./errors.ts";

export interface IpAddress {
	readonly family: 4 | 6;
	/** 32 or 128 bits, unsigned. */
	readonly bits: bigint;
}

export interface Cidr extends IpAddress {
	/** Leading bits that count: 0 to 32 or 0 to 128. The bits after them are zero. */
	readonly prefixLength: number;
}

const mappedBlock = 0xffffn << 32n;
/** Eight groups of four digits and seven colons, or six groups and a dotted quad. */
const longestAddress = 45;

const widthOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

const parseV4 = (text: string): bigint | undefined => {
	const parts = text.split(".");
	if (parts.length !== 4) return undefined;
	let bits = 0n;
	for (const part of parts) {
		if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
		bits = (bits << 8n) | BigInt(part);
	}
	return bits;
};

/** Groups of one side of `::`, with a dotted quad, if any, as the last two groups. */
const parseGroups = (text: string, quadAllowed: boolean): bigint[] | undefined => {
	if (text === "") return [];
	const parts = text.split(":");
	const groups: bigint[] = [];
	for (const [index, part] of parts.entries()) {
		if (quadAllowed && index === parts.length - 1 && part.includes(".")) {
			const quad = parseV4(part);
			if (quad === undefined) return undefined;
			groups.push(quad >> 16n, quad & 0xffffn);
		} else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
		else return undefined;
	}
	return groups;
};

const parseV6 = (text: string): bigint | undefined => {
	const halves = text.split("::");
	if (halves.length > 2) return undefined;
	const [head = "", tail] = halves;
	const left = parseGroups(head, tail === undefined);
	const right = tail === undefined ? [] : parseGroups(tail, true);
	if (left === undefined || right === undefined) return undefined;
	const missing = 8 - left.length - right.length;
	// `::` stands for at least one group; without it all eight are there.
	if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
	return [...left, ...Array.from({ length: missing }, () => 0n), ...right].reduce((bits, group) => (bits << 16n) | group, 0n);
};

const read = (text: string): IpAddress | undefined => {
	if (text.length > longestAddress) return undefined;
	const family = text.includes(":") ? 6 : 4;
	const bits = family === 6 ? parseV6(text) : parseV4(text);
	return bits === undefined ? undefined : { family, bits };
};

/** The address in `text`, or undefined when it is not one. IPv4-mapped IPv6 gives the IPv4 address. */
export const parseAddress = (text: string): IpAddress | undefined => {
	const address = read(text);
	return address?.family === 6 && address.bits >> 32n === mappedBlock >> 32n ? { family: 4, bits: address.bits & 0xffff_ffffn } : address;
};

/**
 * Reads a range such as `10.1.0.0/16` or `2001:db8::/32`.
 *
 * @throws KerbError FORMAT_INVALID when the address or the length is not one, or when a bit after the prefix is set: such a range is a slip
 * of the pen, and guessing which half of it was meant could open the kerb.
 */
export const parseCidr = (text: string): Cidr => {
	const wrong = (why: string): KerbError =>
		new KerbError("FORMAT_INVALID", `an address range is an address, '/' and a length, such as 10.1.0.0/16; ${why}: ${text.slice(0, 60)}`);
	const slash = text.indexOf("/");
	const lengthText = text.slice(slash + 1);
	const address = slash < 0 ? undefined : read(text.slice(0, slash));
	if (address === undefined) throw wrong("there is no address before the '/'");
	const width = widthOf(address.family);
	const prefixLength = /^(?:0|[1-9][0-9]{0,2})$/.test(lengthText) ? Number(lengthText) : Number.NaN;
	if (!(prefixLength <= width)) throw wrong(`the length must be 0 to ${width}`);
	if (address.bits & ((1n << BigInt(width - prefixLength)) - 1n)) throw wrong("bits after the prefix must be zero");
	return address.family === 6 && prefixLength >= 96 && address.bits >> 32n === mappedBlock >> 32n
		? { family: 4, bits: address.bits & 0xffff_ffffn, prefixLength: prefixLength - 96 }
		: { ...address, prefixLength };
};

/** True when the address lies in the range. Addresses of the other family never do. */
export const contains = (range: Cidr, address: IpAddress): boolean => {
	if (range.family !== address.family) return false;
	const shift = BigInt(widthOf(range.family) - range.prefixLength);
	return range.bits >> shift === address.bits >> shift;
};

/** True for 127.0.0.0/8 (RFC 1122 section 3.2.1.3) and ::1 (RFC 4291 section 2.5.3). */
export const isLoopback = (address: IpAddress): boolean => (address.family === 4 ? address.bits >> 24n === 127n : address.bits === 1n);
