/**
 * Writes an MCAP file with chunks in zstd, indexes and a summary, by the package @mcap/core. Until it is whole it has another name.
 */
import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { KerbError } from "../../shared/errors.ts";
import { version } from "../version.ts";
import type { BagCodec } from "./bag-codec.ts";
import { loadMcap } from "./bag-reader.ts";

export interface BagWriter {
	/** The codec tells schema and encoding; each pair of topic and codec is one channel. Takes the bytes. */
	write(topic: string, codec: BagCodec, logTimeNs: bigint, data: Uint8Array): Promise<void>;
	/** Gives the file its name. */
	finish(): Promise<void>;
	/** Leaves nothing behind. Does nothing after `finish`. */
	discard(): Promise<void>;
}

const unwritable = (file: string, cause: unknown): KerbError =>
	new KerbError("SOURCE_UNAVAILABLE", `${file} cannot be written: is its folder there, and has it room?`, { cause });

/**
 * @param profile `ros2` or nothing.
 * @throws KerbError SOURCE_UNAVAILABLE when the file cannot be written.
 */
export const createBag = async (file: string, profile: string): Promise<BagWriter> => {
	const { McapWriter } = await loadMcap();
	const part = `${file}.part-${randomBytes(6).toString("hex")}`;
	const handle = await open(part, "wx").catch((cause: unknown) => {
		throw unwritable(file, cause);
	});
	let written = 0n;
	let isOpen = true;
	const writer = new McapWriter({
		writable: {
			position: () => written,
			write: async (bytes) => {
				for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
				written += BigInt(bytes.length);
			},
		},
		compressChunk: (chunk) => ({ compression: "zstd", compressedData: zstdCompressSync(chunk) }),
	});
	const channels = new Map<string, { readonly id: number; sequence: number }>();
	const schemas = new Map<BagCodec, number>();
	const channelOf = async (topic: string, codec: BagCodec) => {
		const key = `${codec.schema.name} ${topic}`;
		const known = channels.get(key);
		if (known !== undefined) return known;
		const schemaId = schemas.get(codec) ?? (await writer.registerSchema(codec.schema));
		schemas.set(codec, schemaId);
		const id = await writer.registerChannel({ topic, schemaId, messageEncoding: codec.messageEncoding, metadata: new Map() });
		const fresh = { id, sequence: 0 };
		channels.set(key, fresh);
		return fresh;
	};
	const close = async (): Promise<void> => {
		if (isOpen) await handle.close();
		isOpen = false;
	};
	const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
		try {
			return await work();
		} catch (cause) {
			throw unwritable(file, cause);
		}
	};
	await guarded(() => writer.start({ profile, library: `kerbstone ${version}` }));
	return {
		write: (topic, codec, logTimeNs, data) =>
			guarded(async () => {
				const channel = await channelOf(topic, codec);
				channel.sequence += 1;
				await writer.addMessage({ channelId: channel.id, sequence: channel.sequence, logTime: logTimeNs, publishTime: logTimeNs, data });
			}),
		finish: () =>
			guarded(async () => {
				await writer.end();
				await handle.sync();
				await close();
				await rename(part, file);
				const folder = await open(dirname(file), "r");
				await folder.sync().finally(() => folder.close());
			}),
		discard: async () => {
			await close();
			await rm(part, { force: true });
		},
	};
};
