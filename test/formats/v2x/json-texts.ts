/**
 * JSON as a careless sender writes it: white space anywhere, keys in any order, keys that nobody knows, characters as escapes. Values stay the same.
 */
import type { MessageValue } from "../../../shared/message.ts";

/** A stream of numbers, 0 to below 1; the same for the same seed. */
export const numbers = (seed: number): (() => number) => {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
};

export interface Carelessness {
	/** Keys in another order than they have. */
	readonly shuffled: boolean;
	/** Keys and values that no type names. */
	readonly extras: boolean;
	readonly spaces: boolean;
	readonly escapes: boolean;
}

const extraValues = [
	"null",
	"true",
	"-0.5e+3",
	'"\\ud800 \\" \\u00e9"',
	"[[],{},[1,2]]",
	'{"a":{"a":1,"a":2},"":""}',
	"0",
	'"é𝄞"',
	"1e999",
];

export const carelessJson = (value: MessageValue, how: Carelessness, next: () => number): string => {
	const space = (): string => (how.spaces && next() < 0.3 ? ([" ", "\t", "\r\n", "\n  "][Math.floor(next() * 4)] ?? "") : "");
	const string = (text: string): string =>
		how.escapes && next() < 0.3
			? `"${[...text].map((letter) => (next() < 0.5 ? escaped(letter) : JSON.stringify(letter).slice(1, -1))).join("")}"`
			: JSON.stringify(text);
	const number = (each: number): string => (how.escapes && next() < 0.2 ? each.toExponential() : JSON.stringify(each));
	const write = (each: MessageValue): string => {
		if (typeof each === "string") return string(each);
		if (typeof each === "number") return number(each);
		if (typeof each !== "object" || each === null) return JSON.stringify(each);
		if (Array.isArray(each)) return `[${space()}${each.map((one) => write(one) + space()).join(`,${space()}`)}]`;
		const members = Object.entries(each).map(([key, inner]) => `${string(key)}${space()}:${space()}${write(inner)}${space()}`);
		// An object of one alternative has no room for more, nor has a bit string.
		if (how.extras && members.length !== 1 && next() < 0.3 && !("length" in each)) {
			members.splice(
				Math.floor(next() * (members.length + 1)),
				0,
				`"zz${Math.floor(next() * 9)}":${extraValues[Math.floor(next() * extraValues.length)]}`,
			);
		}
		if (how.shuffled) members.sort(() => next() - 0.5);
		return `{${space()}${members.join(`,${space()}`)}}`;
	};
	return space() + write(value) + space();
};

const escaped = (letter: string): string =>
	Array.from({ length: letter.length }, (_, index) => `\\u${letter.charCodeAt(index).toString(16).padStart(4, "0")}`).join("");
