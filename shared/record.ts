/**
 * What is inside an envelope: records. A record is a reading that passed treatment, reduced to the fields that may travel; it has no source
 * id, no boot clock and no tag (the label carries what the tag said, once per envelope).
 */
import type { MessageForm } from "./message.ts";
import type { Datum, SignalValue } from "./reading.ts";
import type { UtcMs } from "./units.ts";

export interface SignalRecord {
	readonly kind: "signal";
	readonly takenAtMs: UtcMs;
	readonly path: string;
	readonly value: SignalValue;
}

export interface FixRecord {
	readonly kind: "fix";
	readonly takenAtMs: UtcMs;
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly datum: Datum;
	readonly mode?: 2 | 3;
	readonly accuracyM?: number;
	readonly altitudeM?: number;
	readonly speedMps?: number;
	readonly courseDeg?: number;
}

/** A message as its standard writes it, after treatment: a reader decodes it as it would one from the air. */
export interface MessageRecord {
	readonly kind: "message";
	readonly takenAtMs: UtcMs;
	readonly path: string;
	readonly form: MessageForm;
	readonly datum: Datum;
	readonly bytes: Uint8Array;
}

export interface FlowRecord {
	readonly kind: "flow";
	/** When the span begins. */
	readonly takenAtMs: UtcMs;
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly datum: Datum;
	readonly cellM: number;
	readonly windowMs: number;
	readonly subjects: number;
	readonly meanSpeedMps?: number;
}

/** A picture after redaction, or one of the cabin for one of the purposes that the law excepts. */
export interface FrameRecord {
	readonly kind: "frame";
	readonly takenAtMs: UtcMs;
	readonly path: string;
	readonly jpeg: Uint8Array;
	/** JSON text of the account of its redaction; empty when there was none. */
	readonly redaction: string;
	/** JSON text; empty without one. Leaves only to recipients who may receive surveying data. */
	readonly pose: string;
}

/** A cloud as a PCD file (binary). */
export interface CloudRecord {
	readonly kind: "cloud";
	readonly takenAtMs: UtcMs;
	readonly path: string;
	readonly pcd: Uint8Array;
	/** JSON text; empty without one. */
	readonly pose: string;
}

/** A map feature as the JSON text of a GeoJSON feature. */
export interface MapRecord {
	readonly kind: "map";
	readonly takenAtMs: UtcMs;
	readonly path: string;
	readonly datum: Datum;
	readonly feature: string;
}

export type KerbRecord = SignalRecord | FixRecord | MessageRecord | FlowRecord | FrameRecord | CloudRecord | MapRecord;
