/**
 * Stopping and starting collection by hand (regulations S-03: a sensor has an off function whose state can be read): in force for the next chunk, kept over
 * restarts, and what was in hand is forgotten.
 */
import type { Zone } from "../shared/tag.ts";
import type { State } from "./host/state.ts";

/** Zones that a person can stop. What the vehicle says of itself is stopped by a halt of the law. */
export type StoppableZone = Exclude<Zone, "vehicle">;

export interface CollectionDesk {
	readonly stopped: () => ReadonlySet<Zone>;
	/** Written down before it returns, and obeyed even where it cannot be. @throws KerbError STATE_INVALID */
	set(zone: StoppableZone, isStopped: boolean): void;
}

export interface CollectionDeskOptions {
	readonly state: Pick<State, "get" | "updateNow">;
	/** Puts what is stopped now in force. */
	readonly obey: (zone: StoppableZone, isStopped: boolean) => void;
}

export const createCollectionDesk = ({ state, obey }: CollectionDeskOptions): CollectionDesk => {
	let stopped = new Set<StoppableZone>(state.get().stoppedZones ?? []);
	return {
		stopped: () => stopped,
		set: (zone, isStopped) => {
			const next = new Set(stopped);
			if (isStopped) next.add(zone);
			else next.delete(zone);
			// A stop is obeyed first and written then; a start the other way round.
			if (isStopped) {
				stopped = next;
				obey(zone, true);
			}
			state.updateNow({ stoppedZones: [...next] });
			if (!isStopped) {
				stopped = next;
				obey(zone, false);
			}
		},
	};
};
