import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CountedList, integerPattern, isWithin, literally, valuePattern } from "../../agent/commands/filter-bsm-pattern.ts";
import { compileJson } from "../../agent/formats/v2x/json-compile.ts";
import { readJson } from "../../agent/formats/v2x/json-read.ts";
import { writeJson } from "../../agent/formats/v2x/json-write.ts";
import { compileNotation } from "../../agent/formats/v2x/notation.ts";

const whole = (source: string): RegExp => new RegExp(`^(?:${source})$`);

describe("integerPattern", () => {
	it("matches exactly the whole numbers of a range", () => {
		const bound = fc.oneof(fc.integer({ min: -1_200, max: 1_200 }), fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }));
		fc.assert(
			fc.property(bound, bound, fc.array(bound, { maxLength: 20 }), (a, b, others) => {
				const [from, to] = a < b ? [a, b] : [b, a];
				const pattern = whole(integerPattern(from, to));
				for (const edge of [from, to, 0, 9, 10, 99, 100, -1, -10, ...others])
					for (const value of [edge - 1, edge, edge + 1])
						expect(pattern.test(String(value)), `${value} of ${from}..${to}`).toBe(value >= from && value <= to);
			}),
			{ numRuns: 300 },
		);
	});

	it("takes the shortest form alone", () => {
		const pattern = whole(integerPattern(-900_000_000, 900_000_001));
		for (const text of ["-0", "01", "+1", "1.0", "1e3", "", "-", "900000002", "1000000000"]) expect(pattern.test(text), text).toBe(false);
		for (const text of ["0", "-1", "900000001", "-900000000", "899999999"]) expect(pattern.test(text), text).toBe(true);
	});
});

describe("literally", () => {
	it("matches the text and nothing else", () => {
		fc.assert(
			fc.property(fc.string(), fc.string(), (text, other) => {
				const pattern = new RegExp(`^${literally(text)}$`);
				expect(pattern.test(text)).toBe(true);
				if (other !== text) expect(pattern.test(other)).toBe(false);
			}),
		);
	});
});

describe("valuePattern of reals", () => {
	const patternOf = (from: number | undefined, to: number | undefined): RegExp =>
		whole(valuePattern({ kind: "real", from, to }, undefined) ?? "");
	const bound = fc.oneof(
		fc.integer({ min: 0, max: 2_000 }),
		fc.integer({ min: 0, max: 2_000_000 }).map((value) => value / 10_000),
	);
	const text = fc.tuple(
		fc.boolean(),
		fc.nat({ max: 2_100 }),
		fc.nat({ max: 999_999 }),
		fc.nat({ max: 6 }),
		fc.constantFrom("", "", "E-7", "e-12", "E1", "e+3", "00"),
	);

	it("matches no number out of the range, and most within", () => {
		let [matched, within] = [0, 0];
		fc.assert(
			fc.property(bound, bound, text, (low, high, [isNegative, int, part, length, end]) => {
				const number = `${isNegative ? "-" : ""}${int}${length === 0 ? "" : `.${String(part).padStart(length, "0")}`}${end}`;
				const isWithin = Number(number) >= -low && Number(number) <= high;
				if (patternOf(-low, high).test(number)) {
					expect(isWithin, `${number} in ${-low}..${high}`).toBe(true);
					JSON.parse(number);
					matched++;
				}
				if (isWithin && /^-?\d+(?:\.\d+)?$/.test(number)) within++;
			}),
			{ numRuns: 3_000 },
		);
		expect(matched).toBeGreaterThan(within * 0.95);
	});

	it("knows the forms that the field's messages have", () => {
		for (const number of ["0.00", "-0.1", "1489.0", "267.4000", "3E-7", "0.0000051", "-105.0316742"])
			expect(patternOf(undefined, undefined).test(number), number).toBe(true);
		for (const number of ["90", "90.0", "89.99", "-90.000", "0.5"]) expect(patternOf(-90, 90).test(number), number).toBe(true);
		for (const number of ["90.1", "-90.0001", "91", "01", ".5", "5.", "1e5", "NaN"])
			expect(patternOf(-90, 90).test(number), number).toBe(false);
		for (const number of ["163.82", "163.820", "163.8", "0"]) expect(patternOf(0, 163.82).test(number), number).toBe(true);
		for (const number of ["163.821", "164", "-1", "-0.1"]) expect(patternOf(0, 163.82).test(number), number).toBe(false);
	});
});

describe("valuePattern", () => {
	const types = compileNotation(`
		Crumb = seq { lat: int -131072..131071 @dlat, time?: int 1..65535, speed?: seq { kind: enum a b c, v: int 0..8191 } }
		Path = list 1..23 of Crumb
		Some = seq { first?: bits 13, second?: Path, third?: octets 2..4, ... }
		Whole = seq { id: octets 4, brakes: bits 5, name: ia5 1..8 of "ABC-", on?: bool, some?: Some, none?: null, numbers?: list 1..3 of int 0..9 }
	`);
	const type = types.get("Whole");
	if (type === undefined) throw new Error("no type");
	const node = compileJson(type, "keyed");
	const counted: CountedList[] = [];
	const pattern = whole(valuePattern(type, counted) ?? "");
	const matches = (text: string): boolean => {
		const found = pattern.exec(text);
		return found !== null && counted.every((list, index) => isWithin(found[index + 1] ?? "", list));
	};

	const hexDigits = (least: number, most = least) =>
		fc.uint8Array({ minLength: least, maxLength: most }).map((octets) => Buffer.from(octets).toString("hex"));
	const bits = (count: number) => fc.nat({ max: 2 ** count - 1 }).map((value) => value.toString(2).padStart(count, "0"));
	const optional = <T>(entries: { [K in keyof T]: fc.Arbitrary<T[K]> }, requiredKeys: (keyof T)[]) => fc.record(entries, { requiredKeys });
	const crumb = optional(
		{
			lat: fc.integer({ min: -131_072, max: 131_071 }),
			time: fc.integer({ min: 1, max: 65_535 }),
			speed: fc.record({ kind: fc.constantFrom("a", "b", "c"), v: fc.integer({ min: 0, max: 8_191 }) }),
		},
		["lat"],
	);
	const some = optional({ first: bits(13), second: fc.array(crumb, { minLength: 1, maxLength: 23 }), third: hexDigits(2, 4) }, []);
	const content = optional(
		{
			id: hexDigits(4),
			brakes: bits(5),
			name: fc.string({ unit: fc.constantFrom(..."ABC-"), minLength: 1, maxLength: 8 }),
			on: fc.boolean(),
			some,
			none: fc.constant(null),
			numbers: fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 3 }),
		},
		["id", "brakes", "name"],
	);

	it("matches whatever the writer writes", () => {
		fc.assert(
			fc.property(content, (value) => {
				expect(matches(Buffer.from(writeJson(node, value as never)).toString())).toBe(true);
			}),
		);
	});

	it("counts the elements of a list", () => {
		const of = (count: number): string =>
			`{"id":"00000000","brakes":"80","name":"A","some":{"second":[${Array.from({ length: count }, () => '{"lat":1}').join(",")}]}}`;
		expect([0, 1, 23, 24, 100].map((count) => matches(of(count)))).toEqual([false, true, true, false, false]);
	});

	it("matches nothing that the reader refuses or the writer would write otherwise", () => {
		let matched = 0;
		fc.assert(
			fc.property(
				content,
				fc.nat(),
				fc.constantFrom("", "0", "9", "-", ",", "{", "}", '"', "a", "F", "[", "]", ".", "e", ":", "\\"),
				fc.nat({ max: 3 }),
				(value, at, put, cut) => {
					const text = Buffer.from(writeJson(node, value as never)).toString();
					const place = at % text.length;
					const changed = text.slice(0, place) + put + text.slice(place + cut);
					if (!matches(changed)) return;
					matched++;
					expect(Buffer.from(writeJson(node, readJson(node, Buffer.from(changed)))).toString()).toBe(changed);
				},
			),
			{ numRuns: 3_000 },
		);
		expect(matched).toBeGreaterThan(100);
	});
});
