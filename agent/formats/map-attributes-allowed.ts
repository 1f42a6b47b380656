/**
 * What a map may say (own choice, P-03: no more than the purpose needs): all other attributes are removed. Names are matched whole in their normal
 * form (map-attribute-names.ts), and each takes values of one kind only, so that nothing else travels under a harmless name.
 *
 * - id: up to 64 letters, digits, `_`, `-`, `:`, `#`, `/`; or a whole number
 * - word: up to 64 letters and `_`, `-`, space, `;`, `|`, `:`, `/`; or true and false
 * - name: up to 120 characters of a name on a sign
 * - number: a finite number, as such or as text, up to 1,000,000
 * - tree: an object or a list of them, of which each name is looked up again
 */
import { normalName } from "./map-attribute-names.ts";

export type ValueKind = "id" | "word" | "name" | "number" | "tree";

/** Where an attribute may go: `public` everywhere, `home` to recipients in the home jurisdiction only. */
export type MapUse = "home" | "public";

interface Allowed {
	readonly kind: ValueKind;
	readonly use: MapUse;
}

const table: readonly (readonly [MapUse, ValueKind, string])[] = [
	// What a map for everyone shows.
	["public", "id", "id ref reference"],
	["public", "name", "name roadname streetname"],
	[
		"public",
		"word",
		"type subtype highway roadclass roadtype class category oneway direction turn turnlane lanetype lanemarking marking color colour status access role",
	],
	["public", "number", "lanes lanecount lane_count speedlimit speed_limit maxspeed max"],
	["public", "word", "unit"],
	["public", "tree", "properties tags attributes lane lanes road roads sign signs speed"],
	// What driving on it needs.
	[
		"home",
		"id",
		"laneid roadid junctionid signalgroup signal_group signalid controllerid predecessor successor leftneighbor rightneighbor leftneighbour rightneighbour elementid connectingroad incomingroad linkedroad junction from to",
	],
	[
		"home",
		"word",
		"roadmark linetype lanechange elementtype contactpoint location region participant vehicle pedestrian bicycle bus rule regulation dynamic orientation level country",
	],
	["home", "number", "s length lanewidth sequence priority"],
	[
		"home",
		"tree",
		"link links lanesection left right center centre connection connections lanelink predecessors successors neighbor neighbour signal signals controller members member turns restrictions roadmarks",
	],
];

/** By the letters of the normal form. */
const byName: ReadonlyMap<string, readonly Allowed[]> = (() => {
	const map = new Map<string, Allowed[]>();
	for (const [use, kind, names] of table) {
		for (const name of names.split(" ")) {
			const key = normalName(name).letters;
			map.set(key, [...(map.get(key) ?? []), { kind, use }]);
		}
	}
	return map;
})();

/** Every shipped name, for those who check the list. */
export const allowedNames: readonly string[] = [...byName.keys()];

/** The kinds of value that an attribute of this name may have; none when it must go. */
export const allowedKinds = (letters: string, use: MapUse): readonly ValueKind[] =>
	(byName.get(letters) ?? []).filter((allowed) => allowed.use === "public" || use === "home").map(({ kind }) => kind);
