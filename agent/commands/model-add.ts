/** `model add`: takes a model into the folder of models, with what it must compute, and prints what the policy has to say of it. */
import { basename, dirname, join, resolve } from "node:path";
import { KerbError } from "../../shared/errors.ts";
import { systemClock } from "../host/clock.ts";
import { ensurePrivateFolder, writeFileDurable } from "../host/disk.ts";
import { knownModel } from "../redact/known-models.ts";
import type { Layout } from "../redact/layout.ts";
import { layouts } from "../redact/layouts.ts";
import { noteFile, noteText, probeModel, readModel } from "../redact/models.ts";
import { looksAt } from "../redact/onnx-detector.ts";
import type { Network } from "../redact/onnx-runtime.ts";
import { isRefused } from "../redact/refusal.ts";
import { isSame } from "../redact/self-test.ts";
import { type Command, exitCodes, textOption } from "./command.ts";
import { parseRedaction } from "./redact-setup.ts";

const frames = [
	[1_280, 720],
	[1_920, 1_080],
] as const;

const kinds = layouts.map(({ kind }) => kind).join(", ");

const help = `Loads FILE, checks its operators, input and outputs by running it on a fixed picture of noise, copies it into the folder with a small note of
what it computed (no photograph), and prints what to put into the policy. A unit loads a model only when its SHA-256 is the one in the signed
policy and it computes there what it computed here.

Options:
  --models DIR   the folder of models
  --kind KIND    what the model is, when its SHA-256 is not known: ${kinds}

Exit codes: 0 added; 3 the model cannot be used; 4 the file is not there.

Example:
  kerbstone model add version-RFB-640.onnx --models models`;

const command: Command = {
	name: "model add",
	summary: "take a model that finds faces or plates, and print what the policy says of it",
	usage: "model add FILE --models DIR [--kind KIND]",
	help,
	options: { models: { type: "string" }, kind: { type: "string" } },
	run: async (args, io) => {
		const [path] = args.positionals;
		const folder = textOption(args, "models");
		if (path === undefined || folder === undefined || args.positionals.length > 1)
			throw new KerbError("USAGE", `expected one model and --models\nUsage: kerbstone ${command.usage}`);
		const file = basename(path);
		if (!file.endsWith(".onnx")) throw new KerbError("USAGE", "expected a model whose name ends in .onnx");
		const model = readModel(dirname(resolve(path)), file);
		if (isRefused(model)) throw new KerbError("SOURCE_UNAVAILABLE", model.message);
		const known = knownModel(model.sha256);
		const told = textOption(args, "kind");
		if (told !== undefined && known !== undefined && told !== known.kind)
			throw new KerbError("USAGE", `this model is known (${known.name}): its kind is ${known.kind}, not ${told}`);
		const kind = known?.kind ?? told;
		if (kind === undefined)
			throw new KerbError("USAGE", `a model with the SHA-256 ${model.sha256} is not known: say with --kind which it is (${kinds})`);
		const probed = await probeModel(model, kind, systemClock);
		if (isRefused(probed)) {
			io.err(`refused (${probed.why}): ${probed.message}`);
			return exitCodes.refused;
		}
		const { network, layout, selfTest, runMs } = probed;
		await network.close();
		if (known?.selfTest !== undefined && !isSame(selfTest, known.selfTest)) {
			io.err("refused (self-test): the model does not compute here what it is known to compute");
			return exitCodes.refused;
		}
		ensurePrivateFolder(folder);
		if (resolve(folder) !== dirname(resolve(path))) writeFileDurable(join(folder, file), model.bytes);
		const note = { format: "kerbstone-model-1", sha256: model.sha256, kind, selfTest } as const;
		writeFileDurable(join(folder, noteFile(file)), new TextEncoder().encode(noteText(note)));
		const size = `${selfTest.widthPx} x ${selfTest.heightPx} pixels, ${Math.ceil(runMs)} ms for one look on this machine`;
		await io.out(`${file}: finds ${layout.class}s, kind ${kind}, ${size}`);
		for (const line of costOf(network, layout, runMs)) await io.out(line);
		await io.out(
			known === undefined
				? "This model is not a known one: its licence and how well it finds are for you to know (kerbstone redact eval)."
				: `Known as ${known.name} of ${known.project}, licence ${known.licence}.`,
		);
		await io.out(`For the detectors of redact-image in the policy:\n  ${JSON.stringify({ kind: "model", file, sha256: model.sha256 })}`);
		return exitCodes.ok;
	},
};

export default command;

/** The size rule's bill, with the smallest object that the treatment asks for when nothing else is said. */
const costOf = (network: Network, layout: Layout, runMs: number): readonly string[] => {
	const { minPx } = parseRedaction({ type: "redact-image", detectors: [{ kind: "builtin" }] }).classes[layout.class];
	return frames.map(([widthPx, heightPx]) => {
		const looks = looksAt(network, layout, { widthPx, heightPx }, minPx).parts.length;
		return `  ${widthPx} x ${heightPx}: ${looks} look${looks === 1 ? "" : "s"} for ${layout.class}s of ${minPx} px and more, about ${Math.ceil(looks * runMs)} ms`;
	});
};
