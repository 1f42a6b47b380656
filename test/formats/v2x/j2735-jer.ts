/**
 * A tree in the JSON encoding rules (ITU-T X.697) as the vectors of J2735 use them: bits and octets in upper-case hexadecimal.
 */
import type { Field, MessageType } from "../../../agent/formats/v2x/message-type.ts";
import type { MessageFields, MessageValue } from "../../../shared/message.ts";

const bitsToHex = (bits: string): string =>
	(bits.match(/.{1,8}/g) ?? []).map((octet) => Number.parseInt(octet.padEnd(8, "0"), 2).toString(16).padStart(2, "0")).join("");

const fieldsOf = (type: MessageType): readonly Field[] => {
	switch (type.kind) {
		case "seq":
			return [...type.fields, ...(type.additions ?? []).flatMap(({ fields }) => fields)];
		case "choice":
			return [...type.alternatives, ...(type.additions ?? [])];
		case "open":
			return [...type.table.values()];
		default:
			return [];
	}
};

/** Throws for what the type does not know: a vector that needs it has no tree to compare. */
export const jerOf = (type: MessageType, value: MessageValue): MessageValue => {
	switch (type.kind) {
		case "bits": {
			const hex = bitsToHex(String(value)).toUpperCase();
			const isFixed = type.size.from === type.size.to && !type.size.extensible;
			return isFixed ? hex : { value: hex, length: String(value).length };
		}
		case "octets":
			return String(value).toUpperCase();
		case "list":
			return (value as readonly MessageValue[]).map((each) => jerOf(type.of, each));
		case "seq":
		case "choice":
		case "open":
			return Object.fromEntries(
				Object.entries(value as MessageFields).map(([name, inner]) => {
					const field = fieldsOf(type).find((each) => each.name === name);
					if (field === undefined) throw new Error(`no schema of ${name}`);
					return [name, jerOf(field.type, inner)];
				}),
			);
		default:
			return value;
	}
};
