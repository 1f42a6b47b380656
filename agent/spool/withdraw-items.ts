/** Takes waiting envelopes back: one transaction over what matches, by the index, without reading the envelopes themselves. */
import { KerbError } from "../../shared/errors.ts";
import { levels } from "../../shared/tag.ts";
import { changeOutlets, draftOf, type SpoolContext } from "./spool-context.ts";
import type { SpoolFile } from "./spool-file.ts";
import type { ShedItem, SpoolGroup, SpoolMatch, WithdrawReason } from "./spool-types.ts";

/** See `Spool.waiting`. Throws SQLite's errors. */
export const waitingGroups = (file: SpoolFile): readonly SpoolGroup[] =>
	file.groups.all().flatMap(({ outlet, category, purpose, envelopes }) => {
		if (typeof outlet !== "string" || typeof category !== "string" || typeof purpose !== "string") return [];
		return [{ outletId: outlet, categoryId: category, purpose, envelopes: Number(envelopes) }];
	});

const agrees = (group: SpoolGroup, { outletId, categoryId, purpose }: SpoolMatch): boolean =>
	(outletId === undefined || group.outletId === outletId) &&
	(categoryId === undefined || group.categoryId === categoryId) &&
	// What nobody can name a purpose for is meant by every withdrawal of its category: the strict reading.
	(purpose === undefined || group.purpose === purpose || group.purpose === "");

/** See `Spool.withdraw`. Throws SQLite's errors, and KerbError SPOOL_CORRUPT when the file contradicts itself. */
export const withdrawItems = (context: SpoolContext, match: SpoolMatch, reason: WithdrawReason): readonly ShedItem[] => {
	const withdrawn: ShedItem[] = [];
	const groups = waitingGroups(context.file).filter((group) => agrees(group, match));
	if (groups.length === 0) return withdrawn;
	changeOutlets(context, (drafts) => {
		for (const { outletId, categoryId, purpose } of groups) {
			if (!context.book.has(outletId))
				throw new KerbError("SPOOL_CORRUPT", "the index of the spool names an outlet that never had a number.");
			const draft = draftOf(context, drafts, outletId);
			const rows = context.file.rowsOfGroup.all(outletId, categoryId, purpose);
			// In one statement: row by row it takes six times as long, and nothing else runs meanwhile.
			if (context.file.removeGroup.run(outletId, categoryId, purpose).changes !== rows.length) {
				throw new KerbError("SPOOL_CORRUPT", "the index of the spool names envelopes that are not there.");
			}
			for (const { sequence, level, priority, records, size } of rows) {
				const byteLength = Number(size);
				draft.pending--;
				draft.bytes -= byteLength;
				draft.counter = { ...draft.counter, shed: draft.counter.shed + 1 };
				withdrawn.push({
					...{ outletId, sequence: Number(sequence), categoryId, reason, byteLength },
					// Read without its checksum, since the row goes whatever it says.
					level: levels.find((each) => each === level) ?? "important",
					priority: Number(priority),
					records: Number(records),
				});
			}
		}
	});
	return withdrawn;
};
