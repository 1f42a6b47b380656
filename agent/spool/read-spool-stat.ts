/** Counts what waits, from a file opened for reading; works beside a running agent. */
import type { DatabaseSync } from "node:sqlite";
import { readCounters } from "./spool-rows.ts";
import type { OutletStat } from "./spool-types.ts";

/** Per outlet, in order of their ids. Throws SQLite's errors. */
export const readSpoolStat = (db: DatabaseSync): OutletStat[] => {
	const { counters } = readCounters(db);
	const waiting = new Map<string, { pending: number; bytes: number; oldestMs: number | undefined; last: number }>();
	const text =
		"SELECT outlet, count(*) AS pending, sum(size) AS bytes, max(sequence) AS last FROM envelope INDEXED BY by_sequence GROUP BY outlet";
	const oldest = db.prepare(
		"SELECT sealed_at_ms AS ms FROM envelope WHERE id = (SELECT id FROM envelope INDEXED BY by_sequence WHERE outlet = ? ORDER BY sequence LIMIT 1)",
	);
	for (const { outlet, pending, bytes, last } of db.prepare(text).all()) {
		const oldestMs = typeof outlet === "string" ? oldest.get(outlet)?.ms : undefined;
		waiting.set(String(outlet), {
			pending: Number(pending),
			bytes: Number(bytes),
			oldestMs: typeof oldestMs === "number" ? oldestMs : undefined,
			last: Number(last),
		});
	}
	return [...new Set([...counters.keys(), ...waiting.keys()])].sort().map((outletId) => {
		const rows = waiting.get(outletId);
		const counter = counters.get(outletId);
		return {
			outletId,
			pending: rows?.pending ?? 0,
			bytes: rows?.bytes ?? 0,
			oldestMs: rows?.oldestMs,
			lastSequence: counter?.last ?? rows?.last ?? 0,
			deliveredTotal: counter?.delivered ?? 0,
			shedTotal: counter?.shed ?? 0,
			quarantinedTotal: counter?.quarantined ?? 0,
		};
	});
};
