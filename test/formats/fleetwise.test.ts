import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileDbc } from "../../agent/formats/dbc-decode.ts";
import { parseDbc } from "../../agent/formats/dbc-parse.ts";
import { importFleetwise } from "../../agent/formats/fleetwise.ts";
import { translateExpression } from "../../agent/formats/fleetwise-expression.ts";
import { loadOverlay } from "../../agent/tag/overlay.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { PolicySchema } from "../../shared/policy.ts";
import { policy } from "../fakes/law-documents.ts";

/** A campaign as GetCampaign gives it, with every field that there is. */
const hardBraking = {
	arn: "arn:aws:iotfleetwise:eu-central-1:123456789012:campaign/hard-braking",
	name: "Hard Braking (v2)",
	description: "Looks at what happens around hard braking.",
	signalCatalogArn: "arn:aws:iotfleetwise:eu-central-1:123456789012:signal-catalog/main",
	targetArn: "arn:aws:iotfleetwise:eu-central-1:123456789012:fleet/all",
	status: "RUNNING",
	startTime: 1_767_225_600,
	expiryTime: 1_798_761_600,
	postTriggerCollectionDuration: 1_000,
	diagnosticsMode: "SEND_ACTIVE_DTCS",
	spoolingMode: "TO_DISK",
	compression: "SNAPPY",
	priority: 0,
	signalsToCollect: [
		{ name: "Vehicle.ABS.BrakePressure", maxSampleCount: 31, minimumSamplingIntervalMs: 100 },
		{ name: "Vehicle.Speed", maxSampleCount: 31, minimumSamplingIntervalMs: 100, dataPartitionId: "critical" },
		{ name: "Vehicle.Powertrain.Torque" },
	],
	signalsToFetch: [
		{
			fullyQualifiedName: "Vehicle.ECU1.DTC_INFO",
			signalFetchConfig: { timeBased: { executionFrequencyMs: 1_000 } },
			actions: ['custom_function("DTC_QUERY", -1, 4, -1)'],
		},
	],
	collectionScheme: {
		conditionBasedCollectionScheme: {
			expression: "$variable.`Vehicle.ABS.BrakePressure` > 7000 && !($variable.`Vehicle.Speed` <= 5.5)",
			minimumTriggerIntervalMs: 5_000,
			triggerMode: "RISING_EDGE",
			conditionLanguageVersion: 1,
		},
	},
	dataExtraDimensions: ["Vehicle.Color"],
	dataDestinationConfigs: [{ s3Config: { bucketArn: "arn:aws:s3:::bucket", dataFormat: "JSON" } }],
	dataPartitions: [{ id: "critical", storageOptions: { storageLocation: "critical" } }],
	creationTime: 1_767_000_000,
	lastModificationTime: 1_767_000_001,
	somethingNew: true,
};

const heartbeat = {
	name: "heartbeat",
	compression: "OFF",
	diagnosticsMode: "OFF",
	spoolingMode: "OFF",
	collectionScheme: { timeBasedCollectionScheme: { periodMs: 10_000 } },
	signalsToCollect: [
		{ name: "Vehicle.Speed" },
		{ name: "Vehicle.Cabin.Temperature", maxSampleCount: 10 },
		{ name: "Vehicle.Odometer", minimumSamplingIntervalMs: 30_000 },
	],
};

const can = (extra: object) => ({
	...{ messageId: 0x1a0, isBigEndian: false, isSigned: false, startBit: 0, offset: 0, factor: 1, length: 8, name: "S" },
	...extra,
});
const decoder = (fullyQualifiedName: string, extra: object, interfaceId = "1") => ({
	fullyQualifiedName,
	type: "CAN_SIGNAL",
	interfaceId,
	canSignal: can(extra),
});

describe("translateExpression", () => {
	it("gives the same condition in the words of a collect rule", () => {
		const cases: readonly (readonly [string, string])[] = [
			["$variable.`Vehicle.Speed` > 80", "Vehicle.Speed > 80"],
			["$variable.Vehicle.OutsideAirTemperature >= 105.0", "Vehicle.OutsideAirTemperature >= 105.0"],
			["($variable.`A.B` == 1 || !($variable.`C.D` != 'x (y )')) && 1<2", "(A.B == 1 || !(C.D != 'x (y )')) && 1 < 2"],
			["custom_function('abs', $variable.`A.B` - 3) >= -2", "abs(A.B - 3) >= - 2"],
			['custom_function("max", $variable.`A.B`, custom_function("min", 1, 2)) > 0', "max(A.B, min(1, 2)) > 0"],
			["$variable.`A.B` == true", "A.B == true"],
			["$variable.`Speed` > 1", "`Speed` > 1"],
		];
		for (const [from, to] of cases) expect(translateExpression(from), from).toMatchObject({ when: to });
	});

	it("says what has no counterpart", () => {
		const cases: readonly (readonly [string, RegExp])[] = [
			["custom_function('pow', $variable.`A.B`, 2) > 100", /the function "pow" has no counterpart/],
			["isNull($variable.`A.B`)", /"isNull" has no counterpart/],
			["$variable.`A.B` >", /expected a signal/],
			["$variable.`A.B` & 3", /nothing known at character/],
			["$input.x > 3", /nothing known/],
			[`1 < ${"1".repeat(2_100)}`, /at most 2048/],
			[`${"(".repeat(40)}$variable.\`A.B\`${")".repeat(40)}`, /32 levels/],
		];
		for (const [from, problem] of cases) expect(translateExpression(from), from).toEqual({ problem: expect.stringMatching(problem) });
	});

	it("never throws", () => {
		fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => void translateExpression(text)));
	});
});

describe("importFleetwise", () => {
	it("turns a conditional campaign into collect rules with windows", () => {
		const { campaigns } = importFleetwise([{ name: "c.json", document: hardBraking }]);
		const common = {
			necessity: hardBraking.description,
			when: "Vehicle.ABS.BrakePressure > 7000 && !(Vehicle.Speed <= 5.5)",
			...{ trigger: "edge", cooldownMs: 5_000, postMs: 1_000 },
		};
		expect(campaigns[0]?.collect).toEqual([
			{
				id: "hard-braking-v2",
				...common,
				paths: ["Vehicle.ABS.BrakePressure", "Vehicle.Speed"],
				everyMs: 100,
				preMs: 2_000,
				maxReadings: 62,
			},
			{ id: "hard-braking-v2.2", ...common, paths: ["Vehicle.Powertrain.Torque"] },
		]);
	});

	it("lists every field that it does not carry over", () => {
		const { notes } = importFleetwise([{ name: "c.json", document: hardBraking }]);
		const listed = notes.filter(({ kind }) => kind === "lost").map(({ path }) => path.replace("c.json: ", ""));
		const carried = ["name", "description", "collectionScheme", "signalsToCollect", "postTriggerCollectionDuration"];
		expect(new Set(listed)).toEqual(
			new Set([...Object.keys(hardBraking).filter((key) => !carried.includes(key)), "signalsToCollect[1].dataPartitionId"]),
		);
		expect(notes.filter(({ kind }) => kind === "changed").map(({ path }) => path)).toEqual([
			"c.json: signalsToCollect[0].maxSampleCount",
			"c.json: signalsToCollect[1].maxSampleCount",
		]);
		for (const { reason } of notes) expect(reason.length).toBeGreaterThan(5);
	});

	it("turns a timed campaign into rates", () => {
		const { campaigns, notes } = importFleetwise([{ name: "h.json", document: heartbeat }]);
		expect(campaigns[0]?.collect.map(({ id, paths, everyMs }) => [id, paths, everyMs])).toEqual([
			["heartbeat", ["Vehicle.Speed"], 10_000],
			["heartbeat.2", ["Vehicle.Cabin.Temperature"], 1_000],
			["heartbeat.3", ["Vehicle.Odometer"], 30_000],
		]);
		expect(notes.map(({ path }) => path)).toEqual(["h.json: compression", "h.json: signalsToCollect[1].maxSampleCount"]);
	});

	it("makes rules that a policy takes", () => {
		const many = {
			...heartbeat,
			name: "heartbeat",
			signalsToCollect: Array.from({ length: 1_200 }, (_, index) => ({ name: `Vehicle.S${index}` })),
		};
		const { campaigns } = importFleetwise([hardBraking, heartbeat, many].map((document, index) => ({ name: `${index}.json`, document })));
		const collect = campaigns.flatMap((campaign) => campaign.collect);
		expect(collect.map(({ id }) => id)).toEqual([
			"hard-braking-v2",
			"hard-braking-v2.2",
			"heartbeat",
			"heartbeat.2",
			"heartbeat.3",
			"heartbeat-2",
			"heartbeat-2.2",
			"heartbeat-2.3",
		]);
		expect(parseValue(PolicySchema, { ...policy([]), collect }, "policy", "LAW_INVALID").collect).toHaveLength(8);
	});

	it("carries nothing of a campaign over whose condition it cannot say", () => {
		const scheme = (extra: object) => ({ ...hardBraking, collectionScheme: { conditionBasedCollectionScheme: extra } });
		for (const document of [
			scheme({ expression: "isNull($variable.`A.B`)" }),
			scheme({ expression: 3 }),
			scheme({ expression: "true", conditionLanguageVersion: 2 }),
			{ ...hardBraking, collectionScheme: {} },
			{ ...hardBraking, collectionScheme: 7 },
			{ ...heartbeat, collectionScheme: { timeBasedCollectionScheme: { periodMs: "often" } } },
		]) {
			const { campaigns, notes } = importFleetwise([{ name: "c.json", document }]);
			expect(campaigns.flatMap(({ collect }) => collect)).toEqual([]);
			expect(notes.some(({ path, reason }) => path.startsWith("c.json: collectionScheme") && /nothing/.test(reason))).toBe(true);
		}
	});

	it("makes a DBC file and an overlay that this build reads", async () => {
		const document = {
			modelManifestArn: "arn:x",
			networkInterfaces: [
				{ interfaceId: "1", type: "CAN_INTERFACE", canInterface: { name: "can0", protocolName: "CAN", protocolVersion: "2.0B" } },
				{ interfaceId: "0", type: "OBD_INTERFACE", obdInterface: { name: "can0", requestMessageId: 2_015 } },
			],
			signalDecoders: [
				decoder("Vehicle.Speed", { name: "Speed", length: 16, factor: 0.01, offset: -10 }),
				decoder("Vehicle.Torque", { name: "Torque", startBit: 16, length: 32, signalValueType: "FLOATING_POINT" }),
				decoder("Vehicle.Copy", { name: "Speed", startBit: 48 }),
				decoder("Vehicle.Far", { messageId: 0x18fee900, startBit: 100, name: "1 far" }),
				decoder("Vehicle.Other", {}, "2"),
				{ fullyQualifiedName: "Vehicle.OBD.Rpm", type: "OBD_SIGNAL", interfaceId: "0", obdSignal: { pid: 12 } },
			],
		};
		const { decoder: made, notes } = importFleetwise([{ name: "m.json", document }]);
		expect(made.interfaces.map(({ interfaceId, name, signals, messages }) => [interfaceId, name, signals, messages])).toEqual([
			["1", "can0", 4, 2],
			["2", undefined, 1, 1],
		]);
		const parsed = made.interfaces.map(({ dbc }) => parseDbc(new TextEncoder().encode(dbc)));
		expect(parsed.flatMap(({ problems }) => problems)).toEqual([]);
		expect(parsed[0]?.messages.map(({ name, id, extended, sizeBytes }) => [name, id, extended, sizeBytes])).toEqual([
			["B1_M_1A0", 0x1a0, false, 8],
			["B1_M_18FEE900", 0x18fee900, true, 64],
		]);
		expect(
			parsed[0]?.messages.flatMap(({ signals }) => signals.map(({ name, coding, factor, offset }) => [name, coding, factor, offset])),
		).toEqual([
			["Speed", "integer", 0.01, -10],
			["Torque", "float32", 1, 0],
			["Speed_3", "integer", 1, 0],
			["_1_far", "integer", 1, 0],
		]);
		const overlay = await loadOverlay(JSON.stringify(made.overlay), "overlay.json");
		expect(overlay.exactTargets("B1_M_1A0.Speed_3").map(({ path }) => path)).toEqual(["Vehicle.Copy"]);
		expect(overlay.exactTargets("B2_M_1A0.S").map(({ path }) => path)).toEqual(["Vehicle.Other"]);
		expect(notes.map(({ path }) => path)).toEqual([
			"m.json: modelManifestArn",
			"m.json: networkInterfaces[1]",
			"m.json: signalDecoders[5]",
		]);
	});

	it("decodes what lies at the least significant bit that the manifest names, in either byte order", () => {
		const shape = fc.record({
			isBigEndian: fc.boolean(),
			isSigned: fc.boolean(),
			length: fc.integer({ min: 1, max: 52 }),
			startBit: fc.nat(63),
			bytes: fc.uint8Array({ minLength: 8, maxLength: 8 }),
		});
		let decoded = 0;
		fc.assert(
			fc.property(shape, ({ bytes, ...signal }) => {
				const { decoder: made, notes } = importFleetwise([{ name: "m.json", document: [decoder("Vehicle.X", signal)] }]);
				const expected = valueAt(bytes, signal);
				if (expected === undefined) return;
				expect(notes).toEqual([]);
				const values: number[] = [];
				const parsed = parseDbc(new TextEncoder().encode(made.interfaces[0]?.dbc));
				expect(parsed.problems).toEqual([]);
				compileDbc([parsed])
					.find(0x1a0, false)
					?.decode(bytes, (_signal, value) => values.push(Number(value)));
				expect(values).toEqual([expected]);
				decoded += 1;
			}),
			{ numRuns: 1_000 },
		);
		expect(decoded).toBeGreaterThan(300);
	});

	it("lists decoders that are wrong, each with its place, and takes the others", () => {
		const wrong = [
			7,
			{ type: "CAN_SIGNAL" },
			{ ...decoder("Vehicle.A", {}), canSignal: undefined },
			decoder("Vehicle.B", { length: 0 }),
			decoder("Vehicle.C", { length: 65 }),
			decoder("Vehicle.D", { startBit: 1.5 }),
			decoder("Vehicle.E", { isBigEndian: true, startBit: 0, length: 16 }),
			decoder("Vehicle.F", { startBit: 510, length: 8 }),
			decoder("Vehicle.G", { messageId: 0x2000_0000 }),
			decoder("Vehicle.H", { factor: "1" }),
			decoder("Vehicle.I", { isSigned: "no" }),
			decoder("Vehicle.J", { signalValueType: "FLOATING_POINT", length: 16 }),
			{ fullyQualifiedName: "Vehicle.K", type: "__proto__", interfaceId: "1" },
		];
		const { decoder: made, notes } = importFleetwise([
			{ name: "m.json", document: { signalDecodersToAdd: [...wrong, decoder("Vehicle.Z", {}), decoder("Vehicle.Z", {})] } },
		]);
		for (const index of [...wrong.keys(), wrong.length + 1])
			expect(
				notes.some(({ path }) => path.startsWith(`m.json: signalDecodersToAdd[${index}]`)),
				String(index),
			).toBe(true);
		expect(Object.keys(made.overlay)).toEqual(["Vehicle.Z"]);
	});

	it("never throws, whatever a file holds", () => {
		const key = fc.constantFrom(
			"collectionScheme",
			"conditionBasedCollectionScheme",
			"timeBasedCollectionScheme",
			"expression",
			"signalsToCollect",
			"name",
			"signalDecoders",
			"networkInterfaces",
			"canSignal",
			"type",
			"interfaceId",
			"periodMs",
			"__proto__",
		);
		const { tree } = fc.letrec((tie) => ({
			tree: fc.oneof(
				{ maxDepth: 5 },
				fc.constantFrom<unknown>(null, true, 0, -1, 1e308, "", "CAN_SIGNAL", "A.B > 1"),
				fc.array(tie("tree"), { maxLength: 3 }),
				fc.dictionary(key, tie("tree"), { maxKeys: 5 }),
			),
		}));
		fc.assert(
			fc.property(tree, (document) => void importFleetwise([{ name: "x.json", document }])),
			{ numRuns: 1_000 },
		);
	});
});

/** Reads a value bit by bit from the least significant one upwards; undefined when it does not lie in the payload. */
const valueAt = (
	bytes: Uint8Array,
	{ startBit, length, isBigEndian, isSigned }: { startBit: number; length: number; isBigEndian: boolean; isSigned: boolean },
): number | undefined => {
	let [byte, bit] = [Math.floor(startBit / 8), startBit % 8];
	let value = 0n;
	for (let weight = 0; weight < length; weight++) {
		const held = bytes[byte];
		if (held === undefined) return undefined;
		value |= BigInt((held >> bit) & 1) << BigInt(weight);
		bit += 1;
		if (bit === 8) [byte, bit] = [isBigEndian ? byte - 1 : byte + 1, 0];
	}
	return Number(isSigned ? BigInt.asIntN(length, value) : value);
};
