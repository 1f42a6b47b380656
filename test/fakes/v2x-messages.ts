/**
 * Messages as stacks send them: what a vehicle says of itself with every part that repeats where it was, and the lights of an intersection.
 */
import { shapeOf } from "../../agent/formats/v2x/shapes.ts";
import type { MessageFields } from "../../shared/message.ts";

const octets = (path: string, content: MessageFields): Uint8Array => {
	const shape = shapeOf("uper", path);
	if (shape === undefined) throw new Error(`there is no schema of ${path}`);
	return shape.encode(content);
};

const e7 = (degrees: number): number => Math.round(degrees * 1e7);

export interface Sender {
	/** Eight octets in hexadecimal (T/CSAE 53), or their last four (the others). */
	readonly id: string;
	readonly latDeg: number;
	readonly lonDeg: number;
	/** 0 to 127. */
	readonly count: number;
}

/** T/CSAE 53 in UPER. */
export const tcsaeBsm = ({ id, latDeg, lonDeg, count }: Sender): Uint8Array =>
	octets("V2X.TCSAE.BSM", {
		msgCnt: count,
		id,
		secMark: 4_000 + count,
		pos: { lat: e7(latDeg), long: e7(lonDeg), elevation: 210 },
		transmission: "forwardGears",
		speed: 640,
		heading: 5_944,
		accelSet: { long: 5, lat: 0, vert: 0, yaw: 12 },
		brakes: {},
		size: { width: 180, length: 500 },
		vehicleClass: { classification: 54 },
		safetyExt: {
			pathHistory: {
				initialPosition: { pos: { lat: e7(latDeg - 0.001), long: e7(lonDeg - 0.001) } },
				crumbData: [1, 2, 3].map((step) => ({
					llvOffset: { offsetLL: { "position-LL5": { lon: -4_000 * step, lat: -3_000 * step } } },
					timeOffset: 100 * step,
				})),
			},
			pathPrediction: { radiusOfCurve: 32_767, confidence: 100 },
		},
	});

/** T/CSAE 53 in UPER: nobody is in it. */
export const tcsaeSpat = (count: number): Uint8Array =>
	octets("V2X.TCSAE.SPAT", {
		msgCnt: count,
		intersections: [
			{
				intersectionId: { region: 1, id: 33 },
				status: "0000010100000000",
				phases: [{ id: 1, phaseStates: [{ light: "red", timing: { counting: { startTime: 0, likelyEndTime: 870 } } }] }],
			},
		],
	});

/** EN 302 637-2 in UPER. */
export const etsiCam = ({ id, latDeg, lonDeg, count }: Sender): Uint8Array =>
	octets("V2X.ETSI.CAM", {
		header: { protocolVersion: 2, messageID: 2, stationID: Number.parseInt(id.slice(-8), 16) },
		cam: {
			generationDeltaTime: 1_000 + count,
			camParameters: {
				basicContainer: {
					stationType: 5,
					referencePosition: {
						latitude: e7(latDeg),
						longitude: e7(lonDeg),
						positionConfidenceEllipse: { semiMajorConfidence: 100, semiMinorConfidence: 80, semiMajorOrientation: 120 },
						altitude: { altitudeValue: 2_100, altitudeConfidence: "alt-000-50" },
					},
				},
				highFrequencyContainer: {
					basicVehicleContainerHighFrequency: {
						heading: { headingValue: 743, headingConfidence: 10 },
						speed: { speedValue: 1_280, speedConfidence: 10 },
						driveDirection: "forward",
						vehicleLength: { vehicleLengthValue: 45, vehicleLengthConfidenceIndication: "noTrailerPresent" },
						vehicleWidth: 19,
						longitudinalAcceleration: { longitudinalAccelerationValue: 3, longitudinalAccelerationConfidence: 5 },
						curvature: { curvatureValue: 0, curvatureConfidence: "unavailable" },
						curvatureCalculationMode: "yawRateUsed",
						yawRate: { yawRateValue: 12, yawRateConfidence: "unavailable" },
					},
				},
				lowFrequencyContainer: {
					basicVehicleContainerLowFrequency: {
						vehicleRole: "default",
						exteriorLights: "00000000",
						pathHistory: [1, 2].map((step) => ({
							pathPosition: { deltaLatitude: -300 * step, deltaLongitude: -400 * step, deltaAltitude: 12_800 },
							pathDeltaTime: 100 * step,
						})),
					},
				},
			},
		},
	});

/** What the ODE hands on for one BSM: with the receiver's own place, ids of its streams, a path and the whole message once more in hexadecimal. */
export const odeBsm = ({ id, latDeg, lonDeg, count }: Sender, receivedAt: string): string =>
	JSON.stringify({
		metadata: {
			bsmSource: "RV",
			logFileName: "rxMsg_BSM_to_plate_B12345.gz",
			recordType: "bsmLogDuringEvent",
			securityResultCode: "success",
			receivedMessageDetails: {
				locationData: {
					latitude: String(latDeg + 0.0005),
					longitude: String(lonDeg + 0.0005),
					elevation: "1489",
					speed: "0.4",
					heading: "267.4",
				},
				rxSource: "RV",
			},
			payloadType: "us.dot.its.jpo.ode.model.OdeBsmPayload",
			serialId: {
				streamId: "801780cb-d91d-444b-8f4d-9c44fe27f5ea",
				bundleSize: 16,
				bundleId: 72,
				recordId: 15,
				serialNumber: 14_741,
			},
			odeReceivedAt: receivedAt,
			schemaVersion: 8,
			maxDurationTime: 0,
			recordGeneratedAt: receivedAt,
			recordGeneratedBy: "OBU",
			sanitized: false,
			odePacketID: "",
			odeTimStartDateTime: "",
			asn1: "0014254b8494c4c950cd8cde6e9651116579f22a424dd78fffff00761e4fd7eb7d07f7fff80005f11d1020214c1c0ffc7c0",
			originIp: "192.168.7.9",
		},
		payload: {
			dataType: "us.dot.its.jpo.ode.plugin.j2735.J2735Bsm",
			data: {
				coreData: {
					msgCnt: count,
					id: id.slice(-8).toUpperCase(),
					secMark: 55_000 + count,
					position: { latitude: latDeg, longitude: lonDeg, elevation: 1_489 },
					accelSet: { accelLat: 0, accelLong: 0.43, accelVert: 0, accelYaw: 0 },
					accuracy: { semiMajor: 9.3, semiMinor: 12.05 },
					transmission: "NEUTRAL",
					speed: 12.4,
					heading: 267.4,
					brakes: {
						wheelBrakes: { leftFront: false, rightFront: false, unavailable: true, leftRear: false, rightRear: false },
						traction: "unavailable",
						abs: "unavailable",
						scs: "unavailable",
						brakeBoost: "unavailable",
						auxBrakes: "unavailable",
					},
					size: { width: 190, length: 570 },
				},
				partII: [
					{
						id: "VehicleSafetyExtensions",
						value: {
							pathHistory: {
								crumbData: [1, 2, 3].map((step) => ({
									elevationOffset: 1,
									latOffset: 0.0000111 * step,
									lonOffset: 0.0000222 * step,
									timeOffset: 0.9 * step,
								})),
							},
							pathPrediction: { confidence: 0, radiusOfCurve: 0 },
						},
					},
				],
			},
		},
	});
