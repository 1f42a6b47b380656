/**
 * What the messages of SAE J2735 (2024-09) share: data frames (clause 6) and data elements (clause 7) by their names in the standard.
 */
export const j2735Common = `
# 5.1 the content of a regional extension belongs to its region; none is known here, so none ever leaves
RegionalExtension = seq { regionId: int 0..255, regExtValue: open by regionId { } }
Regional = list 1..4 of RegionalExtension

# --- time
MinuteOfTheYear = int 0..527040 @time*60000 !527040
DSecond = int 0..65535 @time !65535
TimeOffset = int 1..65535 @time*10 !65535
DYear = int 0..4095 !0
DMonth = int 0..12 !0
DDay = int 0..31 !0
DHour = int 0..31 @time*3600000 !31
DMinute = int 0..60 @time*60000 !60
DDateTime = seq { year?: DYear, month?: DMonth, day?: DDay, hour?: DHour, minute?: DMinute, second?: DSecond, offset?: int -840..840 }
TimeConfidence = enum
	unavailable time-100-000 time-050-000 time-020-000 time-010-000 time-002-000 time-001-000 time-000-500 time-000-200 time-000-100
	time-000-050 time-000-020 time-000-010 time-000-005 time-000-002 time-000-001 time-000-000-5 time-000-000-2 time-000-000-1
	time-000-000-05 time-000-000-02 time-000-000-01 time-000-000-005 time-000-000-002 time-000-000-001 time-000-000-000-5
	time-000-000-000-2 time-000-000-000-1 time-000-000-000-05 time-000-000-000-02 time-000-000-000-01 time-000-000-000-005
	time-000-000-000-002 time-000-000-000-001 time-000-000-000-000-5 time-000-000-000-000-2 time-000-000-000-000-1
	time-000-000-000-000-05 time-000-000-000-000-02 time-000-000-000-000-01 !unavailable

# --- place: tenths of a microdegree, tenths of a metre, WGS 84
Latitude = int -900000000..900000001 @lat*1e-7 !900000001
Longitude = int -1799999999..1800000001 @lon*1e-7 !1800000001
Elevation = int -4096..61439 @elevation*0.1 !-4096
Position3D = seq { lat: Latitude, long: Longitude, elevation?: Elevation, regional?: Regional, ... }
PositionalAccuracy = seq { semiMajor: int 0..255 !255, semiMinor: int 0..255 !255, orientation: int 0..65535 !65535 }
PositionConfidence = enum unavailable a500m a200m a100m a50m a20m a10m a5m a2m a1m a50cm a20cm a10cm a5cm a2cm a1cm !unavailable
ElevationConfidence = enum
	unavailable elev-500-00 elev-200-00 elev-100-00 elev-050-00 elev-020-00 elev-010-00 elev-005-00 elev-002-00 elev-001-00
	elev-000-50 elev-000-20 elev-000-10 elev-000-05 elev-000-02 elev-000-01 !unavailable
PositionConfidenceSet = seq { pos: PositionConfidence, elevation: ElevationConfidence }

# --- motion: 0.02 m/s, 0.0125 degrees, 0.01 m/s2, 0.02 G, 0.01 degrees per second
Speed = int 0..8191 @speed*0.02 !8191
Velocity = int 0..8191 @speed*0.02 !8191
Heading = int 0..28800 @heading*0.0125 !28800
Angle = int 0..28800 @heading*0.0125 !28800
CoarseHeading = int 0..240 @heading*1.5 !240
# 16 slices of 22.5 degrees
HeadingSlice = bits 16
Acceleration = int -2000..2001 @acceleration*0.01 !2001
VerticalAcceleration = int -127..127 @acceleration*0.196133 !-127
# The standard has no value for an unknown yaw rate; 0 is what a sender without the sensor states.
YawRate = int -32767..32767 @yaw*0.01 !0
AccelerationSet4Way = seq { long: Acceleration, lat: Acceleration, vert: VerticalAcceleration, yaw: YawRate }
TransmissionState = enum neutral park forwardGears reverseGears reserved1 reserved2 reserved3 unavailable !unavailable
TransmissionAndSpeed = seq { transmisson: TransmissionState, speed: Velocity }
HeadingConfidence = enum unavailable prec10deg prec05deg prec01deg prec0-1deg prec0-05deg prec0-01deg prec0-0125deg !unavailable
SpeedConfidence = enum unavailable prec100ms prec10ms prec5ms prec1ms prec0-1ms prec0-05ms prec0-01ms !unavailable
ThrottleConfidence = enum unavailable prec10percent prec1percent prec0-5percent !unavailable
SpeedandHeadingandThrottleConfidence = seq { heading: HeadingConfidence, speed: SpeedConfidence, throttle: ThrottleConfidence }
FullPositionVector = seq {
	utcTime?: DDateTime, long: Longitude, lat: Latitude, elevation?: Elevation, heading?: Heading, speed?: TransmissionAndSpeed,
	posAccuracy?: PositionalAccuracy, timeConfidence?: TimeConfidence, posConfidence?: PositionConfidenceSet,
	speedConfidence?: SpeedandHeadingandThrottleConfidence, ...
}

# --- where it came from and will go
GNSSstatus = bits 8
PathHistoryPoint = seq {
	latOffset: int -131072..131071 @dlat*1e-7 !-131072, lonOffset: int -131072..131071 @dlon*1e-7 !-131072,
	elevationOffset: int -2048..2047 @delevation*0.1 !-2048, timeOffset: TimeOffset,
	speed?: Speed, posAccuracy?: PositionalAccuracy, heading?: CoarseHeading, ...
}
PathHistory = seq { initialPosition?: FullPositionVector, currGNSSstatus?: GNSSstatus, crumbData: list 1..23 of PathHistoryPoint, ... }
# 32767: straight
PathPrediction = seq { radiusOfCurve: int -32767..32767, confidence: int 0..200, ... }

# --- who and what it is
MsgCount = int 0..127
TemporaryID = octets 4
StationID = int 0..4294967295
VehicleID = choice { entityID: TemporaryID, stationID: StationID }
VehicleWidth = int 0..1023 @size*0.01 !0
VehicleLength = int 0..4095 @size*0.01 !0
VehicleSize = seq { width: VehicleWidth, length: VehicleLength }
VehicleHeight = int 0..127 @size*0.05
BasicVehicleClass = int 0..255 @class !0
BasicVehicleRole = enum
	basicVehicle publicTransport specialTransport dangerousGoods roadWork roadRescue emergency safetyCar none-unknown truck
	motorcycle roadSideSource police fire ambulance dot transit slowMoving stopNgo cyclist pedestrian nonMotorized military ... @class
VehicleType = enum
	none unknown special moto car carOther bus axleCnt2 axleCnt3 axleCnt4 axleCnt4Trailer axleCnt5Trailer axleCnt6Trailer
	axleCnt5MultiTrailer axleCnt6MultiTrailer axleCnt7MultiTrailer ... @class
Iso3833VehicleType = int 0..100 @class
RequestorType = seq {
	role: BasicVehicleRole,
	subrole?: enum
		requestSubRoleUnKnown requestSubRole1 requestSubRole2 requestSubRole3 requestSubRole4 requestSubRole5 requestSubRole6 requestSubRole7
		requestSubRole8 requestSubRole9 requestSubRole10 requestSubRole11 requestSubRole12 requestSubRole13 requestSubRole14
		requestSubRoleReserved @class,
	request?: enum
		requestImportanceLevelUnKnown requestImportanceLevel1 requestImportanceLevel2 requestImportanceLevel3 requestImportanceLevel4
		requestImportanceLevel5 requestImportanceLevel6 requestImportanceLevel7 requestImportanceLevel8 requestImportanceLevel9
		requestImportanceLevel10 requestImportanceLevel11 requestImportanceLevel12 requestImportanceLevel13 requestImportanceLevel14
		requestImportanceReserved,
	iso3883?: Iso3833VehicleType, hpmsType?: VehicleType, regional?: RegionalExtension, ...
}
DescriptiveName = ia5 1..63 @text
# An OBJECT IDENTIFIER and a RELATIVE-OID, in the octets that their contents have (X.690 8.19, 8.20).
RoadAuthorityID = choice { fullRdAuthID: octets *, relRdAuthID: octets * }

# --- roads
IntersectionReferenceID = seq { region?: int 0..65535, id: int 0..65535 }
RoadSegmentReferenceID = seq { region?: int 0..65535, id: int 0..65535 }
LaneID = int 0..255
LaneConnectionID = int 0..255
ApproachID = int 0..15
SignalGroupID = int 0..255
RestrictionClassID = int 0..255
IntersectionAccessPoint = choice { lane: LaneID, approach: ApproachID, connection: LaneConnectionID, ... }
Extent = enum
	useInstantlyOnly useFor3meters useFor10meters useFor50meters useFor100meters useFor500meters useFor1000meters useFor5000meters
	useFor10000meters useFor50000meters useFor100000meters useFor500000meters useFor1000000meters useFor5000000meters
	useFor10000000meters forever
ITIScodes = int 0..65535
`;
