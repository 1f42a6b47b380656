/**
 * Turns what was read of a DBC file into the model: names, parameter groups, who multiplexes whom, and what cannot be.
 */
import type { DbcDraft, MessageDraft, SignalDraft } from "./dbc-draft.ts";
import type { Dbc, DbcMessage, DbcProblem, DbcSelector, DbcSignal } from "./dbc-model.ts";

type Report = (text: string, line?: number) => void;

/** A signal under construction: its selector is set once all signals of the message exist. */
type OpenSignal = Omit<DbcSignal, "selector"> & { selector: DbcSelector | undefined };

/** The last bit that a signal has, counted from the beginning of the payload. */
const endBit = (signal: SignalDraft): number => {
	const first = signal.littleEndian ? signal.startBit : signal.startBit - (signal.startBit % 8) + 7 - (signal.startBit % 8);
	return first + signal.length - 1;
};

/** The longest payload there is, that of a J1939 transport session. */
const maxSignalBits = 1_785 * 8;

const exactInteger = (text: string): bigint | undefined => {
	if (/^[+-]?\d{1,40}$/.test(text)) return BigInt(text.replace("+", ""));
	const value = Number(text);
	return Number.isSafeInteger(value) ? BigInt(value) : undefined;
};

const makeSignal = (draft: SignalDraft, report: Report): OpenSignal | undefined => {
	const coding = (["integer", "float32", "float64"] as const)[draft.valueType] ?? "integer";
	if (draft.length === 0 || draft.length > maxSignalBits) {
		report(`a signal must have 1 to ${maxSignalBits} bits; it is left out`, draft.line);
		return undefined;
	}
	if ((coding === "float32" && draft.length !== 32) || (coding === "float64" && draft.length !== 64)) {
		report("a float must have 32 bits, a double 64; the signal is left out", draft.line);
		return undefined;
	}
	const factor = exactInteger(draft.factorText);
	const offset = exactInteger(draft.offsetText);
	return {
		name: draft.longName || draft.shortName,
		line: draft.line,
		startBit: draft.startBit,
		length: draft.length,
		littleEndian: draft.littleEndian,
		signed: draft.signed,
		coding,
		factor: Number(draft.factorText),
		offset: Number(draft.offsetText),
		exactScale: factor === undefined || offset === undefined ? undefined : { factor, offset },
		unit: draft.unit,
		selector: undefined,
		labels: draft.labels,
	};
};

/** Who a signal marked mN without SG_MUL_VAL_ depends on: the last one marked M alone, as canmatrix has it; else any other multiplexer. */
const plainMultiplexer = (message: MessageDraft): SignalDraft | undefined =>
	message.signals.findLast((s) => s.isMultiplexer && s.multiplexValue === undefined && s.multiplexerName === undefined);

/** In order, without overlaps: a value is in one range at most. */
const mergeRanges = (ranges: readonly (readonly [number, number])[]): [number, number][] => {
	const merged: [number, number][] = [];
	for (const [min, max] of ranges.filter(([a, b]) => a <= b).sort((a, b) => a[0] - b[0])) {
		const last = merged.at(-1);
		if (last !== undefined && min <= last[1] + 1) last[1] = Math.max(last[1], max);
		else merged.push([min, max]);
	}
	return merged;
};

const connect = (message: MessageDraft, made: ReadonlyMap<SignalDraft, OpenSignal>, report: Report): Set<OpenSignal> => {
	const lost = new Set<OpenSignal>();
	const plain = plainMultiplexer(message);
	const roots = message.signals.filter((s) => s.isMultiplexer && s.multiplexValue === undefined && s.multiplexerName === undefined);
	const unsaid = message.signals.some((s) => s.multiplexValue !== undefined && s.multiplexerName === undefined);
	if (roots.length > 1 && unsaid) report("a message has more than one multiplexer M; the last one counts for its mN signals");
	for (const [draft, signal] of made) {
		if (draft.multiplexerName !== undefined) {
			const parent = message.byName
				.get(draft.multiplexerName)
				?.map((p) => made.get(p))
				.find((p) => p !== undefined && p !== signal);
			if (parent === undefined) {
				report("SG_MUL_VAL_ names a multiplexer that the message does not have; the signal is left out", draft.line);
				lost.add(signal);
			} else signal.selector = { multiplexer: parent, ranges: mergeRanges(draft.ranges) };
		} else if (draft.multiplexValue !== undefined) {
			const parent = plain === undefined ? undefined : made.get(plain);
			if (plain === undefined) report("a signal is marked mN, but its message has no multiplexer M; it is decoded always", draft.line);
			else if (parent === undefined) lost.add(signal);
			else signal.selector = { multiplexer: parent, ranges: [[draft.multiplexValue, draft.multiplexValue]] };
		}
	}
	return lost;
};

/** Multiplexers of multiplexers of ...: real files have two or three levels. */
const maxDepth = 16;

/** Adds to `lost` what can never be there: signals whose chain of multiplexers does not begin with one that is always there. */
const loseUnreachable = (signals: Iterable<OpenSignal>, lost: Set<DbcSignal>, report: Report): void => {
	for (const signal of signals) {
		let at: DbcSignal | undefined = signal;
		for (let depth = 0; depth < maxDepth && at !== undefined && !lost.has(at); depth++) at = at.selector?.multiplexer;
		if (at === undefined || lost.has(signal)) continue;
		lost.add(signal);
		report("a signal depends on a multiplexer that can never be there; it is left out", signal.line);
	}
};

const reportNames = (message: MessageDraft, signals: readonly DbcSignal[], report: Report): void => {
	const seen = new Set<string>();
	for (const signal of signals) {
		if (seen.has(signal.name)) report("a message has two signals of one name; where both are there, the last one counts", signal.line);
		seen.add(signal.name);
	}
	for (const draft of message.signals) {
		if (endBit(draft) >= message.sizeBytes * 8) report("a signal reaches beyond the size of its message", draft.line);
	}
};

const isParameterGroup = (message: MessageDraft, draft: DbcDraft): boolean => {
	if (!message.extended) return false;
	const value = message.frameFormat ?? draft.defaults.get("VFrameFormat");
	if (value === undefined) return draft.protocolType === "J1939";
	const name = /^\d{1,9}$/.test(value)
		? (draft.enumerations.get("VFrameFormat")?.[Number(value)] ?? (value === "3" ? "J1939PG" : ""))
		: value;
	return name.includes("J1939PG");
};

const makeMessage = (message: MessageDraft, draft: DbcDraft, report: Report): DbcMessage => {
	const made = new Map<SignalDraft, OpenSignal>();
	for (const signalDraft of message.signals) {
		const signal = makeSignal(signalDraft, report);
		if (signal !== undefined) made.set(signalDraft, signal);
	}
	const lost: Set<DbcSignal> = connect(message, made, report);
	loseUnreachable(made.values(), lost, report);
	const signals = [...made.values()].filter((signal) => !lost.has(signal));
	reportNames(message, signals, report);
	return {
		name: message.longName || message.shortName,
		line: message.line,
		id: message.id,
		extended: message.extended,
		sizeBytes: message.sizeBytes,
		parameterGroup: isParameterGroup(message, draft),
		signals,
	};
};

const byLine = (a: DbcProblem, b: DbcProblem): number => a.line - b.line;

/** Finishes a draft; the rest of the problems is added to those of the draft. */
export const resolveDbc = (draft: DbcDraft): Dbc => {
	const messages: DbcMessage[] = [];
	const ids = new Set<number>();
	const names = new Set<string>();
	for (const open of draft.messages) {
		if (open.ignored) continue;
		const key = open.extended ? open.id + 0x8000_0000 : open.id;
		if (ids.has(key)) {
			draft.report(open.line, "BO_ repeats the id of a message above; the first one counts");
			continue;
		}
		ids.add(key);
		const message = makeMessage(open, draft, (text, line) => draft.report(line ?? open.line, text));
		if (names.has(message.name)) draft.report(open.line, "BO_ repeats the name of a message above; both are decoded");
		names.add(message.name);
		messages.push(message);
	}
	return { messages, problems: draft.problems.sort(byLine), problemsLeftOut: draft.problemsLeftOut };
};
