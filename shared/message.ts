/**
 * What a V2X message says, as a tree of plain data with the names of its standard. The same tree is read from bits (UPER) and from JSON:
 *
 * - INTEGER a number in the standard's own unit; REAL in JSON a number; BOOLEAN a boolean; NULL null;
 * - ENUMERATED the name; BIT STRING its bits as text, first bit first (`"0101"`); OCTET STRING lower-case hexadecimal; character strings text;
 * - SEQUENCE an object with the fields present, in the standard's order; SEQUENCE OF an array;
 * - CHOICE an object with the one alternative; an open type an object with the name of its type;
 * - what the schema does not know an entry under `unknownField`, so that the message can be written back bit for bit. It never leaves.
 */
export type MessageValue = null | boolean | number | string | readonly MessageValue[] | MessageFields;

export interface MessageFields {
	readonly [name: string]: MessageValue;
}

/** No standard has such a name. */
export const unknownField = "?";

/** How a message is written: bits, or the JSON of one of the field's stacks. */
export const messageForms = ["uper", "ode", "its-client", "vanetza"] as const;
export type MessageForm = (typeof messageForms)[number];
