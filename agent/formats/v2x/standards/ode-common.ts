/**
 * What the USDOT ODE writes around each message and what several of its plain forms share: schema versions 1 to 9 of its JSON, with the fields that
 * were there in any of them, by the ODE's published JSON schemas and recordings of its output.
 *
 * Plain forms carry degrees, metres and metres per second as numbers; what is not known is left out or `null`.
 */
import { jsonFlags } from "../json-flags.ts";

export const odeCommon = `
# A name of an enumeration, of a Java class or of a kind of record: the ODE has changed its spellings more than once.
Word = visible 0..120
Stamp = visible 0..64
Ip = visible 0..64

# --- metadata: who received the message, where, when, through which file and stream
OdeLocation = seq {
	latitude?: visible 0..24 @lat, longitude?: visible 0..24 @lon, elevation?: visible 0..24 @elevation, speed?: visible 0..24 @speed,
	heading?: visible 0..24 @heading
}
# As it was up to version 3
OdeOldLocation = seq {
	latitude?: real -90..90 @lat, longitude?: real -180..180 @lon, elevation?: real @elevation, speed?: real @speed, heading?: real @heading
}
OdeSerialId = seq {
	streamId?: visible 0..64 @stream, bundleSize?: int 0.. @stream, bundleId?: int 0.. @stream, recordId?: int 0.. @stream,
	serialNumber?: int 0.. @stream
}
OdeEncoding = seq { elementName?: Word, elementType?: Word, encodingRule?: Word }
OdeMetadata = seq {
	bsmSource?: Word, logFileName?: utf8 0..1024 @stream, recordType?: Word, securityResultCode?: Word,
	receivedMessageDetails?: seq { locationData?: OdeLocation @receiver-position, rxSource?: Word },
	receivedDetails?: seq { location?: OdeOldLocation @receiver-position, rxFrom?: int },
	encodings?: list 0..16 of OdeEncoding, payloadType?: Word, serialId?: OdeSerialId @stream, odeReceivedAt?: Stamp @time, receivedAt?: Stamp @time,
	schemaVersion?: int 0..99, maxDurationTime?: int 0.., recordGeneratedAt?: Stamp @time, generatedAt?: Stamp @time, recordGeneratedBy?: Word,
	sanitized?: bool, validSignature?: bool, latency?: int, odePacketID?: utf8 0..256 @stream, odeTimStartDateTime?: Stamp @time,
	asn1?: visible 0..65536 @copy, source?: Word, mapSource?: Word, spatSource?: Word, psmSource?: Word, originIp?: Ip @stream,
	srmSource?: Word, ssmSource?: Word, isCertPresent?: bool
}

# --- plain forms: what several messages share
OdeLatitude = real -90..90 @lat
OdeLongitude = real -180..180 @lon
OdeElevation = real -500..10000 @elevation
OdePosition = seq { latitude?: OdeLatitude, longitude?: OdeLongitude, elevation?: OdeElevation }
OdeAccuracy = seq { semiMajor?: real, semiMinor?: real, orientation?: real }
OdeReference = seq { region?: int, id?: int }
OdeUtc = seq { year?: int @time, month?: int @time, day?: int @time, hour?: int @time, minute?: int @time, second?: int @time, offset?: int @time }
OdeGnssStatus = ${jsonFlags("unavailable isHealthy isMonitored baseStationType aPDOPofUnder5 inViewOfUnder5 localCorrectionsPresent networkCorrectionsPresent")}
OdeTransmissionAndSpeed = seq { transmission?: Word, transmisson?: Word, speed?: real @speed }
OdeFullPosition = seq {
	utcTime?: OdeUtc, position?: OdePosition, heading?: real @heading, speed?: OdeTransmissionAndSpeed, posAccuracy?: OdeAccuracy,
	timeConfidence?: Word, posConfidence?: seq { pos?: Word, elevation?: Word },
	speedConfidence?: seq { heading?: Word, speed?: Word, throttle?: Word }
}
# Degrees from the position of the message
OdeCrumb = seq {
	elevationOffset?: real @delevation, latOffset?: real -1..1 @dlat, lonOffset?: real -1..1 @dlon, timeOffset?: real @time*1000,
	speed?: real @speed, posAccuracy?: OdeAccuracy, heading?: real @heading
}
OdePathHistory = seq {
	initialPosition?: OdeFullPosition, currGNSSstatus?: OdeGnssStatus, crumbData?: list 0..23 of OdeCrumb
} @path-history
OdePathPrediction = seq { confidence?: real, radiusOfCurve?: real } @path-prediction
OdeAcceleration = seq {
	accelLat?: real @acceleration, accelLong?: real @acceleration, accelVert?: real @acceleration, accelYaw?: real @yaw
}
OdeLaneRef = seq { lane?: int, approach?: int, connection?: int }
OdeRequestorType = seq {
	role?: Word @class, subrole?: Word @class, request?: Word, iso3883?: int @class, hpmsType?: Word @class
}
OdeRequestorId = seq { entityID?: visible 0..64 @id, stationID?: int 0.. @id }
`;
