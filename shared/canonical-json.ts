/**
 * The JSON text that TUF metadata is signed as: keys sorted, no white space, whole numbers only, and in strings nothing escaped but the
 * backslash and the quotation mark ("Canonical JSON" of the TUF specification, section 4.2.1; as @tufjs/canonical-json writes it).
 */
import { KerbError } from "./errors.ts";

/** A value that has a canonical form. */
export type CanonicalValue =
	| string
	| number
	| boolean
	| null
	| readonly CanonicalValue[]
	| { readonly [key: string]: CanonicalValue | undefined };

/**
 * The canonical text; keys with the value undefined are left out.
 *
 * @throws KerbError INTERNAL for a number that is not whole: it has no canonical form.
 */
export const canonicalJson = (value: CanonicalValue): string => {
	if (typeof value === "string") return quoted(value);
	if (value === null || typeof value === "boolean") return String(value);
	if (typeof value === "number") {
		if (!Number.isSafeInteger(value)) throw new KerbError("INTERNAL", "canonical JSON: expected whole numbers only");
		return JSON.stringify(value);
	}
	if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
	const entries = Object.entries(value)
		.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
		.flatMap(([key, each]) => (each === undefined ? [] : [`${quoted(key)}:${canonicalJson(each)}`]));
	return `{${entries.join(",")}}`;
};

const isList = (value: CanonicalValue): value is readonly CanonicalValue[] => Array.isArray(value);
const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
