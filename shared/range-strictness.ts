/**
 * Compares lists of address ranges: an address more is wider, however the ranges are cut.
 */
import { type Cidr, parseCidr } from "./cidr.ts";
import { isKerbError } from "./errors.ts";
import { arrival, type Compare, departure, unsure } from "./strictness.ts";

interface Span {
	readonly from: bigint;
	readonly to: bigint;
}

/** Ranges of one family as spans that neither touch nor overlap, in order. */
const spansOf = (ranges: readonly Cidr[], family: 4 | 6): readonly Span[] => {
	const width = family === 4 ? 32 : 128;
	const spans = ranges
		.filter((range) => range.family === family)
		.map(({ bits, prefixLength }) => ({ from: bits, to: bits + (1n << BigInt(width - prefixLength)) - 1n }))
		.sort((a, b) => (a.from < b.from ? -1 : 1));
	const merged: Span[] = [];
	for (const span of spans) {
		const last = merged.at(-1);
		if (last === undefined || span.from > last.to + 1n) merged.push(span);
		else merged[merged.length - 1] = { from: last.from, to: span.to > last.to ? span.to : last.to };
	}
	return merged;
};

const isCovered = ({ family, bits, prefixLength }: Cidr, spans: readonly Span[]): boolean => {
	const to = bits + (1n << BigInt((family === 4 ? 32 : 128) - prefixLength)) - 1n;
	return spans.some((span) => span.from <= bits && to <= span.to);
};

/** Ranges that reach further than all of the others together. */
const beyond = (ranges: readonly string[], others: readonly string[]): readonly string[] => {
	const parsed = others.map(parseCidr);
	const spans = { 4: spansOf(parsed, 4), 6: spansOf(parsed, 6) };
	return ranges.filter((text) => {
		const range = parseCidr(text);
		return !isCovered(range, spans[range.family]);
	});
};

/** A list that cannot be read as ranges is unsure when it differs. */
export const compareRanges: Compare = (before, after, name) => {
	if (!Array.isArray(before) || !Array.isArray(after)) return unsure(before, after, name);
	const [a, b] = [before.map(String), after.map(String)];
	try {
		return [
			...beyond(b, a).map((range) => arrival("wider", name, range)),
			...beyond(a, b).map((range) => departure("narrower", name, range)),
		];
	} catch (error) {
		if (!isKerbError(error)) throw error;
		return unsure(before, after, name);
	}
};
