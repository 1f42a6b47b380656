import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePcd, encodePcd } from "../../agent/formats/pcd.ts";
import { pcdForms } from "../../agent/formats/pcd-header.ts";
import type { PointCloud } from "../../shared/cloud.ts";
import { isKerbError } from "../../shared/errors.ts";
import { anyTightCloud, cloudOf, columnOf } from "../fakes/clouds.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const file = (header: string, body: string | Uint8Array = ""): Uint8Array => Buffer.concat([Buffer.from(header), Buffer.from(body)]);
const refusal = expect.objectContaining({ code: "FORMAT_INVALID" });

const head = (over: Readonly<Record<string, string | undefined>> = {}): string => {
	const lines: Record<string, string | undefined> = {
		VERSION: "0.7",
		FIELDS: "x y z",
		SIZE: "4 4 4",
		TYPE: "F F F",
		COUNT: "1 1 1",
		WIDTH: "1",
		HEIGHT: "1",
		VIEWPOINT: "0 0 0 1 0 0 0",
		POINTS: "1",
		DATA: "ascii",
		...over,
	};
	return Object.entries(lines)
		.filter(([, value]) => value !== undefined)
		.map(([keyword, value]) => `${keyword} ${value}\n`)
		.join("");
};

describe("decodePcd", () => {
	it("reads points as text, with values that are no numbers, comments, empty lines and carriage returns", () => {
		const { cloud, comments, viewpoint } = decodePcd(
			file(
				`# of a test\r\n\r\n${head({ FIELDS: "x y z ring", SIZE: "4 4 8 2", TYPE: "F F F U", COUNT: "1 1 1 2", WIDTH: "2", POINTS: "2" })}`,
				"1.5 nan -2e-3\t7 8\r\n\n  -inf .5 3. 65535 0",
			),
		);
		expect(comments).toStrictEqual(["of a test"]);
		expect(viewpoint).toBeUndefined();
		expect(cloud.fields).toStrictEqual([
			{ name: "x", type: "float32", count: 1, offsetBytes: 0 },
			{ name: "y", type: "float32", count: 1, offsetBytes: 4 },
			{ name: "z", type: "float64", count: 1, offsetBytes: 8 },
			{ name: "ring", type: "uint16", count: 2, offsetBytes: 16 },
		]);
		expect(columnOf(cloud, "x")).toEqual([1.5, Number.NEGATIVE_INFINITY]);
		expect(columnOf(cloud, "y")).toEqual([Number.NaN, 0.5]);
		expect(columnOf(cloud, "z")).toEqual([-0.002, 3]);
		expect(columnOf(cloud, "ring")).toEqual([7, 65_535]);
	});

	it("leaves out room without meaning and integers that are no exact numbers, in every form", () => {
		const fields = { FIELDS: "_ x stamp _ y", SIZE: "1 4 8 1 4", TYPE: "U F U U F", COUNT: "2 1 1 3 1" };
		const point = Buffer.alloc(21);
		point.writeFloatLE(2.5, 2);
		point.writeBigUInt64LE(2n ** 63n, 6);
		point.writeFloatLE(-4, 17);
		const planes = Buffer.concat([point.subarray(0, 2), point.subarray(2, 6), point.subarray(6, 14), point.subarray(14)]);
		const packed = Buffer.concat([Buffer.from([22, 0, 0, 0, 21, 0, 0, 0, 20]), planes]);
		for (const [form, body] of [
			["ascii", "1 2 2.5 9223372036854775808 1 2 3 -4\n"],
			["binary", point],
			["binary_compressed", packed],
		] as const) {
			const { cloud } = decodePcd(file(head({ ...fields, DATA: form }), body));
			expect(cloud.fields.map(({ name }) => name)).toEqual(["x", "y"]);
			expect(cloud.pointStepBytes).toBe(8);
			expect([columnOf(cloud, "x"), columnOf(cloud, "y")]).toEqual([[2.5], [-4]]);
		}
	});

	it("gives back its own bytes", () => {
		const bytes = file(head({ DATA: "binary" }), new Uint8Array(12));
		const { cloud } = decodePcd(bytes);
		bytes.fill(255);
		expect(columnOf(cloud, "x")).toEqual([0]);
	});

	it("takes files of older versions", () => {
		const old = file("COLUMNS x y\nSIZE 4 4\nTYPE F F\nPOINTS 2\nDATA ascii\n", "1 2\n3 4\n");
		expect(decodePcd(old).cloud).toMatchObject({ heightPoints: 1, widthPoints: 2 });
	});

	it("says where the sensor was, unless it was at the origin", () => {
		expect(decodePcd(file(head({ VIEWPOINT: "1 2 3 0 1 0 0" }), "1 2 3")).viewpoint).toEqual([1, 2, 3, 0, 1, 0, 0]);
	});

	it.each<[string, Readonly<Record<string, string | undefined>>, (string | Uint8Array)?]>([
		["an unknown keyword", { EXTRA: "1" }],
		["no fields", { FIELDS: "" }],
		["a field twice", { FIELDS: "x y x" }],
		["fewer sizes than fields", { SIZE: "4 4" }],
		["a type that has no such size", { SIZE: "2 4 4" }],
		["an unknown type", { TYPE: "F F X" }],
		["a count of none", { COUNT: "1 1 0" }],
		["a negative count", { COUNT: "1 1 -1" }],
		["a point that is too large", { COUNT: "1 1 99999" }],
		["only room without meaning", { FIELDS: "_ _ _" }],
		["no size at all", { WIDTH: undefined, POINTS: undefined }],
		["points that are not width times height", { POINTS: "2" }],
		["too many points", { WIDTH: "4000001", POINTS: "4000001" }],
		["too many rows of points", { WIDTH: "4000000", HEIGHT: "4000000", POINTS: undefined }],
		["a width that is no number", { WIDTH: "0x1" }],
		["a width with an exponent", { WIDTH: "1e0" }],
		["a viewpoint of three", { VIEWPOINT: "0 0 0" }],
		["a viewpoint that is nowhere", { VIEWPOINT: "nan 0 0 1 0 0 0" }],
		["another form", { DATA: "binary_zipped" }],
		["fewer words", {}, "1 2\n"],
		["more words", {}, "1 2 3 4\n"],
		["fewer lines", {}, "\n\n     \n"],
		["more lines", {}, "1 2 3\n4 5 6\n"],
		["other words", {}, "1 2 three\n"],
		["hexadecimal words", {}, "1 2 0x3\n"],
		["endless words", {}, `1 2 ${"3".repeat(65)}\n`],
		["a fraction in a field of whole numbers", { TYPE: "F F U" }, "1 2 3.5\n"],
		["a negative number in a field without sign", { TYPE: "F F U" }, "1 2 -3\n"],
		["a number that is too large for its field", { TYPE: "F F I" }, "1 2 2147483648\n"],
		["binary points cut off", { DATA: "binary" }, new Uint8Array(11)],
		["packed points without sizes", { DATA: "binary_compressed" }, new Uint8Array(7)],
		["packed points of another size", { DATA: "binary_compressed" }, new Uint8Array([2, 0, 0, 0, 13, 0, 0, 0, 0, 0])],
		["packed points cut off", { DATA: "binary_compressed" }, new Uint8Array([14, 0, 0, 0, 12, 0, 0, 0, 11, 0])],
	])("refuses %s", (_what, over, body = "1 2 3\n") => {
		expect(() => decodePcd(file(head(over), body))).toThrow(refusal);
	});

	it("refuses a keyword twice, no DATA, a header without end and more points than asked for", () => {
		expect(() => decodePcd(file(`WIDTH 1\n${head()}`, "1 2 3"))).toThrow(refusal);
		expect(() => decodePcd(file(head({ DATA: undefined })))).toThrow(refusal);
		expect(() => decodePcd(new Uint8Array(0))).toThrow(refusal);
		expect(() => decodePcd(file("#\n".repeat(200_000), head()))).toThrow(refusal);
		expect(() => decodePcd(file(`${"#\n".repeat(2_000)}${head()}`, "1 2 3"))).toThrow(refusal);
		expect(() => decodePcd(file(head(), "1 2 3"), 0)).toThrow(refusal);
	});

	it("takes no memory that the bytes do not pay for", () => {
		const asked = { WIDTH: "4000000", POINTS: "4000000" };
		const packed = Buffer.alloc(40);
		packed.writeUInt32LE(32, 0);
		packed.writeUInt32LE(48_000_000, 4);
		const before = process.memoryUsage().arrayBuffers;
		for (let round = 0; round < 20; round++) {
			expect(() => decodePcd(file(head(asked), "1 2 3\n"))).toThrow(refusal);
			expect(() => decodePcd(file(head({ ...asked, DATA: "binary" }), "1 2 3\n"))).toThrow(refusal);
			expect(() => decodePcd(file(head({ ...asked, DATA: "binary_compressed" }), packed))).toThrow(refusal);
		}
		expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(48_000_000);
	});

	it("reads any bytes or refuses them, mutated files among them", () => {
		const mutated = fc
			.tuple(anyTightCloud, fc.constantFrom(...pcdForms), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat())
			.map(([cloud, form, changes, cut]) => {
				const bytes = encodePcd(cloud, form);
				for (const [at, value] of changes) bytes[at % bytes.length] = value;
				return cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
			});
		fc.assert(
			fc.property(fc.oneof(fc.uint8Array({ maxLength: 500 }), mutated), (bytes) => {
				try {
					const { cloud } = decodePcd(bytes);
					expect(cloud.data.length).toBe(cloud.heightPoints * cloud.widthPoints * cloud.pointStepBytes);
				} catch (error) {
					if (!isKerbError(error, "FORMAT_INVALID")) throw error;
				}
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe("encodePcd", () => {
	it("is undone by decodePcd in every form, whatever the points are", () => {
		fc.assert(
			fc.property(anyTightCloud, (cloud) => {
				for (const form of pcdForms) {
					const { cloud: back, viewpoint } = decodePcd(encodePcd(cloud, form));
					expect(viewpoint).toBeUndefined();
					expect({ ...back, data: undefined }).toStrictEqual({ ...cloud, data: undefined });
					if (form !== "ascii") expect(back.data).toStrictEqual(cloud.data);
					// Text has one word for all bit patterns of what is no number.
					else for (const { name } of cloud.fields) expect(columnOf(back, name)).toStrictEqual(columnOf(cloud, name));
				}
			}),
		);
	});

	it("leaves behind what lies between fields", () => {
		const tight = cloudOf(["x", "y"], [[1, 2]]);
		const data = new Uint8Array(20).fill(0xaa);
		data.set(tight.data.subarray(0, 4), 4);
		data.set(tight.data.subarray(4), 12);
		const fields = tight.fields.map((field, index) => ({ ...field, offsetBytes: index === 0 ? 4 : 12 }));
		expect(encodePcd({ ...tight, fields, pointStepBytes: 20, data }, "binary")).toStrictEqual(encodePcd(tight, "binary"));
	});

	it("never writes where the sensor was", () => {
		const moved = file(head({ VIEWPOINT: "361234 3456789 12 1 0 0 0" }), "1 2 3");
		expect(text(encodePcd(decodePcd(moved).cloud, "binary"))).toContain("VIEWPOINT 0 0 0 1 0 0 0\n");
	});

	it("refuses a cloud that is not sound", () => {
		const cloud = cloudOf(["x", "y"], [[1, 2]]);
		const field = { name: "x", type: "float32", count: 1, offsetBytes: 0 } as const;
		const unsound: PointCloud[] = [
			{ ...cloud, data: cloud.data.subarray(1) },
			{ ...cloud, widthPoints: 2 },
			{ ...cloud, widthPoints: 1.5 },
			{ ...cloud, heightPoints: -1, widthPoints: -1 },
			{ ...cloud, fields: [] },
			{ ...cloud, fields: [field, field] },
			{ ...cloud, fields: [{ ...field, name: "x\nVIEWPOINT 1 2 3 1 0 0 0" }] },
			{ ...cloud, fields: [{ ...field, offsetBytes: 5 }] },
			{ ...cloud, fields: [{ ...field, offsetBytes: -1 }] },
			{ ...cloud, fields: [{ ...field, count: 0 }] },
			{ ...cloud, fields: [{ ...field, count: Number.NaN }] },
		];
		for (const each of unsound) expect(() => encodePcd(each, "binary")).toThrow(refusal);
	});
});
