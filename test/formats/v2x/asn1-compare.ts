/**
 * Holds a type of this project against the same type of a standard's ASN.1 text.
 */
import type { Addition, Field, MessageType, SizeRange } from "../../../agent/formats/v2x/message-type.ts";

const rangeText = (range: { from: number | undefined; to: number | undefined; extensible: boolean } | SizeRange): string =>
	`${range.from ?? ""}..${range.to ?? ""}${range.extensible ? ",..." : ""}`;

const listText = (names: readonly string[] | undefined): string => (names === undefined ? "no marker" : names.join(" "));

const fieldText = (field: Field): string =>
	`${field.name}${field.optional ? "?" : ""}${field.fallback === undefined ? "" : ` = ${JSON.stringify(field.fallback)}`}`;

const additionText = ({ isGroup, fields }: Addition): string =>
	isGroup ? `[[ ${fields.map(fieldText).join(", ")} ]]` : fields.map(fieldText).join(", ");

/** What is special to a kind and written in a line. Equal lines are equal types, up to what they are made of. */
const describe = (type: MessageType): string => {
	switch (type.kind) {
		case "int":
			return `int ${rangeText(type)}`;
		case "real":
			return `real ${type.from ?? ""}..${type.to ?? ""}`;
		case "enum":
			return `enum ${listText(type.names)} | ${listText(type.additions)}`;
		case "bool":
		case "null":
			return type.kind;
		case "bits":
		case "octets":
			return `${type.kind} ${rangeText(type.size)}`;
		case "text":
			return `text ${type.charset} ${rangeText(type.size)} of ${type.alphabet ?? "all"}`;
		case "list":
			return `list ${rangeText(type.size)}`;
		case "seq":
			return `seq ${type.fields.map(fieldText).join(", ")} | ${listText(type.additions?.map(additionText))}`;
		case "choice":
			return `choice ${listText(type.alternatives.map(({ name }) => name))} | ${listText(type.additions?.map(({ name }) => name))}`;
		case "open":
			return `open by ${type.by} ${[...type.table].map(([number, { name }]) => `${number}: ${name}`).join(", ")}`;
	}
};

const partsOf = (type: MessageType): readonly Field[] => {
	switch (type.kind) {
		case "seq":
			return [...type.fields, ...(type.additions ?? []).flatMap(({ fields }) => fields)];
		case "choice":
			return [...type.alternatives, ...(type.additions ?? [])];
		case "open":
			return [...type.table.values()];
		case "list":
			return [{ name: "*", type: type.of, optional: false }];
		default:
			return [];
	}
};

/** By hand, so that the walk over a large standard visits each pair of types once. */
class Seen {
	readonly #pairs = new Map<MessageType, Set<MessageType>>();

	add(left: MessageType, right: MessageType): boolean {
		const rights = this.#pairs.get(left) ?? new Set();
		this.#pairs.set(left, rights);
		const isNew = !rights.has(right);
		rights.add(right);
		return isNew;
	}
}

/**
 * Every difference in names, order, optionality, defaults, ranges, sizes, alphabets, extension markers, additions and open types; one line
 * each, with its place, ours before theirs. Where the text names a value `unavailable`, ours must have the same one. Empty: the same.
 */
export const compareWithAsn1 = (type: MessageType, asn1Type: MessageType, place = "", seen = new Seen()): readonly string[] => {
	if (!seen.add(type, asn1Type)) return [];
	const at = place === "" ? "/" : place;
	const ours = describe(type);
	const theirs = describe(asn1Type);
	const differences = ours === theirs ? [] : [`${at}: ${ours} <> ${theirs}`];
	if (asn1Type.unavailable !== undefined && type.unavailable !== asn1Type.unavailable)
		differences.push(`${at}: unavailable ${JSON.stringify(type.unavailable)} <> ${JSON.stringify(asn1Type.unavailable)}`);
	const parts = partsOf(type);
	for (const their of partsOf(asn1Type)) {
		const our = parts.find(({ name }) => name === their.name);
		if (our !== undefined) differences.push(...compareWithAsn1(our.type, their.type, `${place}/${their.name}`, seen));
	}
	return differences;
};
