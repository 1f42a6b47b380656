/**
 * A process that fills a spool as fast as it can and says, line by line, what `append` has returned for; made to be killed at any moment.
 * Arguments: the folder, and a number that makes its envelopes differ from those of another life.
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { systemDisk } from "../../agent/host/disk.ts";
import { openState } from "../../agent/host/state.ts";
import { openSpool, spoolFile } from "../../agent/spool/spool.ts";
import { sealedBytes, spoolItem } from "./spool-items.ts";

const [, , folder = "", life = "0"] = process.argv;
const state = openState(join(folder, "state.json"), systemDisk, { unitId: "unit-1" });
const spool = openSpool(join(folder, spoolFile), {
	maxBytes: 100_000_000,
	maxEnvelopes: 100_000,
	floors: state.get().sequenceFloors,
	reserve: (sequenceFloors) => state.updateNow({ sequenceFloors }),
});
const outletId = "cloud";
const say = (line: string): void => void writeSync(1, `${line}\n`);
say("ready");
for (let round = 0; ; round++) {
	const items = Array.from({ length: 1 + (round % 5) }, () => {
		const sequence = spool.nextSequence(outletId);
		return spoolItem(outletId, sequence, { bytes: sealedBytes(outletId, sequence, 500, Number(life)) });
	});
	spool.append(items);
	for (const { sequence } of items) say(`+${sequence}`);
	if (round % 3 === 0) {
		const delivered = spool.pending(outletId, 0, 4).map(({ sequence }) => sequence);
		// Said before it is done: a number that was said to be leaving may be gone or still there.
		for (const sequence of delivered) say(`-${sequence}`);
		spool.settle(outletId, delivered);
	}
}
