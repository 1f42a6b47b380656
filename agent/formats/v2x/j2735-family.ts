/**
 * SAE J2735 (2024-09): which messages of it are known here, and their compiled types.
 */
import type { MessageType } from "./message-type.ts";
import { compileNotation } from "./notation.ts";
import { j2735Bsm } from "./standards/j2735-bsm.ts";
import { j2735Common } from "./standards/j2735-common.ts";
import { j2735Frame } from "./standards/j2735-frame.ts";
import { j2735Itis } from "./standards/j2735-itis.ts";
import { j2735Map } from "./standards/j2735-map.ts";
import { j2735Nodes } from "./standards/j2735-nodes.ts";
import { j2735SignalRequests } from "./standards/j2735-signal-requests.ts";
import { j2735Spat } from "./standards/j2735-spat.ts";
import { j2735Tim } from "./standards/j2735-tim.ts";
import { j2735Vru } from "./standards/j2735-vru.ts";

/** In an order in which each names only what stands before it. */
const texts = [j2735Common, j2735Nodes, j2735Itis, j2735Map, j2735Spat, j2735Bsm, j2735Tim, j2735SignalRequests, j2735Vru, j2735Frame];

let compiled: ReadonlyMap<string, MessageType> | undefined;

/** Every definition of the standard by its name; compiled when first asked for (70 ms), shared afterwards. */
export const j2735Types = (): ReadonlyMap<string, MessageType> => {
	if (compiled === undefined) {
		const all = new Map<string, MessageType>();
		for (const text of texts) for (const [name, type] of compileNotation(text, all)) all.set(name, type);
		compiled = all;
	}
	return compiled;
};
