/**
 * Decoder manifests of AWS IoT FleetWise (signal decoders and network interfaces, API version 2021-06-17) into the text of a DBC file per CAN
 * interface and an overlay from its signals to the fully qualified names.
 *
 * FleetWise gives the least significant bit as `startBit` of every signal; a DBC file does so for Intel signals, and gives the most
 * significant bit of a Motorola signal (API reference of CanSignal). Bits are numbered alike in both. It does not say whether a message id is
 * an extended one: an id of more than 11 bits is taken as such, a smaller one as a standard one.
 */
import { type FleetwiseNotes, isJsonObject, type JsonObject, numberAt } from "./fleetwise-notes.ts";

export interface ImportedInterface {
	readonly interfaceId: string;
	/** The name of the bus, such as `can0`, where the manifest gives one. */
	readonly name: string | undefined;
	readonly dbc: string;
	readonly signals: number;
	readonly messages: number;
}

export interface ImportedDecoder {
	readonly interfaces: readonly ImportedInterface[];
	/** An overlay (vspec-overlay.ts): path -> `dbc2vss`. */
	readonly overlay: Readonly<Record<string, { readonly dbc2vss: { readonly signal: string } }>>;
}

/** One entry of a manifest with the place that notes give it. */
export interface Placed {
	readonly entry: unknown;
	readonly at: string;
}

interface CanSignal {
	readonly path: string;
	readonly messageId: number;
	readonly name: string;
	readonly startBit: number;
	readonly length: number;
	readonly isBigEndian: boolean;
	readonly isSigned: boolean;
	readonly isFloat: boolean;
	readonly factor: number;
	readonly offset: number;
}

const maxSignals = 50_000;
/** Bits of a CAN FD payload. */
const maxBits = 512;
const otherTypes: Readonly<Record<string, string>> = {
	OBD_SIGNAL: "a unit asks nothing of the vehicle, so there is no OBD",
	MESSAGE_SIGNAL: "messages of a vehicle middleware are not decoded; hand their values over by the socket source",
	CUSTOM_DECODING_SIGNAL: "a decoder of one's own has no counterpart; hand its values over by the socket source",
};

/** Never throws: what has no counterpart is noted. */
export const importDecoder = (decoders: readonly Placed[], interfaces: readonly Placed[], notes: FleetwiseNotes): ImportedDecoder => {
	const names = readInterfaces(interfaces, notes);
	const byInterface = new Map<string, CanSignal[]>();
	const paths = new Set<string>();
	if (decoders.length > maxSignals)
		notes.lost(decoders[maxSignals]?.at ?? "", `expected at most ${maxSignals} signals; the rest was left out`);
	for (const { entry, at } of decoders.slice(0, maxSignals)) {
		const found = readDecoder(entry, at, notes);
		if (found === undefined) continue;
		if (paths.has(found.signal.path)) {
			notes.lost(at, "the signal has a decoder already; the first holds");
			continue;
		}
		paths.add(found.signal.path);
		const list = byInterface.get(found.interfaceId);
		if (list === undefined) byInterface.set(found.interfaceId, [found.signal]);
		else list.push(found.signal);
	}
	const overlay: Record<string, { dbc2vss: { signal: string } }> = {};
	const made = [...byInterface].map(([interfaceId, signals], index): ImportedInterface => {
		const messages = messagesOf(signals, byInterface.size > 1 ? `B${index + 1}_` : "");
		for (const { name: message, signals: named } of messages)
			for (const [name, { path }] of named) overlay[path] = { dbc2vss: { signal: `${message}.${name}` } };
		return { interfaceId, name: names.get(interfaceId), dbc: dbcText(messages), signals: signals.length, messages: messages.length };
	});
	return { interfaces: made, overlay };
};

const readInterfaces = (interfaces: readonly Placed[], notes: FleetwiseNotes): ReadonlyMap<string, string> => {
	const names = new Map<string, string>();
	for (const { entry, at } of interfaces) {
		if (!isJsonObject(entry)) {
			notes.lost(at, "expected an object");
			continue;
		}
		const { interfaceId, type, canInterface: can } = entry;
		if (type !== "CAN_INTERFACE" || typeof interfaceId !== "string" || !isJsonObject(can)) {
			notes.lost(at, type === "CAN_INTERFACE" ? "expected interfaceId and canInterface" : "only CAN interfaces have a counterpart");
			continue;
		}
		notes.rest(entry, `${at}.`, ["interfaceId", "type", "canInterface"]);
		notes.rest(can, `${at}.canInterface.`, ["name", "protocolName", "protocolVersion"]);
		if (typeof can.name === "string") names.set(interfaceId, can.name);
	}
	return names;
};

const readDecoder = (entry: unknown, at: string, notes: FleetwiseNotes): { interfaceId: string; signal: CanSignal } | undefined => {
	const lost = (reason: string, field = ""): undefined => {
		notes.lost(`${at}${field}`, reason);
		return undefined;
	};
	if (!isJsonObject(entry)) return lost("expected an object");
	const { fullyQualifiedName: path, type, interfaceId, canSignal: can } = entry;
	if (typeof path !== "string" || !/^[A-Za-z0-9_.]{1,150}$/.test(path)) return lost("expected fullyQualifiedName");
	if (type !== "CAN_SIGNAL") {
		const reason = typeof type === "string" && Object.hasOwn(otherTypes, type) ? otherTypes[type] : undefined;
		return lost(`${path}: ${reason ?? "only CAN_SIGNAL has a counterpart"}`);
	}
	if (typeof interfaceId !== "string") return lost("expected interfaceId", ".interfaceId");
	if (!isJsonObject(can)) return lost("expected canSignal", ".canSignal");
	notes.rest(entry, `${at}.`, ["fullyQualifiedName", "type", "interfaceId", "canSignal"]);
	const place = `${at}.canSignal.`;
	notes.rest(can, place, ["messageId", "isBigEndian", "isSigned", "startBit", "offset", "factor", "length", "name", "signalValueType"]);
	const signal = readCan(can, path, place, notes);
	return signal === undefined ? undefined : { interfaceId, signal };
};

const readCan = (can: JsonObject, path: string, place: string, notes: FleetwiseNotes): CanSignal | undefined => {
	const whole = (key: string): number | undefined => {
		const value = numberAt(can, key, place, notes);
		return Number.isInteger(value) ? value : undefined;
	};
	const [messageId, startBit, length] = [whole("messageId"), whole("startBit"), whole("length")];
	const { isBigEndian, isSigned, name, signalValueType: valueType = "INTEGER" } = can;
	const factor = numberAt(can, "factor", place, notes, -Number.MAX_VALUE);
	const offset = numberAt(can, "offset", place, notes, -Number.MAX_VALUE);
	const lost = (reason: string): undefined => {
		notes.lost(place.slice(0, -1), `${path}: ${reason}`);
		return undefined;
	};
	if (messageId === undefined || startBit === undefined || length === undefined || factor === undefined || offset === undefined)
		return lost("expected messageId, startBit and length as whole numbers, and factor and offset");
	if (typeof isBigEndian !== "boolean" || typeof isSigned !== "boolean")
		return lost("expected isBigEndian and isSigned to be true or false");
	if (messageId > 0x1fff_ffff) return lost("expected a message id of at most 29 bits");
	if (length < 1 || length > 64) return lost("expected a length of 1 to 64 bits");
	if (valueType !== "INTEGER" && valueType !== "FLOATING_POINT") return lost("expected INTEGER or FLOATING_POINT as signalValueType");
	const isFloat = valueType === "FLOATING_POINT";
	if (isFloat && length !== 32 && length !== 64) return lost("a floating point number has 32 or 64 bits");
	const first = isBigEndian ? highestBit(startBit, length) : startBit;
	if (first === undefined || startBit + (isBigEndian ? 1 : length) > maxBits)
		return lost("the bits do not lie in a payload of at most 64 bytes");
	const given = typeof name === "string" && name !== "" ? name : (path.split(".").at(-1) ?? path);
	return { path, messageId, name: given, startBit: first, length, isBigEndian, isSigned, isFloat, factor, offset };
};

/** The most significant bit of a Motorola signal from its least significant one; undefined when it would lie before the payload. */
const highestBit = (lowestBit: number, length: number): number | undefined => {
	// Counted in the order in which a Motorola signal runs: bit 7 of byte 0 is 0, bit 0 of byte 0 is 7, bit 7 of byte 1 is 8.
	const last = lowestBit - (lowestBit % 8) + 7 - (lowestBit % 8);
	const first = last - (length - 1);
	return first < 0 ? undefined : first - (first % 8) + 7 - (first % 8);
};

interface NamedMessage {
	readonly id: number;
	readonly name: string;
	readonly sizeBytes: number;
	readonly signals: ReadonlyMap<string, CanSignal>;
}

const messagesOf = (signals: readonly CanSignal[], prefix: string): readonly NamedMessage[] => {
	const byId = new Map<number, Map<string, CanSignal>>();
	for (const signal of signals) {
		const named = byId.get(signal.messageId) ?? new Map<string, CanSignal>();
		byId.set(signal.messageId, named);
		named.set(freeName(signal.name, named), signal);
	}
	return [...byId].map(([id, named]) => {
		const bytes = Math.max(...[...named.values()].map(lastByte)) + 1;
		return { id, name: `${prefix}M_${id.toString(16).toUpperCase()}`, sizeBytes: bytes <= 8 ? 8 : 64, signals: named };
	});
};

const lastByte = ({ startBit, length, isBigEndian }: CanSignal): number =>
	isBigEndian ? Math.floor((startBit - (startBit % 8) + 7 - (startBit % 8) + length - 1) / 8) : Math.floor((startBit + length - 1) / 8);

/** A name that a DBC file takes (32 letters, digits and '_', no digit first) and that the message has not yet. */
const freeName = (name: string, taken: ReadonlyMap<string, CanSignal>): string => {
	const plain = name
		.replaceAll(/[^A-Za-z0-9_]/g, "_")
		.replace(/^(?=\d)/, "_")
		.slice(0, 32);
	if (!taken.has(plain)) return plain;
	// Begins where so many signals can have come to, so that thousands of one name are not tried one by one.
	for (let count = taken.size + 1; ; count++) {
		const next = `${plain.slice(0, 26)}_${count}`;
		if (!taken.has(next)) return next;
	}
};

const dbcText = (messages: readonly NamedMessage[]): string => {
	const lines = ['VERSION ""', "", "NS_ :", "", "BS_:", "", "BU_: Vector__XXX", ""];
	for (const { id, name, sizeBytes, signals } of messages) {
		lines.push(`BO_ ${dbcId(id)} ${name}: ${sizeBytes} Vector__XXX`);
		for (const [signal, { startBit, length, isBigEndian, isSigned, factor, offset }] of signals) {
			const coding = `${startBit}|${length}@${isBigEndian ? 0 : 1}${isSigned ? "-" : "+"}`;
			lines.push(` SG_ ${signal} : ${coding} (${factor},${offset}) [0|0] "" Vector__XXX`);
		}
		lines.push("");
	}
	for (const { id, signals } of messages) {
		for (const [signal, { isFloat, length }] of signals)
			if (isFloat) lines.push(`SIG_VALTYPE_ ${dbcId(id)} ${signal} : ${length === 32 ? 1 : 2};`);
	}
	return `${lines.join("\n")}\n`;
};

/** Bit 31 marks an extended id. */
const dbcId = (id: number): number => (id > 0x7ff ? id + 0x8000_0000 : id);
