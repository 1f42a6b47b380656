/**
 * What the JSON messages of Orange's its-client share, by its published schemas (versions 1.1.3 to 2.4.0): ETSI's messages in snake case, in ETSI's
 * own units (tenths of a microdegree, centimetres, 0.01 m/s, 0.1 degrees), within an envelope that says which application sent them.
 *
 * In version 1 accuracies stand in an object `confidence` beside the values, in version 2 with each value.
 */
import { jsonAllFlags } from "../json-flags.ts";

export const itsClientCommon = `
Origin = enum self global_application mec_application on_board_application
Version = visible 1..16
# The application or station that sent it, the same in all its messages
SourceId = visible 1..128 @id
# Milliseconds of UTC, 2018 to 2027 as the schemas bound it
EnvelopeTime = int 1514764800000..1830297600000 @time
StationId = int 0..4294967295 @id
StationType = int 0..255 @class
# Milliseconds since 2004, and modulo 65536
ItsTime = int 0..4398046511103 @time
DeltaTime = int 0..65535 @time

Latitude = int -900000000..900000001 @lat*1e-7 !900000001
Longitude = int -1800000000..1800000001 @lon*1e-7 !1800000001
Altitude = int -100000..800001 @elevation*0.01 !800001
DeltaLatitude = int -131071..131072 @dlat*1e-7 !131072
DeltaLongitude = int -131071..131072 @dlon*1e-7 !131072
DeltaAltitude = int -12700..12800 @delevation*0.01 !12800
Heading = int 0..3601 @heading*0.1 !3601
Speed = int 0..16383 @speed*0.01 !16383
Acceleration = int -160..161 @acceleration*0.1 !161
YawRate = int -32766..32767 @yaw*0.01 !32767
# A radius of a bend gives the turn away as a yaw rate does.
Curvature = int -1023..1023 @yaw !1023
Length = int 1..1023 @size*0.1 !1023
Width = int 1..62 @size*0.1 !62
Confidence127 = int 1..127 !127
AccelerationConfidence = int 0..102 !102

# --- version 1
Position1 = seq { latitude: Latitude, longitude: Longitude, altitude: Altitude }
PositionConfidence1 = seq {
	position_confidence_ellipse?: seq {
		semi_major_confidence?: int 0..4095 !4095, semi_minor_confidence?: int 0..4095 !4095, semi_major_orientation?: int 0..3601 !3601
	},
	altitude?: int 0..15 !15
}
PathPoint1 = seq {
	path_position: seq { delta_latitude?: DeltaLatitude, delta_longitude?: DeltaLongitude, delta_altitude?: DeltaAltitude },
	path_delta_time?: int 1..65535 @time*10
}
PathHistory1 = list 0..40 of PathPoint1 @path-history

# --- version 2
AltitudeValue = seq { value: Altitude, confidence: int 0..15 !15 }
Position2 = seq {
	latitude: Latitude, longitude: Longitude,
	position_confidence_ellipse: seq {
		semi_major: int 0..4095 !4095, semi_minor: int 0..4095 !4095, semi_major_orientation: int 0..3601 !3601
	},
	altitude: AltitudeValue
}
DeltaPosition = seq { delta_latitude: DeltaLatitude, delta_longitude: DeltaLongitude, delta_altitude: DeltaAltitude }
PathPoint2 = seq { path_position: DeltaPosition, path_delta_time?: int 1..65535 @time*10 }
PathHistory2 = list 0..40 of PathPoint2 @path-history
HeadingValue = seq { value: Heading, confidence: Confidence127 }
SpeedValue = seq { value: Speed, confidence: Confidence127 }
AccelerationValue = seq { value: Acceleration, confidence: AccelerationConfidence }
YawRateValue = seq { value: YawRate, confidence: int 0..8 !8 }

# --- both
Cause = seq { cause: int 0..255, subcause?: int 0..255 }
LightBar = ${jsonAllFlags("light_bar_activated siren_activated")}
# The stations that have handed the message on, with their places
RelayPath = list 1..64 of seq { position: Position1, message_type: enum denm cam cpm po } @receiver-position
`;
