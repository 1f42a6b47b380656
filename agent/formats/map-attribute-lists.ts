/** Asks the lists of denied attributes (map-attributes-denied.ts) about a name. */
import { compileNamePattern, normalName } from "./map-attribute-names.ts";
import { type DeniedAttribute, deniedAttributes } from "./map-attributes-denied.ts";

const compiled = deniedAttributes.map((denied) => ({ denied, tests: denied.patterns.map(compileNamePattern) }));

/** Names repeat from feature to feature; what is asked again is remembered, within a bound. */
const known = new Map<string, readonly DeniedAttribute[]>();
const maxKnown = 5_000;

/** Every entry that a name falls under, in the lists' order. */
export const deniedBy = (name: string): readonly DeniedAttribute[] => {
	const before = known.get(name);
	if (before !== undefined) return before;
	const normal = normalName(name);
	const found = compiled.filter(({ tests }) => tests.some((test) => test(normal))).map(({ denied }) => denied);
	if (known.size >= maxKnown) known.clear();
	known.set(name, found);
	return found;
};
