import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PointCloud2, readPointCloud2, writePointCloud2 } from "../../agent/formats/point-cloud2.ts";
import { cloudScalars } from "../../shared/cloud.ts";
import { isKerbError } from "../../shared/errors.ts";
import { anyTightCloud, cloudOf, columnOf } from "../fakes/clouds.ts";

const refusal = expect.objectContaining({ code: "FORMAT_INVALID" });
const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replace(/\s/g, ""), "hex");

/** As @foxglove/rosmsg2-serialization 3 writes it: two rows of two points with room in each point and after each row, one point nowhere. */
const padded = `0001000000b9556915cd5b070a0000006c696461725f746f7000000002000000020000000400000002000000780000000000000007000000010000000200000079000000
	040000000700000001000000020000007a0000000800000007000000010000000500000072696e67000000000c0000000400000001000000000000001000000028000000
	500000000000003f0000c0bf000000402c01aaaa0000003f000000bf000000402d01aaaaeeeeeeeeeeeeeeee0000c03f0000c0bf000000402e01aaaa0000c03f000000bf
	0000c07f2f01aaaaeeeeeeeeeeeeeeee00`;
/** The same by the same, without room. */
const tight = `0001000000b9556915cd5b070a0000006c696461725f746f7000000002000000020000000400000002000000780000000000000007000000010000000200000079000000
	040000000700000001000000020000007a0000000800000007000000010000000500000072696e67000000000c0000000400000001000000000000000e0000001c000000
	380000000000003f0000c0bf000000402c010000003f000000bf000000402d010000c03f0000c0bf000000402e010000c03f000000bf0000c07f2f0100`;

const message = (over: Partial<PointCloud2> = {}): PointCloud2 => ({
	stampSec: 1_767_225_600,
	stampNanosec: 123_456_789,
	frameId: "lidar_top",
	cloud: cloudOf(["x", "y", "z", "ring:uint16"], [[1, 2, 3, 4]]),
	...over,
});

/** Turns a little-endian message of one-row float32 clouds into a big-endian one by hand, as a big-endian machine writes it. */
const bigEndian = (
	fields: readonly (readonly [name: string, type: number, offset: number])[],
	step: number,
	points: Uint8Array,
): Uint8Array => {
	const out: number[] = [];
	const word = (value: number): void => {
		while (out.length % 4 !== 0) out.push(0);
		out.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
	};
	const text = (value: string): void => {
		word(value.length + 1);
		out.push(...Buffer.from(value), 0);
	};
	word(-5);
	word(7);
	text("");
	word(1);
	word(points.length / step);
	word(fields.length);
	for (const [name, type, offset] of fields) {
		text(name);
		word(offset);
		out.push(type);
		word(1);
	}
	out.push(1);
	word(step);
	word(points.length);
	word(points.length);
	out.push(...points, 1);
	return new Uint8Array([0, 0, 0, 0, ...out]);
};

describe("readPointCloud2", () => {
	it("reads a message of another writer, and takes away what pads rows", () => {
		const { cloud, ...head } = readPointCloud2(bytesOf(padded));
		expect(head).toStrictEqual({ stampSec: 1_767_225_600, stampNanosec: 123_456_789, frameId: "lidar_top" });
		expect(cloud).toMatchObject({ heightPoints: 2, widthPoints: 2, pointStepBytes: 16 });
		expect(cloud.fields.map(({ name, type }) => `${name}:${type}`)).toEqual(["x:float32", "y:float32", "z:float32", "ring:uint16"]);
		expect(columnOf(cloud, "x")).toEqual([0.5, 0.5, 1.5, 1.5]);
		expect(columnOf(cloud, "y")).toEqual([-1.5, -0.5, -1.5, -0.5]);
		expect(columnOf(cloud, "z")).toEqual([2, 2, 2, Number.NaN]);
		expect(columnOf(cloud, "ring")).toEqual([300, 301, 302, 303]);
		expect(Buffer.from(cloud.data).includes(0xee)).toBe(false);
	});

	it("reads the points of big-endian machines", () => {
		const points = Buffer.alloc(2 * 15, 0xaa);
		for (const row of [0, 1]) {
			points.writeDoubleBE(1.25 + row, row * 15);
			points.writeFloatBE(-2.5, row * 15 + 8);
			points.writeInt16BE(-300 - row, row * 15 + 12);
		}
		const fields = [
			["x", 8, 0],
			["y", 7, 8],
			["v", 3, 12],
		] as const;
		const { cloud, stampSec, stampNanosec, frameId } = readPointCloud2(bigEndian(fields, 15, points));
		expect({ stampSec, stampNanosec, frameId }).toEqual({ stampSec: -5, stampNanosec: 7, frameId: "" });
		expect(columnOf(cloud, "x")).toEqual([1.25, 2.25]);
		expect(columnOf(cloud, "y")).toEqual([-2.5, -2.5]);
		expect(columnOf(cloud, "v")).toEqual([-300, -301]);
	});

	it("gives back its own bytes", () => {
		const bytes = writePointCloud2(message());
		const { cloud } = readPointCloud2(bytes);
		bytes.fill(255);
		expect(columnOf(cloud, "x")).toEqual([1]);
	});

	it("refuses a message cut off anywhere but in what it does not need", () => {
		const bytes = bytesOf(padded);
		for (let length = 0; length < bytes.length; length++) expect(() => readPointCloud2(bytes.subarray(0, length))).toThrow(refusal);
		expect(() => readPointCloud2(Buffer.concat([bytes, new Uint8Array(3)]))).not.toThrow();
	});

	it.each<[string, number, number]>([
		["another encapsulation", 1, 2],
		["another kind of encapsulation", 0, 1],
		["a second of nanoseconds", 11, 0x3f],
		["an endless frame", 13, 1],
		["a frame with a zero inside", 17, 0],
		["another height", 28, 3],
		["endless fields", 37, 1],
		["an unknown type", 52, 9],
		["no type", 52, 0],
		["a field of none", 56, 0],
		["a field outside the point", 48, 14],
		["a field twice", 64, 0x78],
		["a name that is none", 44, 0x0a],
		["a byte order that is neither", 124, 2],
		["a step of nothing", 128, 0],
		["rows shorter than their points", 132, 31],
		["more points than bytes", 136, 0x51],
	])("refuses %s", (_what, at, value) => {
		const bytes = bytesOf(padded);
		expect(bytes[at]).not.toBe(value);
		bytes[at] = value;
		expect(() => readPointCloud2(bytes)).toThrow(refusal);
	});

	it("refuses more points than asked for", () => {
		expect(() => readPointCloud2(bytesOf(padded), 3)).toThrow(refusal);
		expect(() => readPointCloud2(bytesOf(padded), 4)).not.toThrow();
	});

	it("reads any bytes or refuses them, mutated messages among them", () => {
		const mutated = fc.tuple(anyTightCloud, fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 })).map(([cloud, changes]) => {
			const bytes = writePointCloud2(message({ cloud }));
			for (const [at, value] of changes) bytes[at % bytes.length] = value;
			return bytes;
		});
		fc.assert(
			fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), (bytes) => {
				try {
					const { cloud } = readPointCloud2(bytes);
					expect(cloud.data.length).toBe(cloud.heightPoints * cloud.widthPoints * cloud.pointStepBytes);
				} catch (error) {
					if (!isKerbError(error, "FORMAT_INVALID")) throw error;
				}
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe("writePointCloud2", () => {
	it("writes what another writer writes", () => {
		expect(Buffer.from(writePointCloud2(readPointCloud2(bytesOf(padded)))).toString("hex")).toBe(
			Buffer.from(bytesOf(tight)).toString("hex"),
		);
	});

	it("is undone by readPointCloud2", () => {
		const anyStamp = fc.record({ stampSec: fc.integer(), stampNanosec: fc.integer({ min: 0, max: 999_999_999 }) });
		const anyFrame = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !text.includes("\0") && Buffer.byteLength(text) < 256);
		fc.assert(
			fc.property(anyTightCloud, anyStamp, anyFrame, (cloud, stamp, frameId) => {
				const all = message({ cloud, ...stamp, frameId });
				expect(readPointCloud2(writePointCloud2(all))).toStrictEqual(all);
			}),
		);
	});

	it("numbers types as ROS does and leaves room behind", () => {
		const cloud = cloudOf(
			cloudScalars.map((type, index) => `f${index}:${type}`),
			[cloudScalars.map((_, index) => index + 1)],
		);
		const { cloud: back } = readPointCloud2(writePointCloud2(message({ cloud })));
		expect(back.fields.map(({ type }) => type)).toEqual(["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"]);
	});

	it("says whether every point is somewhere", () => {
		const last = (rows: readonly (readonly number[])[]): number | undefined =>
			writePointCloud2(message({ cloud: cloudOf(["x", "y", "z"], rows) })).at(-1);
		expect(last([[1, 2, 3]])).toBe(1);
		expect(
			last([
				[1, 2, 3],
				[1, Number.NaN, 3],
			]),
		).toBe(0);
		expect(last([[1, Number.NEGATIVE_INFINITY, 3]])).toBe(0);
	});

	it("refuses what no message can say", () => {
		for (const wrong of [
			{ stampNanosec: 1e9 },
			{ stampNanosec: -1 },
			{ stampSec: 2 ** 31 },
			{ stampSec: 0.5 },
			{ frameId: "a\0b" },
			{ frameId: "f".repeat(256) },
			{ cloud: { ...message().cloud, widthPoints: 2 } },
		]) {
			expect(() => writePointCloud2(message(wrong))).toThrow(refusal);
		}
	});
});
