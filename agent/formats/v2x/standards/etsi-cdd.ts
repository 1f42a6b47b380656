/**
 * ETSI TS 102 894-2 v1.3.1 (2018-08), common data dictionary: the data elements (annex A) that CAM, DENM, CPM, MAPEM and SPATEM are made of.
 *
 * Paths and histories are chains: the first point is an offset from the message's reference position, each further one from the point before it.
 */
export const etsiCdd = `
# ITS PDU header. Which message it is: denm 1, cam 2, poi 3, spatem 4, mapem 5, ivim 6, srem 9, ssem 10, saem 12, rtcmem 13, cpm 14.
ItsPduHeader = seq { protocolVersion: int 0..255, messageID: int 0..255, stationID: StationID }
StationID = int 0..4294967295 @id
StationType = int 0..255 @class !0

# Positions: 0.1 microdegree, WGS 84; altitude in centimetres.
Latitude = int -900000000..900000001 @lat*1e-7 !900000001
Longitude = int -1800000000..1800000001 @lon*1e-7 !1800000001
AltitudeValue = int -100000..800001 @elevation*0.01 !800001
AltitudeConfidence = enum
	alt-000-01 alt-000-02 alt-000-05 alt-000-10 alt-000-20 alt-000-50 alt-001-00 alt-002-00 alt-005-00 alt-010-00 alt-020-00 alt-050-00
	alt-100-00 alt-200-00 outOfRange unavailable
	!unavailable
Altitude = seq { altitudeValue: AltitudeValue, altitudeConfidence: AltitudeConfidence }
SemiAxisLength = int 0..4095 !4095
PosConfidenceEllipse = seq {
	semiMajorConfidence: SemiAxisLength, semiMinorConfidence: SemiAxisLength,
	# of the ellipse, not of the vehicle
	semiMajorOrientation: int 0..3601 !3601
}
ReferencePosition = seq { latitude: Latitude, longitude: Longitude, positionConfidenceEllipse: PosConfidenceEllipse, altitude: Altitude }
DeltaLatitude = int -131071..131072 @dlat*1e-7 !131072
DeltaLongitude = int -131071..131072 @dlon*1e-7 !131072
DeltaAltitude = int -12700..12800 @delevation*0.01 !12800
DeltaReferencePosition = seq { deltaLatitude: DeltaLatitude, deltaLongitude: DeltaLongitude, deltaAltitude: DeltaAltitude }

# Paths. Times are steps of 10 ms into the past.
PathDeltaTime = int 1..65535,... @time*10
PathPoint = seq { pathPosition: DeltaReferencePosition, pathDeltaTime?: PathDeltaTime }
PathHistory = list 0..40 of PathPoint
Traces = list 1..7 of PathHistory
InformationQuality = int 0..7 !0
EventPoint = seq { eventPosition: DeltaReferencePosition, eventDeltaTime?: PathDeltaTime, informationQuality: InformationQuality }
EventHistory = list 1..23 of EventPoint
ItineraryPath = list 1..40 of ReferencePosition

# Motion: heading 0.1 degree clockwise from north, speed cm/s, acceleration 0.1 m/s2, yaw rate 0.01 degree/s, curvature 1/10000 m.
HeadingValue = int 0..3601 @heading*0.1 !3601
HeadingConfidence = int 1..127 !127
Heading = seq { headingValue: HeadingValue, headingConfidence: HeadingConfidence }
SpeedValue = int 0..16383 @speed*0.01 !16383
SpeedConfidence = int 1..127 !127
Speed = seq { speedValue: SpeedValue, speedConfidence: SpeedConfidence }
DriveDirection = enum forward backward unavailable !unavailable
AccelerationValue = int -160..161 @acceleration*0.1 !161
AccelerationConfidence = int 0..102 !102
LongitudinalAcceleration = seq { longitudinalAccelerationValue: AccelerationValue, longitudinalAccelerationConfidence: AccelerationConfidence }
LateralAcceleration = seq { lateralAccelerationValue: AccelerationValue, lateralAccelerationConfidence: AccelerationConfidence }
VerticalAcceleration = seq { verticalAccelerationValue: AccelerationValue, verticalAccelerationConfidence: AccelerationConfidence }
YawRateConfidence = enum
	degSec-000-01 degSec-000-05 degSec-000-10 degSec-001-00 degSec-005-00 degSec-010-00 degSec-100-00 outOfRange unavailable
	!unavailable
YawRate = seq { yawRateValue: int -32766..32767 @yaw*0.01 !32767, yawRateConfidence: YawRateConfidence }
# With the speed the curvature gives the yaw rate.
CurvatureConfidence = enum
	onePerMeter-0-00002 onePerMeter-0-0001 onePerMeter-0-0005 onePerMeter-0-002 onePerMeter-0-01 onePerMeter-0-1 outOfRange unavailable
	!unavailable
Curvature = seq { curvatureValue: int -1023..1023 @steering !1023, curvatureConfidence: CurvatureConfidence }
CurvatureCalculationMode = enum yawRateUsed yawRateNotUsed unavailable ... !unavailable
SteeringWheelAngle = seq {
	steeringWheelAngleValue: int -511..512 @steering*1.5 !512, steeringWheelAngleConfidence: int 1..127 !127
}
# Brake pedal, gas pedal, emergency brake, collision warning, ACC, cruise control, speed limiter.
AccelerationControl = bits 7
PerformanceClass = int 0..7 !0

# The vehicle. Lengths in 0.1 m.
VehicleLength = seq { vehicleLengthValue: int 1..1023 @size*0.1 !1023, vehicleLengthConfidenceIndication: TrailerPresence }
TrailerPresence = enum
	noTrailerPresent trailerPresentWithKnownLength trailerPresentWithUnknownLength trailerPresenceIsUnknown unavailable
	@class !unavailable
VehicleWidth = int 1..62 @size*0.1 !62
VehicleMass = int 1..1024 @class !1024
VehicleRole = enum
	default publicTransport specialTransport dangerousGoods roadWork rescue emergency safetyCar agriculture commercial military roadOperator
	taxi reserved1 reserved2 reserved3
	@class !default
# Low beam, high beam, left turn, right turn, daytime, reverse, fog, parking.
ExteriorLights = bits 8
LightBarSirenInUse = bits 2
SpecialTransportType = bits 4
EmergencyPriority = bits 2
EnergyStorageType = bits 7 @class
DangerousGoodsBasic = enum
	explosives1 explosives2 explosives3 explosives4 explosives5 explosives6 flammableGases nonFlammableGases toxicGases flammableLiquids
	flammableSolids substancesLiableToSpontaneousCombustion substancesEmittingFlammableGasesUponContactWithWater oxidizingSubstances
	organicPeroxides toxicSubstances infectiousSubstances radioactiveMaterial corrosiveSubstances miscellaneousDangerousSubstances
	@class
CompanyName = utf8 1..24 @text
DangerousGoodsExtended = seq {
	dangerousGoodsType: DangerousGoodsBasic, unNumber: int 0..9999, elevatedTemperature: bool, tunnelsRestricted: bool, limitedQuantity: bool,
	emergencyActionCode?: ia5 1..24 @text, phoneNumber?: numeric 1..16 @text, companyName?: CompanyName, ...
}
# World manufacturer identifier and vehicle descriptor section of the VIN (ISO 3779).
VehicleDescriptor = ia5 6 @vin
VehicleIdentification = seq { wMInumber?: ia5 1..3 @vin, vDS?: VehicleDescriptor, ... }
# A telegram of public transport (R09.16, VDV 301): line, course and vehicle.
PtActivation = seq { ptActivationType: int 0..255, ptActivationData: octets 1..20 @id }

# For rescue after a crash. Carriers and pillars in 1 cm and 10 cm.
HeightLonCarr = int 1..100 @size*0.01 !100
PosLonCarr = int 1..127 @size*0.01 !127
PosPillar = int 1..30 @size*0.1 !30
PositionOfPillars = list 1..3,... of PosPillar
PosCentMass = int 1..63 @size*0.1 !63
WheelBaseVehicle = int 1..127 @size*0.1 !127
TurningRadius = int 1..255 @size*0.4 !255
PosFrontAx = int 1..20 @size*0.1 !20
# Per row of seats: left, right, middle, not detectable, not present.
PositionOfOccupants = bits 20
NumberOfOccupants = int 0..127 !127

# Road and traffic.
LanePosition = int -1..14
HardShoulderStatus = enum availableForStopping closed availableForDriving
DrivingLaneStatus = bits 1..13
ClosedLanes = seq {
	innerhardShoulderStatus?: HardShoulderStatus, outerhardShoulderStatus?: HardShoulderStatus, drivingLaneStatus?: DrivingLaneStatus, ...
}
TrafficRule = enum noPassing noPassingForTrucks passToRight passToLeft ...
SpeedLimit = int 1..255
RoadType = enum
	urban-NoStructuralSeparationToOppositeLanes urban-WithStructuralSeparationToOppositeLanes
	nonUrban-NoStructuralSeparationToOppositeLanes nonUrban-WithStructuralSeparationToOppositeLanes
RestrictedTypes = list 1..3,... of RestrictedType
# Whom a road works' restriction concerns: nobody's own class.
RestrictedType = int 0..255
Temperature = int -60..67

# Events.
CauseCodeType = int 0..255
SubCauseCodeType = int 0..255
CauseCode = seq { causeCode: CauseCodeType, subCauseCode: SubCauseCodeType, ... }
RoadworksSubCauseCode = int 0..255 !0
RequestResponseIndication = enum request response
StationarySince = enum lessThan1Minute lessThan2Minutes lessThan15Minutes equalOrGreater15Minutes
PositioningSolutionType = enum noPositioningSolution sGNSS dGNSS sGNSSplusDR dGNSSplusDR dR ...
RelevanceDistance = enum lessThan50m lessThan100m lessThan200m lessThan500m lessThan1000m lessThan5km lessThan10km over10km
RelevanceTrafficDirection = enum allTrafficDirections upstreamTraffic downstreamTraffic oppositeTraffic
TransmissionInterval = int 1..10000
ValidityDuration = int 0..86400
# The station that made the event known, and its number for it: both say who.
ActionID = seq { originatingStationID: StationID, sequenceNumber: int 0..65535 @id }
# Milliseconds since the start of 2004 (UTC), leap seconds counted.
TimestampIts = int 0..4398046511103 @time

# Zones of tolling stations, in which ITS-G5 has to be careful.
ProtectedZoneType = enum permanentCenDsrcTolling ... temporaryCenDsrcTolling
ProtectedZoneRadius = int 1..255,...
ProtectedZoneID = int 0..134217727
ProtectedCommunicationZone = seq {
	protectedZoneType: ProtectedZoneType, expiryTime?: TimestampIts, protectedZoneLatitude: Latitude, protectedZoneLongitude: Longitude,
	protectedZoneRadius?: ProtectedZoneRadius, protectedZoneID?: ProtectedZoneID, ...
}
ProtectedCommunicationZonesRSU = list 1..16 of ProtectedCommunicationZone
CenDsrcTollingZone = seq {
	protectedZoneLatitude: Latitude, protectedZoneLongitude: Longitude, cenDsrcTollingZoneID?: ProtectedZoneID, ...
}
`;
