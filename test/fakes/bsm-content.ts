/**
 * A basic safety message as the field sends it: a position, a path behind it and the vehicle's size.
 */
import type { MessageFields } from "../../shared/message.ts";

export const bsmContent = (over: MessageFields = {}, partII?: readonly MessageFields[]): MessageFields => ({
	coreData: {
		...{ msgCnt: 126, id: "4f435445", secMark: 48_034, lat: 397_801_842, long: -1_049_407_226, elev: 15_883 },
		accuracy: { semiMajor: 3, semiMinor: 204, orientation: 61_004 },
		...{ transmission: "forwardGears", speed: 870, heading: 17_950, angle: 94 },
		accelSet: { long: -613, lat: 205, vert: 57, yaw: 12_030 },
		brakes: { wheelBrakes: "00100", traction: "off", abs: "unavailable", scs: "unavailable", brakeBoost: "off", auxBrakes: "unavailable" },
		size: { width: 200, length: 500 },
		...over,
	},
	partII: partII ?? [
		{
			"partII-Id": 0,
			"partII-Value": {
				VehicleSafetyExtensions: { pathHistory: { crumbData: crumbs }, pathPrediction: { radiusOfCurve: -5496, confidence: 180 } },
			},
		},
	],
});

const crumbs = [
	{ latOffset: 10_099, lonOffset: 2075, elevationOffset: -28, timeOffset: 659 },
	{ latOffset: 17_054, lonOffset: 2847, elevationOffset: -28, timeOffset: 980 },
	{ latOffset: 45_449, lonOffset: 2759, elevationOffset: -74, timeOffset: 2049 },
];
