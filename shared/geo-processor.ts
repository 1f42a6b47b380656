/**
 * The place for a state-recognised component that makes raw coordinates into such as may be stored or sent (regulations S-03, S-05). The
 * agent never does so itself, in either direction: there is no conversion in it, and no parameters of one.
 */
import type { Datum } from "./reading.ts";

export interface RawPosition {
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly datum: Datum;
}

export interface ProcessedPosition {
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly datum: "gcj02" | "bd09";
	/** Of the processing, as its maker was given it. */
	readonly certificateRef: string;
}

export interface GeoProcessor {
	/** False: absent, silent or unwell. Coordinates stay inside then. */
	isHealthy(): boolean;
	/**
	 * Hands one position over. `done` is called once: with the processed position, or with undefined when there will be none (refused, late,
	 * connection lost). It may be called before this returns.
	 */
	process(position: RawPosition, done: (processed: ProcessedPosition | undefined) => void): void;
}
