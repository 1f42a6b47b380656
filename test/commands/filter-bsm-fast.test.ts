import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FastRoad } from "../../agent/commands/filter-bsm-fast.ts";
import { Judge, type JudgeInput } from "../../agent/commands/filter-bsm-judge.ts";
import { jsonShapeOf } from "../../agent/formats/v2x/json-message.ts";
import { compilePlaces } from "../../agent/place/compile-places.ts";
import type { TreatmentOptions } from "../../agent/treat/treatment.ts";
import type { MessageFields } from "../../shared/message.ts";
import { utcMs } from "../../shared/units.ts";
import { dataPath, hasData } from "../data.ts";
import { anyBsm } from "../fakes/bsm.ts";
import { odeBsm } from "../fakes/ode-bsm.ts";

const nowMs = utcMs(1_800_000_000_000);

/** A square in Colorado; everything else is outside. */
const places = compilePlaces(
	{
		...{ kind: "places", id: "square", version: 1, issuedAt: "2026-01-01T00:00:00Z", notAfter: "2100-01-01T00:00:00Z", datum: "wgs84" },
		areas: [
			{
				id: "in",
				kind: "allowed",
				shape: {
					type: "polygons",
					polygons: [
						[
							[
								[-105, 39],
								[-105, 40],
								[-104, 40],
								[-104, 39],
								[-105, 39],
							],
						],
					],
				},
			},
			{ id: "hidden", kind: "sensitive", bufferM: 0, shape: { type: "circle", centre: [-104.5, 39.5], radiusM: 10_000 } },
		],
	},
	{ nowMs: () => nowMs },
);

const policies: Readonly<Record<string, readonly TreatmentOptions[]>> = {
	"as jpo-cvdp": [
		{ type: "strip-path" },
		{
			type: "drop-field",
			messageFields: ["coreData.angle", "coreData.brakes.abs", "VehicleSafetyExtensions.events"],
			messageRoles: ["size"],
		},
		{ type: "filter-speed", minMps: 2.235, maxMps: 35.763 },
		{ type: "suppress-area", kinds: ["allowed"], keep: "inside" },
		{ type: "rotate-id", rotateMs: 1_000 },
	],
	"no areas": [{ type: "strip-path" }, { type: "rotate-id", rotateMs: 300_000 }, { type: "filter-speed", minMps: 2 }],
	"nothing at all": [],
	"ids fixed, some speeds": [
		{ type: "rotate-id", fixed: "FFFFFFFF", only: ["0A0B0C0D"] },
		{ type: "filter-speed", maxMps: 50 },
	],
	"areas hidden, positions and speeds gone before": [
		{ type: "drop-field", messageRoles: ["speed", "heading", "class"] },
		{ type: "suppress-area", areas: ["hidden"], keep: "outside", randomExtraM: 0 },
	],
	"erasing last": [{ type: "filter-speed", minMps: 1 }, { type: "strip-path" }],
	"ids erased": [{ type: "strip-path" }, { type: "drop-field", messageRoles: ["id"] }],
};

const roadsFor = (treatments: readonly TreatmentOptions[]) => {
	const input: JudgeInput = { treatments, purpose: "test", places, nowMs };
	const judge = new Judge(input);
	const fast = new FastRoad(judge, input);
	const counts = { fast: 0, kept: 0, all: 0 };
	/** Both roads on one text: the verdict of the fast one, if it has one, must be that of the plain one. */
	const compare = (bytes: Buffer): void => {
		const text = bytes.toString("latin1");
		const plain = judge.judge(bytes);
		const verdict = fast.judge(text);
		counts.all++;
		if (verdict === undefined) {
			fast.learn(text, plain);
			return;
		}
		counts.fast++;
		if (verdict.text !== undefined) counts.kept++;
		const expected = [plain.fate.ending, plain.bytes === undefined ? undefined : `${Buffer.from(plain.bytes).toString("latin1")}\n`];
		expect([verdict.fate.ending, verdict.text]).toEqual(expected);
	};
	return { compare, counts };
};

const shape = jsonShapeOf("ode", "V2X.J2735.BSM");
if (shape === undefined) throw new Error("no shape");

const metadata = {
	recordType: "bsmTx",
	receivedMessageDetails: { locationData: { latitude: "39.5", longitude: "-104.5" }, rxSource: "RSU" },
	payloadType: "us.dot.its.jpo.ode.model.OdeMessageFramePayload",
	serialId: { streamId: "2f104985", bundleSize: 1 },
	odeReceivedAt: "2025-08-13T08:52:48.583Z",
	schemaVersion: 9,
	sanitized: false,
	asn1: "0014ABCDEF",
	originIp: "172.18.0.1",
};

/** One edit of a text, as senders, other versions and accidents make them. */
const edit = fc.record({
	at: fc.nat(),
	kind: fc.constantFrom("number", "number", "number", "place", "speed", "hex", "word", "character", "repeat", "swap", "unavailable", "cut"),
	value: fc.oneof(
		fc.integer({ min: -70_000, max: 70_000 }),
		fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }),
		fc.constantFrom(0, 127, 8_191, 900_000_001),
	),
	text: fc.constantFrom(
		"",
		"0",
		"-",
		".",
		"e",
		",",
		"}",
		"]",
		'"',
		"\\",
		" ",
		"é",
		"unavailable",
		"off",
		"null",
		"true",
		'{"a":[1,"b"]}',
		"80",
		"ABCD",
	),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

const numbers = /(?<=[:,[])-?\d+(?:\.\d+)?(?:[eE]-?\d+)?(?=[,}\]])/g;
const replaceNth = (text: string, pattern: RegExp, at: number, by: (found: string) => string): string => {
	const count = [...text.matchAll(pattern)].length;
	let index = 0;
	return count === 0 ? text : text.replace(pattern, (found) => (index++ === at % count ? by(found) : found));
};

const edited = (text: string, { at, kind, value, text: put }: Edit): string => {
	switch (kind) {
		case "number":
			return replaceNth(text, numbers, at, (found) => (found.includes(".") ? String(value / 1_000) : String(value)));
		case "place":
			return text
				.replace(/"lat":-?\d+/, `"lat":${390_000_000 + (Math.abs(value) % 12_000_000)}`)
				.replace(/"long":-?\d+(?=,"elev)/, `"long":${-1_050_000_000 + (at % 12_000_000)}`)
				.replace(/"latitude":-?[\d.]+/, `"latitude":${39 + (Math.abs(value) % 1_200) / 1_000}`)
				.replace(/"longitude":-?[\d.]+/, `"longitude":${-105 + (at % 1_200) / 1_000}`);
		case "speed":
			return text.replace(
				/"speed":-?[\d.]+/,
				(found) => `"speed":${found.includes(".") ? (Math.abs(value) % 5_000) / 100 : Math.abs(value) % 8_192}`,
			);
		case "hex":
			return replaceNth(text, /(?<=")[0-9A-Fa-f]{2,}(?=")/g, at, (found) =>
				put === "" ? found.toLowerCase() : found.slice(0, -1) + (Math.abs(value) % 16).toString(16).toUpperCase(),
			);
		case "word":
			return replaceNth(text, /(?<=:")[A-Za-z][\w-]*(?=")/g, at, () => put);
		case "character":
			return text.slice(0, at % text.length) + put + text.slice((at % text.length) + (Math.abs(value) % 3));
		case "repeat":
			return replaceNth(text, /\{[^{}[\]]*\}/g, at, (found) => Array.from({ length: 1 + (Math.abs(value) % 30) }, () => found).join(","));
		case "swap":
			return replaceNth(text, /"\w+":-?\d+,"\w+":-?\d+/g, at, (found) => found.split(",").reverse().join(","));
		case "unavailable":
			return text.replace(/"lat":-?\d+/, '"lat":900000001').replace(/"latitude":-?[\d.]+,?/, "");
		case "cut":
			return replaceNth(text, /"\w+":(?:-?\d+|"\w*"),/g, at, () => "");
		default:
			return text;
	}
};

const bytesOf = (text: string): Buffer => Buffer.from(text, "utf8");

/** The base often enough to be learnt and trusted, then what was made of it. */
const run = (treatments: readonly TreatmentOptions[], base: string, edits: readonly (readonly Edit[])[]) => {
	const { compare, counts } = roadsFor(treatments);
	for (let count = 0; count < 20; count++) compare(bytesOf(base));
	for (const some of edits) compare(bytesOf(some.reduce(edited, base)));
	return counts;
};

const anyEdits = fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { minLength: 10, maxLength: 40 });
const anyPolicy = fc.oneof(fc.constantFrom("as jpo-cvdp", "no areas"), fc.constantFrom(...Object.keys(policies)));

describe("FastRoad", () => {
	it("says what the plain road says of any message that the standard allows, and of what was changed in it", () => {
		const total = { fast: 0, kept: 0, all: 0 };
		fc.assert(
			fc.property(anyBsm({ maxMore: 3 }), anyPolicy, anyEdits, (content, name, edits) => {
				const message = { jer: { metadata, payload: { data: { messageId: 20, value: { BasicSafetyMessage: content } } } } };
				let base: string;
				try {
					base = Buffer.from(shape.encode(message as unknown as MessageFields)).toString("latin1");
				} catch {
					return;
				}
				const counts = run(policies[name] ?? [], base, edits);
				total.fast += counts.fast;
				total.kept += counts.kept;
				total.all += counts.all;
			}),
			{ numRuns: 30 },
		);
		// With what any message may have in it, some have no template.
		expect(total.fast).toBeGreaterThan(total.all / 10);
	});

	it("says what the plain road says of the messages that there are", () => {
		const made = odeBsm({
			lat: 395_000_000,
			long: -1_045_500_000,
			speed: 700,
			id: "0A0B0C0D",
			count: 7,
			crumbs: 4,
			receivedAt: "2025-08-13T08:52:48.583Z",
		});
		const real = hasData("v2x/jpo-cvdp")
			? ["v2x/jpo-cvdp/CO-Motorways_test.json", "v2x/j2735-ode/bsmTx.json", "v2x/j2735-ode/I_80_test.json"].flatMap((path) =>
					readFileSync(dataPath(path), "utf8")
						.split("\n")
						.filter((line) => line.trim() !== ""),
				)
			: [];
		const total = { fast: 0, kept: 0, all: 0 };
		fc.assert(
			fc.property(fc.constantFrom(made, ...real), anyPolicy, anyEdits, (base, name, edits) => {
				const counts = run(policies[name] ?? [], base, edits);
				total.fast += counts.fast;
				total.kept += counts.kept;
				total.all += counts.all;
			}),
			{ numRuns: 40 },
		);
		expect(total.fast).toBeGreaterThan(total.all / 8);
		expect(total.kept).toBeGreaterThan(total.all / 50);
	});

	it("takes a recording of one make after a few messages, and any number of them", () => {
		const { compare, counts } = roadsFor(policies["as jpo-cvdp"] ?? []);
		for (let count = 0; count < 500; count++) {
			const receivedAt = new Date(nowMs + count * 100).toISOString();
			compare(
				bytesOf(
					odeBsm({
						lat: 395_000_000 + count * 20_000,
						long: -1_045_500_000,
						speed: count * 4,
						id: `0A0B0C${10 + (count % 5)}`,
						count,
						crumbs: 1 + (count % 23),
						receivedAt,
					}),
				),
			);
		}
		expect(counts.fast).toBeGreaterThan(485);
		expect(counts.kept).toBeGreaterThan(100);
	});

	it("leaves to the plain road what a pattern alone cannot tell: lists too long, numbers in other forms, other payloads", () => {
		const { compare, counts } = roadsFor(policies["as jpo-cvdp"] ?? []);
		const of = (crumbs: number): string =>
			odeBsm({
				lat: 395_000_000,
				long: -1_045_500_000,
				speed: 700,
				id: "0A0B0C0D",
				count: 7,
				crumbs,
				receivedAt: "2025-08-13T08:52:48.583Z",
			});
		for (let count = 0; count < 20; count++) compare(bytesOf(of(4)));
		const { fast } = counts;
		for (const text of [
			...[24, 25, 40].map(of),
			of(4).replace('"elev":15883', '"elev":-0'),
			of(4).replace('"elev":15883', '"elev":015883'),
			of(4).replace('"elev":15883', '"elev":1588.3e1'),
			of(4).replace('"elev":15883', '"elev":61440'),
			of(4).replace("OdeMessageFramePayload", "OdeTimPayload"),
			of(4).replace("{", "{ "),
			`${of(4)} `,
			`${of(4)}{}`,
			of(4).replace('"bsmTx"', '"bsm\\u0054x"'),
			of(4).replace('"bsmTx"', `"${"x".repeat(121)}"`),
			of(4).replace('"bsmTx"', '"é"'),
		])
			compare(bytesOf(text));
		expect(counts.fast).toBe(fast);
		expect(fast).toBeGreaterThan(8);
	});

	it.skipIf(!hasData("v2x/j2735-ode"))("takes real recordings of both schema versions (needs shared data v2x)", () => {
		const newer = readFileSync(dataPath("v2x/jpo-cvdp/test-case.all.good.json"), "utf8").split("\n");
		const older = readFileSync(dataPath("v2x/j2735-ode/bsmTx.json"), "utf8").split("\n");
		for (const lines of [newer, older]) {
			const { compare, counts } = roadsFor(policies["as jpo-cvdp"] ?? []);
			const messages = lines.filter((line) => line.trim() !== "");
			for (let count = 0; count < 300; count++)
				compare(
					bytesOf(
						(messages[count % messages.length] ?? "")
							.replace(/"lat":-?\d+,"long":-?\d+,"elev/, `"lat":${395_000_000 + count},"long":-1045500000,"elev`)
							.replace(
								/"position":\{"latitude":[\d.]+,"longitude":-?[\d.]+/,
								`"position":{"latitude":39.${500_000 + count},"longitude":-104.5500000`,
							)
							.replace(
								/"speed":[\d.]+,"heading"/,
								(found) => `"speed":${found.includes(".") ? `${3 + (count % 20)}.50` : 150 + count},"heading"`,
							),
					),
				);
			expect(counts.fast).toBeGreaterThan(250);
			expect(counts.kept).toBeGreaterThan(150);
		}
	});

	it("never takes long over what does not match", () => {
		const { compare } = roadsFor(policies["as jpo-cvdp"] ?? []);
		const text = odeBsm({
			lat: 395_000_000,
			long: -1_045_500_000,
			speed: 700,
			id: "0A0B0C0D",
			count: 7,
			crumbs: 23,
			receivedAt: "2025-08-13T08:52:48.583Z",
		});
		for (let count = 0; count < 20; count++) compare(bytesOf(text));
		// With two ways to match each value this would take longer than anybody waits.
		for (let cut = 1; cut < text.length; cut += 7) compare(bytesOf(`${text.slice(0, -cut)}!`));
	});
});
