/** Models from the file to the look: pinned, tried, and unable to say "nothing" when they could not look. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseJpeg } from "../../agent/formats/jpeg-markers.ts";
import { decodePixels } from "../../agent/formats/jpeg-pixels.ts";
import { type Clock, systemClock } from "../../agent/host/clock.ts";
import type { Detector, Picture } from "../../agent/redact/detector.ts";
import { detectorsFor } from "../../agent/redact/detectors.ts";
import { knownModels } from "../../agent/redact/known-models.ts";
import { noteFile, noteText, openModel, probeModel, readModel } from "../../agent/redact/models.ts";
import { installRuntime, openNetwork } from "../../agent/redact/onnx-runtime.ts";
import { isRefused } from "../../agent/redact/refusal.ts";
import type { RedactionOptions } from "../../shared/redactor.ts";
import { bootMs } from "../../shared/units.ts";
import { dataPath, hasData } from "../data.ts";
import { plateOnnx } from "../fakes/constant-onnx.ts";

const hasRuntime = await openNetwork(plateOnnx([])).then(
	() => true,
	(error: unknown) => !(error instanceof Error && error.message === installRuntime),
);
const needsRuntime = "(needs onnxruntime-node)";

const classOptions = { minPx: 12, threshold: 0.25, margin: 0.1 };
const options: RedactionOptions = {
	classes: { face: { ...classOptions, minPx: 24, threshold: 0.3 }, plate: classOptions },
	detectors: [],
	deadlineMs: 60_000,
	holdMs: 0,
	maxBoxes: 200,
	maxMaskedShare: 1,
	maxBoxAgeMs: 0,
};
const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const pictureOf = (widthPx: number, heightPx: number, pixels: Picture["pixels"]): Picture => ({
	...{ path: "Camera.Exterior.Front", sequence: 1, takenAtMs: 0, delivered: undefined },
	...{ widthPx, heightPx, pixels },
});
const greyPicture = (widthPx: number, heightPx: number): Picture =>
	pictureOf(widthPx, heightPx, () => ({ widthPx, heightPx, bgr: new Uint8Array(widthPx * heightPx * 3).fill(128) }));

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "kerbstone-models-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As `model add` does. */
const add = async (file: string, bytes: Uint8Array, change: (sample: number) => number = (sample) => sample): Promise<string> => {
	writeFileSync(join(folder, file), bytes);
	const model = readModel(folder, file);
	if (isRefused(model)) throw new Error(model.message);
	const probed = await probeModel(model, "yolo5-plate", systemClock);
	if (isRefused(probed)) throw new Error(probed.message);
	await probed.network.close();
	const outputs = probed.selfTest.outputs.map((output) => ({ ...output, samples: output.samples.map(change) }));
	const note = {
		format: "kerbstone-model-1",
		sha256: model.sha256,
		kind: "yolo5-plate",
		selfTest: { ...probed.selfTest, outputs },
	} as const;
	writeFileSync(join(folder, noteFile(file)), noteText(note));
	return model.sha256;
};

const why = async (file: string, sha256: string): Promise<string | undefined> => {
	const opened = await detectorsFor({ ...options, detectors: [{ kind: "model", file, sha256 }] }, folder);
	if (typeof opened === "string") return opened;
	for (const detector of opened) await detector.close();
	return undefined;
};

const corners = [0, 0, 0, 0, 0, 0, 0, 0];
const plate = [20, 20, 30, 10, 0.9, ...corners, 1, 0];

describe("detectorsFor", () => {
	it("refuses a model that is not there, or is named with a folder", async () => {
		expect(await why("none.onnx", "0".repeat(64))).toBe("model-missing");
		expect(await why("../x.onnx", "0".repeat(64))).toBe("model-missing");
	});

	it("refuses a model with another hash than the policy's before it loads anything", async () => {
		writeFileSync(join(folder, "other.onnx"), "not a model");
		expect(await why("other.onnx", sha256Of(new TextEncoder().encode("a model")))).toBe("model-hash");
	});

	it("refuses a model that nobody added: its kind and what it must compute are not known", async () => {
		const bytes = plateOnnx(plate);
		writeFileSync(join(folder, "unknown.onnx"), bytes);
		expect(await why("unknown.onnx", sha256Of(bytes))).toBe("self-test");
		writeFileSync(join(folder, noteFile("unknown.onnx")), "{}");
		expect(await why("unknown.onnx", sha256Of(bytes))).toBe("self-test");
	});

	it.skipIf(!hasRuntime)(`opens a model that was added, and refuses it when it computes something else ${needsRuntime}`, async () => {
		const sha256 = await add("good.onnx", plateOnnx(plate));
		expect(await why("good.onnx", sha256)).toBeUndefined();
		await add("good.onnx", plateOnnx(plate), (sample) => sample + 0.1);
		expect(await why("good.onnx", sha256)).toBe("self-test");
	});

	it.skipIf(!hasRuntime)(`refuses files that are no model and models with unknown operators ${needsRuntime}`, async () => {
		const whole = plateOnnx(plate);
		const files = { cut: whole.subarray(0, whole.length / 2), noise: Uint8Array.of(1, 2, 3), operator: plateOnnx(plate, "Frobnicate") };
		await add("unfit.onnx", whole);
		for (const bytes of Object.values(files)) {
			const file = { bytes: Uint8Array.from(bytes), sha256: sha256Of(bytes) };
			expect(await probeModel(file, "yolo5-plate", systemClock)).toMatchObject({ why: "model-unfit" });
		}
		expect(await probeModel({ bytes: whole, sha256: sha256Of(whole) }, "yunet", systemClock)).toMatchObject({ why: "model-unfit" });
	});
});

const openPlates = async (row: readonly number[], clock: Clock = systemClock): Promise<Detector> => {
	const file = "look.onnx";
	// What is nonsense in the self-test already would not be opened: the row is changed after.
	const sha256 = await add(file, plateOnnx(row));
	const detector = await openModel(folder, { file, sha256 }, clock);
	if (isRefused(detector)) throw new Error(detector.message);
	return detector;
};

describe("onnxDetector", () => {
	it.skipIf(!hasRuntime)(`gives boxes in pixels of the frame, cut to it ${needsRuntime}`, async () => {
		const detector = await openPlates(plate);
		expect(await detector.look(greyPicture(64, 64), options)).toMatchObject({
			looked: true,
			boxes: [{ class: "plate", xPx: 5, yPx: 15, widthPx: 30, heightPx: 10 }],
		});
		const small = await detector.look(greyPicture(32, 20), options);
		expect(small).toMatchObject({ looked: true, boxes: [{ xPx: 2.5, yPx: 7.5, widthPx: 15, heightPx: 5 }] });
		await detector.close();
	});

	it.skipIf(!hasRuntime)(`looks at tiles where the whole frame is too coarse, and doubts them ${needsRuntime}`, async () => {
		const detector = await openPlates(plate);
		const look = await detector.look(greyPicture(128, 128), options);
		expect(look.looked && look.boxes.length).toBeGreaterThan(4);
		expect(look.looked && look.boxes.map(({ score }) => score >= 0.25 && score <= 0.9)).not.toContain(false);
		await detector.close();
	});

	it.skipIf(!hasRuntime)(`says that there is no time rather than look too little ${needsRuntime}`, async () => {
		let ms = 0;
		const slow: Clock = {
			...systemClock,
			bootMs: () => {
				ms += 100;
				return bootMs(ms);
			},
		};
		const detector = await openPlates(plate, slow);
		expect(await detector.look(greyPicture(640, 640), { ...options, deadlineMs: 1_000 })).toEqual({ looked: false, why: "detector-late" });
		expect(await detector.look(greyPicture(64, 64), { ...options, deadlineMs: 1_000 })).toMatchObject({ looked: true });
		await detector.close();
	});

	it.skipIf(!hasRuntime)(`did not look when it was closed, or when pixels cannot be had ${needsRuntime}`, async () => {
		const detector = await openPlates(plate);
		const broken = pictureOf(64, 64, () => {
			throw new RangeError("no memory");
		});
		expect(await detector.look(broken, options)).toEqual({ looked: false, why: "detector-failed" });
		await detector.close();
		expect(await detector.look(greyPicture(64, 64), options)).toEqual({ looked: false, why: "detector-failed" });
	});

	it.skipIf(!hasRuntime)(`takes NaN in an answer for nonsense, never for nothing found ${needsRuntime}`, async () => {
		const bytes = plateOnnx([20, 20, 30, 10, Number.NaN]);
		expect(await probeModel({ bytes, sha256: sha256Of(bytes) }, "yolo5-plate", systemClock)).toMatchObject({ why: "model-unfit" });
		// Below the threshold of the self-test, so that only a look meets it.
		const detector = await openPlates([20, 20, Number.NaN, 10, 0.4, ...corners, 1, 0]);
		expect(await detector.look(greyPicture(64, 64), options)).toEqual({ looked: false, why: "detector-nonsense" });
		await detector.close();
	});
});

const loadPicture = (...path: readonly string[]): Picture => {
	const frame = parseJpeg(readFileSync(dataPath(...path)));
	return pictureOf(frame.widthPx, frame.heightPx, (width, height) =>
		decodePixels(frame, [8, 4, 2].find((by) => Math.ceil(frame.widthPx / by) >= width && Math.ceil(frame.heightPx / by) >= height) ?? 1),
	);
};

describe("knownModels", () => {
	it.skipIf(!hasRuntime || !hasData("models") || !hasData("camera"))(
		"compute here what they are known to compute, find what is there and nothing on grey (needs onnxruntime-node, shared data models and camera)",
		async () => {
			const pictures = {
				face: { picture: loadPicture("camera", "faces", "ul__imgs__2.jpg"), at: { x: 176, y: 177 } },
				plate: { picture: loadPicture("camera", "plates", "openalpr__eu__eu8.jpg"), at: { x: 468, y: 574 } },
			};
			const here = knownModels.filter(({ name }) => hasData("models", name));
			expect(here.length).toBeGreaterThan(0);
			for (const { name, sha256, bytes, class: found } of here) {
				expect(readFileSync(dataPath("models", name))).toHaveLength(bytes);
				const detector = await openModel(dataPath("models"), { file: name, sha256 }, systemClock);
				if (isRefused(detector)) throw new Error(detector.message);
				const { picture, at } = pictures[found];
				const look = await detector.look(picture, options);
				const hit = look.looked
					? look.boxes.some(({ xPx, yPx, widthPx, heightPx }) => xPx < at.x && xPx + widthPx > at.x && yPx < at.y && yPx + heightPx > at.y)
					: look.why;
				expect([name, hit]).toEqual([name, true]);
				expect(await detector.look(greyPicture(320, 240), options)).toEqual({ looked: true, boxes: [] });
				await detector.close();
			}
		},
		60_000,
	);
});
