/**
 * The collector's store: `<folder>/<unit>/<outlet>/<sequence>.cose`, each file whole or not there.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { maxEnvelopeBytes } from "../shared/envelope.ts";
import { isMissingFile } from "../shared/errors.ts";
import type { Label } from "../shared/label.ts";

export interface CollectorFolder {
	/** Writes an envelope; it is there, whole, when this returns. Survives the end of the process, not of the machine. */
	keep(label: Pick<Label, "sender" | "receiver" | "sequence">, bytes: Uint8Array): void;
	/** Every envelope that was kept, in no order. Leftovers of interrupted writes are removed. */
	kept(): Iterable<Uint8Array>;
}

const suffix = ".cose";

const names = (folder: string): readonly string[] => {
	try {
		return readdirSync(folder);
	} catch (error) {
		if (isMissingFile(error)) return [];
		throw error;
	}
};

/** The folder is made when it is not there. Ids in a verified label have no '/' and do not start with '.', so they can be names. */
export const openCollectorFolder = (root: string): CollectorFolder => {
	mkdirSync(root, { recursive: true });
	return {
		keep({ sender, receiver, sequence }, bytes) {
			const path = join(root, sender, receiver, `${sequence}${suffix}`);
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(`${path}.new`, bytes);
			renameSync(`${path}.new`, path);
		},
		*kept() {
			for (const unit of names(root)) {
				if (!statSync(join(root, unit)).isDirectory()) continue;
				for (const outlet of names(join(root, unit))) {
					for (const name of names(join(root, unit, outlet))) {
						const path = join(root, unit, outlet, name);
						if (name.endsWith(`${suffix}.new`)) rmSync(path, { force: true });
						else if (name.endsWith(suffix) && statSync(path).size <= maxEnvelopeBytes) yield readFileSync(path);
					}
				}
			}
		},
	};
};
