import { describe, expect, it } from "vitest";
import type { Field, MessageType } from "../../../agent/formats/v2x/message-type.ts";
import { hasData } from "../../data.ts";
import { compareWithAsn1 } from "./asn1-compare.ts";
import { readAsn1 } from "./asn1-text.ts";
import { etsiAsn1, etsiMessages, etsiType } from "./etsi-messages.ts";

const partsOf = (type: MessageType): readonly Field[] => {
	switch (type.kind) {
		case "seq":
			return [...type.fields, ...(type.additions ?? []).flatMap(({ fields }) => fields)];
		case "choice":
			return [...type.alternatives, ...(type.additions ?? [])];
		case "open":
			return [...type.table.values()];
		case "list":
			return [{ name: "*", type: type.of, optional: false }];
		default:
			return [];
	}
};

/** Every place of a type, with the roles from the root down to it. */
const placesOf = (type: MessageType, place: string, roles: readonly string[]): readonly { place: string; roles: readonly string[] }[] => {
	const all = type.role === undefined ? roles : [...roles, type.role];
	return [{ place, roles: all }, ...partsOf(type).flatMap((part) => placesOf(part.type, `${place}/${part.name}`, all))];
};

describe("schemas of ETSI ITS", () => {
	it.skipIf(!hasData("v2x", "etsi", "asn1")).each(etsiMessages)(
		"$name has no difference from the standard's ASN.1 (needs shared data v2x/etsi/asn1)",
		({ name, module }) => {
			expect(compareWithAsn1(etsiType(name), readAsn1(etsiAsn1()).type(module, name))).toEqual([]);
		},
	);

	it.each([
		["CAM", "referencePosition", "own-position"],
		["CAM", "cenDsrcTollingZone", "own-position"],
		["CAM", "pathHistory", "path-history"],
		["CAM", "header/stationID", "id"],
		["CAM", "headingValue", "heading"],
		["CAM", "speedValue", "speed"],
		["CAM", "yawRateValue", "yaw"],
		["CAM", "curvatureValue", "steering"],
		["CAM", "steeringWheelAngleValue", "steering"],
		["CAM", "ptActivationData", "id"],
		["DENM", "management/eventPosition", "event-position"],
		["DENM", "eventHistory", "event-position"],
		["DENM", "traces", "path-history"],
		["DENM", "actionID/originatingStationID", "id"],
		["DENM", "actionID/sequenceNumber", "id"],
		["DENM", "wMInumber", "vin"],
		["DENM", "vDS", "vin"],
		["DENM", "phoneNumber", "text"],
		["DENM", "recommendedPath", "map-geometry"],
		["CPM", "managementContainer/referencePosition", "own-position"],
		["CPM", "perceivedObjectContainer/*", "object"],
		["CPM", "objectID", "object-id"],
		["CPM", "xDistance/value", "dx"],
		["CPM", "yDistance/value", "dy"],
		["CPM", "longitudinalLanePositionValue", "odometer"],
		["MAPEM", "refPoint", "map-geometry"],
		["MAPEM", "nodeList", "map-geometry"],
		["MAPEM", "signalHeadLocations", "map-geometry"],
		["SPATEM", "activePrioritizations/*/stationID", "object-id"],
		["SPATEM", "itsStationPosition/*", "object"],
	])("%s says that %s is %s", (name, place, role) => {
		const at = placesOf(etsiType(name), name, []).filter((each) => each.place.endsWith(`/${place}`));
		expect(at.length).toBeGreaterThan(0);
		for (const { roles } of at) expect(roles.at(-1)).toBe(role);
	});

	it.each(etsiMessages)("every coordinate, offset and identity of $name has a role", ({ name }) => {
		const coordinate = /(?:latitude|longitude|altitudeValue|\/lat|\/long|\/lon|\/x|\/y|node-Z\d|stationID|plate)$/i;
		const bare = placesOf(etsiType(name), name, []).filter(({ place, roles }) => coordinate.test(place) && roles.length === 0);
		expect(bare.map(({ place }) => place)).toEqual([]);
	});

	it.each(etsiMessages)("no position of $name stands outside a group that says whose it is", ({ name }) => {
		const groups = new Set(["own-position", "path-history", "event-position", "map-geometry", "object"]);
		const stray = placesOf(etsiType(name), name, []).filter(
			({ roles }) => /^(?:lat|lon|dlat|dlon)$/.test(roles.at(-1) ?? "") && !roles.some((role) => groups.has(role)),
		);
		expect(stray.map(({ place }) => place)).toEqual([]);
	});
});
