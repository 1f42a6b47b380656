/**
 * YuNet as OpenCV Zoo has it (2023mar): no anchors, strides 8, 16 and 32, an output of its own for class, objectness and box of each stride. The score is the
 * root of class times objectness; the box is an offset in cells and the logarithm of the size in cells. Blue, green, red, 0 to 255.
 */
import { type InputBox, inputBox, type Layout, maxCandidates, scoreOf } from "./layout.ts";

const strides = [8, 16, 32] as const;

export const yunet: Layout = {
	kind: "yunet",
	class: "face",
	shown: { order: "bgr", mean: 0, factor: 1, pad: 0 },
	stepPx: 32,
	maxAspect: 1.4,
	tileDoubt: 1,
	read: (outputs, widthPx, heightPx, threshold) => {
		const found: InputBox[] = [];
		for (const stride of strides) {
			const [columns, rows] = [Math.ceil(widthPx / stride), Math.ceil(heightPx / stride)];
			const classes = outputs.get(`cls_${stride}`)?.data;
			const objects = outputs.get(`obj_${stride}`)?.data;
			const boxes = outputs.get(`bbox_${stride}`)?.data;
			const cells = columns * rows;
			if (classes?.length !== cells || objects?.length !== cells || boxes?.length !== cells * 4) return undefined;
			for (let cell = 0; cell < cells; cell++) {
				const [one, other] = [scoreOf(classes[cell]), scoreOf(objects[cell])];
				if (one === undefined || other === undefined) return undefined;
				const score = Math.sqrt(one * other);
				if (score < threshold) continue;
				const [x = Number.NaN, y = Number.NaN, width = Number.NaN, height = Number.NaN] = boxes.subarray(cell * 4, cell * 4 + 4);
				const place = [
					((cell % columns) + x) * stride,
					(Math.floor(cell / columns) + y) * stride,
					Math.exp(width) * stride,
					Math.exp(height) * stride,
				] as const;
				const box = inputBox(place, score, 4 * Math.max(widthPx, heightPx));
				if (box === undefined || found.length >= maxCandidates) return undefined;
				found.push(box);
			}
		}
		return found;
	},
};
