import * as v from "valibot";
import { describe, expect, it } from "vitest";
import redactImage from "../../agent/treat/redact-image.ts";
import { treat, treatOverTime } from "../../agent/treat/treat.ts";
import type { RedactionRefusal } from "../../shared/frame.ts";
import type { Frame } from "../../shared/reading.ts";
import type { ImageRedactor, RedactedFrame } from "../../shared/redactor.ts";
import type { Tagged } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { tinyJpeg } from "../fakes/tiny-jpeg.ts";

const delivered = { detectors: [{ kind: "delivered" }] };
treatmentContract({
	plugin: redactImage,
	valid: [
		delivered,
		{
			detectors: [{ kind: "model", file: "a.onnx", sha256: "0".repeat(64) }, { kind: "builtin" }],
			classes: { face: { minPx: 12, margin: 1 } },
		},
		{
			detectors: [
				{
					kind: "static",
					areas: {
						"Camera.Exterior.Front": [
							[
								[0, 0],
								[1, 0],
								[1, 1],
							],
						],
					},
				},
				{ kind: "delivered" },
			],
			maxRateHz: 5,
		},
	],
	invalid: {
		"no detector": { detectors: [] },
		"a detector nobody knows": { detectors: [{ kind: "hope" }] },
		"a model outside its folder": { detectors: [{ kind: "model", file: "../a.onnx", sha256: "0".repeat(64) }] },
		"a model that is not pinned": { detectors: [{ kind: "model", file: "a.onnx" }] },
		"a smaller margin than a tenth": { ...delivered, classes: { face: { margin: 0.05 } } },
		"larger objects only": { ...delivered, classes: { face: { minPx: 40 } } },
		"a higher threshold": { ...delivered, classes: { plate: { threshold: 0.9 } } },
		"an area of two corners": {
			detectors: [
				{
					kind: "static",
					areas: {
						x: [
							[
								[0, 0],
								[1, 1],
							],
						],
					},
				},
			],
		},
	},
	idempotent: false,
});

const frame = (over: Partial<Frame> = {}): Tagged<Frame> => ({
	...{ kind: "frame", sourceId: "front", takenAtMs: utcMs(1_000), bootMs: bootMs(1_000), path: "Camera.Exterior.Front" },
	...{ zone: "exterior", sequence: 1, jpeg: tinyJpeg(64, 48) },
	...over,
	tag: { ...taggedSignal().tag, path: "Camera.Exterior.Front", zone: "exterior" },
});
const redacted: RedactedFrame = {
	...{ jpeg: tinyJpeg(), widthPx: 64, heightPx: 48 },
	redaction: { outputSha256: "0".repeat(64), detectors: ["delivered"], areas: [], maskedShare: 0 },
};

/** A redactor that answers when it is told to. */
const manual = () => {
	const asked: ((outcome: RedactedFrame | RedactionRefusal) => void)[] = [];
	const refused: RedactionRefusal[] = [];
	const redactor: ImageRedactor = { redact: (_frame, _options, done) => void asked.push(done) };
	const facilities = testFacilities("p", { redactor, onRefusal: (code) => refused.push(code) });
	return { asked, refused, step: redactImage.compile({ ...optionsOf(), maxRateHz: 60 }, facilities) };
};
const optionsOf = () => redactImageOptions(delivered);
const redactImageOptions = (over: object) => {
	const result = v.safeParse(redactImage.options, { type: "redact-image", ...over });
	if (!result.success) throw new TypeError("the options of the test are not valid");
	return result.output;
};

describe("redact-image", () => {
	it("gives frames back redacted, in the order in which they were taken", () => {
		const { asked, step } = manual();
		expect(step.take(frame())).toEqual([]);
		expect(step.take(frame({ takenAtMs: utcMs(1_100), sequence: 2 }))).toEqual([]);
		asked[1]?.(redacted);
		expect(step.due(utcMs(0), bootMs(0))).toEqual([]);
		expect(step.held).toBe(2);
		asked[0]?.(redacted);
		const out = step.due(utcMs(0), bootMs(0));
		expect(out.map((each) => (each.kind === "frame" ? [each.sequence, each.redaction] : []))).toEqual([
			[1, redacted.redaction],
			[2, redacted.redaction],
		]);
	});

	it("counts each refusal by its code and lets nothing out", () => {
		const { asked, refused, step } = manual();
		step.take(frame());
		step.take(frame({ takenAtMs: utcMs(1_001) }));
		asked[0]?.("detector-late");
		expect(step.due(utcMs(0), bootMs(0))).toEqual([]);
		for (let at = 0; at < 12; at++) step.take(frame({ takenAtMs: utcMs(2_000 + at * 100) }));
		expect(new Set(refused)).toEqual(new Set(["too-often", "detector-late", "busy"]));
		const nobody = redactImage.compile(optionsOf(), testFacilities("p", { onRefusal: (code) => refused.push(code) }));
		expect(nobody.take(frame())).toEqual([]);
		expect(refused.at(-1)).toBe("no-detector");
	});

	it("rejects what is larger than the rule allows", () => {
		const { asked, refused, step } = manual();
		step.take(frame());
		asked[0]?.({ ...redacted, widthPx: 4_000 });
		expect(step.due(utcMs(0), bootMs(0))).toEqual([]);
		expect(refused).toEqual(["too-large"]);
	});

	it("is the only way out for a picture of the outside, and one of the cabin goes without what is not the picture", () => {
		const book: { released: number; failed: number; bytes: Uint8Array } = { released: 0, failed: 0, bytes: new Uint8Array() };
		const sink = {
			released: (_reading: Tagged, record: { readonly kind: string; readonly jpeg?: Uint8Array }) => {
				book.released += 1;
				book.bytes = record.jpeg ?? book.bytes;
			},
			withheld: () => undefined,
			failed: () => {
				book.failed += 1;
			},
			heldBack: () => undefined,
		};
		treatOverTime(frame(), [], sink);
		expect(book).toMatchObject({ released: 0, failed: 1 });
		const marked = tinyJpeg(64, 48, [...new TextEncoder().encode("secret position")]);
		treatOverTime(frame({ zone: "cabin", jpeg: marked }), [], sink);
		expect(book.released).toBe(1);
		expect(Buffer.from(book.bytes).toString("latin1")).not.toContain("secret");
		const posed = frame({ zone: "cabin", pose: { latDeg: 31, lonDeg: 121 } });
		expect(treat({ ...posed, tag: { ...posed.tag, surveying: true } }, [])).toMatchObject({ pose: "" });
	});
});
