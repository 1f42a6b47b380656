/** `model list`: the models in a folder and the models that are known. */
import { readdirSync } from "node:fs";
import { KerbError } from "../../shared/errors.ts";
import { knownModel, knownModels } from "../redact/known-models.ts";
import { readModel, readNote } from "../redact/models.ts";
import { isRefused } from "../redact/refusal.ts";
import { type Command, exitCodes, flag, textOption } from "./command.ts";
import { textTable } from "./text-table.ts";

const help = `Lists the models in a folder with what is known of them, or, without a folder, the models that are known by their SHA-256.
Models are not part of this program: whoever runs a unit fetches them from the projects that publish them, under their licences.

Options:
  --models DIR   the folder
  --json         print JSON

Exit codes: 0; 4 the folder is not there.`;

const command: Command = {
	name: "model list",
	summary: "list models that find faces and plates",
	usage: "model list [--models DIR] [--json]",
	help,
	options: { models: { type: "string" }, json: { type: "boolean" } },
	run: async (args, io) => {
		const folder = textOption(args, "models");
		const rows = folder === undefined ? knownModels.map((model) => ({ ...model, file: model.name, state: "known" })) : rowsOf(folder);
		if (flag(args, "json")) {
			await io.out(
				JSON.stringify(
					rows.map(({ file, sha256, kind, class: found, licence, state }) => ({ file, sha256, kind, class: found, licence, state })),
				),
			);
			return exitCodes.ok;
		}
		await io.out(
			textTable(
				["file", "finds", "kind", "licence", "state", "sha256"],
				rows.map((row) => [row.file, row.class, row.kind, row.licence, row.state, row.sha256]),
			),
		);
		return exitCodes.ok;
	},
};

export default command;

interface Row {
	readonly file: string;
	readonly sha256: string | undefined;
	readonly kind: string | undefined;
	readonly class: string | undefined;
	readonly licence: string | undefined;
	readonly state: string;
}

const rowsOf = (folder: string): readonly Row[] => {
	let names: readonly string[];
	try {
		names = readdirSync(folder).filter((name) => name.endsWith(".onnx"));
	} catch (cause) {
		throw new KerbError("SOURCE_UNAVAILABLE", `the folder of models ${folder} cannot be read`, { cause });
	}
	return names.toSorted().map((file) => {
		const model = readModel(folder, file);
		if (isRefused(model)) return { file, sha256: undefined, kind: undefined, class: undefined, licence: undefined, state: "unreadable" };
		const known = knownModel(model.sha256);
		const note = readNote(folder, file);
		const added = note?.sha256 === model.sha256;
		const ready = added || known?.selfTest !== undefined;
		const other = note !== undefined && !added ? "changed since it was added" : "not added";
		return {
			file,
			sha256: model.sha256,
			kind: known?.kind ?? (added ? note?.kind : undefined),
			class: known?.class,
			licence: known?.licence,
			state: ready ? "ready" : other,
		};
	});
};
