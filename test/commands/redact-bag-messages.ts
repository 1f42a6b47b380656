/** Bags of a test: messages written by hand, apart from the program's own writer, and files by the package that Foxglove's tools use. */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { McapIndexedReader, McapStreamReader, McapWriter } from "@mcap/core";

export type Part =
	| readonly ["u8" | "i8" | "u16" | "i32" | "u32" | "f64", number]
	| readonly ["text", string]
	| readonly ["bytes", Uint8Array];

const sizes = { u8: 1, i8: 1, u16: 2, i32: 4, u32: 4, f64: 8 } as const;

/** Values in CDR, one after the other. */
export const cdr = (parts: readonly Part[], isLittle = true): Uint8Array => {
	const out: number[] = [];
	const put = (kind: keyof typeof sizes, value: number): void => {
		const size = sizes[kind];
		while (out.length % size !== 0) out.push(0);
		const view = new DataView(new ArrayBuffer(8));
		if (size === 1) view.setUint8(0, value & 0xff);
		if (size === 2) view.setUint16(0, value, isLittle);
		if (size === 4) view.setUint32(0, value >>> 0, isLittle);
		if (size === 8) view.setFloat64(0, value, isLittle);
		out.push(...new Uint8Array(view.buffer, 0, size));
	};
	for (const [kind, value] of parts) {
		if (kind !== "text" && kind !== "bytes") {
			put(kind, value);
			continue;
		}
		const bytes = kind === "text" ? new TextEncoder().encode(`${value}\0`) : value;
		put("u32", bytes.length);
		for (const byte of bytes) out.push(byte);
	}
	return Uint8Array.from([0, isLittle ? 1 : 0, 0, 0, ...out]);
};

const head: readonly Part[] = [
	["i32", 1_700_000_000],
	["u32", 5],
	["text", "frame-of-the-sender"],
];

export const imageMessage = (jpeg: Uint8Array, isLittle = true): Uint8Array =>
	cdr([...head, ["text", "jpeg; compressed bgr8 of the sender"], ["bytes", jpeg]], isLittle);

export interface FixValues {
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly altitudeM?: number;
	readonly status?: number;
}

export const fixMessage = ({ latDeg, lonDeg, altitudeM = 12.5, status = 0 }: FixValues, isLittle = true): Uint8Array =>
	cdr(
		[
			...head,
			["i8", status],
			["u16", 1],
			["f64", latDeg],
			["f64", lonDeg],
			["f64", altitudeM],
			...[4, 0.1, 0.2, 0.1, 9, 0.3, 0.2, 0.3, 16].map((value): Part => ["f64", value]),
			["u8", 2],
		],
		isLittle,
	);

const ruler = "=".repeat(80);
const headerText = `${ruler}
MSG: std_msgs/Header
# A comment of the sender
builtin_interfaces/Time stamp
string frame_id
${ruler}
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
`;
/** With the comments and constants of the original. */
export const schemaTexts = {
	"sensor_msgs/msg/CompressedImage": `# A picture\nstd_msgs/Header header # Header\n\nstring format     # Acceptable values: jpeg\nuint8[] data      # bytes\n${headerText}`,
	"sensor_msgs/msg/NavSatFix": `std_msgs/Header header
sensor_msgs/NavSatStatus status
float64 latitude
float64 longitude
float64 altitude
float64[9] position_covariance
uint8 COVARIANCE_TYPE_UNKNOWN = 0
uint8 COVARIANCE_TYPE_KNOWN=3
uint8 position_covariance_type
${headerText}${ruler}
MSG: sensor_msgs/NavSatStatus
int8 STATUS_NO_FIX =  -1        # unable to fix position
int8 status
uint16 SERVICE_GPS = 1
uint16 service
`,
	"sensor_msgs/msg/PointCloud2": `std_msgs/Header header
uint32 height
uint32 width
PointField[] fields
bool    is_bigendian
uint32  point_step
uint32  row_step
uint8[] data
bool is_dense
${headerText}${ruler}
MSG: sensor_msgs/PointField
uint8 INT8    = 1
string name
uint32 offset
uint8  datatype
uint32 count
`,
	"diagnostic_msgs/msg/DiagnosticArray": "string whatever\n",
} as const;

export interface TestMessage {
	readonly topic: string;
	readonly schema: string;
	readonly logTimeNs: bigint;
	readonly data: Uint8Array;
	/** In Protobuf: its FileDescriptorSet. */
	readonly protobuf?: Uint8Array;
}

export interface TestBag {
	readonly messages: readonly TestMessage[];
	readonly profile?: string;
	readonly schemaText?: (name: string) => string;
	/** As the chunks say it. */
	readonly compression?: "zstd" | "lz4" | "";
}

export const secretMetadata = "serial number of the recorder 4711";

/** A bag with metadata and an attachment. */
export const makeBag = async ({ messages, profile = "ros2", schemaText, compression = "zstd" }: TestBag): Promise<Buffer> => {
	const parts: Uint8Array[] = [];
	let size = 0;
	const writer = new McapWriter({
		writable: {
			position: () => BigInt(size),
			write: (bytes) => {
				parts.push(Uint8Array.from(bytes));
				size += bytes.length;
				return Promise.resolve();
			},
		},
		chunkSize: 20_000,
		...(compression === "" ? {} : { compressChunk: (chunk) => ({ compression, compressedData: zstdCompressSync(chunk) }) }),
	});
	await writer.start({ profile, library: "a recorder" });
	await writer.addMetadata({ name: "vehicle", metadata: new Map([["serial", secretMetadata]]) });
	const bytes = new TextEncoder().encode(secretMetadata);
	await writer.addAttachment({ name: "calibration", logTime: 1n, createTime: 1n, mediaType: "text/plain", data: bytes });
	const channels = new Map<string, number>();
	for (const { topic, schema, logTimeNs, data, protobuf } of messages) {
		const text = schemaText?.(schema) ?? Object.entries(schemaTexts).find(([name]) => name === schema)?.[1] ?? "";
		const id =
			channels.get(topic) ??
			(await writer.registerChannel({
				...{
					topic,
					messageEncoding: protobuf === undefined ? "cdr" : "protobuf",
					metadata: new Map([["offered_qos_profiles", secretMetadata]]),
				},
				schemaId: await writer.registerSchema(
					protobuf === undefined
						? { name: schema, encoding: "ros2msg", data: new TextEncoder().encode(text) }
						: { name: schema, encoding: "protobuf", data: protobuf },
				),
			}));
		channels.set(topic, id);
		await writer.addMessage({ channelId: id, sequence: 1, logTime: logTimeNs, publishTime: logTimeNs + 7n, data });
	}
	await writer.end();
	return Buffer.concat(parts);
};

const decompressHandlers = { zstd: (bytes: Uint8Array) => new Uint8Array(zstdDecompressSync(bytes)) };

/** All messages by way of the index, as Foxglove reads them, and every byte unpacked. */
export const readBack = async (file: Buffer) => {
	const reader = await McapIndexedReader.Initialize({
		readable: {
			size: () => Promise.resolve(BigInt(file.length)),
			read: (offset, length) => Promise.resolve(new Uint8Array(file.subarray(Number(offset), Number(offset + length)))),
		},
		decompressHandlers,
	});
	const messages = [];
	for await (const message of reader.readMessages()) {
		messages.push({ topic: reader.channelsById.get(message.channelId)?.topic, ...message });
	}
	const stream = new McapStreamReader({ decompressHandlers, includeChunks: true });
	stream.append(file);
	const unpacked: Uint8Array[] = [file];
	for (let record = stream.nextRecord(); record !== undefined; record = stream.nextRecord()) {
		if (record.type === "Chunk" && record.compression === "zstd") unpacked.push(zstdDecompressSync(record.records));
	}
	return { reader, messages, isWhole: stream.done(), bytes: Buffer.concat(unpacked) };
};
