/**
 * BasicSafetyMessage in the ODE's plain JSON (schema versions 1 to 8): degrees, metres, metres per second. Needs ode-common.
 *
 * A field of part II that the standard has withdrawn has kept its old name or got `doNotUse`; both are here.
 */
import { jsonFlags } from "../json-flags.ts";

export const odeBsm = `
OdeWheels = ${jsonFlags("leftFront rightFront unavailable leftRear rightRear")}
OdeBrakes = seq { wheelBrakes?: OdeWheels, traction?: Word, abs?: Word, scs?: Word, brakeBoost?: Word, auxBrakes?: Word }
OdeBsmCore = seq {
	msgCnt?: int 0..127, id?: visible 0..32 @id, secMark?: int 0..65535 @time, position: OdePosition, accelSet?: OdeAcceleration,
	accuracy?: OdeAccuracy, transmission?: Word, speed?: real 0..163.82 @speed, heading?: real 0..360 @heading, angle?: real @steering,
	brakes?: OdeBrakes, size?: seq { width?: int 0..1023 @size*0.01, length?: int 0..4095 @size*0.01 }
} @own-position

# --- part II, by the names of the three kinds: all of their fields, for only the sender's word says which kind it is
OdeEvents = ${jsonFlags(`eventReserved1 eventLightsChanged eventStabilityControlactivated eventHazardousMaterials eventWipersChanged
	eventHazardLights eventTractionControlLoss eventABSactivated eventAirBagDeployment eventFlatTire eventDisabledVehicle eventHardBraking
	eventStopLineViolation`)}
OdeLights = ${jsonFlags(`lowBeamHeadlightsOn highBeamHeadlightsOn leftTurnSignalOn rightTurnSignalOn hazardSignalOn automaticLightControlOn
	daytimeRunningLightsOn fogLightOn parkingLightsOn`)}
OdePrivilegedEvents = ${jsonFlags(`peUnavailable peEmergencyResponse peEmergencyLightsActive peEmergencySoundActive
	peNonEmergencyLightsActive peNonEmergencySoundActive`)}
OdeAlerts = seq {
	sspRights?: real, doNotUse?: real, sirenUse?: Word, lightsUse?: Word, multi?: Word,
	events?: seq { sspRights?: int, doNotUse?: int, event?: OdePrivilegedEvents }, responseType?: Word
}
OdeHeadingSlice = ${jsonFlags(
	[
		"000_0TO022_5 022_5TO045_0 045_0TO067_5 067_5TO090_0 090_0TO112_5 112_5TO135_0 135_0TO157_5 157_5TO180_0",
		"180_0TO202_5 202_5TO225_0 225_0TO247_5 247_5TO270_0 270_0TO292_5 292_5TO315_0 315_0TO337_5 337_5TO360_0",
	]
		.join(" ")
		.replaceAll(/\S+/g, "FROM$&DEGREES"),
)}
OdeEventDescription = seq {
	typeEvent?: int, description?: list 0..8 of int, priority?: visible 0..32, heading?: OdeHeadingSlice, extent?: Word
}
OdePivot = seq { pivotOffset?: real @size, pivotAngle?: real @heading, pivots?: bool }
OdeBumpers = seq { front?: real @size, rear?: real @size }
OdeTrailerUnit = seq {
	isDolly?: bool, width?: int @size*0.01, length?: int @size*0.01, height?: real @size, mass?: int @size, bumperHeights?: OdeBumpers,
	centerOfGravity?: real @size, frontPivot?: OdePivot, rearPivot?: OdePivot, rearWheelOffset?: real @size,
	positionOffset?: seq { x?: real @dx, y?: real @dy }, elevationOffset?: real @delevation,
	crumbData?: list 0..23 of OdeCrumb @path-history
}
OdeTrailers = seq { sspRights?: int, doNotUse?: int, connection?: OdePivot, units?: list 0..8 of OdeTrailerUnit }
OdeVehicleClass = seq {
	keyType?: int 0..255 @class, role?: Word @class, iso3883?: int @class, hpmsType?: Word @class,
	vehicleType?: seq { name?: Word @class, value?: int @class }, responseEquip?: seq { name?: Word @class, value?: int @class },
	responderType?: Word @class, fuelType?: Word @class
}
OdeVehicleData = seq { height?: real @size, bumpers?: OdeBumpers, mass?: int @size, trailerWeight?: int @size, doNotUse?: int @size }
OdeWeather = seq {
	isRaining?: Word, rainRate?: real, precipSituation?: Word, solarRadiation?: int, friction?: int, roadFriction?: real
}
OdeWeatherProbe = seq {
	airTemp?: int, airPressure?: int, rainRates?: seq { statusFront?: Word, rateFront?: int, statusRear?: Word, rateRear?: int }
}
OdeObstacle = seq {
	obDist?: int @dx, obDirect?: real @heading, description?: int, locationDetails?: seq { name?: Word, value?: int }, dateTime?: OdeUtc,
	vertEvent?: ${jsonFlags("notEquipped leftFront leftRear rightRear rightFront")}
} @object
OdeStatus = seq { statusDetails?: int, locationDetails?: seq { name?: Word, value?: int } }
OdeSpeedProfile = seq { speedReports?: list 0..20 of int @speed }
# Raw satellite measurements: the sender's position once more
OdeRtcm = seq {
	msgs?: list 0..5 of visible 0..4096,
	rtcmHeader?: seq { status?: OdeGnssStatus, offsetSet?: seq { antOffsetX?: real, antOffsetY?: real, antOffsetZ?: real } }
} @copy
OdePartII = seq {
	id?: Word,
	value?: seq {
		events?: OdeEvents, pathHistory?: OdePathHistory, pathPrediction?: OdePathPrediction, lights?: OdeLights,
		vehicleAlerts?: OdeAlerts, description?: OdeEventDescription, trailers?: OdeTrailers, doNotUse?: OdeTrailers,
		classification?: int @class, classDetails?: OdeVehicleClass, vehicleData?: OdeVehicleData, weatherReport?: OdeWeather,
		doNotUse1?: OdeWeather, weatherProbe?: OdeWeatherProbe, doNotUse2?: OdeWeatherProbe, obstacle?: OdeObstacle, doNotUse3?: OdeObstacle,
		status?: OdeStatus, speedProfile?: OdeSpeedProfile, doNotUse4?: OdeSpeedProfile, theRTCM?: OdeRtcm, doNotUse5?: OdeRtcm
	}
}
OdeBsmData = seq { coreData: OdeBsmCore, partII?: list 0..8 of OdePartII }
`;
