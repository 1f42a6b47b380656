import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isKerbError } from "../../shared/errors.ts";
import { clientIdOf, isUnitId, lawNoticeTopic, parseUploadTopic, statusTopic, uploadFilter, uploadTopic } from "../../shared/topics.ts";

const vin = "LSVAA4182E2123456";
const unitId = fc.stringMatching(/^[a-z0-9]{1,20}(-[a-z0-9]{1,20}){0,2}$/).filter(isUnitId);
const level = fc.oneof(fc.constantFrom("kerb", "v1", "up", "unit-1", "cn", "a.b", "", "+", "#"), fc.string({ maxLength: 12 }));
const lawId = fc.stringMatching(/^[a-z0-9]{1,12}([-.][a-z0-9]{1,12}){0,3}$/);

/** MQTT 5 section 4.7.1, for the two wildcards. */
const matches = (filter: string, topic: string): boolean => {
	const levels = topic.split("/");
	const parts = filter.split("/");
	const rest = parts.at(-1) === "#";
	const fixed = rest ? parts.slice(0, -1) : parts;
	return (
		(rest ? levels.length >= fixed.length : levels.length === fixed.length) && fixed.every((part, i) => part === "+" || part === levels[i])
	);
};

describe("isUnitId", () => {
	it.each(["unit-7f3a", "rsu-crossing-12", "abc", "9f8e7d6c5b4a39281706f5e4d3c2b1a0"])("takes %s", (id) => expect(isUnitId(id)).toBe(true));

	it.each([
		vin,
		vin.toLowerCase(),
		"lsv-aa4182e2123456",
		`unit-${vin.toLowerCase()}`,
		`${vin.toLowerCase()}-a`,
		"860000000000000",
		"fleet",
		"ab",
		"a".repeat(65),
		"Unit-1",
		"unit.1",
		"unit_1",
		"-unit",
		"unit-",
		"a--b",
		"unit/1",
		"+ab",
		"#ab",
		"京a12345",
		"abc\n",
		"",
	])("refuses %j", (id) => expect(isUnitId(id)).toBe(false));
});

describe("uploadTopic", () => {
	it("is read back by parseUploadTopic and matched by the collector's filter (property)", () =>
		fc.assert(
			fc.property(unitId, lawId, lawId, (unit, outletId, categoryId) => {
				const parts = { unitId: unit, outletId, categoryId };
				const topic = uploadTopic(parts);
				expect(parseUploadTopic(topic)).toEqual(parts);
				expect(matches(uploadFilter, topic)).toBe(true);
				expect(matches(uploadFilter, lawNoticeTopic)).toBe(false);
				expect(matches(uploadFilter, statusTopic(unit, outletId))).toBe(false);
			}),
		));

	it("refuses a VIN as unit id and does not repeat it in the error", () => {
		const thrown = (() => {
			try {
				return uploadTopic({ unitId: vin, outletId: "cn-cloud", categoryId: "a" });
			} catch (error) {
				return error;
			}
		})();
		expect(isKerbError(thrown, "CONFIG_INVALID")).toBe(true);
		expect(String(thrown)).not.toContain(vin);
	});

	it.each(["a/b", "+", "#", "", "A", "a b", "a..b", "x".repeat(121), "39.9042,116.4074"])("refuses category %j", (categoryId) => {
		expect(() => uploadTopic({ unitId: "unit-1", outletId: "cn", categoryId })).toThrow(/category id/);
	});
});

describe("parseUploadTopic", () => {
	it("never throws, and what it takes is what uploadTopic gives (property)", () =>
		fc.assert(
			fc.property(fc.array(level, { maxLength: 8 }), (levels) => {
				const topic = levels.join("/");
				const parts = parseUploadTopic(topic);
				if (parts !== undefined) expect(uploadTopic(parts)).toBe(topic);
			}),
		));

	it.each([
		"kerb/v1/unit-1/up/cn",
		"kerb/v1/unit-1/up/cn/a/b",
		"kerb/v2/unit-1/up/cn/a",
		"/kerb/v1/unit-1/up/cn/a",
		`kerb/v1/${vin}/up/cn/a`,
	])("refuses %s", (topic) => expect(parseUploadTopic(topic)).toBeUndefined());
});

describe("clientIdOf", () => {
	it("never gives two pairs of unit and outlet the same id (property)", () =>
		fc.assert(
			fc.property(unitId, lawId, unitId, lawId, (unitA, outletA, unitB, outletB) => {
				fc.pre(unitA !== unitB || outletA !== outletB);
				expect(clientIdOf(unitA, outletA)).not.toBe(clientIdOf(unitB, outletB));
			}),
		));
});
