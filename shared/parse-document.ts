/**
 * Bytes or JSON values into typed documents: strictly, once, at the edge, with every problem and its path.
 */
import * as v from "valibot";
import { KerbError, type KerbErrorCode } from "./errors.ts";

/**
 * Checks a JSON value against a schema.
 *
 * @param what Names the document for a person, such as `policy.json`.
 * @throws KerbError of the given code, with one line per problem: the path, what was expected. Received values are not repeated.
 */
export const parseValue = <S extends v.GenericSchema>(schema: S, value: unknown, what: string, code: KerbErrorCode): v.InferOutput<S> => {
	const result = v.safeParse(schema, value);
	if (result.success) return result.output;
	const problems = allIssues(schema, value, result.issues).map(
		(issue) => `${v.getDotPath(issue) ?? "(whole document)"}: ${describeIssue(issue)}`,
	);
	const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
	throw new KerbError(code, `${what} is not valid: ${problems[0]}${more}`, { problems });
};

/**
 * Decodes UTF-8 JSON and checks it against a schema.
 *
 * @throws KerbError of the given code when it is not UTF-8, not JSON, or does not fit.
 */
export const parseDocument = <S extends v.GenericSchema>(
	schema: S,
	bytes: Uint8Array,
	what: string,
	code: KerbErrorCode,
): v.InferOutput<S> => {
	let value: unknown;
	try {
		value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
	} catch (cause) {
		throw new KerbError(code, `${what} is not JSON in UTF-8: expected one JSON object`, { cause });
	}
	return parseValue(schema, value, what, code);
};

const isUnknownKey = (issue: v.BaseIssue<unknown>): boolean => issue.type === "strict_object" && issue.expected === "never";

/** More unknown keys are not looked for: somebody handed in another document altogether. */
const maxUnknownKeys = 50;

/** Valibot names one unknown key of an object and looks no further, so each that was named is taken out of a copy that is checked again. */
const allIssues = (schema: v.GenericSchema, value: unknown, first: readonly v.BaseIssue<unknown>[]): readonly v.BaseIssue<unknown>[] => {
	const unknownKeys: v.BaseIssue<unknown>[] = [];
	const copy: unknown = structuredClone(value);
	let issues = first;
	while (unknownKeys.length < maxUnknownKeys) {
		const found = issues.filter(isUnknownKey);
		if (found.length === 0) break;
		unknownKeys.push(...found);
		for (const issue of found) removeKey(copy, issue.path ?? []);
		const again = v.safeParse(schema, copy);
		issues = again.issues ?? [];
	}
	return [...issues.filter((issue) => !isUnknownKey(issue)), ...unknownKeys];
};

const removeKey = (root: unknown, path: readonly v.IssuePathItem[]): void => {
	let holder: unknown = root;
	for (const { key } of path.slice(0, -1))
		holder = typeof holder === "object" && holder !== null ? Reflect.get(holder, key as PropertyKey) : undefined;
	const last = path.at(-1)?.key;
	if (typeof holder === "object" && holder !== null && last !== undefined) Reflect.deleteProperty(holder, last as PropertyKey);
};

const describeIssue = (issue: v.BaseIssue<unknown>): string => {
	if (isUnknownKey(issue)) return "this key is not known here; remove it or correct its spelling";
	// A message that a schema author wrote says more than the generic one, and never holds what was received.
	const generic = issue.message.startsWith("Invalid ");
	return generic ? `expected ${issue.expected ?? "something else"}` : issue.message;
};
