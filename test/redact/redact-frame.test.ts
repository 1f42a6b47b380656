/**
 * The fail-closed table, row by row: whatever goes wrong, no frame comes out and a code says why.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { checkRedaction } from "../../agent/formats/jpeg-check.ts";
import { deliveredDetector } from "../../agent/redact/delivered.ts";
import type { Detector, Look } from "../../agent/redact/detector.ts";
import { type FrameJob, redactFrame } from "../../agent/redact/redact-frame.ts";
import { staticDetector } from "../../agent/redact/static-areas.ts";
import { createTracker } from "../../agent/redact/track.ts";
import redactImage from "../../agent/treat/redact-image.ts";
import type { DeliveredBoxes, DetectedBox } from "../../shared/frame.ts";
import { objectClasses } from "../../shared/frame.ts";
import type { RedactionOptions } from "../../shared/redactor.ts";
import { utcMs } from "../../shared/units.ts";
import { dataPath, hasData } from "../data.ts";
import { tinyJpeg } from "../fakes/tiny-jpeg.ts";

const optionsOf = (over: object = {}): RedactionOptions => {
	const {
		type: _type,
		maxRateHz: _rate,
		maxWidthPx: _width,
		maxHeightPx: _height,
		...rest
	} = v.parse(redactImage.options, {
		type: "redact-image",
		detectors: [{ kind: "delivered" }],
		...over,
	});
	return rest;
};
const box = (over: Partial<DetectedBox> = {}): DetectedBox => ({
	class: "face",
	xPx: 16,
	yPx: 16,
	widthPx: 16,
	heightPx: 16,
	score: 0.9,
	...over,
});
const delivered = (over: Partial<DeliveredBoxes> = {}): DeliveredBoxes => ({
	...{ looked: true, widthPx: 64, heightPx: 48, sequence: 1, atMs: utcMs(1_000), detector: "stack", boxes: [box()] },
	...over,
});
const job = (over: Partial<FrameJob> = {}): FrameJob => ({
	...{ jpeg: tinyJpeg(64, 48), path: "Camera.Exterior.Front", sequence: 1, takenAtMs: 1_000, delivered: delivered() },
	...over,
});
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const redact = (of: FrameJob, options = optionsOf(), detectors: readonly Detector[] = [deliveredDetector()]) =>
	redactFrame(of, options, { detectors, tracker: createTracker(), sha256 });
const detector = (look: () => Look | Promise<Look>, classes: Detector["classes"] = objectClasses): Detector => ({
	id: "test",
	classes,
	look,
	close: () => undefined,
});

describe("redactFrame", () => {
	it("masks what was delivered, keeps the size, and accounts for it", async () => {
		const input = tinyJpeg(64, 48);
		const done = await redact(job({ jpeg: input.slice() }));
		if (typeof done === "string") return expect.unreachable(done);
		expect(checkRedaction(done.jpeg, input, [box()])).toEqual([]);
		expect([done.widthPx, done.heightPx]).toEqual([64, 48]);
		expect(done.redaction.outputSha256).toBe(sha256(done.jpeg));
		expect(done.redaction.detectors).toEqual(["delivered"]);
		expect(done.redaction.areas).toHaveLength(1);
		// A fifth of its size on every side.
		expect(done.redaction.areas[0]?.widthPx).toBeCloseTo(16 * 1.4);
		expect(done.redaction.maskedShare).toBeGreaterThan(0.1);
	});

	const far = { takenAtMs: 1_201 };
	const rows: readonly (readonly [string, FrameJob, string])[] = [
		["no boxes came", job({ delivered: undefined }), "boxes-missing"],
		["a list does not say that somebody looked", job({ delivered: delivered({ looked: false, boxes: [] }) }), "boxes-not-looked"],
		["boxes are of another frame number", job({ delivered: delivered({ sequence: 0 }) }), "boxes-gap"],
		["boxes are of a frame of another size", job({ delivered: delivered({ widthPx: 128 }) }), "boxes-other-frame"],
		["boxes are too old", job(far), "boxes-stale"],
		["a time is no number", job({ takenAtMs: Number.NaN }), "boxes-stale"],
		["a side of a box is no number", job({ delivered: delivered({ boxes: [box({ widthPx: Number.NaN })] }) }), "detector-nonsense"],
		["a box is far outside", job({ delivered: delivered({ boxes: [box({ xPx: 5_000 })] }) }), "detector-nonsense"],
		["a score is above one", job({ delivered: delivered({ boxes: [box({ score: 2 })] }) }), "detector-nonsense"],
		["there are too many boxes", job({ delivered: delivered({ boxes: Array.from({ length: 201 }, () => box()) }) }), "too-many-boxes"],
		[
			"too much would be masked",
			job({ delivered: delivered({ boxes: [box({ xPx: 0, yPx: 0, widthPx: 64, heightPx: 48 })] }) }),
			"too-much-masked",
		],
		["the picture is cut off", job({ jpeg: tinyJpeg(64, 48).subarray(0, 60) }), "damaged"],
		["the picture is no JPEG", job({ jpeg: new TextEncoder().encode("\u0089PNG nothing of the kind") }), "not-baseline"],
	];
	it.each(rows)("refuses when %s", async (_what, of, why) => {
		expect(await redact(of)).toBe(why);
	});

	it("refuses the same list of boxes for a second frame", async () => {
		const detectors = [deliveredDetector()];
		expect(await redact(job(), optionsOf(), detectors)).toBeTypeOf("object");
		expect(await redact(job(), optionsOf(), detectors)).toBe("boxes-gap");
	});

	it("refuses when a detector throws, rejects, or could not look, whatever the others found", async () => {
		const sound = detector(() => ({ looked: true, boxes: [] }));
		const thrower = detector(() => {
			throw new Error("broken");
		});
		expect(await redact(job(), optionsOf(), [sound, thrower])).toBe("detector-failed");
		expect(await redact(job(), optionsOf(), [sound, detector(() => Promise.reject(new Error("broken")))])).toBe("detector-failed");
		expect(await redact(job(), optionsOf(), [sound, detector(() => ({ looked: false, why: "model-unfit" }))])).toBe("model-unfit");
	});

	it("refuses when nobody looks for one of the classes, fixed areas being no look", async () => {
		const faces = detector(() => ({ looked: true, boxes: [] }), ["face"]);
		expect(await redact(job(), optionsOf(), [faces])).toBe("no-detector");
		expect(await redact(job(), optionsOf(), [])).toBe("no-detector");
		expect(await redact(job(), optionsOf(), [staticDetector({ kind: "static", areas: {} })])).toBe("no-detector");
	});

	it("masks the union of what all detectors found, fixed areas and held tracks among it", async () => {
		const area = [
			[0, 0.5],
			[0.5, 0.5],
			[0.5, 1],
		] as const;
		const fixed = staticDetector({ kind: "static", areas: { "Camera.Exterior.Front": [area] } });
		const plates = detector(() => ({ looked: true, boxes: [box({ class: "plate", xPx: 40, yPx: 4, widthPx: 12, heightPx: 6 })] }));
		const tracker = createTracker();
		const run = (of: FrameJob, detectors: readonly Detector[]) => redactFrame(of, optionsOf(), { detectors, tracker, sha256 });
		const first = await run(job(), [deliveredDetector(), plates, fixed]);
		if (typeof first === "string") return expect.unreachable(first);
		expect(new Set(first.redaction.areas.map(({ by }) => by))).toEqual(new Set(["delivered", "test", "static"]));
		const empty = job({ sequence: 2, takenAtMs: 1_100, delivered: delivered({ sequence: 2, atMs: utcMs(1_100), boxes: [] }) });
		const second = await run(empty, [deliveredDetector()]);
		if (typeof second === "string") return expect.unreachable(second);
		expect(second.redaction.areas.map(({ by }) => by)).toEqual(["track", "track"]);
	});

	it("does not mask what a network held for nothing, but all that the stack or a person named", async () => {
		const weak = detector(() => ({ looked: true, boxes: [box({ score: 0.29 })] }));
		const done = await redact(job({ delivered: delivered({ boxes: [box({ score: 0.01 })] }) }), optionsOf(), [deliveredDetector(), weak]);
		if (typeof done === "string") return expect.unreachable(done);
		expect(done.redaction.areas.map(({ by }) => by)).toEqual(["delivered"]);
	});

	it.skipIf(!hasData("camera"))("leaves no thumbnail, position or comment of a real picture (needs shared data camera)", async () => {
		const input = new Uint8Array(readFileSync(dataPath("camera/jpeg-forms/exif_gps_thumbnail_xmp_iptc.jpg")));
		const boxes = delivered({ widthPx: 1_280, heightPx: 1_280 });
		const done = await redact(job({ jpeg: input.slice(), delivered: boxes }));
		if (typeof done === "string") return expect.unreachable(done);
		const text = Buffer.from(done.jpeg).toString("latin1");
		for (const mark of ["Exif", "http", "Photoshop", "ICC_PROFILE"]) expect(text).not.toContain(mark);
		expect(checkRedaction(done.jpeg, input, done.redaction.areas)).toEqual([]);
	});
});
