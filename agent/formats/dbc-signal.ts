/**
 * Reads the two statements that the whole file is about:
 *
 *     BO_ id name: size sender
 *     SG_ name [M|mN|mNM] : start|length@order sign (factor,offset) [min|max] "unit" receivers
 */
import type { DbcDraft, MessageDraft, SignalDraft } from "./dbc-draft.ts";
import { DbcScanner } from "./dbc-scanner.ts";

const extendedFlag = 0x8000_0000;
const extendedMask = 0x1fff_ffff;
const standardMask = 0x7ff;
const independentSignals = "VECTOR__INDEPENDENT_SIG_MSG";
const independentId = 0xc000_0000;

/** The longest payload there is: 64 bytes in one CAN FD frame, 1,785 in a J1939 transport session. */
const maxMessageBytes = 1_785;

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/;

/** Reads what follows BO_ and files the message; undefined when it cannot be read. */
export const readMessage = (draft: DbcDraft, text: string, line: number): MessageDraft | undefined => {
	const scanner = new DbcScanner(text);
	const rawId = scanner.count();
	const shortName = scanner.word();
	const colon = scanner.mark(":");
	const sizeBytes = scanner.count();
	if (rawId === undefined || rawId > 0xffff_ffff || shortName === undefined || !colon || sizeBytes === undefined) {
		draft.report(line, "BO_ expects an id, a name, ':' and a size; the message is left out");
		return undefined;
	}
	draft.understood++;
	const flagged = rawId >= extendedFlag;
	const id = (rawId % extendedFlag) & extendedMask;
	const independent = shortName === independentSignals || rawId === independentId;
	const message: MessageDraft = {
		shortName,
		longName: undefined,
		line,
		rawId,
		id,
		extended: flagged || id > standardMask,
		sizeBytes,
		frameFormat: undefined,
		signals: [],
		byName: new Map(),
		ignored: independent,
	};
	if (!independent) {
		if (rawId % extendedFlag !== id) draft.report(line, "BO_ has an id of more than 29 bits; the bits above are ignored");
		if (!flagged && id > standardMask) draft.report(line, "BO_ has an id of more than 11 bits without bit 31; taken for an extended one");
		if (sizeBytes > maxMessageBytes) draft.report(line, `BO_ has a size of more than ${maxMessageBytes} bytes`);
	}
	draft.messages.push(message);
	if (!draft.byRawId.has(rawId)) draft.byRawId.set(rawId, message);
	return message;
};

interface Header {
	readonly name: string;
	readonly isMultiplexer: boolean;
	readonly multiplexValue: number | undefined;
}

const readHeader = (scanner: DbcScanner): Header | undefined => {
	const name = scanner.word();
	if (name === undefined) return undefined;
	if (scanner.mark(":")) return { name, isMultiplexer: false, multiplexValue: undefined };
	const role = /^(?:m(\d{1,15}))?(M?)$/.exec(scanner.word() ?? "?");
	if (role === null || !scanner.mark(":")) return undefined;
	return { name, isMultiplexer: role[2] === "M", multiplexValue: role[1] === undefined ? undefined : Number(role[1]) };
};

interface Scale {
	readonly factorText: string;
	readonly offsetText: string;
}

const readScale = (scanner: DbcScanner): Scale | undefined => {
	if (!scanner.mark("(")) return undefined;
	const factorText = scanner.word() ?? "";
	if (!scanner.mark(",")) return undefined;
	const offsetText = scanner.word() ?? "";
	if (!scanner.mark(")") || !decimal.test(factorText) || !decimal.test(offsetText)) return undefined;
	return Number.isFinite(Number(factorText)) && Number.isFinite(Number(offsetText)) ? { factorText, offsetText } : undefined;
};

/** The unit ends at the first quote before white space: people write inches as ", and receivers with a stray quote. */
const readUnit = (scanner: DbcScanner): string | undefined => {
	if (!scanner.mark("[")) return undefined;
	const min = scanner.word();
	const bar = scanner.mark("|");
	const max = scanner.word();
	if (min === undefined || !bar || max === undefined || !scanner.mark("]")) return undefined;
	return /^\s*"(.*?)"(?:\s|$)/.exec(scanner.rest())?.[1];
};

/** Reads what follows SG_ and files the signal with the message above it; one that cannot be read is reported and left out. */
export const readSignal = (draft: DbcDraft, message: MessageDraft | undefined, text: string, line: number): void => {
	const scanner = new DbcScanner(text);
	const header = readHeader(scanner);
	const startBit = header === undefined ? undefined : scanner.count();
	const length = scanner.mark("|") ? scanner.count() : undefined;
	const order = scanner.mark("@") ? /^([01])([+-])?$/.exec(scanner.word() ?? "") : null;
	const sign = order?.[2] ?? (order === null ? undefined : scanner.word());
	const scale = readScale(scanner);
	if (
		header === undefined ||
		startBit === undefined ||
		length === undefined ||
		order === null ||
		scale === undefined ||
		!/^[+-]$/.test(sign ?? "")
	) {
		draft.report(line, 'SG_ expects: name : start|length@order sign (factor,offset) [min|max] "unit" receivers; the signal is left out');
		return;
	}
	if (message === undefined) {
		draft.report(line, "SG_ stands outside a message; the signal is left out");
		return;
	}
	const unit = readUnit(scanner);
	if (unit === undefined) draft.report(line, 'SG_ expects [min|max] and "unit" after the scale');
	const signal: SignalDraft = {
		shortName: header.name,
		longName: undefined,
		line,
		startBit,
		length,
		littleEndian: order[1] === "1",
		signed: sign === "-",
		valueType: 0,
		...scale,
		unit: unit ?? "",
		isMultiplexer: header.isMultiplexer,
		multiplexValue: header.multiplexValue,
		multiplexerName: undefined,
		ranges: [],
		labels: new Map(),
	};
	draft.understood++;
	message.signals.push(signal);
	const same = message.byName.get(signal.shortName);
	if (same === undefined) message.byName.set(signal.shortName, [signal]);
	else same.push(signal);
};
