/** One picture through the chain that a unit has, and how long each stage took. */
import { createHash } from "node:crypto";
import type { DeliveredBoxes, RedactionRefusal } from "../../shared/frame.ts";
import type { RedactedFrame, RedactionOptions } from "../../shared/redactor.ts";
import { checkRedaction } from "../formats/jpeg-check.ts";
import { maskJpeg } from "../formats/jpeg-mask.ts";
import type { Clock } from "../host/clock.ts";
import type { Detector } from "../redact/detector.ts";
import { redactFrame } from "../redact/redact-frame.ts";
import { createTracker } from "../redact/track.ts";

/** Milliseconds of boot time. */
export interface StageMs {
	readonly decode: number;
	readonly detect: number;
	readonly mask: number;
	readonly check: number;
	readonly total: number;
}

export interface PictureOutcome {
	readonly outcome: RedactedFrame | RedactionRefusal;
	/** Undefined when the picture was refused. */
	readonly ms: StageMs | undefined;
}

export interface PictureJob {
	readonly jpeg: Uint8Array;
	readonly path: string;
	readonly delivered: DeliveredBoxes | undefined;
}

/** `jpeg` is borrowed. Masking and check are timed by doing them once more. */
export const redactPicture = async (
	{ jpeg, path, delivered }: PictureJob,
	options: RedactionOptions,
	detectors: readonly Detector[],
	clock: Clock,
): Promise<PictureOutcome> => {
	const timing = timed(detectors, clock);
	const job = { jpeg: Uint8Array.from(jpeg), path, sequence: delivered?.sequence ?? 1, takenAtMs: delivered?.atMs ?? 0, delivered };
	const startMs = clock.bootMs();
	const outcome = await redactFrame(job, options, { detectors: timing.detectors, tracker: createTracker(), sha256 });
	const total = clock.bootMs() - startMs;
	if (typeof outcome === "string") return { outcome, ms: undefined };
	const maskMs = clock.bootMs();
	maskJpeg(jpeg, outcome.redaction.areas);
	const checkMs = clock.bootMs();
	checkRedaction(outcome.jpeg, jpeg, outcome.redaction.areas);
	const { decode, detect } = timing.spent();
	return { outcome, ms: { decode, detect, mask: checkMs - maskMs, check: clock.bootMs() - checkMs, total } };
};

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Looks overlap, so detection is from the first look's start to the last one's end, without the decoding in between. */
const timed = (detectors: readonly Detector[], clock: Clock) => {
	let [first, last, decode] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
	return {
		spent: () => ({ decode, detect: Math.max(0, last - first - decode) }),
		detectors: detectors.map(
			(detector): Detector => ({
				...detector,
				look: async (picture, options) => {
					first = Math.min(first, clock.bootMs());
					const pixels: typeof picture.pixels = (width, height) => {
						const startMs = clock.bootMs();
						const made = picture.pixels(width, height);
						decode += clock.bootMs() - startMs;
						return made;
					};
					const look = await detector.look({ ...picture, pixels }, options);
					last = Math.max(last, clock.bootMs());
					return look;
				},
			}),
		),
	};
};
