/**
 * What the JSON messages of Vanetza-NAP share: ETSI's messages with the names of the ASN.1 and numbers in degrees, metres, m/s and seconds of UTC. Taken
 * from recordings of what it sends (`out`, with an envelope of who received it) and takes (`in`, the message alone).
 *
 * What is not known keeps the code of the standard (900000001, 3601, 16383), beside values in other units. Most fields may be left out here: recordings
 * show which ones occur, not which ones must.
 */
export const vanetzaCommon = `
StationType = int 0..255 @class
StationId = int 0..4294967295 @id
Seconds = real @time*1000

# --- what the receiving station adds
Test = seq {
	start_processing_timestamp?: Seconds, channel_frequency?: real, channel_noise?: real, channel_busy_time?: real, channel_rx_time?: real,
	channel_tx_time?: real, json_timestamp?: Seconds
} @stream
Header = seq {
	protocolVersion?: int 0..255, messageId?: int 0..255, messageID?: int 0..255, stationId?: StationId, stationID?: StationId
}
MacAddress = visible 1..32 @id

# --- positions and motion
Latitude = real @lat !900000001
Longitude = real @lon !1800000001
Altitude = seq { altitudeValue?: real @elevation !800001, altitudeConfidence?: real }
Ellipse = seq {
	semiMajorAxisLength?: real, semiMinorAxisLength?: real, semiMajorAxisOrientation?: real, semiMajorConfidence?: real,
	semiMinorConfidence?: real, semiMajorOrientation?: real
}
Position = seq { latitude: Latitude, longitude: Longitude, positionConfidenceEllipse?: Ellipse, altitude?: Altitude }
Delta = seq { deltaLatitude?: real @dlat, deltaLongitude?: real @dlon, deltaAltitude?: real @delevation }
PathPoint = seq { pathPosition?: Delta, pathDeltaTime?: real @time*1000 }
PathHistory = list 0..40 of PathPoint @path-history
Heading = seq { headingValue?: real @heading !3601, headingConfidence?: real }
AngleValue = seq { value?: real @heading !3601, confidence?: real }
Speed = seq { speedValue?: real @speed !16383, speedConfidence?: real }
Acceleration = seq {
	value?: real @acceleration !161, confidence?: real, longitudinalAccelerationValue?: real @acceleration !161,
	longitudinalAccelerationConfidence?: real
}
YawRate = seq { yawRateValue?: real @yaw !32767, yawRateConfidence?: real }
# The radius of a bend gives the turn away as a yaw rate does.
Curvature = seq { curvatureValue?: real @yaw !1023, curvatureConfidence?: real }
Length = seq { vehicleLengthValue?: real @size !1023, vehicleLengthConfidenceIndication?: real }
Steering = seq { steeringWheelAngleValue?: real @steering !512, steeringWheelAngleConfidence?: real }
`;

/** The notation of a message `name` in both directions: alone, and as the field `key` of the receiver's envelope. */
export const vanetzaMessage = (name: string, key: string): string => `
${name}Out = seq {
	timestamp?: Seconds, newInfo?: bool, rssi?: real @stream, stationID?: StationId, stationAddr?: MacAddress, receiverID?: int 0.. @stream,
	receiverType?: int 0..255 @stream, packet_size?: int 0.., fields: seq { header?: Header, ${key}: ${name} }, test?: Test
}
${name}Message = choice { in: ${name}, out: ${name}Out }
`;
