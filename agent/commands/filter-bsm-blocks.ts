/**
 * Gathers what is written into large blocks.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { KerbError } from "../../shared/errors.ts";

const blockBytes = 1_048_576;

export interface BlockSink {
	/** Takes a full block; borrowed until the promise resolves. */
	write(block: Uint8Array): Promise<void> | void;
	close(): void;
}

/**
 * A block that bytes are put into. What a call puts is a line and its end; between lines `flush` hands the block on when it is nearly full. It grows to
 * what a line needs, which the readers bound.
 */
export class BlockWriter {
	bytes: Buffer = Buffer.allocUnsafeSlow(blockBytes);
	length = 0;
	readonly #sink: BlockSink;

	constructor(sink: BlockSink) {
		this.#sink = sink;
	}

	/** Makes room for so many bytes behind `length`. */
	reserve(count: number): void {
		if (this.length + count <= this.bytes.length) return;
		const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + count));
		this.bytes.copy(grown, 0, 0, this.length);
		this.bytes = grown;
	}

	/** Copies bytes and a line end. */
	putLine(line: Uint8Array): void {
		this.reserve(line.length + 1);
		this.bytes.set(line, this.length);
		this.length += line.length;
		this.bytes[this.length++] = 0x0a;
	}

	/** Text of Latin-1 characters alone. */
	putText(text: string): void {
		this.reserve(text.length);
		this.length += this.bytes.write(text, this.length, "latin1");
	}

	/** Hands on what there is. */
	async flush(): Promise<void> {
		if (this.length === 0) return;
		const { length } = this;
		this.length = 0;
		await this.#sink.write(this.bytes.subarray(0, length));
	}

	async close(): Promise<void> {
		await this.flush();
		this.#sink.close();
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
