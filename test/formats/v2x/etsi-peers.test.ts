import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MessageType } from "../../../agent/formats/v2x/message-type.ts";
import { decodeUper } from "../../../agent/formats/v2x/uper-decode.ts";
import { encodeUper } from "../../../agent/formats/v2x/uper-encode.ts";
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { dataPath, hasData } from "../../data.ts";
import { hasProgram } from "../../peers.ts";
import { anyEtsi, type EtsiMessage, etsiMessages, etsiType, valueAt } from "./etsi-messages.ts";
import { dissectIts } from "./etsi-tshark.ts";

/**
 * tshark 4.0 reads no unbounded INTEGER beyond 32 bits (id of a node), and takes the size of a UTF8String for a bound of its length in bits,
 * which it is not (X.691 clause 30.6).
 */
const forTshark = (value: MessageValue): MessageValue => {
	if (Array.isArray(value)) return value.map((each: MessageValue) => forTshark(each));
	if (typeof value !== "object" || value === null) return value;
	const fields = Object.entries(value as MessageFields).filter(([name]) => name !== "companyName");
	return Object.fromEntries(
		fields.map(([name, inner]) => [name, name === "id" && typeof inner === "number" ? inner % 2 ** 31 : forTshark(inner)]),
	);
};

/** The values of a field wherever it stands, in the order of the message. */
const everywhere = (value: MessageValue, name: string): readonly string[] => {
	if (Array.isArray(value)) return value.flatMap((each: MessageValue) => everywhere(each, name));
	if (typeof value !== "object" || value === null) return [];
	return Object.entries(value as MessageFields).flatMap(([key, inner]) =>
		key === name && typeof inner === "number" ? [String(inner)] : everywhere(inner, name),
	);
};

const sample = (message: EtsiMessage): readonly MessageFields[] =>
	fc.sample(anyEtsi(message, { maxMore: 2 }), { numRuns: 150, seed: 4 }).map((content) => forTshark(content) as MessageFields);

describe.skipIf(!hasProgram("tshark"))("ETSI messages as tshark reads them (needs tshark)", () => {
	it.each(etsiMessages)("$name: no message is malformed; station and positions are the same", (message) => {
		const contents = sample(message);
		const type = etsiType(message.name);
		const fields = ["its.stationID", "its.latitude", "its.longitude", "its.deltaLatitude", "dsrc.lat", "dsrc.long"];
		const dissected = dissectIts(
			contents.map((content) => encodeUper(type, content)),
			fields,
		);
		expect(dissected.length).toBe(contents.length);
		for (const [index, content] of contents.entries()) {
			const found = dissected[index];
			expect(found?.malformed).toBe(false);
			expect(found?.fields["its.stationID"]?.[0]).toBe(String(valueAt(content, "header", "stationID")));
			expect(found?.fields["its.latitude"]).toEqual(everywhere(content, "latitude"));
			expect(found?.fields["its.longitude"]).toEqual(everywhere(content, "longitude"));
			expect(found?.fields["its.deltaLatitude"]).toEqual(everywhere(content, "deltaLatitude"));
		}
	});
});

interface Vector {
	readonly hex: string;
	readonly type: string;
	readonly jer: { readonly value: Readonly<Record<string, MessageValue>> };
}

/** MessageFrame of J2735: 16 bits of message id, the length of an open type in one or two octets, then the message. */
const payloadOf = (hex: string): Buffer => {
	const frame = Buffer.from(hex, "hex");
	const short = frame[2] ?? 0;
	if (short < 0x80) return frame.subarray(3, 3 + short);
	return frame.subarray(4, 4 + (frame.readUInt16BE(2) & 0x3fff));
};

const bitsOf = (hex: string): string => [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("");

/**
 * JER (X.697) writes bits as hexadecimal digits, with their number beside them where that is not fixed. Longitude begins at -1799999999 in J2735
 * and at -1800000000 in ISO TS 19091: the same bits are one step apart.
 */
const fromJer = (type: MessageType, value: MessageValue): MessageValue => {
	if (type.kind === "bits") {
		if (typeof value === "string") return bitsOf(value).slice(0, type.size.from);
		const { value: hex, length } = value as MessageFields;
		return bitsOf(String(hex)).slice(0, Number(length));
	}
	if (type.kind === "list") return (value as readonly MessageValue[]).map((each) => fromJer(type.of, each));
	if (type.role === "lon") return Number(value) - 1;
	if (type.kind !== "seq" && type.kind !== "choice") return value;
	const parts = type.kind === "seq" ? type.fields : type.alternatives;
	const given = value as MessageFields;
	return Object.fromEntries(
		parts.flatMap(({ name, type: inner }) => {
			const each = given[name];
			return each === undefined ? [] : [[name, fromJer(inner, each)]];
		}),
	);
};

describe.skipIf(!hasData("v2x", "j2735-ode", "ode_uper_vectors.jer.json"))(
	"real MAP and SPaT of the USDOT ODE (needs shared data v2x/j2735-ode)",
	() => {
		const all = (): readonly Vector[] => JSON.parse(readFileSync(dataPath("v2x", "j2735-ode", "ode_uper_vectors.jer.json"), "utf8"));
		const messages = [
			{ name: "MAPEM", id: 5, field: "map", value: "MapData", prefix: "0012", count: 8 },
			{ name: "SPATEM", id: 4, field: "spat", value: "SPAT", prefix: "0013", count: 3 },
		] as const;

		it.each(messages)(
			"$name: each of $count decodes as the ODE's codec does and is written again as it came",
			({ name, id, field, value, prefix, count }) => {
				const vectors = all().filter(({ hex }) => hex.startsWith(prefix));
				expect(vectors.length).toBe(count);
				for (const { hex, jer } of vectors) {
					const bytes = Buffer.concat([Buffer.of(2, id, 0, 0, 0, 7), payloadOf(hex)]);
					const type = etsiType(name);
					const decoded = decodeUper(type, bytes);
					expect(Math.ceil(decoded.bitsRead / 8)).toBe(bytes.length);
					expect(Buffer.from(encodeUper(type, decoded.value)).toString("hex")).toBe(bytes.toString("hex"));
					const body = type.fields.find((each) => each.name === field);
					const said = jer.value[value];
					if (body === undefined || said === undefined) throw new Error("no body");
					expect(valueAt(decoded.value as MessageFields, field)).toEqual(fromJer(body.type, said));
				}
			},
		);

		it.skipIf(!hasProgram("tshark"))("tshark finds the same reference points and intersections (needs tshark)", () => {
			for (const { name, id, prefix } of messages) {
				const wires = all()
					.filter(({ hex }) => hex.startsWith(prefix))
					.map(({ hex }) => Buffer.concat([Buffer.of(2, id, 0, 0, 0, 7), payloadOf(hex)]));
				const dissected = dissectIts(wires, ["dsrc.id", "dsrc.lat", "dsrc.long"]);
				for (const [index, wire] of wires.entries()) {
					const content = decodeUper(etsiType(name), wire).value;
					const found = dissected[index];
					expect(found?.malformed).toBe(false);
					expect(found?.fields["dsrc.lat"]).toEqual(everywhere(content, "lat"));
					expect(found?.fields["dsrc.long"]).toEqual(everywhere(content, "long"));
					expect(found?.fields["dsrc.id"]).toEqual(everywhere(content, "id"));
				}
			}
		});
	},
);
