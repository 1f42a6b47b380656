/**
 * Holds the fields of a compiled type against a JSON Schema: which of the schema's it does not name.
 */
import type { Field, MessageType } from "../../../agent/formats/v2x/message-type.ts";

export interface FieldSchema {
	readonly $ref?: string;
	readonly properties?: Readonly<Record<string, FieldSchema>>;
	readonly items?: FieldSchema | readonly FieldSchema[];
	readonly oneOf?: readonly FieldSchema[];
	readonly definitions?: Readonly<Record<string, FieldSchema>>;
	readonly $defs?: Readonly<Record<string, FieldSchema>>;
}

const fieldsOf = (type: MessageType): readonly Field[] => {
	if (type.kind === "seq") return type.fields;
	return type.kind === "choice" ? type.alternatives : [];
};

/** Paths that the schema has and the type does not. What the schema takes from another file is not looked into. */
export const missingFields = (type: MessageType, schema: FieldSchema, root: FieldSchema, at = ""): readonly string[] => {
	const name = schema.$ref?.startsWith("#") === true ? schema.$ref.split("/").at(-1) : undefined;
	const target = name === undefined ? schema : ((root.definitions ?? root.$defs)?.[name] ?? {});
	const [item] = Array.isArray(target.items) ? target.items : [target.items];
	if (type.kind === "list") return item === undefined ? [] : missingFields(type.of, item, root, `${at}[]`);
	if (type.kind !== "seq" && type.kind !== "choice") return [];
	const own = Object.entries(target.properties ?? {}).flatMap(([key, inner]) => {
		const field = fieldsOf(type).find((each) => each.name === key.trim());
		return field === undefined ? [`${at}.${key}`] : missingFields(field.type, inner, root, `${at}.${key}`);
	});
	return [...own, ...(target.oneOf ?? []).flatMap((each) => missingFields(type, each, root, at))];
};
