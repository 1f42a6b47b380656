/**
 * T/CSAE 53-2017, cooperative intelligent transportation system, vehicular communication: the application layer's five messages, its data frames
 * (DF) and data elements (DE) by their names in the standard. Coordinates are those that the sender's receiver gives.
 *
 * Points of paths, of roads and of participants are offsets from the reference position of their message or node, or stated outright
 * (`position-LatLon`).
 */
export const tcsae53 = `
# --- the frame
MessageFrame = choice {
	bsmFrame: BasicSafetyMessage, mapFrame: MapData, rsmFrame: RoadsideSafetyMessage, spatFrame: SPAT, rsiFrame: RoadSideInformation, ...
}
MsgCount = int 0..127

# --- Msg_BSM: what a vehicle says of itself
BasicSafetyMessage = seq {
	msgCnt: MsgCount, id: octets 8 @id, secMark: DSecond, timeConfidence?: TimeConfidence, pos: Position3D @own-position,
	posAccuracy?: PositionalAccuracy, posConfidence?: PositionConfidenceSet, transmission: TransmissionState, speed: Speed, heading: Heading,
	angle?: SteeringWheelAngle, motionCfd?: MotionConfidenceSet, accelSet: AccelerationSet4Way, brakes: BrakeSystemStatus,
	size: VehicleSize, vehicleClass: VehicleClassification, safetyExt?: VehicleSafetyExtensions, emergencyExt?: VehicleEmergencyExtensions, ...
}
VehicleSafetyExtensions = seq {
	events?: bits 13,..., pathHistory?: PathHistory @path-history, pathPrediction?: PathPrediction @path-prediction, lights?: bits 9,..., ...
}
PathHistory = seq { initialPosition?: FullPositionVector, currGNSSstatus?: bits 8, crumbData: list 1..23 of PathHistoryPoint, ... }
PathHistoryPoint = seq {
	llvOffset: PositionOffsetLLV, timeOffset: TimeOffset, speed?: Speed, posAccuracy?: PositionConfidenceSet, heading?: CoarseHeading, ...
}
FullPositionVector = seq {
	utcTime?: DDateTime, pos: Position3D, heading?: Heading, transmission?: TransmissionState, speed?: Speed, posAccuracy?: PositionalAccuracy,
	posConficence?: PositionConfidenceSet, timeConfidence?: TimeConfidence, motionCfd?: MotionConfidenceSet, ...
}
# radius in 0.1 m; 32767: straight
PathPrediction = seq { radiusOfCurve: int -32767..32767, confidence: Confidence, ... }
VehicleEmergencyExtensions = seq {
	responseType?: enum notInUseOrNotEquipped emergency nonEmergency pursuit stationary slowMoving stopAndGoMovement ...,
	sirenUse?: enum unavailable notInUse inUse reserved !unavailable,
	lightsUse?: enum
		unavailable notInUse inUse yellowCautionLights schooldBusLights arrowSignsActive slowMovingVehicle freqStops !unavailable,
	...
}

# --- Msg_MAP: nodes, links and lanes of the road
MapData = seq { msgCnt: MsgCount, timeStamp?: MinuteOfTheYear, nodes: list 1..63 of Node, ... }
Node = seq { name?: DescriptiveName, id: NodeReferenceID, refPos: Position3D @map-geometry, inLinks?: list 1..32 of Link, ... }
Link = seq {
	name?: DescriptiveName, upstreamNodeId: NodeReferenceID, speedLimits?: SpeedLimitList, linkWidth?: LaneWidth,
	points?: PointList @map-geometry, movements?: list 1..32 of Movement, lanes: list 1..32 of Lane, ...
}
Movement = seq { remoteIntersection: NodeReferenceID, phaseId?: PhaseID }
Lane = seq {
	laneID: LaneID, laneWidth?: LaneWidth, laneAttributes?: LaneAttributes, maneuvers?: AllowedManeuvers,
	connectsTo?: list 1..16 of Connection, speedLimits?: SpeedLimitList, points?: PointList @map-geometry, ...
}
Connection = seq { remoteIntersection: NodeReferenceID, connectingLane?: ConnectingLane, phaseId?: PhaseID }
ConnectingLane = seq { lane: LaneID, maneuver?: AllowedManeuvers }
LaneAttributes = seq { shareWith?: bits 10, laneType: LaneTypeAttributes }
LaneTypeAttributes = choice {
	vehicle: bits 8,..., crosswalk: bits 16, bikeLane: bits 16, sidewalk: bits 16, median: bits 16, striping: bits 16, trackedVehicle: bits 16,
	parking: bits 16, ...
}
AllowedManeuvers = bits 12
# Of the road, not of a vehicle.
SpeedLimitList = list 1..9 of RegulatorySpeedLimit
RegulatorySpeedLimit = seq {
	type: enum
		unknown maxSpeedInSchoolZone maxSpeedInSchoolZoneWhenChildrenArePresent maxSpeedInConstructionZone vehicleMinSpeed vehicleMaxSpeed
		vehicleNightMaxSpeed truckMinSpeed truckMaxSpeed truckNightMaxSpeed vehiclesWithTrailersMinSpeed vehiclesWithTrailersMaxSpeed
		vehiclesWithTrailersNightMaxSpeed ...,
	speed: int 0..8191 !8191
}
PointList = list 2..31 of RoadPoint
RoadPoint = seq { posOffset: PositionOffsetLLV, ... }
NodeReferenceID = seq { region?: int 0..65535, id: int 0..65535 }
DescriptiveName = ia5 1..63 @text
LaneID = int 0..255
LaneWidth = int 0..32767
PhaseID = int 0..255

# --- Msg_RSM: road users that a roadside unit perceives
RoadsideSafetyMessage = seq {
	msgCnt: MsgCount, id: octets 8 @id, refPos: Position3D @own-position, participants: list 1..16 of ParticipantData, ...
}
# ptcId: 0 is the roadside unit itself; id: what the participant calls itself in its own BSM
ParticipantData = seq {
	ptcType: enum unknown motor non-motor pedestrian rsu ... @class !unknown,
	ptcId: int 0..65535 @object-id,
	source: enum unknown selfinfo v2x video microwaveRadar loop lidar integrated ... !unknown,
	id?: octets 8 @object-id, secMark: DSecond, pos: PositionOffsetLLV, posConfidence: PositionConfidenceSet,
	transmission?: TransmissionState, speed: Speed, heading: Heading, angle?: SteeringWheelAngle, motionCfd?: MotionConfidenceSet,
	accelSet?: AccelerationSet4Way, size: VehicleSize, vehicleClass?: VehicleClassification, ...
} @object

# --- Msg_SPAT: lights of intersections
SPAT = seq {
	msgCnt: MsgCount, moy?: MinuteOfTheYear, timeStamp?: DSecond, name?: DescriptiveName, intersections: list 1..32 of IntersectionState, ...
}
IntersectionState = seq {
	intersectionId: NodeReferenceID, status: bits 16, moy?: MinuteOfTheYear, timeStamp?: DSecond, timeConfidence?: TimeConfidence,
	phases: list 1..16 of Phase, ...
}
Phase = seq { id: PhaseID, phaseStates: list 1..16 of PhaseState }
PhaseState = seq {
	light: enum unavailable dark flashing-red red flashing-green permissive-green protected-green yellow flashing-yellow ... !unavailable,
	timing?: choice { counting: TimeCountingDown, utcTiming: UTCTiming, ... }, ...
}
TimeCountingDown = seq {
	startTime: TimeMark, minEndTime?: TimeMark, maxEndTime?: TimeMark, likelyEndTime: TimeMark, timeConfidence?: Confidence,
	nextStartTime?: TimeMark, nextDuration?: TimeMark
}
UTCTiming = seq {
	startUTCTime: TimeMark, minEndUTCTime?: TimeMark, maxEndUTCTime?: TimeMark, likelyEndUTCTime: TimeMark, timeConfidence?: Confidence,
	nextStartUTCTime?: TimeMark, nextEndUTCTime?: TimeMark
}

# --- Msg_RSI: events (GB/T 29100) and signs (GB 5768.2) on the road
RoadSideInformation = seq {
	msgCnt: MsgCount, moy?: MinuteOfTheYear, id: octets 8 @id, refPos: Position3D @map-geometry, rtes?: list 1..8 of RTEData,
	rtss?: list 1..16 of RTSData, ...
}
RTEData = seq {
	rteId: int 0..255, eventType: int 0..65535, eventSource: enum unknown police government meteorological internet detection ... !unknown,
	eventPos?: PositionOffsetLLV @event-position, eventRadius?: Radius, description?: Description, timeDetails?: RSITimeDetails,
	priority?: RSIPriority, referencePaths?: ReferencePathList @event-position, referenceLinks?: ReferenceLinkList,
	eventConfidence?: Confidence, ...
}
RTSData = seq {
	rtsId: int 0..255, signType: int 0..65535, signPos?: PositionOffsetLLV @map-geometry, description?: Description,
	timeDetails?: RSITimeDetails, priority?: RSIPriority, referencePaths?: ReferencePathList @map-geometry, referenceLinks?: ReferenceLinkList, ...
}
RSITimeDetails = seq { startTime?: MinuteOfTheYear, endTime?: MinuteOfTheYear, endTimeConfidence?: TimeConfidence }
# The second is text in GB 2312-80.
Description = choice { textString: ia5 1..512 @text, textGB2312: octets 2..512 @text }
ReferencePathList = list 1..8 of ReferencePath
ReferencePath = seq { activePath: list 1..32 of PositionOffsetLLV, pathRadius: Radius }
ReferenceLinkList = list 1..16 of ReferenceLink
ReferenceLink = seq { upstreamNodeId: NodeReferenceID, downstreamNodeId: NodeReferenceID, referenceLanes?: bits 16 }
# 0.1 m
Radius = int 0..65535
# the upper three bits
RSIPriority = octets 1

# --- place: tenths of a microdegree and of a metre
Latitude = int -900000000..900000001 @lat*1e-7 !900000001
Longitude = int -1799999999..1800000001 @lon*1e-7 !1800000001
Elevation = int -4096..61439 @elevation*0.1 !-4096
Position3D = seq { lat: Latitude, long: Longitude, elevation?: Elevation }
PositionOffsetLLV = seq { offsetLL: PositionOffsetLL, offsetV?: VerticalOffset }
PositionOffsetLL = choice {
	position-LL1: seq { lon: int -2048..2047 @dlon*1e-7, lat: int -2048..2047 @dlat*1e-7 },
	position-LL2: seq { lon: int -8192..8191 @dlon*1e-7, lat: int -8192..8191 @dlat*1e-7 },
	position-LL3: seq { lon: int -32768..32767 @dlon*1e-7, lat: int -32768..32767 @dlat*1e-7 },
	position-LL4: seq { lon: int -131072..131071 @dlon*1e-7, lat: int -131072..131071 @dlat*1e-7 },
	position-LL5: seq { lon: int -2097152..2097151 @dlon*1e-7, lat: int -2097152..2097151 @dlat*1e-7 },
	position-LL6: seq { lon: int -8388608..8388607 @dlon*1e-7, lat: int -8388608..8388607 @dlat*1e-7 },
	position-LatLon: seq { lon: Longitude, lat: Latitude }
}
VerticalOffset = choice {
	offset1: int -64..63 @delevation*0.1 !-64, offset2: int -128..127 @delevation*0.1 !-128, offset3: int -256..255 @delevation*0.1 !-256,
	offset4: int -512..511 @delevation*0.1 !-512, offset5: int -1024..1023 @delevation*0.1 !-1024,
	offset6: int -2048..2047 @delevation*0.1 !-2048, elevation: Elevation
}
# one standard deviation, in 0.05 m; orientation from north in 360/65535 degree
PositionalAccuracy = seq { semiMajor: int 0..255 !255, semiMinor: int 0..255 !255, orientation: int 0..65535 !65535 }
PositionConfidenceSet = seq { pos: PositionConfidence, elevation?: ElevationConfidence }
PositionConfidence = enum unavailable a500m a200m a100m a50m a20m a10m a5m a2m a1m a50cm a20cm a10cm a5cm a2cm a1cm !unavailable
ElevationConfidence = enum
	unavailable elev-500-00 elev-200-00 elev-100-00 elev-050-00 elev-020-00 elev-010-00 elev-005-00 elev-002-00 elev-001-00 elev-000-50
	elev-000-20 elev-000-10 elev-000-05 elev-000-02 elev-000-01 !unavailable

# --- motion: 0.02 m/s; 0.0125, 1.5 and 1.5 degrees; 0.01 m/s2; 0.02 G; 0.01 degree/s
Speed = int 0..8191 @speed*0.02 !8191
Heading = int 0..28800 @heading*0.0125 !28800
CoarseHeading = int 0..240 @heading*1.5 !240
SteeringWheelAngle = int -126..127 @steering*1.5 !127
AccelerationSet4Way = seq { long: Acceleration, lat: Acceleration, vert: int -127..127 @acceleration*0.196133 !-127, yaw: YawRate }
Acceleration = int -2000..2001 @acceleration*0.01 !2001
# The standard has no value for an unknown yaw rate; 0 is what senders without the sensor state.
YawRate = int -32767..32767 @yaw*0.01 !0
MotionConfidenceSet = seq { speedCfd?: SpeedConfidence, headingCfd?: HeadingConfidence, steerCfd?: SteeringWheelAngleConfidence }
SpeedConfidence = enum unavailable prec100ms prec10ms prec5ms prec1ms prec0-1ms prec0-05ms prec0-01ms !unavailable
HeadingConfidence = enum unavailable prec10deg prec05deg prec01deg prec0-1deg prec0-05deg prec0-01deg prec0-0125deg !unavailable
SteeringWheelAngleConfidence = enum unavailable prec2deg prec1deg prec0-02deg !unavailable
# half percents
Confidence = int 0..200

# --- the vehicle: sizes in 0.01 m, height in 0.05 m; 0 is invalid
VehicleSize = seq { width: int 0..1023 @size*0.01 !0, length: int 0..4095 @size*0.01 !0, height?: int 0..127 @size*0.05 !0 }
VehicleClassification = seq { classification: int 0..255 @class !0, fuelType?: int 0..15 @class !0, ... }
TransmissionState = enum neutral park forwardGears reverseGears reserved1 reserved2 reserved3 unavailable !unavailable
BrakeSystemStatus = seq {
	brakePadel?: enum unavailable off on !unavailable, wheelBrakes?: bits 5 !10000, traction?: enum unavailable off on engaged !unavailable,
	abs?: enum unavailable off on engaged !unavailable, scs?: enum unavailable off on engaged !unavailable,
	brakeBoost?: enum unavailable off on !unavailable, auxBrakes?: enum unavailable off on reserved !unavailable
}

# --- time: milliseconds of the minute, minutes of the year, 10 ms into the past; time marks of lights in 0.1 s of the hour
DSecond = int 0..65535 @time !65535
MinuteOfTheYear = int 0..527040 @time*60000 !527040
TimeOffset = int 1..65535 @time*10 !65535
TimeMark = int 0..36001 !36001
DDateTime = seq {
	year?: int 0..4095, month?: int 0..12, day?: int 0..31, hour?: int 0..24 @time*3600000, minute?: int 0..60 @time*60000, second?: DSecond,
	offset?: int -720..721
}
TimeConfidence = enum
	unavailable time-100-000 time-050-000 time-020-000 time-010-000 time-002-000 time-001-000 time-000-500 time-000-200 time-000-100
	time-000-050 time-000-020 time-000-010 time-000-005 time-000-002 time-000-001 time-000-000-5 time-000-000-2 time-000-000-1
	time-000-000-05 time-000-000-02 time-000-000-01 time-000-000-005 time-000-000-002 time-000-000-001 time-000-000-000-5
	time-000-000-000-2 time-000-000-000-1 time-000-000-000-05 time-000-000-000-02 time-000-000-000-01 time-000-000-000-005
	time-000-000-000-002 time-000-000-000-001 time-000-000-000-000-5 time-000-000-000-000-2 time-000-000-000-000-1
	time-000-000-000-000-05 time-000-000-000-000-02 time-000-000-000-000-01 !unavailable
`;
