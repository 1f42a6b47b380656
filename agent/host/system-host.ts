/**
 * The host that is this machine.
 */
import { randomBytes } from "node:crypto";
import { systemClock } from "./clock.ts";
import { systemDisk } from "./disk.ts";
import type { KerbEvent } from "./events.ts";
import type { Host } from "./host.ts";
import { systemLinks } from "./links.ts";
import { loadPrimitives } from "./primitives.ts";

export interface SystemHostOptions {
	/** Hears every event with the UTC milliseconds at which it was told. */
	readonly emit: (event: KerbEvent, atMs: number) => void;
}

export const systemHost = async ({ emit }: SystemHostOptions): Promise<Host> => ({
	clock: systemClock,
	disk: systemDisk,
	links: systemLinks,
	primitives: await loadPrimitives(),
	random: () => randomBytes(4).readUInt32LE() / 2 ** 32,
	emit: (event) => emit(event, systemClock.nowMs()),
});
