/**
 * Moves a damaged row out of the way: it is never sent and never blocks the rest. A few are kept in a table of their own for a look; their
 * bytes are as sealed as all others.
 */
import type { OutletBook } from "./outlet-book.ts";
import { draftOf, type SpoolContext } from "./spool-context.ts";
import { removeRow } from "./spool-file.ts";
import type { SpoolProblem } from "./spool-types.ts";

/** Older ones go, and of larger ones only the beginning stays. */
const maxKept = 16;
const maxKeptBytes = 262_144;

/** Moves one row, within a transaction of `changeOutlets`; the caller reports what this returns, and recounts, after the commit. */
export const moveAside = (context: SpoolContext, drafts: OutletBook, id: number): SpoolProblem => {
	const { db } = context.file;
	const { outlet, sequence } = db.prepare("SELECT outlet, CAST(sequence AS TEXT) AS sequence FROM envelope WHERE id = ?").get(id) ?? {};
	db.prepare(
		"INSERT INTO quarantine (outlet, sequence, bytes) SELECT outlet, sequence, substr(bytes, 1, ?) FROM envelope WHERE id = ?",
	).run(maxKeptBytes, id);
	db.exec(`DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - ${maxKept}`);
	removeRow(context.file, id);
	const detail = `row ${id} does not match its checksum; it was moved aside and will not be sent.`;
	if (typeof outlet !== "string" || !context.book.has(outlet)) return { kind: "row-damaged", detail };
	const draft = draftOf(context, drafts, outlet);
	draft.counter = { ...draft.counter, quarantined: draft.counter.quarantined + 1 };
	return { kind: "row-damaged", outletId: outlet, sequence: Number(sequence), detail };
};
