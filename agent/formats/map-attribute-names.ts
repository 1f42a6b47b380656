/**
 * Names of map attributes brought to one form, whatever their writer's habits: `maxHeight_m`, `MAX-HEIGHT (cm)`, `max heights`, `tunnel:maxheight`
 * and full-width letters all come to the same letters. Patterns of attributes are matched against that form.
 */

/** Units that writers append to names. */
const units: ReadonlySet<string> = new Set(
	"m cm mm km ft feet foot inch yd mile t kg kn ton tonne kv v kw mw deg degree rad pct percent permille promille mps kmh kph mph ms s m2 km2 m3 sqm mgal".split(
		" ",
	),
);

/** Words that say nothing of what an attribute is about. */
const fillers: ReadonlySet<string> = new Set(
	"value val attr attribute attrib info data field prop property tag num number nominal real actual raw orig original source src of the is has in at de x my new old list array arr item items table".split(
		" ",
	),
);

const singular = (word: string): string => {
	if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
	return word.length > 3 && word.endsWith("s") && !/(?:ss|us|is)$/.test(word) ? word.slice(0, -1) : word;
};

export interface NormalName {
	/** Lower-case words, singular, with neither units at the end nor fillers. All words where nothing else is left. */
	readonly words: readonly string[];
	/** The words without anything between them. */
	readonly letters: string;
	/** All words of the name without anything between them, as they were written but in lower case. */
	readonly all: string;
}

/** Never throws; a name is at most 200 characters where it comes from a source. */
export const normalName = (name: string): NormalName => {
	const written = name
		.normalize("NFKC")
		.replace(/[\u00AD\u200B-\u200F\u2060\uFEFF]/g, "")
		.replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
		.replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1 $2")
		.toLowerCase()
		.normalize("NFD")
		.replace(/\p{Mn}/gu, "")
		.split(/[^\p{L}\p{N}]+/u)
		.filter((word) => word !== "");
	const bare = written.map((word) => word.replace(/^\d+|\d+$/g, "")).filter((word) => word !== "");
	const all = bare.join("");
	while (bare.length > 1 && units.has(bare.at(-1) ?? "")) bare.pop();
	const telling = bare.filter((word) => !fillers.has(word)).map(singular);
	const words = telling.length > 0 ? telling : bare;
	return { words, letters: words.join(""), all };
};

/**
 * A pattern of names: parts joined by `+`, all of which must be there. A part is a run of letters anywhere in the name; `=part` a whole word or the whole name,
 * `==part` the whole name.
 */
export const compileNamePattern = (pattern: string): ((name: NormalName) => boolean) => {
	const parts = pattern.split("+").map((part) => {
		if (!part.startsWith("=")) return ({ letters, all }: NormalName) => letters.includes(part) || all.includes(part);
		const whole = part.replace(/^=+/, "");
		if (part.startsWith("==")) return ({ letters, all }: NormalName) => letters === whole || all === whole;
		return ({ words, letters, all }: NormalName) => letters === whole || all === whole || words.includes(whole);
	});
	return (name) => parts.every((part) => part(name));
};
