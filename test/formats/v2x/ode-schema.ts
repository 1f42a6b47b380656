/**
 * Holds a compiled type against a JSON Schema of the USDOT ODE. The ODE writes J2735 with names and nesting of its own: numbers are scaled, bits are
 * objects of booleans, a list stands in an object of its own, and names have other capitals and hyphens.
 */
import type { Field, MessageType } from "../../../agent/formats/v2x/message-type.ts";

export interface JsonSchema {
	readonly $ref?: string;
	readonly type?: string | readonly string[];
	readonly enum?: readonly (string | null)[];
	readonly properties?: Readonly<Record<string, JsonSchema>>;
	/** Some schemas have a list of one. */
	readonly items?: JsonSchema | readonly JsonSchema[];
	readonly oneOf?: readonly JsonSchema[];
	readonly minItems?: number;
	readonly maxItems?: number;
	readonly definitions?: Readonly<Record<string, JsonSchema>>;
	readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** What the ODE calls by a name of its own: its name to those that the standard has for it in one place or the other. */
export type Renames = ReadonlyMap<string, readonly string[]>;

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Of the root, and what was added. The ODE writes regional extensions in ways of its own: they are left out. */
const fieldsOf = (type: MessageType): readonly Field[] => {
	if (type.kind === "seq") return [...type.fields, ...(type.additions ?? []).flatMap(({ fields }) => fields)];
	if (type.kind === "choice") return [...type.alternatives, ...(type.additions ?? [])];
	return type.kind === "open" ? [...type.table.values()] : [];
};

const isOf = ({ type }: JsonSchema, ...kinds: readonly string[]): boolean =>
	type === undefined || (typeof type === "string" ? [type] : type).some((kind) => kinds.includes(kind));

/**
 * The differences as `path: what`. Ranges are not compared: the schemas have none.
 *
 * @param root has the definitions that references name
 */
export const differencesFromOde = (type: MessageType, schema: JsonSchema, root: JsonSchema, renames: Renames): readonly string[] => {
	const found: string[] = [];
	compare(type, schema, "");
	return found;

	function resolved(each: JsonSchema): JsonSchema {
		const name = each.$ref?.split("/").at(-1);
		return name === undefined ? each : ((root.definitions ?? root.$defs)?.[name] ?? {});
	}

	function compare(ours: MessageType, theirs: JsonSchema, at: string): void {
		const target = resolved(theirs);
		switch (ours.kind) {
			case "seq":
			case "choice":
				compareFields(ours, target, at);
				return;
			case "list":
				compareList(ours, target, at);
				return;
			case "enum":
				compareEnum(ours.names, target, at);
				return;
			case "bits": {
				const names = Object.keys(target.properties ?? {});
				if (!isOf(target, "string") && (names.length === 0 || names.length > Math.max(ours.size.from, 16))) found.push(`${at}: bits`);
				return;
			}
			case "int":
				if (!isOf(target, "number", "integer") && target.enum === undefined) found.push(`${at}: no number`);
				return;
			case "bool":
				if (!isOf(target, "boolean")) found.push(`${at}: no boolean`);
				return;
			default:
				if (!isOf(target, "string")) found.push(`${at}: no text`);
		}
	}

	function compareFields(ours: MessageType, theirs: JsonSchema, at: string): void {
		const alternatives = (theirs.oneOf ?? []).map(resolved);
		const fields = fieldsOf(ours).filter(({ name }) => name !== "regional");
		const named = (name: string): Field | undefined => fields.find((each) => plain(each.name) === plain(name));
		const properties = [theirs, ...alternatives]
			.flatMap(({ properties: inner = {} }) => Object.entries(inner))
			// Latitude, longitude and elevation stand beside the rest in the standard, and together in the ODE.
			.flatMap(([name, inner]) =>
				name === "position" && named(name) === undefined ? Object.entries(inner.properties ?? {}) : [[name, inner] as const],
			)
			.filter(([name]) => name !== "regional");
		const matched = new Set<string>();
		for (const [name, inner] of properties) {
			const field =
				named(name) ??
				renames
					.get(name)
					?.map(named)
					.find((each) => each !== undefined);
			if (field === undefined) {
				found.push(`${at}.${name}: not ours`);
				continue;
			}
			matched.add(field.name);
			compare(field.type, inner, `${at}.${field.name}`);
		}
		for (const { name } of fields) if (!matched.has(name)) found.push(`${at}.${name}: not theirs`);
	}

	function compareList(ours: MessageType & { readonly kind: "list" }, theirs: JsonSchema, at: string): void {
		const inner = theirs.items === undefined ? resolved(Object.values(theirs.properties ?? {})[0] ?? {}) : theirs;
		if (!isOf(inner, "array")) found.push(`${at}: no list`);
		if (inner.maxItems !== undefined && inner.maxItems !== ours.size.to) found.push(`${at}: at most ${inner.maxItems}`);
		if (inner.minItems !== undefined && inner.minItems !== ours.size.from) found.push(`${at}: at least ${inner.minItems}`);
		const element = [inner.items ?? []].flat()[0];
		if (element !== undefined) compare(ours.of, element, `${at}[]`);
	}

	function compareEnum(ours: readonly string[], theirs: JsonSchema, at: string): void {
		const names = (theirs.enum ?? (theirs.oneOf ?? []).flatMap((each) => each.enum ?? [])).filter((name) => name !== null);
		// Where the schema says only that it is text, or a number beside it, nothing can be compared.
		if (names.length === 0) return;
		const [left, right] = [names.map(plain), ours.map(plain)];
		for (const name of left) if (!right.includes(name)) found.push(`${at}: ${name} not ours`);
		for (const name of right) if (!left.includes(name)) found.push(`${at}: ${name} not theirs`);
		if (left.length === right.length && left.every((name) => right.includes(name)) && left.join() !== right.join())
			found.push(`${at}: order`);
	}
};
