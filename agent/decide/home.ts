/**
 * What counts as home. The catalogue says whose law it is; a unit's configuration only says where in there the unit is.
 */
import type { Catalogue } from "../../shared/catalogue.ts";
import { KerbError } from "../../shared/errors.ts";

/**
 * The jurisdictions that are home to a unit in `home` under this catalogue: one country, or all states of a union.
 *
 * @throws KerbError LAW_INVALID when the catalogue is the law of some other place: what is home there would be taken for home here.
 */
export const homesOf = ({ id, jurisdiction, jurisdictions = [] }: Catalogue, home: string): readonly string[] => {
	const all = [...new Set([jurisdiction, ...jurisdictions])];
	if (all.includes(home)) return all;
	throw new KerbError(
		"LAW_INVALID",
		`catalogue "${id}" is the floor of ${jurisdiction}, but home is ${home}: use a catalogue for ${home}, or correct law.home`,
	);
};
