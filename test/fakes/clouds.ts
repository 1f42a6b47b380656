/**
 * Clouds for tests, of rows of numbers and arbitrary.
 */
import fc from "fast-check";
import { packFields } from "../../agent/formats/cloud-layout.ts";
import { type CloudField, type CloudScalar, cloudScalars, type PointCloud } from "../../shared/cloud.ts";

const put: Readonly<Record<CloudScalar, (view: DataView, at: number, value: number) => void>> = {
	int8: (view, at, value) => view.setInt8(at, value),
	uint8: (view, at, value) => view.setUint8(at, value),
	int16: (view, at, value) => view.setInt16(at, value, true),
	uint16: (view, at, value) => view.setUint16(at, value, true),
	int32: (view, at, value) => view.setInt32(at, value, true),
	uint32: (view, at, value) => view.setUint32(at, value, true),
	float32: (view, at, value) => view.setFloat32(at, value, true),
	float64: (view, at, value) => view.setFloat64(at, value, true),
};

/** A cloud with one value per field and row. Fields as `name` (float32) or `name:type`. */
export const cloudOf = (names: readonly string[], rows: readonly (readonly number[])[]): PointCloud => {
	const { fields, pointStepBytes } = packFields(
		names.map((text) => {
			const [name = "", type = "float32"] = text.split(":");
			const known = cloudScalars.find((each) => each === type);
			if (known === undefined) throw new RangeError(`no scalar ${type}`);
			return { name, type: known, count: 1 };
		}),
	);
	const data = new Uint8Array(rows.length * pointStepBytes);
	const view = new DataView(data.buffer);
	for (const [row, values] of rows.entries()) {
		for (const [index, { type, offsetBytes }] of fields.entries()) put[type](view, row * pointStepBytes + offsetBytes, values[index] ?? 0);
	}
	return { fields, pointStepBytes, heightPoints: 1, widthPoints: rows.length, data };
};

/** The values of one field, the first of each point. */
export const columnOf = (cloud: PointCloud, name: string): number[] => {
	const field = cloud.fields.find((each) => each.name === name);
	if (field === undefined) throw new RangeError(`no field ${name}`);
	const view = new DataView(cloud.data.buffer, cloud.data.byteOffset, cloud.data.byteLength);
	const read: Readonly<Record<CloudScalar, (at: number) => number>> = {
		int8: (at) => view.getInt8(at),
		uint8: (at) => view.getUint8(at),
		int16: (at) => view.getInt16(at, true),
		uint16: (at) => view.getUint16(at, true),
		int32: (at) => view.getInt32(at, true),
		uint32: (at) => view.getUint32(at, true),
		float32: (at) => view.getFloat32(at, true),
		float64: (at) => view.getFloat64(at, true),
	};
	return Array.from({ length: cloud.heightPoints * cloud.widthPoints }, (_, index) =>
		read[field.type](index * cloud.pointStepBytes + field.offsetBytes),
	);
};

/** The points as rows of x, y and z. */
export const pointsIn = (cloud: PointCloud): (readonly [number, number, number])[] => {
	const [x, y, z] = ["x", "y", "z"].map((name) => columnOf(cloud, name));
	return (x ?? []).map((value, index) => [value, y?.[index] ?? 0, z?.[index] ?? 0]);
};

const anyName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,9}$/);
const anyField: fc.Arbitrary<Omit<CloudField, "offsetBytes">> = fc.record({
	name: anyName,
	type: fc.constantFrom(...cloudScalars),
	count: fc.integer({ min: 1, max: 3 }),
});

/** Any sound cloud of few points with arbitrary bytes, organised or not, with no room between fields. */
export const anyTightCloud: fc.Arbitrary<PointCloud> = fc
	.tuple(
		fc.uniqueArray(anyField, { selector: ({ name }) => name, minLength: 1, maxLength: 6 }),
		fc.integer({ min: 0, max: 4 }),
		fc.integer({ min: 0, max: 6 }),
	)
	.chain(([list, heightPoints, widthPoints]) => {
		const packed = packFields(list);
		const length = packed.pointStepBytes * heightPoints * widthPoints;
		return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => ({ ...packed, heightPoints, widthPoints, data }));
	});

const anyMetres = fc.oneof(
	// Doubles are arbitrary in their exponent, so that nearly all are near 0.
	fc.integer({ min: -6_000, max: 6_000 }).map((cm) => cm / 100),
	fc.integer({ min: -600, max: 600 }).map((cm) => cm / 100),
	fc.double({ min: -60, max: 60, noNaN: true }),
	fc.integer({ min: -6, max: 6 }),
	fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, -0),
);

/** Any cloud with positions in metres, points that are nowhere among them. */
export const anyPlacedCloud: fc.Arbitrary<PointCloud> = fc
	.tuple(
		fc.constantFrom(["x", "y", "z"], ["x", "y", "z", "intensity", "ring:uint16"], ["t:float64", "z", "y", "x", "rgb:uint32", "tag:uint8"]),
		fc.constantFrom("float32", "float64"),
		fc.array(fc.array(anyMetres, { minLength: 6, maxLength: 6 }), { maxLength: 24 }),
		fc.boolean(),
	)
	.map(([names, type, rows, isOrganised]) => {
		const typed = names.map((name) => (["x", "y", "z"].includes(name) ? `${name}:${type}` : name));
		const cloud = cloudOf(typed, rows);
		return isOrganised && rows.length % 2 === 0 ? { ...cloud, heightPoints: 2, widthPoints: rows.length / 2 } : cloud;
	});
