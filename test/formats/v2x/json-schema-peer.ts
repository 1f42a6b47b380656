/**
 * Debian's python3-jsonschema as a peer: what it finds wrong with documents.
 */
import { spawnSync } from "node:child_process";
import { python } from "../../peers.ts";

const script = `
import json, sys
from jsonschema import validators
with open(sys.argv[1], encoding="utf-8-sig") as file:
    schema = json.load(file)
validator = validators.validator_for(schema, default=validators.Draft7Validator)(schema)
for line in sys.stdin:
    errors = [f"{error.json_path}: {error.validator}" for error in validator.iter_errors(json.loads(line))]
    print(json.dumps(errors))
`;

/** For each document all errors as `path: keyword`; empty when it is valid. */
export const schemaErrors = (schemaFile: string, documents: readonly string[]): readonly (readonly string[])[] => {
	const { stdout, stderr, status } = spawnSync(python, ["-c", script, schemaFile], {
		input: documents.map((each) => `${each}\n`).join(""),
		encoding: "utf8",
		maxBuffer: 1 << 26,
		timeout: 50_000,
	});
	if (status !== 0) throw new Error(`python3-jsonschema failed: ${stderr}`);
	return stdout
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as string[]);
};
