import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeJsonMessage, type JsonForm, jsonPathsOf, jsonShapeOf } from "../../../agent/formats/v2x/json-message.ts";
import { stripUnspeakable } from "../../../agent/formats/v2x/message-erase.ts";
import type { SeqType } from "../../../agent/formats/v2x/message-type.ts";
import { shapeOf } from "../../../agent/formats/v2x/shapes.ts";
import { isKerbError } from "../../../shared/errors.ts";
import { dataPath, hasData } from "../../data.ts";
import { anyOfType } from "../../fakes/message-of-type.ts";
import { hasPython } from "../../peers.ts";
import { referenceRead } from "./json-reference.ts";
import { brokenSamples, jsonSamples } from "./json-samples.ts";
import { type FieldSchema, missingFields } from "./json-schema-fields.ts";
import { schemaErrors } from "./json-schema-peer.ts";
import { carelessJson, numbers } from "./json-texts.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

const dialectType = (form: JsonForm, path: string, dialect: string): SeqType => {
	const type = jsonShapeOf(form, path)?.type;
	const found = type?.kind === "choice" ? type.alternatives.find(({ name }) => name === dialect)?.type : undefined;
	if (found?.kind !== "seq") throw new Error(`no ${dialect} of ${path}`);
	return found;
};

const outcome = (form: JsonForm, bytes: Uint8Array): string => {
	try {
		const { shape, content } = decodeJsonMessage(form, bytes);
		return `${shape.path} ${Object.keys(content).join()}`;
	} catch (error) {
		if (isKerbError(error, "FORMAT_INVALID")) return "refused";
		throw error;
	}
};

const again = (form: JsonForm, text: string): unknown => {
	const { shape, content } = decodeJsonMessage(form, bytesOf(text));
	return JSON.parse(textOf(shape.encode(content)));
};

const hasMessages = hasData("v2x");

describe("decodeJsonMessage", () => {
	it.skipIf(!hasMessages)("reads every recorded message and writes the same values again (needs shared data v2x)", () => {
		const samples = jsonSamples();
		const seen = new Map<string, number>();
		for (const { form, name, text } of samples) {
			expect(again(form, text), name).toEqual(JSON.parse(text));
			const what = `${form} ${outcome(form, bytesOf(text))}`;
			seen.set(what, (seen.get(what) ?? 0) + 1);
		}
		const etsi = ["CAM", "VAM", "DENM", "CPM", "MCM", "IVIM", "MAPEM", "SPATEM"];
		for (const name of etsi) for (const way of ["in", "out"]) expect(seen.get(`vanetza V2X.ETSI.${name} ${way}`)).toBe(1);
		for (const name of ["MAP", "SPAT", "SRM", "SSM", "TIM", "PSM"]) {
			expect(seen.get(`ode V2X.J2735.${name} plain`)).toBe(1);
			expect(seen.get(`ode V2X.J2735.${name} jer`)).toBeGreaterThan(0);
		}
		expect(seen.get("ode V2X.J2735.BSM plain")).toBe(17);
		expect(seen.get("ode V2X.J2735.BSM bare")).toBe(10);
		expect(seen.get("ode V2X.J2735.BSM jer")).toBe(23);
		expect(samples.length).toBe([...seen.values()].reduce((sum, count) => sum + count, 0));
	});

	it.skipIf(!hasMessages)("refuses what is broken and reads what is merely old in the broken cases (needs shared data v2x)", () => {
		const outcomes = brokenSamples().map((line) => outcome("ode", bytesOf(line)));
		const [bsm, tim] = ["V2X.J2735.BSM plain", "V2X.J2735.TIM old"];
		expect(outcomes).toEqual([
			...["refused", bsm, bsm, "refused", bsm, "refused", bsm, "refused", "refused", "refused", bsm],
			...["refused", "refused", bsm, "refused", bsm, "refused", tim, tim, tim, "refused"],
		]);
	});

	it("tells a message by its keys, in whatever order they come and whatever else says otherwise", () => {
		const position = { latitude: 1, longitude: 2 };
		const bsm = {
			payload: { data: { partII: [], zz: { basicType: "x" }, coreData: { position } } },
			metadata: { payloadType: "OdeMapPayload" },
		};
		expect(outcome("ode", bytesOf(JSON.stringify(bsm)))).toBe("V2X.J2735.BSM plain");
		const ssm = { payload: { data: { value: { zz: 1 }, messageId: 30 } } };
		expect(outcome("ode", bytesOf(JSON.stringify(ssm)))).toBe("refused");
		for (const text of [
			"{}",
			"[]",
			"",
			'{"payload":{}}',
			'{"payload":{"data":[]}}',
			'{"payload":{"data":{"messageId":99}}}',
			'{"payload":{"data":{"messageId":"20"}}}',
		]) {
			expect(outcome("ode", bytesOf(text)), text).toBe("refused");
		}
		for (const text of ["{}", '{"type":"po"}', '{"type":1,"message_type":"cam"}', '{"message_type":"cam"}'])
			expect(outcome("its-client", bytesOf(text)), text).toBe("refused");
		for (const text of ["{}", '{"intersections":[]}', '{"intersections":[{}]}', '{"fields":{"fields":{"cam":{}}}}', '{"fields":1}']) {
			expect(outcome("vanetza", bytesOf(text)), text).toBe("refused");
		}
	});

	it("refuses a frame whose number and name are of different messages", () => {
		const text = (messageId: number): Uint8Array =>
			bytesOf(`{"payload":{"data":{"messageId":${messageId},"value":{"SPAT":{"intersections":[]}}}}}`);
		for (const id of [18, 19, 20]) expect(outcome("ode", text(id))).toBe("refused");
	});

	it.skipIf(!hasMessages)(
		"agrees with a slow reader on 100,000 spoilt messages, takes none that JSON.parse refuses, and never hangs (needs shared data v2x)",
		() => {
			const samples = jsonSamples().filter(({ text }) => text.length < 3_000);
			const next = numbers(20_261_122);
			const tokens = [
				'"',
				"{",
				"}",
				"[",
				"]",
				",",
				":",
				"\\",
				"null",
				"1e400",
				"-0",
				"-",
				".",
				"e9",
				"\\ud800",
				"\u0000",
				"é",
				"true",
				" ",
				"9".repeat(30),
				'"id":',
				'"lat":1,',
				"\ufeff",
			];
			let taken = 0;
			for (let count = 0; count < 100_000; count += 1) {
				const { form, text } = samples[Math.floor(next() * samples.length)] ?? { form: "ode", text: "" };
				const bytes = Buffer.from(text);
				let spoilt: Uint8Array = bytes;
				for (let turns = 1 + Math.floor(next() * 3); turns > 0; turns -= 1) {
					const at = Math.floor(next() * spoilt.length);
					const end = at + Math.floor(next() ** 3 * 60);
					const kind = Math.floor(next() * 5);
					if (kind === 0) {
						spoilt = spoilt.slice();
						spoilt[at] = (spoilt[at] ?? 0) ^ (1 << Math.floor(next() * 8));
					} else if (kind === 1)
						spoilt = Buffer.concat([
							spoilt.subarray(0, at),
							bytesOf(tokens[Math.floor(next() * tokens.length)] ?? ""),
							spoilt.subarray(at),
						]);
					else if (kind === 2) spoilt = Buffer.concat([spoilt.subarray(0, at), spoilt.subarray(end)]);
					else if (kind === 3) spoilt = Buffer.concat([spoilt.subarray(0, end), spoilt.subarray(at)]);
					else spoilt = spoilt.subarray(0, at);
				}
				let decoded: ReturnType<typeof decodeJsonMessage>;
				try {
					decoded = decodeJsonMessage(form, spoilt);
				} catch (error) {
					if (isKerbError(error, "FORMAT_INVALID")) continue;
					throw error;
				}
				taken += 1;
				const [[dialect, message] = ["", null]] = Object.entries(decoded.content);
				expect(message).toEqual(
					referenceRead(dialectType(form, decoded.shape.path, dialect), spoilt, form === "vanetza" ? "bare" : "keyed"),
				);
			}
			expect(taken).toBeGreaterThan(1_000);
		},
		120_000,
	);

	it("reads any message of every schema, however it is laid out", () => {
		for (const form of ["its-client", "vanetza"] as const) {
			for (const path of jsonPathsOf(form)) {
				const shape = jsonShapeOf(form, path);
				for (const dialect of shape?.type.kind === "choice" ? shape.type.alternatives.map(({ name }) => name) : []) {
					const trees = anyOfType(dialectType(form, path, dialect));
					fc.assert(
						fc.property(trees, fc.nat(), (tree, seed) => {
							const content = { [dialect]: tree };
							const plain = shape?.encode(content) ?? new Uint8Array();
							const careless = carelessJson(
								JSON.parse(textOf(plain)),
								{ shuffled: true, extras: false, spaces: true, escapes: true },
								numbers(seed),
							);
							expect(JSON.parse(textOf(shape?.encode(decodeJsonMessage(form, bytesOf(careless)).content) ?? plain))).toEqual(
								JSON.parse(textOf(plain)),
							);
						}),
						{ numRuns: 20 },
					);
				}
			}
		}
	});
});

describe("jsonShapeOf", () => {
	it("gives always the same shape, through shapeOf too, and none for a message that the form does not have", () => {
		for (const form of ["ode", "its-client", "vanetza"] as const) {
			for (const path of jsonPathsOf(form)) {
				const shape = jsonShapeOf(form, path);
				expect(shape).toMatchObject({ path, form });
				expect(shapeOf(form, path)).toBe(shape);
			}
			for (const path of ["V2X.TCSAE.BSM", "V2X.ETSI.cam", ""]) expect(jsonShapeOf(form, path)).toBeUndefined();
		}
	});

	it.skipIf(!hasMessages)(
		"marks what never leaves: the copy, the receiver and the streams go, and what is left is a message (needs shared data v2x)",
		() => {
			for (const { form, name, text } of jsonSamples()) {
				const { shape, content } = decodeJsonMessage(form, bytesOf(text));
				const left = stripUnspeakable(shape, content);
				expect(left, name).toBeDefined();
				const written = textOf(shape.encode(left ?? {}));
				for (const key of ["asn1", "locationData", "streamId", "originIp", "logFileName", "odePacketID", "receiverID"]) {
					expect(written, name).not.toContain(`"${key}"`);
				}
				expect(outcome(form, bytesOf(written)), name).toBe(outcome(form, bytesOf(text)));
			}
		},
	);
});

const schemas: readonly (readonly [form: JsonForm, path: string, dialect: string, file: string, unnamed: readonly string[]])[] = [
	["its-client", "V2X.ETSI.CAM", "v1", "etsi/its-client/cam_schema_1-1-3.json", []],
	// The message as UPER in text: it has no fields to treat.
	["its-client", "V2X.ETSI.CAM", "v2", "etsi/its-client/cam_schema_2-4-0.json", ["version", "payload"]],
	["its-client", "V2X.ETSI.DENM", "v1", "etsi/its-client/denm_schema_1-1-3.json", []],
	["its-client", "V2X.ETSI.DENM", "v2", "etsi/its-client/denm_schema_2-3-0.json", []],
	["its-client", "V2X.ETSI.CPM", "v1", "etsi/its-client/cpm_schema_1-2-2.json", []],
	["its-client", "V2X.ETSI.CPM", "v2", "etsi/its-client/cpm_schema_2-1-1.json", []],
	["its-client", "V2X.ETSI.MAPEM", "v2", "etsi/its-client/mapem_schema_2-0-0.json", []],
	["its-client", "V2X.ETSI.SPATEM", "v2", "etsi/its-client/spatem_schema_2-0-0.json", []],
	["ode", "V2X.J2735.BSM", "plain", "j2735-ode/schema-bsm.json", ["regional"]],
	// `null` in all that the ODE writes.
	["ode", "V2X.J2735.MAP", "plain", "j2735-ode/schema-map.json", ["data", "disabled", "enabled", "localNode"]],
	["ode", "V2X.J2735.SPAT", "plain", "j2735-ode/schema-spat.json", []],
	["ode", "V2X.J2735.SRM", "plain", "j2735-ode/schema-srm.json", []],
	["ode", "V2X.J2735.SSM", "plain", "j2735-ode/schema-ssm.json", []],
	["ode", "V2X.J2735.PSM", "plain", "j2735-ode/schema-psm.json", []],
	// To whom the ODE sends it on.
	["ode", "V2X.J2735.TIM", "plain", "j2735-ode/schema-tim.json", ["request"]],
];

describe("schemas of JSON messages", () => {
	it.skipIf(!hasMessages)("name all that the stacks' own schemas do, but for what is listed (needs shared data v2x)", () => {
		for (const [form, path, dialect, file, unnamed] of schemas) {
			const schema = JSON.parse(readFileSync(dataPath("v2x", ...file.split("/")), "utf8").replace(/^\ufeff/, "")) as FieldSchema;
			const missing = missingFields(dialectType(form, path, dialect), schema, schema);
			expect([...new Set(missing.map((each) => each.split(".").at(-1)))].sort(), file).toEqual([...unnamed].sort());
		}
	});

	it.skipIf(!hasMessages || !hasPython("jsonschema"))(
		"allow nothing that its-client's own schemas refuse, but for an empty list of traces (needs shared data v2x, python3-jsonschema)",
		() => {
			for (const [form, path, dialect, file] of schemas) {
				// Those of the roads take types from a file that is not there.
				if (form !== "its-client" || path.endsWith("EM")) continue;
				const version = /\d+-\d+-\d+/.exec(file)?.[0].replaceAll("-", ".") ?? "";
				const trees = fc.sample(anyOfType(dialectType(form, path, dialect)), { numRuns: 40, seed: 11 });
				const documents = trees.map((tree) =>
					textOf(jsonShapeOf(form, path)?.encode({ [dialect]: { ...tree, version } }) ?? new Uint8Array()),
				);
				const errors = schemaErrors(dataPath("v2x", ...file.split("/")), documents).flat();
				expect(
					errors.filter((each) => each !== "$.message.location_container.traces: minItems"),
					file,
				).toEqual([]);
			}
		},
	);

	it.skipIf(!hasMessages || !hasPython("jsonschema"))(
		"write messages that the stacks' own schemas find as sound as what was read (needs shared data v2x, python3-jsonschema)",
		() => {
			for (const [form, path, dialect, file] of schemas) {
				if (path.endsWith("EM")) continue;
				const samples = jsonSamples().filter((each) => each.form === form && outcome(form, bytesOf(each.text)) === `${path} ${dialect}`);
				if (samples.length === 0) continue;
				const before = schemaErrors(
					dataPath("v2x", ...file.split("/")),
					samples.map(({ text }) => JSON.stringify(JSON.parse(text))),
				);
				const after = schemaErrors(
					dataPath("v2x", ...file.split("/")),
					samples.map(({ text }) => JSON.stringify(again(form, text))),
				);
				expect(after, file).toEqual(before);
			}
		},
	);
});
