/**
 * Which unit runs which law. Units say it in reports and with the label of every envelope; cohorts and hardware are the operator's to set.
 */
import * as v from "valibot";
import { toHex } from "../../shared/bytes.ts";
import type { UnitAddress } from "../../shared/law-targets.ts";
import type { Primitives } from "../../shared/primitives.ts";
import { isUnitId } from "../../shared/topics.ts";
import { documentsFor } from "./audience.ts";
import { lawHashOf } from "./law-hash.ts";
import type { Office } from "./office.ts";
import { conflict, notFound } from "./refused.ts";

export interface Unit extends UnitAddress {
	readonly firstSeenAtMs?: number;
	readonly lastSeenAtMs?: number;
	/** The hash of the law that it obeys, and since when the server has heard of that. */
	readonly lawHash?: string;
	readonly lawSinceMs?: number;
	/** The release that gives this hash; undefined when none does. */
	readonly release?: string | undefined;
	readonly lastRefusal?: { readonly code: string; readonly atMs: number; readonly snapshotVersion?: number | undefined };
}

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits"));
const code = v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,39}$/, "a code such as LAW_INVALID"));
const version = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A unit id, never a VIN. */
export const UnitIdSchema = v.pipe(v.string(), v.check(isUnitId, "3 to 64 lower-case letters, digits and single hyphens, never a VIN"));

/** What a unit says of its law. */
export const UnitReportSchema = v.strictObject({
	/** The law that it obeys; absent when it has none. */
	lawHash: v.optional(hash),
	/** Of the repository that it looked at last. */
	snapshotVersion: v.optional(version),
	/** Why it did not take what it found there. */
	refusal: v.optional(v.strictObject({ code, snapshotVersion: v.optional(version) })),
});
export type UnitReport = v.InferOutput<typeof UnitReportSchema>;

export interface Units {
	/** Takes a report. `full`: there is no room for one more unit. */
	report(unitId: string, report: UnitReport): void;
	get(unitId: string): Unit;
	list(limit: number, after: string | undefined): readonly Unit[];
	/** All that are known, up to the most that a roll-out can name one by one. */
	all(): readonly Unit[];
	/** Enrols a unit or changes where it belongs. */
	put(unitId: string, address: { readonly cohorts: readonly string[]; readonly hardware: string | undefined }): Unit;
	remove(unitId: string): void;
	counts(): { readonly units: number; readonly byRelease: Readonly<Record<string, number>> };
}

const maxUnits = 1_000_000;

/** From 0 to below 100, the same for a unit at every time: who is in 5 % is in 10 % too. */
export const percentileOf = (unitId: string, crypto: Pick<Primitives, "sha256">): number => {
	const digest = crypto.sha256(new TextEncoder().encode(`kerb-rollout\n${unitId}`));
	return (Number.parseInt(toHex(digest.subarray(0, 4)), 16) / 2 ** 32) * 100;
};

/**
 * @param heard Called for each report with whether the unit obeys what is published for it now.
 */
export const openUnits = (office: Office, heard: (unit: Unit, obeys: boolean, refusal: UnitReport["refusal"]) => void): Units => {
	const { store, crypto, clock } = office;
	const units = store.collection<Unit>("unit");
	const pointers = store.collection<{ readonly id: string }>("pointer");
	const known = store.db.prepare("SELECT release FROM law_hashes WHERE hash = ?");
	const remember = store.db.prepare("INSERT INTO law_hashes (hash, release) VALUES (?, ?) ON CONFLICT DO NOTHING");
	let count = units.count();

	const room = (unitId: string): Unit | undefined => {
		const unit = units.get(unitId);
		if (unit === undefined && count >= maxUnits) throw conflict("too_many_units", `at most ${maxUnits} units are kept`);
		return unit;
	};
	const save = (unit: Unit, isNew: boolean): Unit => {
		units.put(unit.unitId, unit);
		if (isNew) count += 1;
		return unit;
	};

	return {
		report(unitId, { lawHash, refusal, snapshotVersion }) {
			const before = room(unitId);
			const nowMs = clock.nowMs();
			const address: Unit = before ?? { unitId, cohorts: [], hardware: undefined, firstSeenAtMs: nowMs };
			const isNews = lawHash !== undefined && lawHash !== before?.lawHash;
			const published = office.repository.published()?.documents ?? [];
			const obeys = lawHash !== undefined && lawHash === lawHashOf(documentsFor(published, address).values(), crypto);
			const current = obeys ? pointers.get("published")?.id : undefined;
			if (obeys && current !== undefined && lawHash !== undefined) remember.run(lawHash, current);
			const release = lawHash === undefined ? undefined : known.get(lawHash)?.release;
			const unit: Unit = {
				...address,
				lastSeenAtMs: nowMs,
				...(lawHash === undefined ? {} : { lawHash }),
				...(isNews ? { lawSinceMs: nowMs } : {}),
				...(lawHash === undefined ? {} : { release: typeof release === "string" ? release : undefined }),
				...(refusal === undefined
					? {}
					: { lastRefusal: { code: refusal.code, atMs: nowMs, snapshotVersion: refusal.snapshotVersion ?? snapshotVersion } }),
			};
			save(unit, before === undefined);
			heard(unit, obeys, refusal && { ...refusal, snapshotVersion: refusal.snapshotVersion ?? snapshotVersion });
		},
		get(unitId) {
			const unit = units.get(unitId);
			if (unit === undefined) throw notFound("unit");
			return unit;
		},
		list: (limit, after) => units.list(limit, after),
		all: () => units.list(100_000),
		put(unitId, { cohorts, hardware }) {
			const before = room(unitId);
			return save({ ...before, unitId, cohorts, hardware }, before === undefined);
		},
		remove(unitId) {
			if (units.get(unitId) === undefined) throw notFound("unit");
			units.remove(unitId);
			count -= 1;
		},
		counts() {
			const byRelease: Record<string, number> = {};
			const rows = store.db
				.prepare("SELECT body ->> '$.release' AS release, count(*) AS n FROM things WHERE kind = 'unit' GROUP BY 1 LIMIT 1000")
				.all();
			for (const row of rows) byRelease[row.release === null ? "unknown" : String(row.release)] = Number(row.n);
			return { units: count, byRelease };
		},
	};
};
