/**
 * ISO TS 19091:2018 with its addendum for Europe (group C): the map and signal messages of SAE J2735 as TS 103 301 and TR 103 562 use them.
 * Needs etsi-cdd. Modules DSRC, REGION and AddGrpC.
 *
 * Regional extensions are open types by region: 3 is the addendum. Other regions are kept as unknown content, which never leaves.
 * Nodes of a lane are a chain: the first is an offset from the reference point, each further one from the node before it. Offsets in centimetres.
 */
export const etsiDsrc = `
RegionId = int 0..255
# Where no region has said anything in this edition.
NoRegion = seq { regionId: RegionId, regExtValue: open by regionId {} }
NoRegions = list 1..4 of NoRegion

# Map
MapData = seq {
	timeStamp?: MinuteOfTheYear, msgIssueRevision: MsgCount, layerType?: LayerType, layerID?: int 0..100,
	intersections?: IntersectionGeometryList, roadSegments?: RoadSegmentList, dataParameters?: DataParameters,
	restrictionList?: RestrictionClassList, regional?: MapDataRegions, ...
}
MapDataRegions = list 1..4 of seq {
	regionId: RegionId,
	regExtValue: open by regionId { 3: MapData-addGrpC: seq { signalHeadLocations?: SignalHeadLocationList @map-geometry, ... } }
}
LayerType = enum
	none mixedContent generalMapData intersectionData curveData roadwaySectionData parkingAreaData sharedLaneData ...
DataParameters = seq {
	processMethod?: Remark, processAgency?: Remark, lastCheckedDate?: Remark, geoidUsed?: Remark, ...
}
Remark = ia5 1..255 @text
IntersectionGeometryList = list 1..32 of IntersectionGeometry
IntersectionGeometry = seq {
	name?: DescriptiveName, id: IntersectionReferenceID, revision: MsgCount, refPoint: Position3D @map-geometry, laneWidth?: LaneWidth,
	speedLimits?: SpeedLimitList, laneSet: LaneList, preemptPriorityData?: PreemptPriorityList, regional?: NoRegions, ...
}
RoadSegmentList = list 1..32 of RoadSegment
RoadSegment = seq {
	name?: DescriptiveName, id: RoadSegmentReferenceID, revision: MsgCount, refPoint: Position3D @map-geometry, laneWidth?: LaneWidth,
	speedLimits?: SpeedLimitList, roadLaneSet: LaneList, regional?: NoRegions, ...
}
Position3D = seq {
	lat: Latitude, long: Longitude, elevation?: int -4096..61439 @elevation*0.1 !-4096, regional?: PositionRegions, ...
}
PositionRegions = list 1..4 of seq {
	regionId: RegionId, regExtValue: open by regionId { 3: Position3D-addGrpC: seq { altitude: Altitude, ... } }
}
PreemptPriorityList = list 1..32 of SignalControlZone
SignalControlZone = seq { zone: NoRegion, ... }
RestrictionClassList = list 1..254 of RestrictionClassAssignment
RestrictionClassAssignment = seq { id: RestrictionClassID, users: RestrictionUserTypeList }
RestrictionUserTypeList = list 1..16 of RestrictionUserType
RestrictionUserType = choice { basicType: RestrictionAppliesTo, regional: RestrictionUserRegions, ... }
RestrictionUserRegions = list 1..4 of seq {
	regionId: RegionId,
	regExtValue: open by regionId { 3: RestrictionUserType-addGrpC: seq { emission?: EmissionType, fuel?: FuelType, ... } }
}
RestrictionAppliesTo = enum
	none equippedTransit equippedTaxis equippedOther emissionCompliant equippedBicycle weightCompliant heightCompliant pedestrians
	slowMovingPersons wheelchairUsers visualDisabilities audioDisabilities otherUnknownDisabilities ...
EmissionType = enum euro1 euro2 euro3 euro4 euro5 euro6 ...
FuelType = int 0..15
SpeedLimitList = list 1..9 of seq { type: SpeedLimitType, speed: Velocity }
SpeedLimitType = enum
	unknown maxSpeedInSchoolZone maxSpeedInSchoolZoneWhenChildrenArePresent maxSpeedInConstructionZone vehicleMinSpeed vehicleMaxSpeed
	vehicleNightMaxSpeed truckMinSpeed truckMaxSpeed truckNightMaxSpeed vehiclesWithTrailersMinSpeed vehiclesWithTrailersMaxSpeed
	vehiclesWithTrailersNightMaxSpeed ...
# 0.02 m/s; of limits here, never of a vehicle
Velocity = int 0..8191 !8191

# Lanes
LaneList = list 1..255 of GenericLane
GenericLane = seq {
	laneID: LaneID, name?: DescriptiveName, ingressApproach?: ApproachID, egressApproach?: ApproachID, laneAttributes: LaneAttributes,
	maneuvers?: AllowedManeuvers, nodeList: NodeListXY @map-geometry, connectsTo?: ConnectsToList, overlays?: list 1..5 of LaneID,
	regional?: LaneRegions, ...
}
LaneRegions = list 1..4 of seq {
	regionId: RegionId,
	regExtValue: open by regionId { 3: ConnectionTrajectory-addGrpC: ConnectionTrajectory }
}
ConnectionTrajectory = seq { nodes: NodeSetXY @map-geometry, connectionID: LaneConnectionID, ... }
LaneAttributes = seq { directionalUse: bits 2, sharedWith: bits 10, laneType: LaneTypeAttributes, regional?: LaneAttributesRegion }
LaneAttributesRegion = seq {
	regionId: RegionId,
	regExtValue: open by regionId {
		3: LaneAttributes-addGrpC: seq { maxVehicleHeight?: VehicleHeight, maxVehicleWeight?: MaxWeight, ... }
	}
}
MaxWeight = int 1..1024 !1024
# Steps of 5 cm
VehicleHeight = int 0..127 !0
LaneTypeAttributes = choice {
	vehicle: LaneAttributes-Vehicle, crosswalk: bits 16, bikeLane: bits 16, sidewalk: bits 16, median: bits 16, striping: bits 16,
	trackedVehicle: bits 16, parking: LaneAttributes-Parking, ...
}
LaneAttributes-Vehicle = bits 8,...
LaneAttributes-Parking = bits 16
AllowedManeuvers = bits 12
ConnectsToList = list 1..16 of Connection
Connection = seq {
	connectingLane: seq { lane: LaneID, maneuver?: AllowedManeuvers }, remoteIntersection?: IntersectionReferenceID,
	signalGroup?: SignalGroupID, userClass?: RestrictionClassID, connectionID?: LaneConnectionID
}

# Nodes
NodeListXY = choice { nodes: NodeSetXY, computed: ComputedLane, ... }
NodeSetXY = list 2..63 of NodeXY
NodeXY = seq { delta: NodeOffsetPointXY, attributes?: NodeAttributeSetXY, ... }
NodeOffsetPointXY = choice {
	node-XY1: seq { x: Offset-B10 @dx*0.01, y: Offset-B10 @dy*0.01 }, node-XY2: seq { x: Offset-B11 @dx*0.01, y: Offset-B11 @dy*0.01 },
	node-XY3: seq { x: Offset-B12 @dx*0.01, y: Offset-B12 @dy*0.01 }, node-XY4: seq { x: Offset-B13 @dx*0.01, y: Offset-B13 @dy*0.01 },
	node-XY5: seq { x: Offset-B14 @dx*0.01, y: Offset-B14 @dy*0.01 }, node-XY6: seq { x: Offset-B16 @dx*0.01, y: Offset-B16 @dy*0.01 },
	node-LatLon: seq { lon: Longitude, lat: Latitude }, regional: NoRegion
}
# How far all of another lane is moved: no place by itself.
ComputedLane = seq {
	referenceLaneId: LaneID, offsetXaxis: LaneOffset, offsetYaxis: LaneOffset,
	rotateXY?: int 0..28800 !28800, scaleXaxis?: Offset-B12, scaleYaxis?: Offset-B12, regional?: NoRegions, ...
}
LaneOffset = choice { small: int -2047..2047, large: int -32767..32767 }
NodeAttributeSetXY = seq {
	localNode?: list 1..8 of NodeAttributeXY, disabled?: SegmentAttributeXYList, enabled?: SegmentAttributeXYList,
	data?: list 1..8 of LaneDataAttribute, dWidth?: Offset-B10, dElevation?: Offset-B10, regional?: NodeAttributeRegions, ...
}
NodeAttributeRegions = list 1..4 of seq {
	regionId: RegionId,
	regExtValue: open by regionId {
		3: NodeAttributeSet-addGrpC: seq { ptvRequest?: PtvRequestType, nodeLink?: NodeLink, node?: ConnectedNode, ... }
	}
}
PtvRequestType = enum preRequest mainRequest doorCloseRequest cancelRequest emergencyRequest ...
NodeLink = list 1..5 of ConnectedNode
ConnectedNode = seq {
	id: int, lane?: LaneID, connectionID?: LaneConnectionID, intersectionID?: IntersectionID, ...
}
NodeAttributeXY = enum
	reserved stopLine roundedCapStyleA roundedCapStyleB mergePoint divergePoint downstreamStopLine downstreamStartNode closedToTraffic
	safeIsland curbPresentAtStepOff hydrantPresent ...
SegmentAttributeXYList = list 1..8 of SegmentAttributeXY
SegmentAttributeXY = enum
	reserved doNotBlock whiteLine mergingLaneLeft mergingLaneRight curbOnLeft curbOnRight loadingzoneOnLeft loadingzoneOnRight
	turnOutPointOnLeft turnOutPointOnRight adjacentParkingOnLeft adjacentParkingOnRight adjacentBikeLaneOnLeft adjacentBikeLaneOnRight
	sharedBikeLane bikeBoxInFront transitStopOnLeft transitStopOnRight transitStopInLane sharedWithTrackedVehicle safeIsland
	lowCurbsPresent rumbleStripPresent audibleSignalingPresent adaptiveTimingPresent rfSignalRequestPresent partialCurbIntrusion
	taperToLeft taperToRight taperToCenterLine parallelParking headInParking freeParking timeRestrictionsOnParking costToPark
	midBlockCurbPresent unEvenPavementPresent ...
LaneDataAttribute = choice {
	pathEndPointAngle: int -150..150, laneCrownPointCenter: int -128..127, laneCrownPointLeft: int -128..127,
	laneCrownPointRight: int -128..127, laneAngle: int -180..180, speedLimits: SpeedLimitList, regional: NoRegions, ...
}
SignalHeadLocationList = list 1..64 of SignalHeadLocation
SignalHeadLocation = seq { nodeXY: NodeOffsetPointXY, nodeZ: DeltaAltitude, signalGroupID: SignalGroupID, ... }

# Signals
SPAT = seq {
	timeStamp?: MinuteOfTheYear, name?: DescriptiveName, intersections: IntersectionStateList, regional?: NoRegions, ...
}
IntersectionStateList = list 1..32 of IntersectionState
IntersectionState = seq {
	name?: DescriptiveName, id: IntersectionReferenceID, revision: MsgCount, status: bits 16, moy?: MinuteOfTheYear, timeStamp?: DSecond,
	enabledLanes?: list 1..16 of LaneID, states: MovementList, maneuverAssistList?: ManeuverAssistList, regional?: IntersectionRegions, ...
}
IntersectionRegions = list 1..4 of seq {
	regionId: RegionId,
	regExtValue: open by regionId { 3: IntersectionState-addGrpC: seq { activePrioritizations?: PrioritizationResponseList, ... } }
}
PrioritizationResponseList = list 1..10 of PrioritizationResponse
# The vehicle that has asked for priority
PrioritizationResponse = seq {
	stationID: RequesterID, priorState: PrioritizationResponseStatus, signalGroup: SignalGroupID, ...
} @object
RequesterID = int 0..4294967295 @object-id
PrioritizationResponseStatus = enum
	unknown requested processing watchOtherTraffic granted rejected maxPresence reserviceLocked ...
MovementList = list 1..255 of MovementState
MovementState = seq {
	movementName?: DescriptiveName, signalGroup: SignalGroupID, state-time-speed: list 1..16 of MovementEvent,
	maneuverAssistList?: ManeuverAssistList, regional?: NoRegions, ...
}
MovementEvent = seq {
	eventState: MovementPhaseState, timing?: TimeChangeDetails, speeds?: AdvisorySpeedList, regional?: MovementEventRegions, ...
}
MovementEventRegions = list 1..4 of seq {
	regionId: RegionId,
	regExtValue: open by regionId { 3: MovementEvent-addGrpC: seq { stateChangeReason?: ExceptionalCondition, ... } }
}
ExceptionalCondition = enum
	unknown publicTransportPriority emergencyVehiclePriority trainPriority bridgeOpen vehicleHeight weather trafficJam tunnelClosure
	meteringActive truckPriority bicyclePlatoonPriority vehiclePlatoonPriority ...
MovementPhaseState = enum
	unavailable dark stop-Then-Proceed stop-And-Remain pre-Movement permissive-Movement-Allowed protected-Movement-Allowed
	permissive-clearance protected-clearance caution-Conflicting-Traffic
	!unavailable
# Tenths of a second in the hour: the signal's plan, not a time of somebody
TimeMark = int 0..36001 !36001
TimeChangeDetails = seq {
	startTime?: TimeMark, minEndTime: TimeMark, maxEndTime?: TimeMark, likelyTime?: TimeMark, confidence?: int 0..15, nextTime?: TimeMark
}
AdvisorySpeedList = list 1..16 of AdvisorySpeed
AdvisorySpeed = seq {
	type: AdvisorySpeedType, speed?: int 0..500 !500, confidence?: SpeedConfidenceIso, distance?: ZoneLength, class?: RestrictionClassID,
	regional?: NoRegions, ...
}
AdvisorySpeedType = enum none greenwave ecoDrive transit ...
SpeedConfidenceIso = enum unavailable prec100ms prec10ms prec5ms prec1ms prec0-1ms prec0-05ms prec0-01ms !unavailable
ManeuverAssistList = list 1..16 of ConnectionManeuverAssist
ConnectionManeuverAssist = seq {
	connectionID: LaneConnectionID, queueLength?: ZoneLength, availableStorageLength?: ZoneLength, waitOnStop?: bool,
	pedBicycleDetect?: bool, regional?: ManeuverRegions, ...
}
ManeuverRegions = list 1..4 of seq {
	regionId: RegionId,
	regExtValue: open by regionId {
		3: ConnectionManeuverAssist-addGrpC: seq { itsStationPosition?: ItsStationPositionList, ... }
	}
}
# Vehicles that the signal controller has located before the stop line
ItsStationPositionList = list 1..5 of ItsStationPosition
ItsStationPosition = seq {
	stationID: RequesterID, laneID?: LaneID, nodeXY?: NodeOffsetPointXY, timeReference?: TimeReference, ...
} @object
TimeReference = int 0..60000 @time
ZoneLength = int 0..10000

# Common
DescriptiveName = ia5 1..63 @text
IntersectionID = int 0..65535
IntersectionReferenceID = seq { region?: int 0..65535, id: IntersectionID }
RoadSegmentReferenceID = seq { region?: int 0..65535, id: int 0..65535 }
LaneID = int 0..255
LaneConnectionID = int 0..255
LaneWidth = int 0..32767
ApproachID = int 0..15
SignalGroupID = int 0..255
RestrictionClassID = int 0..255
MsgCount = int 0..127
MinuteOfTheYear = int 0..527040 @time*60000 !527040
DSecond = int 0..65535 @time !65535
Offset-B10 = int -512..511
Offset-B11 = int -1024..1023
Offset-B12 = int -2048..2047
Offset-B13 = int -4096..4095
Offset-B14 = int -8192..8191
Offset-B16 = int -32768..32767
`;
