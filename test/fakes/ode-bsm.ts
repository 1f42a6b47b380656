/**
 * Basic safety messages as the USDOT's ODE writes them (schema version 9), made up: a vehicle with a path behind it.
 */

export interface OdeBsmParts {
	/** 1e-7 degrees. */
	readonly lat: number;
	readonly long: number;
	/** 0.02 m/s. */
	readonly speed: number;
	readonly id: string;
	readonly count: number;
	/** Points of the path history. */
	readonly crumbs: number;
	readonly receivedAt: string;
}

const octets = (seed: number, count: number): string =>
	Array.from({ length: count }, (_, index) => ((seed * 2_654_435_761 + index * 40_503) % 256).toString(16).padStart(2, "0"))
		.join("")
		.toUpperCase();

const crumb = (seed: number, index: number): object => ({
	latOffset: ((seed * 31 + index * 977) % 20_000) - 10_000,
	lonOffset: ((seed * 17 + index * 1_313) % 20_000) - 10_000,
	elevationOffset: ((seed + index * 7) % 100) - 50,
	timeOffset: 100 + index * 350,
	speed: (seed + index * 60) % 8_191,
	posAccuracy: { semiMajor: 40, semiMinor: 40, orientation: (seed * 3 + index) % 65_535 },
	heading: (seed + index) % 240,
});

export const odeBsm = ({ lat, long, speed, id, count, crumbs, receivedAt }: OdeBsmParts): string =>
	JSON.stringify({
		metadata: {
			logFileName: "",
			recordType: "bsmTx",
			securityResultCode: "success",
			receivedMessageDetails: {
				locationData: { latitude: "39.7801842", longitude: "-104.9407226", elevation: "1600", speed: "0.0", heading: "1.2" },
				rxSource: "RSU",
			},
			payloadType: "us.dot.its.jpo.ode.model.OdeMessageFramePayload",
			serialId: { streamId: "2f104985-82e9-44ad-965a-cfde1dffd6e6", bundleSize: 1, bundleId: 0, recordId: 0, serialNumber: count },
			odeReceivedAt: receivedAt,
			schemaVersion: 9,
			maxDurationTime: 0,
			recordGeneratedAt: "",
			recordGeneratedBy: "OBU",
			sanitized: false,
			odePacketID: "",
			odeTimStartDateTime: "",
			asn1: `0014${octets(count, 130)}`,
			source: "EV",
			originIp: "172.18.0.1",
			isCertPresent: false,
		},
		payload: {
			data: {
				messageId: 20,
				value: {
					BasicSafetyMessage: {
						coreData: {
							msgCnt: count % 128,
							id,
							secMark: (count * 100) % 60_000,
							lat,
							long,
							elev: 15_883,
							accuracy: { semiMajor: 40, semiMinor: 40, orientation: 61_004 },
							transmission: "forwardGears",
							speed,
							heading: (count * 7) % 28_800,
							angle: (count % 250) - 125,
							accelSet: { long: (count % 4_000) - 2_000, lat: 205, vert: -57, yaw: (count * 3) % 32_767 },
							brakes: { wheelBrakes: "80", traction: "off", abs: "on", scs: "unavailable", brakeBoost: "off", auxBrakes: "unavailable" },
							size: { width: 190, length: 570 },
						},
						partII: [
							{
								"partII-Id": 0,
								"partII-Value": {
									VehicleSafetyExtensions: {
										events: { value: "0108", length: 13 },
										pathHistory: { crumbData: Array.from({ length: crumbs }, (_, index) => crumb(count, index)) },
										pathPrediction: { radiusOfCurve: (count % 30_000) - 15_000, confidence: 180 },
										lights: { value: "0100", length: 9 },
									},
								},
							},
							{
								"partII-Id": 2,
								"partII-Value": {
									SupplementalVehicleExtensions: {
										classification: 10,
										classDetails: { keyType: 10, role: "basicVehicle", hpmsType: "car", fuelType: 1 },
										vehicleData: { height: 38, bumpers: { front: 50, rear: 60 }, mass: 90 },
										doNotUse1: { isRaining: "precip", rainRate: 12, solarRadiation: 1_000, friction: 60, roadFriction: 40 },
										status: { statusDetails: 2_564 },
									},
								},
							},
						],
					},
				},
			},
			dataType: "us.dot.its.jpo.asn.j2735.r2024.BasicSafetyMessage.BasicSafetyMessageMessageFrame",
		},
	});
