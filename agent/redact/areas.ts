/**
 * From what detectors found to what is masked: below the threshold forgotten, grown by the margin, cut to the picture. Nothing is merged and
 * nothing is left out for being many; too many is a refusal.
 */
import type { DetectedBox, MaskedArea } from "../../shared/frame.ts";
import type { RedactionOptions } from "../../shared/redactor.ts";

export const areasOf = (
	found: readonly { readonly by: string; readonly box: DetectedBox }[],
	options: RedactionOptions,
	widthPx: number,
	heightPx: number,
): readonly MaskedArea[] =>
	found.flatMap(({ by, box }) => {
		const { threshold, margin } = options.classes[box.class];
		// What others have judged (the stack, a track, a fixed area) is not judged again.
		if (box.score < threshold && by !== "delivered" && by !== "track" && by !== "static") return [];
		const left = Math.max(0, box.xPx - box.widthPx * margin);
		const top = Math.max(0, box.yPx - box.heightPx * margin);
		const right = Math.min(widthPx, box.xPx + box.widthPx * (1 + margin));
		const bottom = Math.min(heightPx, box.yPx + box.heightPx * (1 + margin));
		if (right <= left || bottom <= top) return [];
		return [{ class: box.class, by, score: box.score, xPx: left, yPx: top, widthPx: right - left, heightPx: bottom - top }];
	});
