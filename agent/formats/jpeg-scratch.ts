/**
 * What one redaction works in, kept for the next one: a camera's frames are much of a size, and a frame should leave no garbage behind to collect.
 * For one redaction at a time.
 */
import { JpegWriter } from "./jpeg-bits.ts";
import { EntropyData } from "./jpeg-entropy.ts";
import type { JpegFrame } from "./jpeg-frame.ts";
import { WalkTables } from "./jpeg-lookup.ts";
import { jpegRefusal } from "./jpeg-refusal.ts";
import { McuWalker } from "./jpeg-walk.ts";

/** A block takes two codes at least, of one bit at least. */
const leastBitsPerBlock = 2;

export class JpegScratch {
	readonly entropy = new EntropyData();
	readonly writer = new JpegWriter();
	readonly walker = new McuWalker();
	readonly tables = new WalkTables();
	/** The DC of each component's last block as it is in the output. */
	readonly before = new Int32Array(3);
	#grid = new Uint8Array(0);

	/**
	 * A byte for each MCU of the frame, with anything in it.
	 * @throws KerbError FORMAT_INVALID `damaged` when the scan cannot hold so many MCUs: a header alone must not cost memory
	 */
	gridOf({ mcuColumns, mcuRows, blocksPerMcu, scanStart, scanEnd }: JpegFrame): Uint8Array {
		const mcus = mcuColumns * mcuRows;
		if (mcus * blocksPerMcu * leastBitsPerBlock > (scanEnd - scanStart) * 8)
			throw jpegRefusal("damaged", "its scan is too short for its size");
		if (this.#grid.length < mcus) this.#grid = new Uint8Array(mcus);
		return this.#grid;
	}

	/** Overwrites what is left of the picture. */
	wipe(): void {
		this.entropy.wipe();
		this.writer.wipe();
		this.walker.dc.fill(0);
		this.before.fill(0);
	}
}
