/**
 * Which of the signed targets are this unit's law: of each kind the one that names the unit most exactly. Pure.
 */
import { toHex } from "../../shared/bytes.ts";
import { KerbError } from "../../shared/errors.ts";
import { maxDocumentBytes } from "../../shared/law.ts";
import { type LawKind, requiredKinds, roleOfKind, specificityOf, TargetCustomSchema, type UnitAddress } from "../../shared/law-targets.ts";
import { parseValue } from "../../shared/parse-document.ts";
import type { Primitives } from "../../shared/primitives.ts";
import type { SignedTarget } from "./stored-metadata.ts";

export interface ChosenTarget extends SignedTarget {
	readonly kind: LawKind;
}

/**
 * At most one target of each kind. A target that does not say what it is for, or says it wrongly, refuses the law as a whole: it may be
 * what was meant to forbid something.
 *
 * @throws KerbError LAW_INVALID, also when two targets of one kind name the unit equally; LAW_MISSING when a kind without which there is no
 * law does not name it.
 */
export const chooseTargets = (targets: readonly SignedTarget[], unit: UnitAddress): readonly ChosenTarget[] => {
	const best = new Map<LawKind, { readonly target: ChosenTarget; readonly rank: number; readonly rival: string | undefined }>();
	for (const target of targets) {
		const custom = typeof target.custom === "object" && target.custom !== null ? Reflect.get(target.custom, "kerbstone") : undefined;
		const { kind, for: audience } = parseValue(TargetCustomSchema, custom, `custom.kerbstone of ${target.path}`, "LAW_INVALID");
		if (roleOfKind[kind] !== target.role || !target.path.startsWith(`${kind}/`)) {
			throw new KerbError(
				"LAW_INVALID",
				`${target.path}, signed by role "${target.role}", is not a place for a document of kind "${kind}"`,
			);
		}
		const rank = specificityOf(audience, unit);
		if (rank === undefined) continue;
		if (target.length > maxDocumentBytes) {
			throw new KerbError("LAW_INVALID", `${target.path} has ${target.length} bytes; at most ${maxDocumentBytes} are taken`);
		}
		const known = best.get(kind);
		if (known === undefined || rank > known.rank) best.set(kind, { target: { ...target, kind }, rank, rival: undefined });
		else if (rank === known.rank) best.set(kind, { ...known, rival: target.path });
	}
	for (const [kind, { target, rival }] of best) {
		if (rival === undefined) continue;
		throw new KerbError("LAW_INVALID", `${target.path} and ${rival}, both of kind "${kind}", are equally meant for this unit`);
	}
	const lacking = requiredKinds.filter((kind) => !best.has(kind));
	if (lacking.length > 0) throw new KerbError("LAW_MISSING", `the law has no document of kind ${lacking.join(", ")} for this unit`);
	return [...best.values()].map(({ target }) => target);
};

/** What a unit reports as the law it obeys: SHA-256, in hexadecimal, over a sorted line `kind path sha256` for each target. */
export const lawHash = (targets: readonly ChosenTarget[], crypto: Pick<Primitives, "sha256">): string => {
	const lines = targets.map(({ kind, path, sha256 }) => `${kind} ${path} ${sha256}`).sort();
	return toHex(crypto.sha256(new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""))));
};
