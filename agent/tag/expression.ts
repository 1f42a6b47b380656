/**
 * The arithmetic of an overlay's `math`: one variable `x`, numbers, `+ - * / %`, `^` or `**` for powers, parentheses, and floor, ceil, round,
 * trunc, abs, sqrt, min, max. Compiled to closures; no text is ever run as a program.
 *
 *     sum     = product { ("+" | "-") product }
 *     product = signed { ("*" | "/" | "%") signed }
 *     signed  = { "-" | "+" } power
 *     power   = atom [ ("^" | "**") signed ]          to the right; binds tighter than a sign before it: -x^2 = -(x^2)
 *     atom    = number | "x" | "(" sum ")" | name "(" sum { "," sum } ")"
 *
 * `%` takes the sign of the divisor and `round` rounds halves up. The result may be NaN or infinite; who calls decides what that means.
 */
import { KerbError } from "../../shared/errors.ts";

export type Expression = (x: number) => number;

const maxLength = 300;
const maxDepth = 32;

const functions: Readonly<Record<string, { readonly min: number; readonly max: number; readonly call: (...args: number[]) => number }>> = {
	floor: { min: 1, max: 1, call: Math.floor },
	ceil: { min: 1, max: 1, call: Math.ceil },
	round: { min: 1, max: 1, call: Math.round },
	trunc: { min: 1, max: 1, call: Math.trunc },
	abs: { min: 1, max: 1, call: Math.abs },
	sqrt: { min: 1, max: 1, call: Math.sqrt },
	min: { min: 2, max: 8, call: Math.min },
	max: { min: 2, max: 8, call: Math.max },
};

const token = /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|[-+*/%^(),]))/y;

type Token =
	| { readonly kind: "number"; readonly value: number; readonly at: number }
	| { readonly kind: "name" | "sign" | "end"; readonly text: string; readonly at: number };

/**
 * Compiles an expression over `x`.
 *
 * @throws KerbError CONFIG_INVALID with the place when it is too long (300), nested too deep (32), or not in the grammar above.
 */
export const compileExpression = (text: string): Expression => {
	const tokens = tokenize(text);
	let next = 0;
	const peek = (): Token => tokens[next] as Token;
	const takeSign = (...signs: readonly string[]): string | undefined => {
		const found = peek();
		if (found.kind !== "sign" || !signs.includes(found.text)) return undefined;
		next += 1;
		return found.text;
	};
	const expect = (sign: string): void => {
		if (takeSign(sign) === undefined) throw wrong(peek(), `"${sign}"`);
	};
	const deeper = (depth: number): number => {
		if (depth >= maxDepth) throw wrong(peek(), `at most ${maxDepth} levels of nesting`);
		return depth + 1;
	};

	const sum = (depth: number): Expression => {
		let left = product(depth);
		for (let sign = takeSign("+", "-"); sign !== undefined; sign = takeSign("+", "-")) left = combine(sign, left, product(depth));
		return left;
	};
	const product = (depth: number): Expression => {
		let left = signed(depth);
		for (let sign = takeSign("*", "/", "%"); sign !== undefined; sign = takeSign("*", "/", "%")) left = combine(sign, left, signed(depth));
		return left;
	};
	const signed = (depth: number): Expression => {
		let negative = false;
		for (let sign = takeSign("-", "+"); sign !== undefined; sign = takeSign("-", "+")) negative = (sign === "-") !== negative;
		const value = power(depth);
		return negative ? (x) => -value(x) : value;
	};
	const power = (depth: number): Expression => {
		const base = atom(depth);
		return takeSign("^", "**") === undefined ? base : combine("^", base, signed(deeper(depth)));
	};
	const atom = (depth: number): Expression => {
		const found = peek();
		if (found.kind === "number") {
			next += 1;
			const { value } = found;
			return () => value;
		}
		if (takeSign("(") !== undefined) {
			const inner = sum(deeper(depth));
			expect(")");
			return inner;
		}
		if (found.kind !== "name") throw wrong(found, "a number, x, a function or an opening parenthesis");
		next += 1;
		if (found.text === "x") return (x) => x;
		return call(found, depth);
	};
	const call = (name: Token & { readonly kind: "name" | "sign" | "end" }, depth: number): Expression => {
		const known = Object.hasOwn(functions, name.text) ? functions[name.text] : undefined;
		if (known === undefined) throw wrong(name, `x or one of ${Object.keys(functions).join(", ")}`);
		expect("(");
		const args = [sum(deeper(depth))];
		while (takeSign(",") !== undefined) args.push(sum(deeper(depth)));
		expect(")");
		if (args.length < known.min || args.length > known.max) throw wrong(name, `${known.min} to ${known.max} arguments`);
		const [first] = args;
		if (args.length === 1 && first !== undefined) return (x) => known.call(first(x));
		return (x) => known.call(...args.map((arg) => arg(x)));
	};

	const whole = sum(0);
	if (peek().kind !== "end") throw wrong(peek(), "an operator or the end");
	return whole;
};

const combine = (sign: string, left: Expression, right: Expression): Expression => {
	switch (sign) {
		case "+":
			return (x) => left(x) + right(x);
		case "-":
			return (x) => left(x) - right(x);
		case "*":
			return (x) => left(x) * right(x);
		case "/":
			return (x) => left(x) / right(x);
		case "%":
			return (x) => modulo(left(x), right(x));
		default:
			return (x) => left(x) ** right(x);
	}
};

const modulo = (value: number, divisor: number): number => {
	const rest = value % divisor;
	return rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest;
};

const tokenize = (text: string): readonly Token[] => {
	if (text.length > maxLength) throw new KerbError("CONFIG_INVALID", `math: expected at most ${maxLength} characters, got ${text.length}`);
	const tokens: Token[] = [];
	const end = text.trimEnd().length;
	for (let at = 0; at < end; at = token.lastIndex) {
		token.lastIndex = at;
		const found = token.exec(text);
		if (found === null) throw new KerbError("CONFIG_INVALID", `math: nothing known at character ${at + 1}`);
		const [, digits, name, sign] = found;
		if (digits !== undefined) tokens.push({ kind: "number", value: Number(digits), at });
		else tokens.push({ kind: name === undefined ? "sign" : "name", text: name ?? sign ?? "", at });
	}
	tokens.push({ kind: "end", text: "", at: end });
	return tokens;
};

const wrong = (found: Token, expected: string): KerbError =>
	new KerbError("CONFIG_INVALID", `math: expected ${expected} at character ${found.at + 1}`);
