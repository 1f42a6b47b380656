/**
 * Where the bits of a signal are in a payload, worked out once, and how to read up to 53 of them without a bigint.
 *
 * Intel: the start bit is the lowest; the signal goes on in the next higher bit, then byte. Motorola: the start bit is the highest; the signal
 * goes on in the next lower bit, then at bit 7 of the next byte.
 */

export interface BitField {
	readonly littleEndian: boolean;
	/** The bytes it touches, both included. */
	readonly firstByte: number;
	readonly lastByte: number;
	/** Applied to the byte that holds the highest bits. */
	readonly topMask: number;
	/** Bits below the signal in the byte that holds its lowest bits. */
	readonly shift: number;
	/** 2 ** (8 - shift): the weight of the byte after the lowest (Intel), or of the bytes above the lowest (Motorola). */
	readonly weight: number;
}

/** `length` is 1 to 53. */
export const bitField = (startBit: number, length: number, littleEndian: boolean): BitField => {
	const firstByte = Math.floor(startBit / 8);
	const bit = startBit % 8;
	if (littleEndian) {
		const endBit = startBit + length - 1;
		return {
			littleEndian,
			firstByte,
			lastByte: Math.floor(endBit / 8),
			topMask: (2 << (endBit % 8)) - 1,
			shift: bit,
			weight: 2 ** (8 - bit),
		};
	}
	const endBit = firstByte * 8 + (7 - bit) + length - 1;
	const shift = 7 - (endBit % 8);
	return { littleEndian, firstByte, lastByte: Math.floor(endBit / 8), topMask: (2 << bit) - 1, shift, weight: 2 ** (8 - shift) };
};

/**
 * Cuts a signal of any length into fields of at most 32 bits, the one with the highest bits first. Intel numbers lie in the payload the other
 * way round, so their parts are cut from the end.
 */
export const bitFields = (startBit: number, length: number, littleEndian: boolean): BitField[] => {
	const fields: BitField[] = [];
	const top = length % 32 === 0 ? 32 : length % 32;
	const firstLinear = startBit - (startBit % 8) + 7 - (startBit % 8);
	for (let done = 0, bits = top; done < length; done += bits, bits = 32) {
		if (done > 0) bits = 32;
		if (littleEndian) fields.push(bitField(startBit + length - done - bits, bits, true));
		else {
			const linear = firstLinear + done;
			fields.push(bitField(linear - (linear % 8) + 7 - (linear % 8), bits, false));
		}
	}
	return fields;
};

/** Reads the field as an unsigned number. The payload must reach to `lastByte`. */
export const readBits = (field: BitField, data: Uint8Array): number => {
	const { firstByte, lastByte, topMask, shift } = field;
	if (firstByte === lastByte) return ((data[firstByte] ?? 0) & topMask) >> shift;
	if (field.littleEndian) {
		let value = (data[firstByte] ?? 0) >> shift;
		let weight = field.weight;
		for (let i = firstByte + 1; i < lastByte; i++) {
			value += (data[i] ?? 0) * weight;
			weight *= 256;
		}
		return value + ((data[lastByte] ?? 0) & topMask) * weight;
	}
	let value = (data[firstByte] ?? 0) & topMask;
	for (let i = firstByte + 1; i < lastByte; i++) value = value * 256 + (data[i] ?? 0);
	return value * field.weight + ((data[lastByte] ?? 0) >> shift);
};
