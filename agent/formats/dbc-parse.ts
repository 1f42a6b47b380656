/**
 * Reads a DBC file (Vector's CAN database text). There is no public standard; what is read here is what CANdb++ writes, and what real files
 * hold instead: every oddity is reported with its line, and what could be understood is kept.
 *
 * Sections that say nothing of how a frame is decoded (comments, senders, environment variables, signal groups, relations, categories) are
 * skipped; sections that are not known are skipped and reported.
 */
import { KerbError } from "../../shared/errors.ts";
import { DbcDraft, type MessageDraft } from "./dbc-draft.ts";
import type { Dbc } from "./dbc-model.ts";
import { resolveDbc } from "./dbc-resolve.ts";
import { DbcScanner } from "./dbc-scanner.ts";
import { readMessage, readSignal } from "./dbc-signal.ts";
import { type DbcStatement, dbcStatements, decodeDbcText } from "./dbc-text.ts";

const maxFileBytes = 32 * 1024 * 1024;

const skipped = new Set(
	(
		"VERSION NS_ BS_ BU_ VAL_TABLE_ BO_TX_BU_ EV_ EV_DATA_ ENVVAR_DATA_ SGTYPE_ SGTYPE_VAL_ CM_ BA_DEF_SGTYPE_ BA_SGTYPE_ SIG_TYPE_REF_ " +
		"SIG_GROUP_ SIGTYPE_VALTYPE_ CAT_DEF_ CAT_ FILTER BA_DEF_REL_ BA_REL_ BA_DEF_DEF_REL_ BU_SG_REL_ BU_EV_REL_ BU_BO_REL_"
	).split(" "),
);

type Reader = (draft: DbcDraft, scanner: DbcScanner, line: number) => void;

const findMessage = (draft: DbcDraft, scanner: DbcScanner, line: number, keyword: string): MessageDraft | undefined => {
	const id = scanner.count();
	const message = id === undefined ? undefined : draft.byRawId.get(id);
	if (message === undefined) draft.report(line, `${keyword} names a message that is not defined`);
	return message;
};

const readDefinition: Reader = (draft, scanner) => {
	const object = scanner.word();
	const name = scanner.quoted();
	if (object !== "BO_" || name === undefined || scanner.word() !== "ENUM") return;
	const values: string[] = [];
	do {
		const value = scanner.quoted();
		if (value === undefined) break;
		values.push(value);
	} while (scanner.mark(","));
	draft.enumerations.set(name, values);
};

const readDefault: Reader = (draft, scanner) => {
	const name = scanner.quoted();
	const value = scanner.quoted() ?? scanner.word();
	if (name !== undefined && value !== undefined) draft.defaults.set(name, value);
};

const readAttribute: Reader = (draft, scanner, line) => {
	const name = scanner.quoted();
	if (name === "ProtocolType") draft.protocolType = scanner.quoted() ?? "";
	if (name !== "VFrameFormat" && name !== "SystemMessageLongSymbol" && name !== "SystemSignalLongSymbol") return;
	const object = scanner.word();
	if (object !== "BO_" && object !== "SG_") return;
	const message = findMessage(draft, scanner, line, "BA_");
	if (message === undefined) return;
	const signals = object === "SG_" ? message.byName.get(scanner.word() ?? "") : [];
	if (signals === undefined) return draft.report(line, "BA_ names a signal that is not defined");
	const value = scanner.quoted() ?? scanner.word() ?? "";
	// Where two signals share a short name nobody can tell whose long name this is; canmatrix gives it to the first, too.
	if (name === "SystemSignalLongSymbol" && signals[0] !== undefined) signals[0].longName = value;
	else if (object === "BO_" && name === "SystemMessageLongSymbol") message.longName = value;
	else if (object === "BO_") message.frameFormat = value;
};

const readLabels: Reader = (draft, scanner, line) => {
	const id = scanner.word() ?? "";
	// The labels of an environment variable have its name in place of the message's id.
	if (!/^\d{1,15}$/.test(id)) return;
	const signals = draft.byRawId.get(Number(id))?.byName.get(scanner.word() ?? "");
	if (signals === undefined) return draft.report(line, "VAL_ names a signal that is not defined");
	while (!scanner.atEnd()) {
		const value = Number(scanner.word() ?? Number.NaN);
		const label = scanner.quoted();
		if (!Number.isFinite(value) || label === undefined) return draft.report(line, 'VAL_ expects pairs of a number and a "text"');
		for (const signal of signals) signal.labels.set(value, label);
	}
};

const readValueType: Reader = (draft, scanner, line) => {
	const signals = findMessage(draft, scanner, line, "SIG_VALTYPE_")?.byName.get(scanner.word() ?? "");
	if (signals === undefined) return draft.report(line, "SIG_VALTYPE_ names a signal that is not defined");
	scanner.mark(":");
	const type = scanner.count();
	if (type === undefined || type > 2) return draft.report(line, "SIG_VALTYPE_ expects 0 (integer), 1 (float) or 2 (double)");
	for (const signal of signals) signal.valueType = type;
};

const readSelector: Reader = (draft, scanner, line) => {
	const signals = findMessage(draft, scanner, line, "SG_MUL_VAL_")?.byName.get(scanner.word() ?? "");
	if (signals === undefined) return draft.report(line, "SG_MUL_VAL_ names a signal that is not defined");
	const multiplexer = scanner.word();
	const ranges = scanner
		.rest()
		.split(",")
		.map((range) => /^\s*(\d{1,15})\s*-\s*(\d{1,15})\s*$/.exec(range));
	if (multiplexer === undefined || ranges.some((range) => range === null)) {
		return draft.report(line, "SG_MUL_VAL_ expects a multiplexer and ranges such as 0-3, 5-5");
	}
	for (const signal of signals) {
		signal.multiplexerName = multiplexer;
		for (const range of ranges) signal.ranges.push([Number(range?.[1]), Number(range?.[2])]);
	}
};

const readers: Readonly<Record<string, Reader>> = {
	BA_DEF_: readDefinition,
	BA_DEF_DEF_: readDefault,
	BA_: readAttribute,
	VAL_: readLabels,
	SIG_VALTYPE_: readValueType,
	SG_MUL_VAL_: readSelector,
};

/**
 * Reads the bytes (borrowed for the call) of one DBC file in UTF-8 or windows-1252, 32 MiB at most.
 *
 * Dirty files are read as far as they make sense: of two messages with one id the first counts, of two signals with one name that are there
 * at the same time the last. An id above 11 bits without the flag in bit 31 is taken for an extended one.
 *
 * @throws KerbError FORMAT_INVALID when the file is too long or nothing in it can be read as DBC.
 */
export const parseDbc = (bytes: Uint8Array): Dbc => {
	if (bytes.length > maxFileBytes) {
		throw new KerbError("FORMAT_INVALID", `a DBC file must not be longer than ${maxFileBytes} bytes, this one has ${bytes.length}`);
	}
	const draft = new DbcDraft();
	let message: MessageDraft | undefined;
	const later: DbcStatement[] = [];
	for (const statement of dbcStatements(decodeDbcText(bytes), draft.report)) {
		const { keyword, text, line } = statement;
		if (keyword === "BO_") message = readMessage(draft, text, line);
		else if (keyword === "SG_") readSignal(draft, message, text, line);
		else if (Object.hasOwn(readers, keyword)) later.push(statement);
		else if (skipped.has(keyword)) draft.understood++;
		else draft.report(line, keyword === "" ? "text that belongs to no section" : "a section that is not known, skipped");
	}
	for (const { keyword, text, line } of later) {
		draft.understood++;
		readers[keyword]?.(draft, new DbcScanner(text), line);
	}
	if (draft.understood === 0) {
		throw new KerbError("FORMAT_INVALID", "expected a DBC file (VERSION, BU_, BO_, SG_ ...), found nothing of the kind: check the path");
	}
	return resolveDbc(draft);
};
