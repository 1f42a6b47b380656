/**
 * Start of frame and start of scan (T.81, B.2.2 and B.2.3): how large the picture is, how its components are sampled, and which tables they use.
 *
 * | SOF | bytes | SOS | bytes |
 * |-----|-------|-----|-------|
 * | precision | 1 | components | 1 |
 * | height, width | 2 each | per component: id, DC table and AC table (4 bits each) | 2 |
 * | components | 1 | first and last coefficient | 1 each |
 * | per component: id, h and v (4 bits each), quantisation table | 3 | bit positions | 1 |
 */
import { jpegMarkers } from "./jpeg-codes.ts";
import type { JpegComponent, JpegFrame, JpegSampling } from "./jpeg-frame.ts";
import { jpegRefusal } from "./jpeg-refusal.ts";

/** No camera of a vehicle has more: 8,192 x 8,192. Bounds what is allocated for a picture. */
export const maxPixels = 67_108_864;

const maxBlocksPerMcu = 10;
const samplings: Readonly<Record<string, JpegSampling>> = {
	"1x1": "4:4:4",
	"2x1": "4:2:2",
	"1x2": "4:4:0",
	"2x2": "4:2:0",
	"4x1": "4:1:1",
};

type FrameComponent = Omit<JpegComponent, "dcTable" | "acTable">;
type Geometry = Pick<JpegFrame, "mcuWidthPx" | "mcuHeightPx" | "mcuColumns" | "mcuRows" | "blocksPerMcu">;

export interface StartOfFrame extends Geometry, Pick<JpegFrame, "startOfFrame" | "widthPx" | "heightPx" | "sampling"> {
	readonly components: readonly FrameComponent[];
}

/** Takes a SOF0 or SOF1 segment, without marker and length. @throws KerbError FORMAT_INVALID `not-baseline`, `damaged`, `too-large` */
export const readStartOfFrame = (marker: number, segment: Uint8Array): StartOfFrame => {
	const count = segment[5] ?? 0;
	if (segment.length < 6 || segment.length !== 6 + 3 * count)
		throw jpegRefusal("damaged", "the frame header has not the length of its components");
	if (segment[0] !== 8) throw jpegRefusal("not-baseline", `expected samples of 8 bits, got ${segment[0]}`);
	const [heightPx, widthPx] = [word(segment, 1), word(segment, 3)];
	if (heightPx === 0) throw jpegRefusal("not-baseline", "the frame's height is to be told later (DNL)");
	if (widthPx === 0) throw jpegRefusal("damaged", "the frame has no width");
	if (widthPx * heightPx > maxPixels) throw jpegRefusal("too-large", `expected at most ${maxPixels} pixels, got ${widthPx} x ${heightPx}`);
	if (count !== 1 && count !== 3) throw jpegRefusal("not-baseline", `expected 1 or 3 components, got ${count}`);
	const components = Array.from({ length: count }, (_, index) => readComponent(segment, 6 + 3 * index, count === 1));
	if (new Set(components.map(({ id }) => id)).size !== count) throw jpegRefusal("damaged", "two components have the same id");
	const [first] = components;
	if (first === undefined) throw jpegRefusal("damaged", "the frame has no components");
	const [mcuWidthPx, mcuHeightPx] = [8 * first.blocksAcross, 8 * first.blocksDown];
	const blocksPerMcu = components.reduce((sum, { blocksAcross, blocksDown }) => sum + blocksAcross * blocksDown, 0);
	if (blocksPerMcu > maxBlocksPerMcu) throw jpegRefusal("damaged", "an MCU has more blocks than the standard allows");
	return {
		startOfFrame: marker === jpegMarkers.sof0 ? 0xc0 : 0xc1,
		widthPx,
		heightPx,
		components,
		sampling: samplingOf(components),
		mcuWidthPx,
		mcuHeightPx,
		mcuColumns: Math.ceil(widthPx / mcuWidthPx),
		mcuRows: Math.ceil(heightPx / mcuHeightPx),
		blocksPerMcu,
	};
};

const word = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

const readComponent = (segment: Uint8Array, at: number, alone: boolean): FrameComponent => {
	const factors = segment[at + 1] ?? 0;
	const [h, v, quantTable] = [factors >> 4, factors & 15, segment[at + 2] ?? 0];
	if (h < 1 || h > 4 || v < 1 || v > 4 || quantTable > 3)
		throw jpegRefusal("damaged", "a component has impossible sampling factors or tables");
	return { id: segment[at] ?? 0, h, v, quantTable, blocksAcross: alone ? 1 : h, blocksDown: alone ? 1 : v };
};

/** Luminance must be the finest, both chrominances alike. */
const samplingOf = (components: readonly FrameComponent[]): JpegSampling => {
	const [luma, blue, red] = components;
	if (luma === undefined || blue === undefined || red === undefined) return "grey";
	const name = blue.h === red.h && blue.v === red.v ? samplings[`${luma.h / blue.h}x${luma.v / blue.v}`] : undefined;
	if (name === undefined) throw jpegRefusal("not-baseline", "expected sampling 4:4:4, 4:2:2, 4:4:0, 4:2:0 or 4:1:1, got another one");
	return name;
};

/** Takes the SOS segment, without marker and length. @throws KerbError FORMAT_INVALID `not-baseline`, `damaged` */
export const readStartOfScan = (segment: Uint8Array, frame: StartOfFrame): JpegComponent[] => {
	const count = segment[0] ?? 0;
	if (segment.length !== 4 + 2 * count || count < 1 || count > 4)
		throw jpegRefusal("damaged", "the scan header has not the length of its components");
	if (count !== frame.components.length) throw jpegRefusal("not-baseline", "expected one scan with all components, got several scans");
	const [first, last, bits] = segment.subarray(1 + 2 * count);
	if (first !== 0 || last !== 63 || bits !== 0)
		throw jpegRefusal("not-baseline", "expected a scan of all coefficients and bits, got a part of them");
	return frame.components.map((component, index) => {
		const tables = segment[2 + 2 * index] ?? 0;
		const [dcTable, acTable] = [tables >> 4, tables & 15];
		if (segment[1 + 2 * index] !== component.id)
			throw jpegRefusal("damaged", "the scan has other components than the frame, or another order");
		if (dcTable > 3 || acTable > 3) throw jpegRefusal("damaged", "the scan asks for a table with an impossible index");
		return { ...component, dcTable, acTable };
	});
};
