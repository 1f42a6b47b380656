/**
 * Reads JSON by type the slow and plain way: JSON.parse, then down the type. What the product's reader must agree with, but for keys that come twice.
 */
import type { Field, MessageType } from "../../../agent/formats/v2x/message-type.ts";
import type { MessageFields, MessageValue } from "../../../shared/message.ts";

/** Of an alternative that no schema knows. */
const unknown = Symbol("unknown");
type Read = MessageValue | typeof unknown;

class Refused extends Error {}

const refuseUnless: (isFit: boolean) => asserts isFit = (isFit) => {
	if (!isFit) throw new Refused();
};

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const isObject = (json: Json | undefined): json is JsonObject => typeof json === "object" && json !== null && !Array.isArray(json);

const inRange = (value: number, { from, to }: { readonly from: number | undefined; readonly to: number | undefined }): boolean =>
	value >= (from ?? -Infinity) && value <= (to ?? Infinity);

const fits = (length: number, size: { readonly from: number; readonly to: number | undefined; readonly extensible: boolean }): boolean =>
	size.extensible || inRange(length, size);

const letters: Readonly<Record<string, RegExp>> = {
	ia5: /^[\0-\x7f]*$/,
	visible: /^[ -~]*$/,
	printable: /^[A-Za-z0-9 '()+,\-./:=?]*$/,
	numeric: /^[0-9 ]*$/,
	utf8: /^/,
};

const octetsOf = (json: Json | undefined): string => {
	refuseUnless(typeof json === "string" && json.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(json));
	return json.toLowerCase();
};

const bitsOf = (json: Json | undefined, length: Json | undefined): string => {
	const hex = octetsOf(json);
	refuseUnless(typeof length === "number" && hex.length === Math.ceil(length / 8) * 2);
	const bits = [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
	refuseUnless(!bits.slice(length).includes("1"));
	return bits.slice(0, length);
};

const oneOf = (fields: readonly Field[], json: Json, style: string): Read => {
	refuseUnless(isObject(json) && Object.keys(json).length === 1);
	const [[name, inner] = ["", null]] = Object.entries(json);
	const field = fields.find((each) => each.name === name);
	if (field === undefined) return unknown;
	const value = read(field.type, inner, style);
	return value === unknown ? unknown : { [name]: value };
};

const readSeq = (type: Extract<MessageType, { kind: "seq" }>, json: Json, style: string): Read => {
	refuseUnless(isObject(json));
	const out: Record<string, MessageValue> = {};
	let isUnknown = false;
	const additions = (type.additions ?? []).flatMap(({ fields }) => fields.map((field) => ({ ...field, optional: true })));
	for (const { name, type: of, optional, fallback } of [...type.fields, ...additions]) {
		const isOptional = optional || fallback !== undefined;
		const inner = Object.hasOwn(json, name) ? json[name] : undefined;
		if (inner === undefined || (inner === null && isOptional && of.kind !== "null")) {
			refuseUnless(isOptional);
			continue;
		}
		let value: Read;
		if (of.kind === "open") {
			const decider = out[of.by] ?? json[of.by];
			const alternative = typeof decider === "number" ? of.table.get(decider) : undefined;
			if (style === "bare") {
				const bare = alternative === undefined ? unknown : read(alternative.type, inner, style);
				value = bare === unknown || alternative === undefined ? unknown : { [alternative.name]: bare };
			} else {
				value = oneOf([...of.table.values()], inner, style);
				refuseUnless(value === unknown || (alternative !== undefined && Object.hasOwn(value as MessageFields, alternative.name)));
			}
		} else value = read(of, inner, style);
		if (value !== unknown) out[name] = value;
		else isUnknown ||= !isOptional;
	}
	return isUnknown ? unknown : out;
};

const read = (type: MessageType, json: Json, style: string): Read => {
	switch (type.kind) {
		case "int":
			refuseUnless(Number.isSafeInteger(json) && (type.extensible || inRange(Number(json), type)));
			return Number(json) + 0;
		case "real":
			refuseUnless(typeof json === "number" && Number.isFinite(json) && inRange(json, type));
			return json + 0;
		case "enum":
			refuseUnless(typeof json === "string" && [...type.names, ...(type.additions ?? [])].includes(json));
			return json;
		case "bool":
			refuseUnless(typeof json === "boolean");
			return json;
		case "null":
			refuseUnless(json === null);
			return null;
		case "octets": {
			const hex = octetsOf(json);
			refuseUnless(fits(hex.length / 2, type.size));
			return hex;
		}
		case "bits": {
			const isFixed = !type.size.extensible && type.size.from === type.size.to;
			refuseUnless(isFixed || (isObject(json) && Object.keys(json).length === 2));
			const bits = isFixed ? bitsOf(json, type.size.from) : bitsOf((json as JsonObject).value, (json as JsonObject).length);
			refuseUnless(fits(bits.length, type.size));
			return bits;
		}
		case "text": {
			refuseUnless(typeof json === "string" && json.isWellFormed() && letters[type.charset]?.test(json) === true);
			refuseUnless([...json].every((letter) => type.alphabet?.includes(letter) ?? true));
			refuseUnless(fits(json.length, type.size) || fits([...json].length, type.size));
			return json;
		}
		case "list": {
			refuseUnless(Array.isArray(json));
			const all = (json as readonly Json[]).map((each) => read(type.of, each, style));
			const known = all.filter((each) => each !== unknown);
			refuseUnless(type.size.extensible || type.size.to === undefined || all.length <= type.size.to);
			if (type.size.extensible || known.length >= type.size.from) return known;
			refuseUnless(known.length < all.length);
			return unknown;
		}
		case "choice":
			return oneOf([...type.alternatives, ...(type.additions ?? [])], json, style);
		case "seq":
			return readSeq(type, json, style);
		case "open":
			throw new Refused();
	}
};

/** Undefined: refused, for whatever reason. Deeper nesting than the product allows is not told from what it allows. */
export const referenceRead = (type: MessageType, bytes: Uint8Array, style: "keyed" | "bare" = "keyed"): MessageFields | undefined => {
	try {
		const json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) as Json;
		const value = read(type, json, style);
		return value === unknown ? undefined : (value as MessageFields);
	} catch (error) {
		if (error instanceof Refused || error instanceof SyntaxError || error instanceof TypeError) return undefined;
		throw error;
	}
};
