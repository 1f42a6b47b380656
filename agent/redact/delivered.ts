/**
 * The perception stack as a detector: its boxes count only for the very frame that they were found in, and only when it says that it looked.
 */
import { objectClasses } from "../../shared/frame.ts";
import { type Detector, notLooked } from "./detector.ts";

export const deliveredDetector = (): Detector => {
	/** Per camera: the last frame whose boxes were taken. */
	const lastSequence = new Map<string, number>();
	return {
		id: "delivered",
		classes: objectClasses,
		look: (picture, { maxBoxAgeMs }) => {
			const { delivered, path, sequence } = picture;
			if (delivered === undefined) return notLooked("boxes-missing");
			if (!delivered.looked) return notLooked("boxes-not-looked");
			if (delivered.sequence !== sequence) return notLooked("boxes-gap");
			if (delivered.widthPx !== picture.widthPx || delivered.heightPx !== picture.heightPx) return notLooked("boxes-other-frame");
			if (!(Math.abs(picture.takenAtMs - delivered.atMs) <= maxBoxAgeMs)) return notLooked("boxes-stale");
			const last = lastSequence.get(path);
			// The same list for a second frame is a stack that stands still.
			if (last !== undefined && sequence <= last) return notLooked("boxes-gap");
			lastSequence.set(path, sequence);
			return { looked: true, boxes: delivered.boxes };
		},
		close: () => undefined,
	};
};
