/**
 * A network as a detector: as many looks as the size rule asks for, each read by the network's layout, all boxes in pixels of the frame. One look that is
 * nonsense makes the whole frame one that was not looked at.
 */
import type { DetectedBox } from "../../shared/frame.ts";
import type { Clock } from "../host/clock.ts";
import { type Detector, type Look, notLooked, type Picture } from "./detector.ts";
import type { InputBox, Layout } from "./layout.ts";
import { letterbox } from "./letterbox.ts";
import { type FramePart, planLooks } from "./looks.ts";
import type { Network } from "./onnx-runtime.ts";
import { suppress } from "./suppress.ts";

/** What was measured on photographs: a face or a plate of fewer pixels is missed too often. */
export const minInputPx = { face: 12, plate: 12 } as const;

export interface OnnxDetectorOptions {
	readonly network: Network;
	readonly layout: Layout;
	readonly sha256: string;
	/** Milliseconds that one run took when the model was loaded. */
	readonly runMs: number;
	readonly clock: Clock;
}

const patience = 0.95;
/** Candidates of one frame that are compared with each other. */
const maxCompared = 2_000;

/** Owns the network. */
export const onnxDetector = ({ network, layout, sha256, runMs, clock }: OnnxDetectorOptions): Detector => {
	/** The best of what was seen: a guess that is too high would refuse what could be done. */
	let fastestMs = runMs;
	let data = new Float32Array(0);

	const lookAt = async (picture: Picture, part: FramePart, side: Side, threshold: number): Promise<readonly DetectedBox[] | undefined> => {
		const decoded = decodedAt(part.scale);
		const pixels = picture.pixels(Math.ceil(picture.widthPx * decoded), Math.ceil(picture.heightPx * decoded));
		const across = pixels.widthPx / picture.widthPx;
		const down = pixels.heightPx / picture.heightPx;
		const inPixels = { xPx: part.xPx * across, yPx: part.yPx * down, widthPx: part.widthPx * across, heightPx: part.heightPx * down };
		letterbox(pixels, inPixels, part.scale / across, layout.shown, { data, ...side });
		const startMs = clock.bootMs();
		const outputs = await network.run(data, side.widthPx, side.heightPx);
		fastestMs = Math.min(fastestMs, clock.bootMs() - startMs);
		const doubt = part.largestPx === undefined ? 1 : layout.tileDoubt;
		const boxes = layout.read(outputs, side.widthPx, side.heightPx, threshold ** (1 / doubt));
		return boxes?.flatMap((box) => inFrame(box, part, picture, layout));
	};

	return {
		id: `${layout.kind}@${sha256}`,
		classes: [layout.class],
		look: async (picture, options): Promise<Look> => {
			const { minPx, threshold } = options.classes[layout.class];
			const { side, parts } = looksAt(network, layout, picture, minPx);
			if (parts.length * fastestMs > options.deadlineMs) {
				// What was slow once need not stay so: after some refusals it is tried again.
				fastestMs *= patience;
				return notLooked("detector-late");
			}
			const numbers = 3 * side.widthPx * side.heightPx;
			if (data.length !== numbers) data = new Float32Array(numbers);
			try {
				const found: DetectedBox[] = [];
				for (const part of parts) {
					const boxes = await lookAt(picture, part, side, threshold);
					if (boxes === undefined) return notLooked("detector-nonsense");
					found.push(...boxes);
				}
				if (found.length > maxCompared) return notLooked("too-many-boxes");
				return { looked: true, boxes: suppress(found) };
			} catch {
				return notLooked("detector-failed");
			} finally {
				data.fill(0);
			}
		},
		close: () => network.close(),
	};
};

/**
 * The scale to decode at. A frame is decoded at powers of a half, each a decoding of its own; a look at exactly one of the coarse ones takes the next finer,
 * which faces are looked for in anyway and which is no worse halved between four pixels.
 */
const decodedAt = (scale: number): number => (scale === 0.25 || scale === 0.125 ? 2 * scale : scale);

interface Side {
	readonly widthPx: number;
	readonly heightPx: number;
}

/** What a frame of this size costs: one run for each part. */
export const looksAt = (
	network: Pick<Network, "widthPx" | "heightPx">,
	layout: Layout,
	frame: Side,
	minPx: number,
): { readonly side: Side; readonly parts: readonly FramePart[] } => {
	const side = sideFor(network, layout, frame, minPx);
	const parts = planLooks({
		frameWidthPx: frame.widthPx,
		frameHeightPx: frame.heightPx,
		inputWidthPx: side.widthPx,
		inputHeightPx: side.heightPx,
		minPx,
		minInputPx: minInputPx[layout.class],
		maxAspect: layout.maxAspect,
	});
	return { side, parts };
};

/** Of a network that takes any size: one that shows the whole frame at the scale that is needed, if that is not beyond all measure. */
const sideFor = (network: Pick<Network, "widthPx" | "heightPx">, layout: Layout, frame: Side, minPx: number): Side => {
	const scale = minInputPx[layout.class] / minPx;
	const free = (px: number): number => Math.min(1_920, Math.max(64, Math.ceil((px * scale) / layout.stepPx) * layout.stepPx));
	return { widthPx: network.widthPx ?? free(frame.widthPx), heightPx: network.heightPx ?? free(frame.heightPx) };
};

/** Back to the frame, cut to it; what lies in the padding alone is nothing. */
const inFrame = (box: InputBox, part: FramePart, frame: Side, layout: Layout): readonly DetectedBox[] => {
	const left = Math.max(0, part.xPx + box.left / part.scale);
	const top = Math.max(0, part.yPx + box.top / part.scale);
	const right = Math.min(frame.widthPx, part.xPx + box.right / part.scale);
	const bottom = Math.min(frame.heightPx, part.yPx + box.bottom / part.scale);
	if (right <= left || bottom <= top) return [];
	if (part.largestPx !== undefined && Math.min(box.right - box.left, box.bottom - box.top) > part.largestPx) return [];
	const score = part.largestPx === undefined ? box.score : box.score ** layout.tileDoubt;
	return [{ class: layout.class, score, xPx: left, yPx: top, widthPx: right - left, heightPx: bottom - top }];
};
