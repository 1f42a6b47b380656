/**
 * Bits of a payload one by one, as slowly and plainly as can be: what the fast decoder is measured against.
 */

export interface ReferenceField {
	readonly startBit: number;
	readonly length: number;
	readonly littleEndian: boolean;
}

/** The bits of a signal from the lowest to the highest, each as [byte, bit]. */
const bitsOf = ({ startBit, length, littleEndian }: ReferenceField): [number, number][] => {
	const bits: [number, number][] = [];
	let byte = Math.floor(startBit / 8);
	let bit = startBit % 8;
	for (let i = 0; i < length; i++) {
		bits.push([byte, bit]);
		if (littleEndian) {
			bit++;
			if (bit > 7) {
				bit = 0;
				byte++;
			}
		} else {
			bit--;
			if (bit < 0) {
				bit = 7;
				byte++;
			}
		}
	}
	return littleEndian ? bits : bits.reverse();
};

/** True when every bit is within the payload. */
export const referenceFits = (field: ReferenceField, sizeBytes: number): boolean => bitsOf(field).every(([byte]) => byte < sizeBytes);

/** Writes the low bits of `raw` (two's complement for negatives) into the payload. */
export const referenceWrite = (field: ReferenceField, data: Uint8Array, raw: bigint): void => {
	bitsOf(field).forEach(([byte, bit], index) => {
		const one = (raw >> BigInt(index)) & 1n;
		data[byte] = ((data[byte] ?? 0) & ~(1 << bit)) | (Number(one) << bit);
	});
};

/** Reads the field back, signed or not. */
export const referenceRead = (field: ReferenceField, data: Uint8Array, signed: boolean): bigint => {
	let raw = 0n;
	bitsOf(field).forEach(([byte, bit], index) => {
		if (((data[byte] ?? 0) >> bit) & 1) raw |= 1n << BigInt(index);
	});
	return signed && raw >> BigInt(field.length - 1) === 1n ? raw - (1n << BigInt(field.length)) : raw;
};
