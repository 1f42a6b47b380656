/**
 * What `redact one` and `redact eval` redact by: a policy's rule, or all that lies in a folder of models with the defaults of the treatment, or what is built in.
 */
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import { type ObjectClass, objectClasses } from "../../shared/frame.ts";
import type { DetectorChoice, RedactionOptions } from "../../shared/redactor.ts";
import { readFileBounded } from "../host/disk.ts";
import { knownModel } from "../redact/known-models.ts";
import { layoutOf } from "../redact/layouts.ts";
import { readModel, readNote } from "../redact/models.ts";
import { isRefused } from "../redact/refusal.ts";
import redactImage from "../treat/redact-image.ts";

export interface RedactionSetup {
	readonly options: RedactionOptions;
	readonly modelFolder: string;
	/** Models in the folder that the rule does not use: for a second opinion. */
	readonly others: readonly FolderModel[];
}

export interface FolderModel {
	readonly file: string;
	readonly sha256: string;
	readonly kind: string;
	readonly class: ObjectClass;
}

const maxPolicyBytes = 4 * 1_024 * 1_024;
const maxModels = 64;

export const setupOptions = { policy: { type: "string" }, models: { type: "string" } } as const;

/** @throws KerbError CONFIG_INVALID when the policy has no such rule, or several; SOURCE_UNAVAILABLE when a file or folder is not there */
export const setupRedaction = (policyFile: string | undefined, models: string | undefined, delivered: boolean): RedactionSetup => {
	const found = models === undefined ? [] : modelsIn(models);
	if (policyFile !== undefined) {
		const options = fromPolicy(policyFile);
		const used = options.detectors.flatMap((choice) => (choice.kind === "model" ? [choice.sha256] : []));
		return { options, modelFolder: models ?? dirname(policyFile), others: found.filter(({ sha256 }) => !used.includes(sha256)) };
	}
	const first = objectClasses.flatMap((name) => found.find((model) => model.class === name) ?? []);
	const chosen: DetectorChoice[] = first.map(({ file, sha256 }) => ({ kind: "model", file, sha256 }));
	if (delivered) chosen.push({ kind: "delivered" });
	else if (first.length < objectClasses.length) chosen.push({ kind: "builtin" });
	return {
		options: parseRedaction({ type: "redact-image", detectors: chosen }),
		modelFolder: models ?? ".",
		others: found.filter((model) => !first.includes(model)),
	};
};

/** Known models in the order in which they are recommended, then others that were added. */
export const modelsIn = (folder: string): readonly FolderModel[] => {
	let names: readonly string[];
	try {
		names = readdirSync(folder)
			.filter((name) => name.endsWith(".onnx"))
			.toSorted()
			.slice(0, maxModels);
	} catch (cause) {
		throw new KerbError("SOURCE_UNAVAILABLE", `the folder of models ${folder} cannot be read`, { cause });
	}
	const models = names.flatMap((file): readonly FolderModel[] => {
		const model = readModel(folder, file);
		if (isRefused(model)) return [];
		const note = readNote(folder, file);
		const kind = knownModel(model.sha256)?.kind ?? (note?.sha256 === model.sha256 ? note.kind : undefined);
		const layout = kind === undefined ? undefined : layoutOf(kind);
		return kind === undefined || layout === undefined ? [] : [{ file, sha256: model.sha256, kind, class: layout.class }];
	});
	const rank = ({ kind, file }: FolderModel): string => {
		const place = ["yunet", "ultra-light", "yolo5-plate", "yolo5-face"].indexOf(kind);
		return `${place < 0 ? 9 : place} ${file}`;
	};
	return models.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
};

/** With the defaults of the treatment. @throws KerbError CONFIG_INVALID */
export const parseRedaction = (written: unknown): RedactionOptions => {
	const parsed = v.safeParse(redactImage.options, written);
	if (!parsed.success) {
		const problems = parsed.issues.map(({ message, path }) => `${path?.map(({ key }) => String(key)).join(".") ?? "options"}: ${message}`);
		throw new KerbError("CONFIG_INVALID", `redact-image cannot be taken: ${problems[0] ?? "it is not as expected"}`, { problems });
	}
	return parsed.output;
};

const fromPolicy = (file: string): RedactionOptions => {
	const bytes = readFileBounded(file, maxPolicyBytes);
	if (bytes === undefined) throw new KerbError("SOURCE_UNAVAILABLE", `the policy ${file} is not there`);
	let policy: unknown;
	try {
		policy = JSON.parse(new TextDecoder().decode(bytes));
	} catch (cause) {
		throw new KerbError("CONFIG_INVALID", `the policy ${file} is not JSON`, { cause });
	}
	const rules = new Map(treatmentsIn(policy, 0).map((each) => [JSON.stringify(each), each]));
	const [rule] = rules.values();
	if (rule === undefined) throw new KerbError("CONFIG_INVALID", `the policy ${file} has no treatment redact-image`);
	if (rules.size > 1)
		throw new KerbError(
			"CONFIG_INVALID",
			`the policy ${file} has ${rules.size} different treatments redact-image: give a file with the one to try`,
		);
	return parseRedaction(rule);
};

/** Wherever they stand: a policy, one of its rules, or the treatment alone. */
const treatmentsIn = (value: unknown, depth: number): readonly object[] => {
	if (typeof value !== "object" || value === null || depth > 12) return [];
	if ("type" in value && value.type === "redact-image") return [value];
	return Object.values(value).flatMap((each) => treatmentsIn(each, depth + 1));
};
