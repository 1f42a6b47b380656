/**
 * Gathers what is written into large blocks.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { KerbError } from "../../shared/errors.ts";

const blockBytes = 1_048_576;
const textLength = 16_384;

export interface BlockSink {
	/** Takes a full block; borrowed until the promise resolves. */
	write(block: Uint8Array): Promise<void> | void;
	close(): void;
}

/**
 * A block that lines are put into; between blocks of input `flush` hands it on. It grows to what comes in between. Text is gathered before it becomes bytes,
 * since each call for that costs more than a short line.
 */
export class BlockWriter {
	#bytes: Buffer = Buffer.allocUnsafeSlow(blockBytes);
	#length = 0;
	#text = "";
	readonly #sink: BlockSink;

	constructor(sink: BlockSink) {
		this.#sink = sink;
	}

	/** Copies bytes and a line end. */
	putLine(line: Uint8Array): void {
		this.#settle();
		this.#reserve(line.length + 1);
		this.#bytes.set(line, this.#length);
		this.#length += line.length;
		this.#bytes[this.#length++] = 0x0a;
	}

	/** Text of Latin-1 characters alone. */
	putText(text: string): void {
		this.#text += text;
		if (this.#text.length >= textLength) this.#settle();
	}

	/** Hands on what there is. */
	async flush(): Promise<void> {
		this.#settle();
		if (this.#length === 0) return;
		const length = this.#length;
		this.#length = 0;
		await this.#sink.write(this.#bytes.subarray(0, length));
	}

	async close(): Promise<void> {
		await this.flush();
		this.#sink.close();
	}

	#settle(): void {
		if (this.#text === "") return;
		this.#reserve(this.#text.length);
		this.#length += this.#bytes.write(this.#text, this.#length, "latin1");
		this.#text = "";
	}

	#reserve(count: number): void {
		if (this.#length + count <= this.#bytes.length) return;
		const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + count));
		this.#bytes.copy(grown, 0, 0, this.#length);
		this.#bytes = grown;
	}
}

/**
 * Writes to a file, which is made anew.
 *
 * @throws KerbError SOURCE_UNAVAILABLE when it cannot be written.
 */
export const fileSink = (path: string): BlockSink => {
	const failed = (cause: unknown): KerbError =>
		new KerbError("SOURCE_UNAVAILABLE", `${path} cannot be written: check its folder, its permissions and the room on its disk`, { cause });
	let file: number;
	try {
		file = openSync(path, "w");
	} catch (cause) {
		throw failed(cause);
	}
	return {
		write: (block) => {
			try {
				for (let at = 0; at < block.length; ) at += writeSync(file, block, at, block.length - at);
			} catch (cause) {
				throw failed(cause);
			}
		},
		close: () => closeSync(file),
	};
};

/** Writes to a command's standard output. */
export const outSink = (out: (text: string) => Promise<void>): BlockSink => {
	const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
	return {
		// `out` ends what it prints itself.
		write: (block) => out(decoder.decode(block.at(-1) === 0x0a ? block.subarray(0, -1) : block)),
		close: () => undefined,
	};
};
