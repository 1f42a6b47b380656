/**
 * What a DBC file says, as plain data. Names are the long ones where the file gives them (SystemMessageLongSymbol, SystemSignalLongSymbol).
 *
 * Bit numbers are the file's own: bit n is bit n % 8 (0 the lowest) of byte n / 8. The start bit is the lowest bit of an Intel signal and the
 * highest of a Motorola signal.
 */

/** An oddity in a file that was read all the same. */
export interface DbcProblem {
	/** From 1; 0 where no line can be named. */
	readonly line: number;
	readonly text: string;
}

/** When a multiplexed signal is there: while the raw value of the other one is within one of the ranges (both ends included). */
export interface DbcSelector {
	readonly multiplexer: DbcSignal;
	readonly ranges: readonly (readonly [min: number, max: number])[];
}

export interface DbcSignal {
	readonly name: string;
	readonly line: number;
	readonly startBit: number;
	/** 1 or more; a float has 32 or 64. */
	readonly length: number;
	readonly littleEndian: boolean;
	readonly signed: boolean;
	readonly coding: "integer" | "float32" | "float64";
	/** physical = raw * factor + offset. */
	readonly factor: number;
	readonly offset: number;
	/** Factor and offset once more where both are integers, for raw values that a double cannot hold. */
	readonly exactScale: { readonly factor: bigint; readonly offset: bigint } | undefined;
	readonly unit: string;
	/** Absent for a signal that is always there. */
	readonly selector: DbcSelector | undefined;
	/** Texts for raw values (VAL_). */
	readonly labels: ReadonlyMap<number, string>;
}

export interface DbcMessage {
	readonly name: string;
	readonly line: number;
	/** 11 or 29 bits, without the flag. */
	readonly id: number;
	readonly extended: boolean;
	/** Bytes of payload as the file states them; frames may be shorter or longer. */
	readonly sizeBytes: number;
	/** A J1939 parameter group: source address and priority of the id (and the destination of a PDU1) do not matter. */
	readonly parameterGroup: boolean;
	/** In the order of the file. */
	readonly signals: readonly DbcSignal[];
}

export interface Dbc {
	/** In the order of the file; ids are unique. */
	readonly messages: readonly DbcMessage[];
	/** In the order of the lines, at most 1,000. */
	readonly problems: readonly DbcProblem[];
	/** How many more problems there were. */
	readonly problemsLeftOut: number;
}
