import fc from "fast-check";
import { expect, it } from "vitest";
import { j2735Paths, j2735TypeOf } from "../../../agent/formats/v2x/j2735-family.ts";
import { stripUnspeakable } from "../../../agent/formats/v2x/message-erase.ts";
import { erasePositions } from "../../../agent/formats/v2x/message-position-erase.ts";
import { positionsOf } from "../../../agent/formats/v2x/message-positions.ts";
import type { Field, MessageType } from "../../../agent/formats/v2x/message-type.ts";
import { decodeUperMessage, shapeOf } from "../../../agent/formats/v2x/shapes.ts";
import { anyBsm, bsmType } from "../../fakes/bsm.ts";

const fieldsOf = (type: MessageType): readonly Field[] => {
	switch (type.kind) {
		case "seq":
			return [...type.fields, ...(type.additions ?? []).flatMap(({ fields }) => fields)];
		case "choice":
			return [...type.alternatives, ...(type.additions ?? [])];
		case "open":
			return [...type.table.values()];
		case "list":
			return [{ name: "[]", type: type.of, optional: false }];
		default:
			return [];
	}
};

/** Every leaf with its dotted path and its roles: its own, and those of the choices that it is one of. */
const leavesOf = (
	type: MessageType,
	path = "",
	roles: readonly string[] = [],
): readonly (readonly [path: string, type: MessageType, roles: readonly string[]])[] => {
	const all = type.role === undefined ? roles : [...roles, type.role];
	const inherited = type.kind === "choice" ? all : [];
	const fields = fieldsOf(type);
	if (fields.length === 0) return [[path, type, all]];
	return fields.flatMap((field) => leavesOf(field.type, path === "" ? field.name : `${path}.${field.name}`, inherited));
};

const typeOf = (path: string): MessageType => {
	const type = j2735TypeOf(path);
	if (type === undefined) throw new Error(`no type of ${path}`);
	return type;
};

/** Names of what says where somebody is, how it moves, or who it is. */
const telling =
	/(^|\.)(lat|lon|long|elev|elevation|[xy]|offset[XYZ]|[xyz]Offset|(lat|lon|elevation)Offset|speed|speedZ|heading|yaw|angle|id|entityID|stationID|sourceID|objectID|packetID|width|length|text|name|routeName|movementName|url|urlB)$/;

/** Numbers of roads, lanes, requests and rules; limits and advice; in a name that the pattern takes for somebody's. */
const nobodys = [
	/(^|\.)(intersections\.\[\]|roadSegments\.\[\]|restrictionList\.\[\]|remoteIntersection|request|status\.\[\]|regions\.\[\])(\.id)*(\.id|\.region)?$/,
	/speedLimits\.\[\]\.speed$/,
	/speeds\.\[\]\.speed$/,
];

it.each(j2735Paths)("j2735TypeOf %s marks every leaf whose name tells of somebody", (path) => {
	const silent = leavesOf(typeOf(path))
		.filter(([name, type, roles]) => telling.test(name) && type.kind !== "enum" && roles.length === 0)
		.map(([name]) => name)
		.filter((name) => !nobodys.some((pattern) => pattern.test(name)))
		// A slice of the compass says for which traffic an event holds.
		.filter((name) => !name.endsWith("description.heading"));
	expect(silent).toEqual([]);
});

it("j2735TypeOf V2X.J2735.BSM says of each coordinate and motion in its core data what unavailable is", () => {
	const core = leavesOf(bsmType).filter(([path]) => path.startsWith("coreData."));
	const without = core.filter(([, type]) => type.unavailable === undefined).map(([path]) => path);
	// A counter and the temporary id: the standard has no unknown ones.
	expect(without).toEqual(["coreData.msgCnt", "coreData.id"]);
});

const bsm = shapeOf("uper", "V2X.J2735.BSM");

it("erasePositions leaves a BSM of any BSM, and no position, motion or path in it", () => {
	if (bsm === undefined) throw new Error("no shape");
	const motion = new Map<string, number>([
		["speed", 8191],
		["heading", 28800],
		["angle", 127],
	]);
	fc.assert(
		fc.property(anyBsm({ extensions: true, unknowns: true }), (message) => {
			const left = erasePositions(bsm, message, () => true);
			if (left === undefined) throw new Error("nothing is left");
			expect(positionsOf(bsm, left).filter(({ isKnown }) => isKnown)).toEqual([]);
			const core = left.coreData as Record<string, unknown>;
			for (const [name, unavailable] of motion) expect(core[name]).toBe(unavailable);
			expect(core.accelSet).toEqual({ long: 2001, lat: 2001, vert: -127, yaw: 0 });
			expect(JSON.stringify(left)).not.toMatch(/pathHistory|pathPrediction|crumbData/);
			// What is left is a message.
			expect(decodeUperMessage("j2735", bsm.encode(left)).content).toEqual(left);
		}),
		{ numRuns: 300 },
	);
});

it("stripUnspeakable takes raw satellite measurements and all that no schema knows out of a BSM", () => {
	if (bsm === undefined) throw new Error("no shape");
	fc.assert(
		fc.property(anyBsm({ extensions: true, unknowns: true }), (message) => {
			const left = stripUnspeakable(bsm, message);
			if (left === undefined) throw new Error("nothing is left");
			expect(JSON.stringify(left)).not.toMatch(/doNotUse5|"\?"|regExtValue/);
			expect(() => bsm.encode(left)).not.toThrow();
		}),
		{ numRuns: 300 },
	);
});
