/**
 * foxglove.CompressedImage in Protobuf: a time (1), the picture (2), its format (3), a frame of reference (4). A bag carries the definition as a
 * FileDescriptorSet.
 */
import { type BagCodec, ownJpeg } from "./bag-codec.ts";
import { readFields, type WireField, type WireValue, writeFields } from "./bag-protobuf.ts";

const name = "foxglove.CompressedImage";
const stampType = ".google.protobuf.Timestamp";

/** Of a FieldDescriptorProto. */
const types = { int64: 3, int32: 5, text: 9, message: 11, bytes: 12 } as const;

const fields = [
	{ name: "timestamp", number: 1, type: types.message },
	{ name: "data", number: 2, type: types.bytes },
	{ name: "format", number: 3, type: types.text },
	{ name: "frame_id", number: 4, type: types.text },
] as const;

type Definition = readonly (readonly [number, WireValue])[];

const fieldDefinition = (field: string, number: number, type: number, typeName?: string): readonly [number, WireValue] => [
	2,
	[[1, field], [3, number], [4, 1], [5, type], ...(typeName === undefined ? [] : [[6, typeName] as const])],
];

const definition: Definition = [
	[
		1,
		[
			[1, "google/protobuf/timestamp.proto"],
			[2, "google.protobuf"],
			[4, [[1, "Timestamp"], fieldDefinition("seconds", 1, types.int64), fieldDefinition("nanos", 2, types.int32)]],
			[12, "proto3"],
		],
	],
	[
		1,
		[
			[1, "foxglove/CompressedImage.proto"],
			[2, "foxglove"],
			[3, "google/protobuf/timestamp.proto"],
			[
				4,
				[
					[1, "CompressedImage"],
					...fields.map((field) =>
						fieldDefinition(field.name, field.number, field.type, field.type === types.message ? stampType : undefined),
					),
				],
			],
			[12, "proto3"],
		],
	],
];

const text = (found: readonly WireField[], number: number): string =>
	new TextDecoder().decode(found.findLast((field) => field.number === number)?.bytes);
const all = (found: readonly WireField[], number: number): readonly (readonly WireField[])[] =>
	found.flatMap((field) => (field.number === number && field.bytes !== undefined ? [readFields(field.bytes)] : []));
const value = (found: readonly WireField[], number: number): number | undefined =>
	found.findLast((field) => field.number === number)?.value;

const saysTheSame = (data: Uint8Array): boolean => {
	const messages = all(readFields(data), 1).flatMap((file) => (text(file, 2) === "foxglove" ? all(file, 4) : []));
	const [message, another] = messages.filter((each) => text(each, 1) === "CompressedImage");
	if (message === undefined || another !== undefined) return false;
	const said = all(message, 2);
	return fields.every((field) => {
		const same = said.find((each) => value(each, 3) === field.number);
		return same !== undefined && text(same, 1) === field.name && value(same, 5) === field.type;
	});
};

export const foxgloveImage: BagCodec = {
	kind: "frame",
	messageEncoding: "protobuf",
	schema: { name, encoding: "protobuf", data: writeFields(definition) },
	fits: (data) => {
		try {
			return saysTheSame(data);
		} catch {
			return false;
		}
	},
	read: (message) => {
		// The last one counts, as for every reader of Protobuf.
		const data = readFields(message).findLast(({ number }) => number === 2)?.bytes;
		const jpeg = data === undefined ? undefined : ownJpeg(data);
		return jpeg === undefined ? undefined : { kind: "frame", jpeg };
	},
	write: (record, { logTimeNs, frameId }) => {
		if (record.kind !== "frame") return undefined;
		const stamp = [
			[1, Number(logTimeNs / 1_000_000_000n)],
			[2, Number(logTimeNs % 1_000_000_000n)],
		] as const;
		return writeFields([
			[1, stamp],
			[4, frameId],
			[2, record.jpeg],
			[3, "jpeg"],
		]);
	},
};
