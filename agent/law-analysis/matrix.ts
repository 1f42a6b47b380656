/**
 * The matrix of a law: every category by every outlet, with what circumstances would change.
 */
import type { CatalogueRow } from "../../shared/catalogue.ts";
import type { Law } from "../../shared/law.ts";
import type { Outlet } from "../../shared/outlet.ts";
import type { Effect } from "../../shared/verdict.ts";
import { caseMaker } from "./abstract-cases.ts";
import type { Basis } from "./basis.ts";
import { type Cell, cellOf } from "./cell.ts";
import { type ContextFlag, flagWords } from "./context.ts";

export interface Matrix {
	readonly law: Pick<Law, "hash"> & {
		readonly policy: string;
		readonly policyVersion: number;
		readonly catalogue: string;
		readonly catalogueVersion: number;
	};
	readonly home: string;
	readonly outlets: readonly Outlet[];
	readonly rows: readonly MatrixRow[];
	/** Cases that were gone through. */
	readonly cases: number;
}

export interface MatrixRow {
	readonly row: CatalogueRow;
	/** One per outlet, in the order of `outlets`. */
	readonly cells: readonly Cell[];
}

/** Pure: the same basis gives the same matrix. */
export const matrixOf = (basis: Basis): Matrix => {
	const { law, home } = basis;
	const casesOf = caseMaker(basis);
	const rows = law.catalogue.rows.map((row) => ({ row, cells: law.outlets.outlets.map((outlet) => cellOf(law, casesOf, row, outlet)) }));
	return {
		law: {
			hash: law.hash,
			policy: law.policy.id,
			policyVersion: law.policy.version,
			catalogue: law.catalogue.id,
			catalogueVersion: law.catalogue.version,
		},
		home,
		outlets: law.outlets.outlets,
		rows,
		cases: rows.flatMap(({ cells }) => cells).reduce((sum, { cases }) => sum + cases, 0),
	};
};

/** The words of a verdict's effect for people: what is kept is kept inside the unit. */
export const effectWords: Readonly<Record<Effect, string>> = { upload: "upload", vault: "inside", drop: "drop" };

/** A cell in one line: `upload`, `inside (consent -> upload)`, `drop (not asked for)`. */
export const cellText = ({ effect, opensWith, isAskedFor }: Cell): string => {
	const notes = isAskedFor ? opensWith.map((flags) => `${openingText(flags)} -> upload`) : ["not asked for"];
	return notes.length === 0 ? effectWords[effect] : `${effectWords[effect]} (${notes.join(" or ")})`;
};

const openingText = (flags: readonly ContextFlag[]): string => flags.map((flag) => flagWords[flag]).join(" + ");
