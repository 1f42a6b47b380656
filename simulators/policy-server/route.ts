/**
 * What a route of the policy server is.
 */
import type { GenericSchema, InferOutput } from "valibot";
import { isKerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import type { Person, Role } from "./people.ts";
import { Refused } from "./refused.ts";

export interface Call {
	/** What stands in the path for `{name}`, decoded. */
	readonly params: Readonly<Record<string, string>>;
	readonly query: URLSearchParams;
	/** The JSON of the body; undefined when there is none. */
	readonly body: unknown;
	readonly header: (name: string) => string | undefined;
	readonly who: Person;
	readonly nowMs: number;
}

export interface Reply {
	readonly status: number;
	/** Bytes and text are sent as they are, anything else as JSON; undefined: no body. */
	readonly body?: unknown;
	readonly contentType?: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** What the act was done to, for the audit log: an id. */
	readonly target?: string;
}

export interface Route {
	readonly method: "GET" | "POST" | "PUT" | "DELETE";
	/** `{name}` stands for one segment. */
	readonly path: string;
	/** Any of them may; "anyone": without showing who one is. */
	readonly may: readonly Role[] | "anyone";
	/** Not written to the audit log: reading, and what units say by the thousand. */
	readonly quiet?: boolean;
	handle(call: Call): Reply | Promise<Reply>;
}

/** The body, checked. @throws Refused 400 with every problem. */
export const bodyAs = <S extends GenericSchema>(schema: S, call: Call): InferOutput<S> => {
	try {
		return parseValue(schema, call.body, "the body", "USAGE");
	} catch (error) {
		if (isKerbError(error)) throw new Refused(400, "body_invalid", error.message, error.problems);
		throw error;
	}
};

/** A whole number of the query. @throws Refused 400 when it is none or not in the range. */
export const numberOf = (call: Call, name: string, fallback: number, most: number): number => {
	const text = call.query.get(name);
	if (text === null) return fallback;
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > most)
		throw new Refused(400, "query_invalid", `${name}: expected a whole number from 1 to ${most}`);
	return value;
};

/** Matches a path with a route's; the parameters, or undefined. */
export const matchPath = (pattern: string, path: string): Readonly<Record<string, string>> | undefined => {
	const [wanted, given] = [pattern.split("/"), path.split("/")];
	if (wanted.length !== given.length) return undefined;
	const params: Record<string, string> = {};
	for (const [at, part] of wanted.entries()) {
		const is = given[at] ?? "";
		if (!part.startsWith("{")) {
			if (part !== is) return undefined;
			continue;
		}
		if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(is)) return undefined;
		params[part.slice(1, -1)] = is;
	}
	return params;
};
