/**
 * The Huffman tables of a masked JPEG. A mask needs DC differences of any size and EOB; tables made for one picture (`cjpeg -optimize`, sharp) lack
 * what that picture did not need. Where there is room the missing codes are added behind the others, and the bits of all that is not masked stay as
 * they are; else the table of Annex K takes its place, and everything is coded anew with it.
 */
import { acLuminance, dcLuminance } from "./jpeg-annex-k.ts";
import type { JpegFrame } from "./jpeg-frame.ts";
import { withSymbols } from "./jpeg-huffman.ts";
import { maxDcCategory } from "./jpeg-tables.ts";
import type { OutputTables } from "./jpeg-whitelist.ts";

const dcCategories = Array.from({ length: maxDcCategory + 1 }, (_, category) => category);
const endOfBlockOnly = [0];

export interface MaskTables extends OutputTables {
	/** True when codes changed, so that no bits can be copied. */
	readonly recode: boolean;
}

/** The frame's own tables when nothing is masked. */
export const outputTables = (frame: JpegFrame, masked: boolean): MaskTables => {
	if (!masked) return { dc: frame.dcTables, ac: frame.acTables, recode: false };
	const dc = frame.dcTables.slice();
	const ac = frame.acTables.slice();
	let recode = false;
	for (const { dcTable, acTable } of frame.components) {
		const completeDc = withSymbols(dc[dcTable] ?? dcLuminance, dcCategories);
		const completeAc = withSymbols(ac[acTable] ?? acLuminance, endOfBlockOnly);
		recode ||= completeDc === undefined || completeAc === undefined;
		dc[dcTable] = completeDc ?? dcLuminance;
		ac[acTable] = completeAc ?? acLuminance;
	}
	return { dc, ac, recode };
};
