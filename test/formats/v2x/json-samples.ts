/**
 * The recorded messages in JSON, one entry for each.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { JsonForm } from "../../../agent/formats/v2x/json-message.ts";
import { dataPath } from "../../data.ts";

export interface JsonSample {
	readonly form: JsonForm;
	readonly name: string;
	readonly text: string;
}

const filesIn = (folder: string, isWanted: (name: string) => boolean): readonly string[] =>
	readdirSync(dataPath("v2x", ...folder.split("/")))
		.filter((name) => name.endsWith(".json") && isWanted(name))
		.map((name) => `${folder}/${name}`);

const read = (file: string): string => readFileSync(dataPath("v2x", ...file.split("/")), "utf8");

/** One message per file, or one per line where every line is one. */
const messagesOf = (form: JsonForm, file: string): readonly JsonSample[] => {
	const text = read(file).trim();
	const lines = text.split("\n");
	if (lines.length > 1 && lines.every((line) => line.startsWith("{") && line.endsWith("}"))) {
		return lines.map((line, index) => ({ form, name: `${file}:${index + 1}`, text: line }));
	}
	return [{ form, name: file, text }];
};

/** All that are sound. */
export const jsonSamples = (): readonly JsonSample[] => [
	...filesIn("etsi", (name) => name.startsWith("vanetza")).flatMap((file) => messagesOf("vanetza", file)),
	...["Cam", "Denm"].flatMap((name) => messagesOf("its-client", `etsi/its-client/${name}.json`)),
	...filesIn("j2735-ode", (name) => !name.startsWith("schema") && !name.includes("jer")).flatMap((file) => messagesOf("ode", file)),
	...filesIn("jpo-cvdp", (name) => name !== "error_cases.json" && !name.includes("bad.id")).flatMap((file) => messagesOf("ode", file)),
	...(JSON.parse(read("j2735-ode/ode_uper_vectors.jer.json")) as readonly { readonly jer: object }[]).map(
		({ jer }, index): JsonSample => ({ form: "ode", name: `vector ${index}`, text: JSON.stringify({ payload: { data: jer } }) }),
	),
];

/** The lines of the broken ones; each is a whole text. */
export const brokenSamples = (): readonly string[] => read("jpo-cvdp/error_cases.json").trim().split("\n");
