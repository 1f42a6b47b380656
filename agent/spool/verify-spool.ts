/** Checks a spool's file from end to end; reads only, so it works beside a running agent. */
import type { DatabaseSync } from "node:sqlite";
import { sqliteCode } from "../host/sqlite.ts";
import { readCounters, readEnvelope, rowByIdText } from "./spool-rows.ts";
import type { SpoolProblem } from "./spool-types.ts";

const maxProblems = 1_000;

/** Every problem, at most 1,000; none when all is well. Never throws for what is in the file. */
export const verifySpool = (db: DatabaseSync): SpoolProblem[] => {
	const problems: SpoolProblem[] = [];
	const add = (problem: SpoolProblem): void => {
		if (problems.length < maxProblems) problems.push(problem);
	};
	for (const check of [checkStructure, checkRows]) {
		try {
			check(db, add);
		} catch (error) {
			const code = sqliteCode(error);
			add({ kind: "file-damaged", detail: code === undefined ? "a value cannot be read" : `the file cannot be read on (SQLite ${code})` });
		}
	}
	return problems;
};

const checkStructure = (db: DatabaseSync, add: (problem: SpoolProblem) => void): void => {
	for (const { integrity_check: detail } of db.prepare("PRAGMA integrity_check(100)").all()) {
		// SQLite's words name trees, pages and rows, never content.
		if (detail !== "ok") add({ kind: "file-damaged", detail: String(detail) });
	}
};

const checkRows = (db: DatabaseSync, add: (problem: SpoolProblem) => void): void => {
	const { counters, damaged } = readCounters(db);
	if (damaged > 0) add({ kind: "counter-wrong", detail: `${damaged} counters do not match their checksum` });
	const lasts = new Map<string, number>();
	const rowById = db.prepare(rowByIdText);
	for (const { id } of db.prepare("SELECT id FROM envelope NOT INDEXED ORDER BY id").iterate()) {
		const item = typeof id === "number" ? readEnvelope(rowById, id) : undefined;
		if (item === undefined) {
			add({ kind: "row-damaged", detail: `row ${id} does not match its checksum` });
			continue;
		}
		const { outletId, sequence } = item;
		const last = lasts.get(outletId) ?? 0;
		if (sequence <= last) add({ kind: "order-broken", outletId, sequence, detail: `sequence ${sequence} stands after ${last}` });
		lasts.set(outletId, Math.max(last, sequence));
	}
	for (const [outletId, last] of lasts) {
		const counter = counters.get(outletId)?.last;
		if (counter === undefined || counter < last) {
			add({ kind: "counter-wrong", outletId, detail: `the counter says ${counter ?? "nothing"}, but ${last} waits` });
		}
	}
};
