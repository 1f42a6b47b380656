/**
 * Fixed areas of a camera (the own bonnet's plate, windows opposite a roadside unit) as a detector: each polygon is masked as the rectangle around it, for both
 * classes. A camera without areas has nothing to say: it has looked.
 */
import { type DetectedBox, objectClasses } from "../../shared/frame.ts";
import type { DetectorChoice } from "../../shared/redactor.ts";
import type { Detector } from "./detector.ts";

export const staticDetector = ({ areas }: Extract<DetectorChoice, { readonly kind: "static" }>): Detector => ({
	id: "static",
	// Fixed areas say nothing of what comes by, so they alone are never enough.
	classes: [],
	look: ({ path, widthPx, heightPx }) => {
		const polygons = Object.hasOwn(areas, path) ? (areas[path] ?? []) : [];
		const boxes = polygons.flatMap((corners): readonly DetectedBox[] => {
			const xs = corners.map(([x]) => x * widthPx);
			const ys = corners.map(([, y]) => y * heightPx);
			const [left, top] = [Math.min(...xs), Math.min(...ys)];
			const box = { xPx: left, yPx: top, widthPx: Math.max(...xs) - left, heightPx: Math.max(...ys) - top, score: 1 };
			return objectClasses.map((name) => ({ ...box, class: name }));
		});
		return { looked: true, boxes };
	},
	close: () => undefined,
});
