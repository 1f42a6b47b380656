/**
 * The list of fields to redact of jpo-cvdp (`fieldsToRedact.txt`): one path per line, from the root of the ODE's JSON, names joined by dots; a
 * list of things is passed through. What a path names is erased with all that is below it.
 */
import { KerbError } from "../../shared/errors.ts";

const maxTextLength = 1_000_000;
const maxFields = 500;

/**
 * The paths, in the order of the file, each once.
 *
 * @param what Names the file for a person.
 * @throws KerbError CONFIG_INVALID with every line that is no path.
 */
export const parseCvdpFields = (text: string, what: string): readonly string[] => {
	const problems: string[] = [];
	const paths = new Set<string>();
	if (text.length > maxTextLength) problems.push(`expected at most ${maxTextLength} characters, got ${text.length}`);
	for (const [index, line] of text.slice(0, maxTextLength).split(/\r?\n/).entries()) {
		const path = line.trim();
		if (path === "" || path.startsWith("#")) continue;
		if (/^[\w-]{1,100}(?:\.[\w-]{1,100}){0,30}$/.test(path)) paths.add(path);
		else problems.push(`line ${index + 1}: expected names joined by dots`);
	}
	if (paths.size > maxFields) problems.push(`expected at most ${maxFields} paths, got ${paths.size}`);
	if (problems.length === 0) return [...paths];
	const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
	throw new KerbError("CONFIG_INVALID", `${what} is not valid: ${problems[0]}${more}`, { problems });
};
