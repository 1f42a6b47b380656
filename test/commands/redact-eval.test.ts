/** The measures of GB/T 44464-2024, and the command that takes them. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import redactEval from "../../agent/commands/redact-eval.ts";
import { readLabels } from "../../agent/commands/redact-eval-labels.ts";
import { coveringRate, measurePicture, percentile, wilson } from "../../agent/commands/redact-eval-measure.ts";
import { auditSegments } from "../../agent/commands/redact-eval-metadata.ts";
import { classReports, warningsOf } from "../../agent/commands/redact-eval-report.ts";
import redactOne from "../../agent/commands/redact-one.ts";
import type { Box, MaskedArea, ObjectClass } from "../../shared/frame.ts";
import { dataPath, hasData } from "../data.ts";
import { speak } from "../fakes/spoken.ts";
import { tinyJpeg } from "../fakes/tiny-jpeg.ts";

const box = (xPx: number, yPx: number, widthPx: number, heightPx: number): Box => ({ xPx, yPx, widthPx, heightPx });
const area = (name: ObjectClass, by: string, ...[x, y, w, h]: readonly [number, number, number, number]): MaskedArea => ({
	...box(x, y, w, h),
	...{ class: name, by, score: 1 },
});

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "kerbstone-eval-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);

describe("coveringRate", () => {
	it("is what counting cells gives, for any overlapping areas", () => {
		const side = fc.integer({ min: 1, max: 12 });
		const place = fc.integer({ min: -3, max: 15 });
		const areas = fc.array(fc.tuple(place, place, side, side), { maxLength: 6 });
		fc.assert(
			fc.property(fc.tuple(place, place, side, side), areas, (one, others) => {
				const object = box(...one);
				const masks = others.map((other) => box(...other));
				let covered = 0;
				for (let y = object.yPx; y < object.yPx + object.heightPx; y++) {
					for (let x = object.xPx; x < object.xPx + object.widthPx; x++) {
						const isMasked = masks.some(
							(mask) => x >= mask.xPx && x < mask.xPx + mask.widthPx && y >= mask.yPx && y < mask.yPx + mask.heightPx,
						);
						covered += Number(isMasked);
					}
				}
				expect(coveringRate(object, masks)).toBeCloseTo(covered / (object.widthPx * object.heightPx), 9);
			}),
		);
	});
});

describe("wilson", () => {
	it("gives the intervals that are published with the measurements", () => {
		const rounded = (hits: number, of: number): readonly number[] => wilson(hits, of).map((share) => Math.round(share * 1_000) / 10);
		expect(rounded(217, 218)).toEqual([97.4, 99.9]);
		expect(rounded(205, 218)).toEqual([90.1, 96.5]);
		expect(wilson(0, 0)).toEqual([0, 1]);
	});
});

describe("percentile", () => {
	it("takes the nearest rank", () => {
		expect([0, 0.05, 0.5, 0.95, 1].map((at) => percentile([5, 1, 4, 2, 3], at))).toEqual([1, 1, 3, 5, 5]);
		expect(percentile([], 0.5)).toBeUndefined();
	});
});

describe("measurePicture", () => {
	const picture = {
		...{ path: "a.jpg", name: "a.jpg", classes: ["face"] as const },
		objects: [
			{ ...box(0, 0, 32, 40), class: "face" as const },
			{ ...box(100, 0, 31, 40), class: "face" as const },
			{ ...box(200, 0, 40, 40), class: "face" as const },
		],
		ignored: [box(300, 0, 10, 10)],
	};

	it("counts objects by their shortest side, and wrong masks by not touching anything", () => {
		const masks = [
			area("face", "m", 0, 0, 32, 20),
			area("face", "m", 130, 0, 5, 5),
			area("face", "m", 305, 0, 20, 20),
			area("face", "m", 400, 0, 20, 20),
			area("face", "static", 500, 0, 20, 20),
			area("plate", "m", 600, 0, 20, 20),
		];
		const measured = measurePicture(picture, masks);
		expect(measured.objects.map(({ covering }) => covering)).toEqual([0.5, 0]);
		expect(measured.masks).toEqual({ face: { all: 4, wrong: 1 }, plate: { all: 0, wrong: 0 } });
		const run = {
			...{ pictures: 1, refused: {}, measured: [measured], stages: [], cpuMs: [], residual: [], detectors: [] },
			metadata: { withExif: 0, withThumbnail: 0, foreignIn: 0, foreignOut: 0 },
		};
		const [faces, plates] = classReports(run);
		expect(faces).toMatchObject({ detection: { hits: 1, of: 2, rate: 0.5 }, false: { hits: 1, of: 4 } });
		expect(faces?.bands.map(({ band, of }) => [band, of])).toEqual([
			["32-47", 2],
			["48-95", 0],
			["96+", 0],
		]);
		expect(plates?.detection.rate).toBeUndefined();
		expect(warningsOf(run).join("\n")).toMatch(
			/2 faces: fewer than the 200[\s\S]*faces: below 95 %[\s\S]*false detections above[\s\S]*no plates in scope/,
		);
	});
});

describe("auditSegments", () => {
	it("names what does not belong to the picture, and bytes after it", () => {
		expect(auditSegments(tinyJpeg())).toEqual({ foreign: [], hasExif: false, hasThumbnail: false });
		expect(auditSegments(tinyJpeg(16, 16, [1, 2, 3])).foreign).toEqual(["FFE5"]);
		expect(auditSegments(Uint8Array.from([...tinyJpeg(), 0])).foreign).toEqual(["after the end"]);
		expect(auditSegments(tinyJpeg().subarray(0, -2)).foreign).toEqual(["no end"]);
		expect(auditSegments(new Uint8Array()).foreign).toEqual(["unreadable"]);
	});

	it.skipIf(!hasData("camera"))("sees EXIF and the thumbnail in a real file (needs shared data camera)", () => {
		const audit = auditSegments(readFileSync(dataPath("camera", "jpeg-forms", "exif_gps_thumbnail_xmp_iptc.jpg")));
		expect(audit).toMatchObject({ hasExif: true, hasThumbnail: true });
		expect(audit.foreign).toContain("FFED");
	});
});

describe("readLabels", () => {
	it("takes a list for plates, and a class that is not named for one that was not looked for", () => {
		const one = { x: 1, y: 2, w: 3, h: 4 };
		const images = { "a.jpg": [one], "b.jpg": { faces: [one], ignore: [one] }, "../c.jpg": [one] };
		writeFileSync(inFolder("labels.json"), JSON.stringify({ images }));
		expect(readLabels(folder).map(({ name, classes, objects }) => [name, classes, objects.length])).toEqual([
			["a.jpg", ["plate"], 1],
			["b.jpg", ["face"], 1],
		]);
	});

	it("refuses labels of another form, and a folder without any", () => {
		writeFileSync(inFolder("labels.json"), JSON.stringify({ images: { "a.jpg": [{ x: 1, y: 2, w: 0, h: 4 }] } }));
		expect(() => readLabels(folder)).toThrow(/not as expected/);
		writeFileSync(inFolder("labels.json"), "{");
		expect(() => readLabels(folder)).toThrow(/not JSON/);
		rmSync(inFolder("labels.json"));
		expect(() => readLabels(folder)).toThrow(/no labels.json/);
	});
});

describe("redact one", () => {
	it("masks by boxes that are given, and writes nothing when it refuses", async () => {
		writeFileSync(inFolder("in.jpg"), tinyJpeg(64, 64, [1, 2, 3]));
		writeFileSync(inFolder("boxes.json"), JSON.stringify([{ class: "face", x: 10, y: 10, w: 12, h: 12 }]));
		const values = { boxes: inFolder("boxes.json"), out: inFolder("out.jpg") };
		const { code, out } = await speak(redactOne, values, inFolder("in.jpg"));
		expect(code).toBe(0);
		expect(out).toMatch(/face +delivered/);
		expect(auditSegments(readFileSync(inFolder("out.jpg"))).foreign).toEqual([]);

		rmSync(inFolder("out.jpg"));
		writeFileSync(inFolder("boxes.json"), JSON.stringify([{ class: "face", x: 1_000, y: 10, w: 12, h: 12 }]));
		const refused = await speak(redactOne, values, inFolder("in.jpg"));
		expect(refused).toMatchObject({ code: 1, out: "" });
		expect(refused.err).toMatch(/^refused \(detector-nonsense\): ./);
		expect(existsSync(inFolder("out.jpg"))).toBe(false);
	});

	it("refuses a policy without the treatment, and a model that is not there", async () => {
		writeFileSync(inFolder("in.jpg"), tinyJpeg(64, 64));
		const policy = inFolder("policy.json");
		const values = { policy, out: inFolder("none.jpg") };
		writeFileSync(policy, JSON.stringify({ rules: [] }));
		await expect(speak(redactOne, values, inFolder("in.jpg"))).rejects.toThrow(/no treatment redact-image/);
		const rule = { type: "redact-image", detectors: [{ kind: "model", file: "a.onnx", sha256: "0".repeat(64) }] };
		writeFileSync(policy, JSON.stringify({ rules: [{ treatments: [rule] }] }));
		expect(await speak(redactOne, values, inFolder("in.jpg"))).toMatchObject({ code: 3, err: expect.stringMatching(/model-missing/) });
		writeFileSync(policy, JSON.stringify([rule, { ...rule, maxBoxes: 3 }]));
		await expect(speak(redactOne, values, inFolder("in.jpg"))).rejects.toThrow(/2 different/);
		expect(existsSync(inFolder("none.jpg"))).toBe(false);
	});
});

describe("redact eval", () => {
	it.skipIf(!hasData("camera") || !hasData("models"))(
		"measures labelled pictures with models that are known (needs shared data camera and models)",
		async () => {
			const read = (kind: string): { readonly images: Readonly<Record<string, unknown>> } =>
				JSON.parse(readFileSync(dataPath("camera", kind, "labels.json"), "utf8"));
			const names = { faces: "ul__imgs__2.jpg", plates: "openalpr__eu__test_062.jpg" };
			const images = Object.fromEntries(Object.entries(names).map(([kind, name]) => [name, read(kind).images[name]]));
			for (const [kind, name] of Object.entries(names)) copyFileSync(dataPath("camera", kind, name), inFolder(name));
			copyFileSync(dataPath("camera", "jpeg-forms", "progressive_444_exif.jpg"), inFolder("progressive.jpg"));
			writeFileSync(inFolder("labels.json"), JSON.stringify({ images: { ...images, "progressive.jpg": [] } }));
			const { code, out } = await speak(redactEval, { labels: folder, models: dataPath("models"), json: true });
			// There are far too few to be content.
			expect(code).toBe(1);
			const { classes, refused, residual, metadata } = JSON.parse(out);
			expect(classes).toMatchObject([
				{ class: "face", detection: { hits: 4, of: 4 } },
				{ class: "plate", detection: { hits: 1, of: 1 } },
			]);
			expect(refused).toEqual({ "not-baseline": 1 });
			expect(residual).toMatchObject([{ objects: 0, blind: 0 }]);
			expect(metadata.foreignOut).toBe(0);
			expect((await speak(redactEval, { labels: folder, models: dataPath("models") })).out).toMatch(/detection, faces +4\/4 +100\.0 %/);
		},
		60_000,
	);
});
