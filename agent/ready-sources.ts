/**
 * The configured sources with their options parsed, or one error that lists what is wrong with all of them.
 */
import { isKerbError, KerbError } from "../shared/errors.ts";
import { parseValue } from "../shared/parse-document.ts";
import type { Config } from "./config.ts";
import type { ReadySource } from "./run-source.ts";
import { sources } from "./sources/registry.ts";

/** @throws KerbError CONFIG_INVALID when a type or an option is not known to this build. */
export const readySources = async (configured: Config["sources"]): Promise<readonly ReadySource[]> => {
	const problems: string[] = [];
	const ready: ReadySource[] = [];
	for (const { id, ...written } of configured) {
		const load = sources.get(written.type);
		if (load === undefined) {
			problems.push(`source "${id}": there is no type "${written.type}"; this build has ${[...sources.keys()].join(", ")}`);
			continue;
		}
		const { default: plugin } = await load();
		try {
			const options = parseValue(plugin.options, written, `source "${id}"`, "CONFIG_INVALID");
			ready.push({ id, kind: plugin.kind, open: (context) => plugin.open(options, context) });
		} catch (error) {
			if (!isKerbError(error)) throw error;
			problems.push(...error.problems.map((line) => `source "${id}": ${line}`));
		}
	}
	if (problems.length > 0) throw new KerbError("CONFIG_INVALID", `the sources are not valid: ${problems[0]}`, { problems });
	return ready;
};
