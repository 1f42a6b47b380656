/**
 * All that an agent asks of the box, in one place, so that a test or a simulator can hand in another.
 */
import type { Primitives } from "../../shared/primitives.ts";
import type { Clock } from "./clock.ts";
import type { Disk } from "./disk.ts";
import type { Emit } from "./events.ts";
import type { Links } from "./links.ts";

export interface Host {
	readonly clock: Clock;
	readonly disk: Disk;
	readonly links: Links;
	readonly primitives: Primitives;
	/** In [0, 1), for jitter. */
	readonly random: () => number;
	readonly emit: Emit;
}
