/** Models are taken, listed and opened again, and what the policy must say of them is printed. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import modelAdd from "../../agent/commands/model-add.ts";
import modelList from "../../agent/commands/model-list.ts";
import modelVerify from "../../agent/commands/model-verify.ts";
import { installRuntime, openNetwork } from "../../agent/redact/onnx-runtime.ts";
import { dataPath, hasData } from "../data.ts";
import { plateOnnx } from "../fakes/constant-onnx.ts";
import { speak } from "../fakes/spoken.ts";

const hasRuntime = await openNetwork(plateOnnx([])).then(
	() => true,
	(error: unknown) => !(error instanceof Error && error.message === installRuntime),
);

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerbstone-model-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("model", () => {
	it.skipIf(!hasRuntime)(
		"add takes an unknown model only with its kind; then it is ready, until it changes (needs onnxruntime-node)",
		async () => {
			const file = join(folder, "own.onnx");
			const models = join(folder, "models");
			writeFileSync(file, plateOnnx([]));
			await expect(speak(modelAdd, { models }, file)).rejects.toThrow(/not known: say with --kind/);
			expect(await speak(modelAdd, { models, kind: "ultra-light" }, file)).toMatchObject({
				code: 3,
				err: expect.stringMatching(/model-unfit/),
			});
			const { code, out } = await speak(modelAdd, { models, kind: "yolo5-plate" }, file);
			expect(code).toBe(0);
			const detector: unknown = JSON.parse(out.split("\n").at(-1) ?? "");
			expect(detector).toEqual({ kind: "model", file: "own.onnx", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
			expect(await speak(modelVerify, { models })).toMatchObject({ code: 0, out: expect.stringMatching(/ready/) });
			expect((await speak(modelList, { models })).out).toMatch(/own\.onnx.*yolo5-plate.*ready/);

			appendFileSync(join(models, "own.onnx"), " ");
			expect((await speak(modelList, { models })).out).toMatch(/changed since it was added/);
			expect(await speak(modelVerify, { models })).toMatchObject({ code: 1, out: expect.stringMatching(/self-test/) });
		},
	);

	it.skipIf(!hasRuntime || !hasData("models"))(
		"add names a known model with its licence, and does not let its kind be told otherwise (needs onnxruntime-node and shared data models)",
		async () => {
			const file = dataPath("models", "version-slim-320_simplified.onnx");
			const models = join(folder, "models");
			await expect(speak(modelAdd, { models, kind: "yunet" }, file)).rejects.toThrow(/its kind is ultra-light-raw/);
			expect((await speak(modelAdd, { models }, file)).out).toMatch(/licence MIT/);
			expect(readFileSync(join(models, "version-slim-320_simplified.onnx"))).toEqual(readFileSync(file));
		},
	);

	it("list names what is known, without any file", async () => {
		expect((await speak(modelList, {})).out).toMatch(/face_detection_yunet_2023mar\.onnx +face +yunet +MIT/);
		await expect(speak(modelList, { models: join(folder, "none") })).rejects.toThrow(/cannot be read/);
	});

	it("add refuses files that are not there or have another name", async () => {
		await expect(speak(modelAdd, { models: folder }, join(folder, "none.onnx"))).rejects.toThrow(/is not there/);
		await expect(speak(modelAdd, { models: folder }, join(folder, "none.bin"))).rejects.toThrow(/ends in .onnx/);
	});
});
