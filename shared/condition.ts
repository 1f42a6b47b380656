/**
 * Conditions over the latest values of signals, as a policy writes them:
 *
 *     Vehicle.Speed > 80 && (Vehicle.Cabin.Door.Row1.Left.IsOpen == true || abs(Vehicle.Acceleration.Longitudinal) >= 3)
 *
 *     any        = all { "||" all }
 *     all        = not { "&&" not }
 *     not        = "!" not | comparison
 *     comparison = sum [ ("==" | "!=" | "<" | "<=" | ">" | ">=") sum ]
 *     sum        = product { ("+" | "-") product }
 *     product    = signed { ("*" | "/" | "%") signed }
 *     signed     = { "-" } atom
 *     atom       = number | text | "true" | "false" | path | "(" any ")" | ("abs" | "min" | "max") "(" any { "," any } ")"
 *
 * Compiled to closures; no text is ever run as a program. A value that is missing, not finite or of another kind than what it is compared
 * with makes what it is part of unknown, and an unknown condition does not hold: `!(Vehicle.X > 3)` does not hold before X was heard of.
 */
import { type ConditionToken, conditionTokens } from "./condition-tokens.ts";
import { both, type ConditionValue, calculate, callFunction, compare, conditionFunctions, either, not } from "./condition-values.ts";
import { isKerbError, KerbError } from "./errors.ts";

const maxDepth = 32;
const maxPaths = 50;
const comparisons = ["==", "!=", "<", "<=", ">", ">="];

export interface Condition {
	/** The signals that it is over, each once. */
	readonly paths: readonly string[];
	/** True when it holds over the values of `paths`, in the same order. Never throws. */
	holds(values: readonly ConditionValue[]): boolean;
}

type Evaluate = (values: readonly ConditionValue[]) => ConditionValue;
/** What a part of a condition can be, as far as its text says. */
type Kind = "number" | "text" | "boolean" | "any";
interface Part {
	readonly kind: Kind;
	readonly evaluate: Evaluate;
	readonly at: number;
}

/** @throws KerbError LAW_INVALID with the place when it is too long (1000), too deep (32), over too many signals (50), or not in the grammar. */
export const compileCondition = (text: string): Condition => {
	const { whole, paths } = parse(conditionTokens(text));
	return { paths, holds: (values) => whole.evaluate(values) === true };
};

/** What is wrong with a condition, for a schema; undefined when nothing is. */
export const conditionProblem = (text: string): string | undefined => {
	try {
		compileCondition(text);
		return undefined;
	} catch (error) {
		if (!isKerbError(error)) throw error;
		return error.message;
	}
};

const parse = (tokens: readonly ConditionToken[]): { readonly whole: Part; readonly paths: readonly string[] } => {
	const paths: string[] = [];
	let next = 0;
	let depth = 0;
	const peek = (): ConditionToken => tokens[next] as ConditionToken;
	const take = (...signs: readonly string[]): string | undefined => {
		const found = peek();
		if (found.kind !== "sign" || !signs.includes(found.value)) return undefined;
		next += 1;
		return found.value;
	};
	const expect = (sign: string): void => {
		if (take(sign) === undefined) throw wrong(peek().at, `"${sign}"`);
	};
	/** Every way down the grammar that can come back to itself goes through here. */
	const deeper = (part: () => Part): Part => {
		depth += 1;
		if (depth > maxDepth) throw wrong(peek().at, `at most ${maxDepth} levels of nesting`);
		const found = part();
		depth -= 1;
		return found;
	};

	const any = (): Part => {
		const first = all();
		if (take("||") === undefined) return first;
		const parts = [logic(first)];
		do parts.push(logic(all()));
		while (take("||") !== undefined);
		return fold(parts, either);
	};
	const all = (): Part => {
		const first = negation();
		if (take("&&") === undefined) return first;
		const parts = [logic(first)];
		do parts.push(logic(negation()));
		while (take("&&") !== undefined);
		return fold(parts, both);
	};
	const negation = (): Part => {
		const { at } = peek();
		if (take("!") === undefined) return comparison();
		const inner = logic(deeper(negation));
		return { kind: "boolean", at, evaluate: (values) => not(inner.evaluate(values)) };
	};
	const comparison = (): Part => {
		const left = sum();
		const sign = take(...comparisons);
		if (sign === undefined) return left;
		const right = sum();
		if (!canCompare(sign, left.kind, right.kind)) throw wrong(right.at, `two values of one kind around "${sign}"`);
		const after = peek();
		if (after.kind === "sign" && comparisons.includes(after.value)) throw wrong(after.at, "one comparison at a time; join two with &&");
		return { kind: "boolean", at: left.at, evaluate: (values) => compare(sign, left.evaluate(values), right.evaluate(values)) };
	};
	const chain = (part: () => Part, ...signs: readonly string[]): Part => {
		let left = part();
		for (let sign = take(...signs); sign !== undefined; sign = take(...signs)) {
			const [mark, a, b] = [sign, numeric(left), numeric(part())];
			left = { kind: "number", at: a.at, evaluate: (values) => calculate(mark, a.evaluate(values), b.evaluate(values)) };
		}
		return left;
	};
	const sum = (): Part => chain(product, "+", "-");
	const product = (): Part => chain(signed, "*", "/", "%");
	const signed = (): Part => {
		const { at } = peek();
		if (take("-") === undefined) return atom();
		const inner = numeric(deeper(signed));
		return { kind: "number", at, evaluate: (values) => calculate("-", 0, inner.evaluate(values)) };
	};
	const atom = (): Part => {
		const found = peek();
		if (take("(") !== undefined) {
			const inner = deeper(any);
			expect(")");
			return inner;
		}
		if (found.kind === "end" || found.kind === "sign")
			throw wrong(found.at, "a signal, a number, a text, true, false or an opening parenthesis");
		next += 1;
		const { at } = found;
		if (found.kind !== "path") return constant(found.kind, found.value, at);
		const isWord = !found.quoted;
		if (isWord && (found.value === "true" || found.value === "false")) return constant("boolean", found.value === "true", at);
		if (isWord && peek().kind === "sign" && peek().value === "(") return call(found.value, at);
		return signal(found.value, at);
	};
	const call = (name: string, at: number): Part => {
		const known = Object.hasOwn(conditionFunctions, name) ? conditionFunctions[name] : undefined;
		if (known === undefined) throw wrong(at, `one of the functions ${Object.keys(conditionFunctions).join(", ")}`);
		expect("(");
		const args = [numeric(deeper(any))];
		while (take(",") !== undefined) args.push(numeric(deeper(any)));
		expect(")");
		if (args.length < known.min || args.length > known.max) throw wrong(at, `${known.min} to ${known.max} arguments`);
		return {
			kind: "number",
			at,
			evaluate: (values) =>
				callFunction(
					known.call,
					args.map(({ evaluate }) => evaluate(values)),
				),
		};
	};
	const signal = (path: string, at: number): Part => {
		if (path.length > 300) throw wrong(at, "a path of at most 300 characters");
		if (!paths.includes(path)) paths.push(path);
		if (paths.length > maxPaths) throw wrong(at, `at most ${maxPaths} different signals`);
		const index = paths.indexOf(path);
		return { kind: "any", at, evaluate: (values) => values[index] };
	};

	const whole = logic(any());
	if (peek().kind !== "end") throw wrong(peek().at, "an operator or the end");
	return { whole, paths };
};

const constant = (kind: Kind, value: ConditionValue, at: number): Part => ({ kind, at, evaluate: () => value });

const fold = (parts: readonly Part[], join: typeof both): Part => ({
	kind: "boolean",
	at: parts[0]?.at ?? 0,
	evaluate: (values) => {
		let result = parts[0]?.evaluate(values);
		for (let index = 1; index < parts.length; index++) result = join(result, () => parts[index]?.evaluate(values));
		return result;
	},
});

const logic = (part: Part): Part => {
	if (part.kind === "boolean" || part.kind === "any") return part;
	throw wrong(part.at, "what is true or false, such as a comparison");
};

const numeric = (part: Part): Part => {
	if (part.kind === "number" || part.kind === "any") return part;
	throw wrong(part.at, "a number");
};

const canCompare = (sign: string, left: Kind, right: Kind): boolean => {
	const isEquality = sign === "==" || sign === "!=";
	if (!isEquality) return [left, right].every((kind) => kind === "number" || kind === "any");
	return left === right || left === "any" || right === "any";
};

const wrong = (at: number, expected: string): KerbError =>
	new KerbError("LAW_INVALID", `condition: expected ${expected} at character ${at + 1}`);
