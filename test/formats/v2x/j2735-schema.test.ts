import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { j2735Types } from "../../../agent/formats/v2x/j2735-family.ts";
import type { MessageType } from "../../../agent/formats/v2x/message-type.ts";
import { dataPath, hasData } from "../../data.ts";
import { differencesFromOde, type JsonSchema, type Renames } from "./ode-schema.ts";

const renames: Renames = new Map([
	["latitude", ["lat"]],
	["longitude", ["long"]],
	["elevation", ["elev"]],
	["accelLat", ["lat"]],
	["accelLong", ["long"]],
	["accelVert", ["vert"]],
	["accelYaw", ["yaw"]],
	["transmission", ["transmisson"]],
	["shareWith", ["sharedWith"]],
	["classId", ["class"]],
	["intersectionStateList", ["intersections"]],
]);

const schemaOf = (name: string): JsonSchema =>
	JSON.parse(readFileSync(dataPath(`v2x/j2735-ode/schema-${name}.json`), "utf8").replace(/^\uFEFF/, ""));

const typeOf = (name: string): MessageType => {
	const type = j2735Types().get(name);
	if (type === undefined) throw new Error(`no type ${name}`);
	return type;
};

const at = (schema: JsonSchema, ...names: readonly string[]): JsonSchema =>
	names.reduce((inner: JsonSchema, name) => inner.properties?.[name] ?? {}, schema);

/** What the edition of 2023 added, which the ODE does not write yet. */
const added = {
	MapData: [".intersections[].roadAuthorityID: not theirs"],
	SPAT: [".intersections[].roadAuthorityID: not theirs"],
	SupplementalVehicleExtensions: [
		".vehicleData.trailerPresent: not theirs",
		".vehicleData.pivotPoint: not theirs",
		".vehicleData.axles: not theirs",
		".vehicleData.leanAngle: not theirs",
		".fhwaVehicleClass: not theirs",
		".trailers: not theirs",
		".schoolBus: not theirs",
	],
	TravelerDataFrame: ["TravelerDataFrame.contentNew: not theirs"],
};

const hasSchemas = hasData("v2x/j2735-ode");

it.skipIf(!hasSchemas).each([
	[
		"map",
		"MapData",
		[
			...added.MapData,
			// The ODE writes neither computed lanes nor zones for preemption nor widths that change, and revisions of intersections alone.
			".intersections[].laneSet[].nodeList.computed: not theirs",
			".intersections[].laneSet[].nodeList.nodes[].attributes.dWidth: no number",
			".intersections[].preemptPriorityData: not theirs",
			".roadSegments[].refPoint.elevation: no number",
			".roadSegments[].revision: not theirs",
			".roadSegments[].roadLaneSet[].nodeList.computed: not theirs",
			".roadSegments[].roadLaneSet[].nodeList.nodes[].attributes.dWidth: no number",
		],
	],
	["spat", "SPAT", added.SPAT],
	["srm", "SignalRequestMessage", []],
	["ssm", "SignalStatusMessage", []],
	["psm", "PersonalSafetyMessage", [".eventResponderType: not theirs"]],
] as const)("differencesFromOde of %s %s are the known ones (needs shared data v2x/j2735-ode)", (file, name, known) => {
	const schema = schemaOf(file);
	const found = differencesFromOde(typeOf(name), at(schema, "payload", "data"), schema, renames);
	expect([...found].sort()).toEqual([...known].sort());
});

it.skipIf(!hasSchemas).each([
	["VehicleSafetyExtensions", []],
	[
		"SpecialVehicleExtensions",
		[
			// The standard's spelling; the ODE has no schema of its own for a trailer's path and takes the vehicle's.
			".vehicleAlerts.lightsUse: schoolbuslights not ours",
			".vehicleAlerts.lightsUse: schooldbuslights not theirs",
			".doNotUse.units[].crumbData[].latOffset: not ours",
			".doNotUse.units[].crumbData[].lonOffset: not ours",
			".doNotUse.units[].crumbData[].posAccuracy: not ours",
			".doNotUse.units[].crumbData[].speed: not ours",
			".doNotUse.units[].crumbData[].pivotAngle: not theirs",
			".doNotUse.units[].crumbData[].positionOffset: not theirs",
		],
	],
	[
		"SupplementalVehicleExtensions",
		[
			...added.SupplementalVehicleExtensions,
			// ESS numbers begin at 1: the ODE has a name for the 0 that none has.
			".doNotUse1.isRaining: na not ours",
			".doNotUse1.precipSituation: na not ours",
		],
	],
] as const)("differencesFromOde of %s are the known ones (needs shared data v2x/j2735-ode)", (name, known) => {
	const schema = schemaOf("bsm");
	const found = differencesFromOde(typeOf(name), at(schema.definitions?.[name] ?? {}, "value"), schema, renames);
	expect([...found].sort()).toEqual([...known].sort());
});

it.skipIf(!hasSchemas)("differencesFromOde finds none in the core data of a BSM (needs shared data v2x/j2735-ode)", () => {
	const schema = schemaOf("bsm");
	expect(differencesFromOde(typeOf("BSMcoreData"), at(schema, "payload", "data", "coreData"), schema, renames)).toEqual([]);
});

it.skipIf(!hasSchemas)(
	"differencesFromOde finds none in any definition of TIM but for what was added (needs shared data v2x/j2735-ode)",
	() => {
		const schema = schemaOf("tim");
		const renamed = new Map([["NodeAttributeXY", "NodeAttribute"]]);
		const compared: string[] = [];
		const found: string[] = [];
		for (const [name, definition] of Object.entries(schema.$defs ?? {})) {
			const type = j2735Types().get(renamed.get(name) ?? name);
			if (type === undefined) continue;
			compared.push(name);
			found.push(...differencesFromOde(type, definition, schema, renames).map((difference) => `${name}${difference}`));
		}
		expect(compared.length).toBeGreaterThan(25);
		expect(found).toEqual(added.TravelerDataFrame);
	},
);

it("differencesFromOde tells what is missing, more, otherwise sized or ordered", () => {
	const type: MessageType = {
		kind: "seq",
		fields: [
			{ name: "a-b", type: { kind: "enum", names: ["one", "two"], additions: undefined }, optional: false },
			{ name: "c", type: { kind: "list", size: { from: 1, to: 4, extensible: false }, of: { kind: "bool" } }, optional: false },
			{ name: "d", type: { kind: "int", from: 0, to: 1, extensible: false }, optional: true },
		],
		additions: undefined,
	};
	const schema: JsonSchema = {
		properties: { aB: { enum: ["TWO", "ONE"] }, c: { type: "array", maxItems: 5, items: { type: "string" } }, e: { type: "number" } },
	};
	expect(differencesFromOde(type, schema, schema, new Map())).toEqual([
		".a-b: order",
		".c: at most 5",
		".c[]: no boolean",
		".e: not ours",
		".d: not theirs",
	]);
});
