/**
 * What all parts of the server work with: the store, the clock, the keys, and the law in force.
 */
import type { Clock } from "../../agent/host/clock.ts";
import type { UnitAddress } from "../../shared/law-targets.ts";
import type { Primitives } from "../../shared/primitives.ts";
import type { RoleKeysFile } from "../../shared/role-keys.ts";
import type { LawDocument } from "./documents.ts";
import type { Repository } from "./repository.ts";
import type { Collection, Store } from "./store.ts";

/** The law for everybody whom no roll-out has reached. */
export interface LawInForce {
	readonly documents: readonly LawDocument[];
	/** The release that made it so; undefined before the first. */
	readonly release: string | undefined;
	readonly sinceMs: number;
}

export interface Office {
	readonly store: Store;
	readonly clock: Clock;
	readonly crypto: Primitives;
	/** Keys of the online roles. */
	readonly keys: RoleKeysFile;
	readonly repository: Repository;
	readonly law: () => LawInForce;
	readonly setLaw: (law: LawInForce) => void;
	/** A unit that has reported or was enrolled. */
	readonly unitAddress: (unitId: string) => UnitAddress | undefined;
}

const nothing: LawInForce = { documents: [], release: undefined, sinceMs: 0 };

export const openOffice = (parts: Omit<Office, "law" | "setLaw" | "unitAddress">): Office => {
	const laws: Collection<LawInForce> = parts.store.collection("law");
	const units: Collection<UnitAddress> = parts.store.collection("unit");
	return {
		...parts,
		law: () => laws.get("current") ?? nothing,
		setLaw: (law) => laws.put("current", law),
		unitAddress: (unitId) => units.get(unitId),
	};
};
