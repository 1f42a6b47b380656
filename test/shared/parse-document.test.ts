import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { isKerbError } from "../../shared/errors.ts";
import { parseDocument, parseValue } from "../../shared/parse-document.ts";

const schema = v.strictObject({
	name: v.string(),
	inner: v.strictObject({ count: v.number() }),
	list: v.array(v.strictObject({ id: v.string() })),
});

const problemsOf = (work: () => unknown): readonly string[] => {
	try {
		work();
	} catch (error) {
		if (isKerbError(error, "LAW_INVALID")) return error.problems;
	}
	throw new Error("expected LAW_INVALID");
};

describe("parseValue", () => {
	it("names every unknown key and every other problem, each with its path", () => {
		const value = { name: 3, extra: 1, more: 2, inner: { count: "x", a: 1, b: 2 }, list: [{ id: "ok" }, { id: 7, c: 1 }] };
		const problems = problemsOf(() => parseValue(schema, value, "a test", "LAW_INVALID"));
		const paths = problems.map((line) => line.split(":")[0]);
		expect(paths.sort()).toEqual(["extra", "inner.a", "inner.b", "inner.count", "list.1.c", "list.1.id", "more", "name"]);
		expect(value.inner).toHaveProperty("a");
	});

	it("stops at a bound for a document that is another one altogether", () => {
		const value = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key${index}`, index]));
		expect(problemsOf(() => parseValue(schema, value, "a test", "LAW_INVALID")).length).toBeLessThan(60);
	});
});

describe("parseDocument", () => {
	it("refuses what is not JSON in UTF-8 without repeating it", () => {
		for (const bytes of [new Uint8Array([0xff, 0xfe]), new TextEncoder().encode('{"secret":')]) {
			expect(() => parseDocument(schema, bytes, "a test", "LAW_INVALID")).toThrow(
				/^a test is not JSON in UTF-8: expected one JSON object$/,
			);
		}
	});
});
