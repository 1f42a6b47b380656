/**
 * Which snapshot of a repository a look got to: what the TUF client has verified of the timestamp lies among the staged files.
 */
import { join } from "node:path";
import * as v from "valibot";
import type { Disk } from "../host/disk.ts";

const maxTimestampBytes = 65_536;
const TimestampSchema = v.object({
	signed: v.object({ meta: v.object({ "snapshot.json": v.object({ version: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }) }) }),
});

/** The version; undefined when nothing was verified. Never throws: it is told, and nothing is decided by it. */
export const stagedSnapshot = (staged: string, disk: Pick<Disk, "readFileBounded">): number | undefined => {
	try {
		const bytes = disk.readFileBounded(join(staged, "metadata", "timestamp.json"), maxTimestampBytes);
		return bytes && v.parse(TimestampSchema, JSON.parse(new TextDecoder().decode(bytes))).signed.meta["snapshot.json"].version;
	} catch {
		return undefined;
	}
};
