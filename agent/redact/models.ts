/**
 * Models on the disk: an .onnx file, and beside it a note (`<file>.json`) with its kind and the outcome of its self-test, which `model add` writes. A model is
 * what its SHA-256 says; for known models the program has the facts itself and needs no note.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import * as v from "valibot";
import { isKerbError } from "../../shared/errors.ts";
import type { Clock } from "../host/clock.ts";
import { readFileBounded } from "../host/disk.ts";
import type { Detector } from "./detector.ts";
import { knownModel } from "./known-models.ts";
import type { Layout } from "./layout.ts";
import { layoutOf } from "./layouts.ts";
import { onnxDetector } from "./onnx-detector.ts";
import { type Network, openNetwork } from "./onnx-runtime.ts";
import { isRefused, type Refused } from "./refusal.ts";
import { isSame, runSelfTest, type SelfTest, selfTestSchema } from "./self-test.ts";

export const maxModelBytes = 128 * 1_024 * 1_024;
const maxNoteBytes = 64 * 1_024;

const noteSchema = v.strictObject({
	format: v.literal("kerbstone-model-1"),
	sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
	kind: v.pipe(v.string(), v.maxLength(40)),
	selfTest: selfTestSchema,
});
export type ModelNote = v.InferOutput<typeof noteSchema>;

export const noteFile = (file: string): string => `${file}.json`;
export const noteText = (note: ModelNote): string => `${JSON.stringify(note, null, "\t")}\n`;

/** Undefined when there is none, or none that can be read. */
export const readNote = (folder: string, file: string): ModelNote | undefined => {
	try {
		const bytes = readFileBounded(join(folder, noteFile(file)), maxNoteBytes);
		if (bytes === undefined) return undefined;
		const parsed = v.safeParse(noteSchema, JSON.parse(new TextDecoder().decode(bytes)));
		return parsed.success ? parsed.output : undefined;
	} catch {
		// What cannot be read is a note that is not there: the model is refused for want of it.
		return undefined;
	}
};

export interface ModelFile {
	readonly bytes: Uint8Array;
	readonly sha256: string;
}

/** `file` is a name in `folder`, without folders. */
export const readModel = (folder: string, file: string): ModelFile | Refused => {
	const named = `the model ${file}`;
	if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/.test(file))
		return { why: "model-missing", message: "expected the name of a model's file, without folders" };
	try {
		const bytes = readFileBounded(join(folder, file), maxModelBytes);
		if (bytes === undefined) return { why: "model-missing", message: `${named} is not there: put it there with "kerbstone model add"` };
		return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
	} catch {
		return { why: "model-missing", message: `${named} cannot be read: expected a regular file of at most ${maxModelBytes} bytes` };
	}
};

export interface ProbedModel {
	readonly network: Network;
	readonly layout: Layout;
	readonly selfTest: SelfTest;
	/** Of the faster of two runs. */
	readonly runMs: number;
}

/** Loads the model, runs the self-test's picture and reads the answer. The caller owns the network. */
export const probeModel = async ({ bytes }: ModelFile, kind: string, clock: Clock): Promise<ProbedModel | Refused> => {
	const layout = layoutOf(kind);
	if (layout === undefined) return { why: "model-unfit", message: `the kind "${kind}" is not known` };
	let network: Network | undefined;
	try {
		network = await openNetwork(bytes);
		// The first run also makes buffers.
		const first = await runSelfTest(network, layout, clock);
		const { made, outputs, runMs: second } = await runSelfTest(network, layout, clock);
		const runMs = Math.min(first.runMs, second);
		if (layout.read(outputs, made.widthPx, made.heightPx, 0.5) === undefined) {
			await network.close();
			return { why: "model-unfit", message: `what the model puts out is not what the kind ${kind} puts out` };
		}
		return { network, layout, selfTest: made, runMs };
	} catch (error) {
		await network?.close().catch(() => undefined);
		const message = isKerbError(error) ? error.message : "the model cannot be loaded";
		return { why: isKerbError(error, "SOURCE_UNAVAILABLE") ? "no-detector" : "model-unfit", message };
	}
};

/**
 * A detector, when the file has the hash that the law wants and computes what it must.
 */
export const openModel = async (
	folder: string,
	{ file, sha256 }: { readonly file: string; readonly sha256: string },
	clock: Clock,
): Promise<Detector | Refused> => {
	const model = readModel(folder, file);
	if (isRefused(model)) return model;
	if (model.sha256 !== sha256)
		return { why: "model-hash", message: `the model ${file} has the SHA-256 ${model.sha256}, the policy wants ${sha256}` };
	const note = readNote(folder, file);
	const facts = knownModel(sha256);
	const own = note?.sha256 === sha256 ? note : undefined;
	const kind = facts?.kind ?? own?.kind;
	const expected = facts?.selfTest ?? own?.selfTest;
	if (kind === undefined || expected === undefined)
		return { why: "self-test", message: `nobody has said what the model ${file} is and must compute: add it with "kerbstone model add"` };
	const probed = await probeModel(model, kind, clock);
	if (isRefused(probed)) return probed;
	const { network, layout, selfTest, runMs } = probed;
	if (!isSame(selfTest, expected)) {
		await network.close();
		return { why: "self-test", message: `the model ${file} does not compute here what it computed when it was added` };
	}
	return onnxDetector({ network, layout, sha256, runMs, clock });
};
