/** `model verify`: opens every model of a folder as a unit would. */
import { readdirSync } from "node:fs";
import { KerbError } from "../../shared/errors.ts";
import { systemClock } from "../host/clock.ts";
import { openModel, readModel } from "../redact/models.ts";
import { isRefused, type Refused } from "../redact/refusal.ts";
import { type Command, exitCodes, textOption } from "./command.ts";
import { textTable } from "./text-table.ts";

const help = `Opens every model in the folder as a unit would: its kind is known or was told, it loads, and it computes what it computed when it was
added. Compare the SHA-256 with the policy.

Options:
  --models DIR   the folder

Exit codes: 0 all can be used; 1 some cannot; 4 the folder is not there.`;

const command: Command = {
	name: "model verify",
	summary: "open the models of a folder as a unit would",
	usage: "model verify --models DIR",
	help,
	options: { models: { type: "string" } },
	run: async (args, io) => {
		const folder = textOption(args, "models");
		if (folder === undefined) throw new KerbError("USAGE", `expected --models\nUsage: kerbstone ${command.usage}`);
		const files = onnxFiles(folder);
		const rows: { readonly file: string; readonly sha256: string | undefined; readonly state: string }[] = [];
		for (const file of files) {
			const { sha256, refused } = await verify(folder, file);
			rows.push({ file, sha256, state: refused === undefined ? "ready" : `${refused.why}: ${refused.message}` });
		}
		await io.out(
			textTable(
				["file", "sha256", "state"],
				rows.map(({ file, sha256, state }) => [file, sha256, state]),
			),
		);
		return rows.every(({ state }) => state === "ready") ? exitCodes.ok : exitCodes.failed;
	},
};

export default command;

const onnxFiles = (folder: string): readonly string[] => {
	try {
		return readdirSync(folder)
			.filter((name) => name.endsWith(".onnx"))
			.toSorted();
	} catch (cause) {
		throw new KerbError("SOURCE_UNAVAILABLE", `the folder of models ${folder} cannot be read`, { cause });
	}
};

const verify = async (
	folder: string,
	file: string,
): Promise<{ readonly sha256: string | undefined; readonly refused: Refused | undefined }> => {
	const model = readModel(folder, file);
	if (isRefused(model)) return { sha256: undefined, refused: model };
	const { sha256 } = model;
	const detector = await openModel(folder, { file, sha256 }, systemClock);
	if (isRefused(detector)) return { sha256, refused: detector };
	await detector.close();
	return { sha256, refused: undefined };
};
