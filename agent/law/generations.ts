/**
 * The folder that a unit keeps its law in:
 *
 *   current            one line, the name of the generation in force; replaced by one durable rename
 *   gen-<n>/           one law: metadata/<role>.json, first-root.json, targets/<sha256>; never changed once it was in force
 *
 * A new law is prepared in a generation of its own, made durable, and put in force by `current`. A power cut at any point leaves the old
 * law or the new one; what it leaves of a generation that was not yet in force is removed by the next.
 */
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { KerbError } from "../../shared/errors.ts";
import { type Disk, ensurePrivateFolder, removeIfThere } from "../host/disk.ts";
import { syncTree } from "../host/sync-tree.ts";

export interface Generations {
	/** Folders of generations, the one in force first, then the others from the newest on. */
	list(): readonly string[];
	/** Makes a fresh generation that begins with the metadata and the first root of `from`; returns its folder. */
	stage(from: string | undefined): string;
	/** Makes a staged generation durable and puts it in force; keeps the one before it and removes the rest. */
	commit(folder: string): void;
	/** Removes a staged generation. */
	discard(folder: string): void;
}

const maxPointerBytes = 64;

/** @throws KerbError STATE_INVALID from every method when the disk refuses; the law in force is then untouched. */
export const openGenerations = (folder: string, disk: Disk): Generations => {
	ensurePrivateFolder(folder);
	const pointer = join(folder, "current");
	disk.removeLeftover(pointer);
	const numbers = (): readonly number[] =>
		readdirSync(folder)
			.flatMap((name) => /^gen-(\d{1,15})$/.exec(name)?.[1] ?? [])
			.map(Number)
			.sort((a, b) => b - a);
	const pathOf = (number: number): string => join(folder, `gen-${number}`);
	const current = (): number | undefined => {
		let text: string;
		try {
			text = new TextDecoder().decode(disk.readFileBounded(pointer, maxPointerBytes));
		} catch {
			// Damaged: the generations themselves say which of them are whole.
			return undefined;
		}
		const number = Number(/^gen-(\d{1,15})\n$/.exec(text)?.[1] ?? Number.NaN);
		return numbers().includes(number) ? number : undefined;
	};
	return {
		list() {
			const inForce = current();
			const rest = numbers().filter((number) => number !== inForce);
			return [...(inForce === undefined ? [] : [inForce]), ...rest].map(pathOf);
		},
		stage: (from) =>
			guarded(folder, () => {
				const fresh = pathOf((numbers()[0] ?? 0) + 1);
				mkdirSync(join(fresh, "targets"), { recursive: true, mode: 0o700 });
				mkdirSync(join(fresh, "metadata"), { mode: 0o700 });
				if (from !== undefined) {
					cpSync(join(from, "metadata"), join(fresh, "metadata"), { recursive: true });
					cpSync(join(from, "first-root.json"), join(fresh, "first-root.json"));
				}
				return fresh;
			}),
		commit: (staged) =>
			guarded(folder, () => {
				const before = current();
				syncTree(staged);
				syncTree(folder);
				const name = staged.slice(folder.length + 1);
				disk.writeFileDurable(pointer, new TextEncoder().encode(`${name}\n`));
				for (const number of numbers()) if (number !== before && pathOf(number) !== staged) removeIfThere(pathOf(number));
			}),
		discard: (staged) => {
			if (existsSync(staged)) removeIfThere(staged);
		},
	};
};

const guarded = <T>(folder: string, work: () => T): T => {
	try {
		return work();
	} catch (cause) {
		if (cause instanceof KerbError) throw cause;
		throw new KerbError("STATE_INVALID", `the law could not be kept in ${folder}; the law in force is untouched. Check space and rights.`, {
			cause,
		});
	}
};
