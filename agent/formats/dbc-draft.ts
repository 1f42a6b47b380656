/**
 * What the DBC parser knows while it reads: the same as the model, but open to change, with the short names that statements refer to.
 */
import type { DbcProblem } from "./dbc-model.ts";

export interface SignalDraft {
	shortName: string;
	longName: string | undefined;
	line: number;
	startBit: number;
	length: number;
	littleEndian: boolean;
	signed: boolean;
	/** SIG_VALTYPE_: 0 integer, 1 float of 32 bits, 2 float of 64 bits. */
	valueType: number;
	factorText: string;
	offsetText: string;
	unit: string;
	/** Marked M or mNM. */
	isMultiplexer: boolean;
	/** The N of mN. */
	multiplexValue: number | undefined;
	/** SG_MUL_VAL_: the multiplexer's short name and the ranges. */
	multiplexerName: string | undefined;
	ranges: [number, number][];
	labels: Map<number, string>;
}

export interface MessageDraft {
	shortName: string;
	longName: string | undefined;
	line: number;
	/** As written, with the flag of an extended id in bit 31. */
	rawId: number;
	id: number;
	extended: boolean;
	sizeBytes: number;
	frameFormat: string | undefined;
	signals: SignalDraft[];
	/** Duplicates share an entry. */
	byName: Map<string, SignalDraft[]>;
	/** Signals outside any message (VECTOR__INDEPENDENT_SIG_MSG), or a second message under one id. */
	ignored: boolean;
}

const maxProblems = 1_000;

/** The state of reading one file. */
export class DbcDraft {
	readonly messages: MessageDraft[] = [];
	/** The first message of each raw id. */
	readonly byRawId = new Map<number, MessageDraft>();
	/** Enumerations of message attributes and their defaults, by name. */
	readonly enumerations = new Map<string, string[]>();
	readonly defaults = new Map<string, string>();
	protocolType = "";
	/** How many statements were understood, and how many of a kind that is not. */
	understood = 0;
	readonly problems: DbcProblem[] = [];
	problemsLeftOut = 0;

	readonly report = (line: number, text: string): void => {
		if (this.problems.length < maxProblems) this.problems.push({ line, text });
		else this.problemsLeftOut++;
	};
}
