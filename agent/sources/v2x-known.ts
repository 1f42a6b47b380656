/**
 * Whether a message that did not decode is of a kind that this build has no schema for, so that an operator can tell a newer stack from a broken
 * one. Only the octets that name the kind are looked at.
 */
import { etsiPathOf } from "../formats/v2x/etsi-family.ts";
import { j2735Types } from "../formats/v2x/j2735-family.ts";
import type { UperFamilyName } from "../formats/v2x/shapes.ts";

/** The first octets of a message hold an extension bit and then which message it is. */
const extensionBit = 0x80;

const isKnownToJ2735 = (id: number): boolean => {
	const frame = j2735Types().get("MessageFrame");
	if (frame?.kind !== "seq") return false;
	return frame.fields.some(({ type }) => type.kind === "open" && type.table.has(id));
};

/** True when the octets begin as a message of the family does, and it is one without a schema. Borrows the octets. */
export const isOfUnknownKind = (family: UperFamilyName, bytes: Uint8Array): boolean => {
	const [first = 0, second] = bytes;
	if (second === undefined) return false;
	switch (family) {
		case "etsi":
			try {
				etsiPathOf(bytes);
				return false;
			} catch {
				return true;
			}
		case "j2735":
			return (first & extensionBit) !== 0 || !isKnownToJ2735(((first & 0x7f) << 8) | second);
		case "tcsae":
			return (first & extensionBit) !== 0;
	}
};
