/**
 * The host that is this machine.
 */
import { randomBytes } from "node:crypto";
import { systemClock } from "./clock.ts";
import { systemDisk } from "./disk.ts";
import { spareMemory } from "./engine.ts";
import type { KerbEvent } from "./events.ts";
import type { Host } from "./host.ts";
import { systemLinks } from "./links.ts";
import { loadPrimitives } from "./primitives.ts";

export interface SystemHostOptions {
	/** Hears every event with the UTC milliseconds at which it was told. */
	readonly emit: (event: KerbEvent, atMs: number) => void;
}

/**
 * The host of a process that is one unit; also settles how the engine spends this process's memory.
 *
 * Curves are Node's own here: libsodium gives the same bytes (a test says so) for 5 to 10 MB and 40 ms more, and a unit has 80 MB.
 */
export const systemHost = async ({ emit }: SystemHostOptions): Promise<Host> => {
	spareMemory(process.execArgv);
	return {
		clock: systemClock,
		disk: systemDisk,
		links: systemLinks,
		primitives: await loadPrimitives({ curves: "node" }),
		random: () => randomBytes(4).readUInt32LE() / 2 ** 32,
		emit: (event) => emit(event, systemClock.nowMs()),
	};
};
