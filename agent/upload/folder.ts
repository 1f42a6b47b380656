/**
 * Brings the envelopes of one outlet into a folder instead of to a broker: for replays and for carrying a disk by hand. A file appears whole
 * or not at all, and its name says no more than the outlet and the sequence number.
 */
import { join } from "node:path";
import type { Disk } from "../host/disk.ts";
import type { Outbox } from "./outbox.ts";
import type { Uploader } from "./uploader.ts";

const batch = 16;

/** Writes `<outlet>-<sequence>.cose` into `folder`, which must exist. Synchronous: what is pending is written when `wake` returns. */
export const folderUploader = (outletId: string, folder: string, outbox: Outbox, disk: Disk): Uploader => {
	const drain = (): void => {
		for (;;) {
			const items = outbox.pending(outletId, -1, batch);
			if (items.length === 0) return;
			for (const { sequence, bytes } of items) {
				disk.writeFileDurable(join(folder, `${outletId}-${String(sequence).padStart(8, "0")}.cose`), bytes);
			}
			outbox.settle(
				outletId,
				items.map(({ sequence }) => sequence),
			);
		}
	};
	return {
		wake: drain,
		reconsider: drain,
		tellStatus: () => undefined,
		drained: () => new Promise((resolve) => resolve(drain())),
		stop: () => Promise.resolve(),
	};
};
