/**
 * Reads an MCAP file (mcap.dev, version 0) from its beginning to its end, indexed or not, by the package @mcap/core. What the file claims of lengths is checked
 * here before there is memory for it; each record is handed over whole.
 *
 *   0 magic, 8 bytes   then records: 0 opcode (u8)   1 length (u64, little-endian)   9 content   at last the magic again
 */
import { open } from "node:fs/promises";
import { crc32, zstdDecompressSync } from "node:zlib";
import { isKerbError, isMissingFile, KerbError } from "../../shared/errors.ts";
import type { BagSchema } from "./bag-codec.ts";

/** Of a record, and of a chunk unpacked. */
const maxRecordBytes = 256 * 1024 * 1024;
/** Schemas and channels are kept; of all of them together. */
const maxDefinitionBytes = 64 * 1024 * 1024;
const magicBytes = 8;
const headBytes = 9;
const opcodes = { attachment: 0x09, metadata: 0x0c, dataEnd: 0x0f } as const;

export type BagItem =
	| { readonly kind: "header"; readonly profile: string }
	| {
			readonly kind: "channel";
			readonly id: number;
			readonly topic: string;
			readonly encoding: string;
			readonly schema: BagSchema | undefined;
	  }
	/** Borrowed until the next item is asked for. */
	| { readonly kind: "message"; readonly channelId: number; readonly logTimeNs: bigint; readonly data: Uint8Array }
	| { readonly kind: "attachment" | "metadata" };

export const installMcap = "bags need the package @mcap/core 2: install kerbstone with its optional dependencies";

/** @throws KerbError SOURCE_UNAVAILABLE without the package. */
export const loadMcap = async () => {
	try {
		return await import("@mcap/core");
	} catch (cause) {
		throw new KerbError("SOURCE_UNAVAILABLE", installMcap, { cause });
	}
};

const invalid = (file: string, what: string, cause?: unknown): KerbError =>
	new KerbError("FORMAT_INVALID", `${file}: ${what}`, cause === undefined ? {} : { cause });

/** By the name that a chunk gives its compression. */
const unpackers = (file: string) => ({
	zstd: (packed: Uint8Array, size: bigint): Uint8Array => {
		if (size > maxRecordBytes) throw invalid(file, `a chunk claims more than ${maxRecordBytes} bytes`);
		const bytes = zstdDecompressSync(packed, { maxOutputLength: Math.max(1, Number(size)) });
		if (BigInt(bytes.length) !== size) throw invalid(file, "a chunk has another size than it says");
		return bytes;
	},
	lz4: (): Uint8Array => {
		throw invalid(file, 'chunks are packed by lz4, which is not read here; "mcap compress --compression zstd" makes a bag that is');
	},
});

/**
 * Yields what is in the bag, in the order of the file.
 *
 * @throws KerbError SOURCE_UNAVAILABLE when the file cannot be read or @mcap/core is not installed; FORMAT_INVALID when it is no MCAP, is cut off, has a wrong
 * checksum or is packed by anything but zstd.
 */
export async function* readBag(file: string): AsyncGenerator<BagItem> {
	const { McapStreamReader } = await loadMcap();
	const handle = await open(file, "r").catch((cause: unknown) => {
		throw new KerbError("SOURCE_UNAVAILABLE", `${file} ${isMissingFile(cause) ? "is not there" : "cannot be opened"}`, { cause });
	});
	let at = 0;
	try {
		const { size } = await handle.stat();
		const read = async (length: number): Promise<Uint8Array> => {
			if (length > size - at) throw invalid(file, `it is cut off: expected ${length} bytes at ${at}, the file has ${size}`);
			const bytes = new Uint8Array(length);
			let filled = 0;
			while (filled < length) {
				const { bytesRead } = await handle.read(bytes, filled, length - filled, at + filled);
				if (bytesRead === 0) throw invalid(file, "it became shorter while it was read");
				filled += bytesRead;
			}
			at += length;
			return bytes;
		};
		const reader = new McapStreamReader({ validateCrcs: true, decompressHandlers: unpackers(file) });
		const definitions: Definitions = { schemas: new Map(), bytes: 0 };
		/** Of all before the record of the data's end; undefined behind it. */
		let crc: number | undefined = 0;
		const feed = (bytes: Uint8Array): void => {
			reader.append(bytes);
			if (crc !== undefined) crc = crc32(bytes, crc);
		};
		const magic = await read(Math.min(magicBytes, size));
		feed(magic);
		while (size - at > magicBytes) {
			const head = await read(headBytes);
			const opcode = head[0];
			const length = new DataView(head.buffer).getBigUint64(1, true);
			if (length > maxRecordBytes)
				throw invalid(file, `a record at ${at - headBytes} claims ${length} bytes; up to ${maxRecordBytes} are read`);
			const content = await read(Number(length));
			if (opcode === opcodes.dataEnd && crc !== undefined) {
				checkCrc(file, content, crc);
				crc = undefined;
			}
			feed(head);
			feed(content);
			for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord()) {
				const item = crc === undefined ? undefined : itemOf(record, definitions, file);
				if (item !== undefined) yield item;
			}
		}
		feed(await read(size - at));
		reader.nextRecord();
		if (!reader.done()) throw invalid(file, 'it has no end; a recorder that was stopped leaves such bags, and "mcap recover" mends them');
	} catch (error) {
		if (isKerbError(error)) throw error;
		throw invalid(file, `it is damaged or no MCAP file, found before byte ${at}`, error);
	} finally {
		await handle.close();
	}
}

const checkCrc = (file: string, content: Uint8Array, found: number): void => {
	if (content.length < 4) throw invalid(file, "the record of the data's end is too short");
	const claimed = new DataView(content.buffer).getUint32(0, true);
	if (claimed !== 0 && claimed !== found) throw invalid(file, "the data has another checksum than it says");
};

type Mcap = Awaited<ReturnType<typeof loadMcap>>;
type Record = NonNullable<ReturnType<InstanceType<Mcap["McapStreamReader"]>["nextRecord"]>>;

interface Definitions {
	readonly schemas: Map<number, BagSchema>;
	bytes: number;
}

const grow = (definitions: Definitions, bytes: number, file: string): void => {
	definitions.bytes += bytes;
	if (definitions.bytes > maxDefinitionBytes) throw invalid(file, `its schemas and channels have more than ${maxDefinitionBytes} bytes`);
};

/** Undefined: nothing that anybody asks for. */
const itemOf = (record: Record, definitions: Definitions, file: string): BagItem | undefined => {
	switch (record.type) {
		case "Header":
			return { kind: "header", profile: record.profile };
		case "Schema": {
			const { id, name, encoding } = record;
			const { schemas } = definitions;
			const known = schemas.get(id);
			grow(definitions, record.data.length + name.length, file);
			const data = new Uint8Array(record.data);
			if (known === undefined) schemas.set(id, { name, encoding, data });
			else if (known.name !== name || known.encoding !== encoding || Buffer.compare(known.data, data) !== 0)
				throw invalid(file, "two schemas have one number");
			return undefined;
		}
		case "Channel": {
			const { id, topic, messageEncoding: encoding, schemaId } = record;
			for (const [key, value] of record.metadata) grow(definitions, key.length + value.length, file);
			grow(definitions, topic.length, file);
			return { kind: "channel", id, topic, encoding, schema: definitions.schemas.get(schemaId) };
		}
		case "Message":
			return { kind: "message", channelId: record.channelId, logTimeNs: record.logTime, data: record.data };
		case "Attachment":
			return { kind: "attachment" };
		case "Metadata":
			return { kind: "metadata" };
		default:
			return undefined;
	}
};
