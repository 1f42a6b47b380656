/**
 * What is known of a baseline JPEG before a single coefficient is looked at (ITU-T T.81, Annex B).
 */

/** A Huffman table as its segment has it (T.81, B.2.4.2). */
export interface HuffmanSpec {
	/** How many codes there are of 1 to 16 bits: 16 numbers. */
	readonly counts: Uint8Array;
	/** The symbols in the order of their codes; as many as the counts add up to. */
	readonly symbols: Uint8Array;
}

export interface JpegComponent {
	readonly id: number;
	/** Sampling factors as written, 1 to 4. */
	readonly h: number;
	readonly v: number;
	/** Blocks of this component in one MCU: `h` x `v`, row by row; in a grey picture 1 x 1, whatever is written (T.81, A.2.2). */
	readonly blocksAcross: number;
	readonly blocksDown: number;
	/** Indices into the tables; those tables are there. */
	readonly quantTable: number;
	readonly dcTable: number;
	readonly acTable: number;
}

export const jpegSamplings = ["grey", "4:4:4", "4:2:2", "4:4:0", "4:2:0", "4:1:1"] as const;
export type JpegSampling = (typeof jpegSamplings)[number];

export interface JpegFrame {
	/** The file; borrowed. */
	readonly bytes: Uint8Array;
	readonly widthPx: number;
	readonly heightPx: number;
	/** Start of frame as written: baseline (SOF0) or extended sequential with 8 bits (SOF1). */
	readonly startOfFrame: 0xc0 | 0xc1;
	/** 1 or 3, in the order of the frame and of the scan. */
	readonly components: readonly JpegComponent[];
	/** By the ratio of the factors: 2x2 with 1x2 is 4:2:2. */
	readonly sampling: JpegSampling;
	/** What the components mean, by the rule of libjpeg: JFIF, then APP14, then the components' ids. */
	readonly colour: "grey" | "ycbcr" | "rgb";
	/** What APP14 has to say in a copy without JFIF for the colours to stay; undefined where it is not needed. */
	readonly adobeTransform: 0 | 1 | undefined;
	/** By index 0 to 3; 64 entries each in zigzag order. */
	readonly quantTables: readonly (Uint16Array | undefined)[];
	/** By index 0 to 3; the tables of Annex K where the file has none at all. */
	readonly dcTables: readonly (HuffmanSpec | undefined)[];
	readonly acTables: readonly (HuffmanSpec | undefined)[];
	/** In MCUs; 0 without restart markers. */
	readonly restartInterval: number;
	readonly mcuWidthPx: number;
	readonly mcuHeightPx: number;
	readonly mcuColumns: number;
	readonly mcuRows: number;
	/** All components' blocks, 1 to 10. */
	readonly blocksPerMcu: number;
	/** Where the entropy-coded data is in `bytes`: from the byte after the scan header up to the first 0xFF of the end of image, left out. */
	readonly scanStart: number;
	readonly scanEnd: number;
}
