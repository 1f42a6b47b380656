/**
 * Opens a law for the commands that only look at one: read and verified the way a unit does, trusting the root that lies beside it.
 */
import type { Law } from "../../shared/law.ts";
import { systemClock } from "../host/clock.ts";
import { loadPrimitives } from "../host/primitives.ts";
import { readLaw } from "../law/read-law.ts";

/** @throws KerbError LAW_* when the folder holds no law, or one that a unit would refuse; `problems` lists every one. */
export const openLaw = async (folder: string): Promise<Law> =>
	await readLaw(folder, { crypto: await loadPrimitives(), nowMs: systemClock.nowMs() });
