/**
 * Lane and path geometry that MAP and TIM share (SAE J2735 2024-09, clause 6): nodes as offsets from the node before, in centimetres.
 */
export const j2735Nodes = `
Offset-B10 = int -512..511
Node-XY-20b = seq { x: int -512..511 @dx*0.01, y: int -512..511 @dy*0.01 }
Node-XY-22b = seq { x: int -1024..1023 @dx*0.01, y: int -1024..1023 @dy*0.01 }
Node-XY-24b = seq { x: int -2048..2047 @dx*0.01, y: int -2048..2047 @dy*0.01 }
Node-XY-26b = seq { x: int -4096..4095 @dx*0.01, y: int -4096..4095 @dy*0.01 }
Node-XY-28b = seq { x: int -8192..8191 @dx*0.01, y: int -8192..8191 @dy*0.01 }
Node-XY-32b = seq { x: int -32768..32767 @dx*0.01, y: int -32768..32767 @dy*0.01 }
Node-LLmD-64b = seq { lon: Longitude, lat: Latitude }
NodeOffsetPointXY = choice {
	node-XY1: Node-XY-20b, node-XY2: Node-XY-22b, node-XY3: Node-XY-24b, node-XY4: Node-XY-26b, node-XY5: Node-XY-28b, node-XY6: Node-XY-32b,
	node-LatLon: Node-LLmD-64b, regional: RegionalExtension
}

SpeedLimitType = enum
	unknown maxSpeedInSchoolZone maxSpeedInSchoolZoneWhenChildrenArePresent maxSpeedInConstructionZone vehicleMinSpeed vehicleMaxSpeed
	vehicleNightMaxSpeed truckMinSpeed truckMaxSpeed truckNightMaxSpeed vehiclesWithTrailersMinSpeed vehiclesWithTrailersMaxSpeed
	vehiclesWithTrailersNightMaxSpeed ...
# A limit is nobody's motion.
RegulatorySpeedLimit = seq { type: SpeedLimitType, speed: int 0..8191 }
SpeedLimitList = list 1..9 of RegulatorySpeedLimit

LaneDataAttribute = choice {
	pathEndPointAngle: int -150..150, laneCrownPointCenter: int -128..127, laneCrownPointLeft: int -128..127, laneCrownPointRight: int -128..127,
	laneAngle: int -180..180, speedLimits: SpeedLimitList, regional: Regional, ...
}
LaneDataAttributeList = list 1..8 of LaneDataAttribute
# NodeAttributeXY and NodeAttributeLL are one list
NodeAttribute = enum
	reserved stopLine roundedCapStyleA roundedCapStyleB mergePoint divergePoint downstreamStopLine downstreamStartNode closedToTraffic
	safeIsland curbPresentAtStepOff hydrantPresent ...
# SegmentAttributeXY and SegmentAttributeLL are one list
SegmentAttribute = enum
	reserved doNotBlock whiteLine mergingLaneLeft mergingLaneRight curbOnLeft curbOnRight loadingzoneOnLeft loadingzoneOnRight
	turnOutPointOnLeft turnOutPointOnRight adjacentParkingOnLeft adjacentParkingOnRight adjacentBikeLaneOnLeft adjacentBikeLaneOnRight
	sharedBikeLane bikeBoxInFront transitStopOnLeft transitStopOnRight transitStopInLane sharedWithTrackedVehicle safeIsland
	lowCurbsPresent rumbleStripPresent audibleSignalingPresent adaptiveTimingPresent rfSignalRequestPresent partialCurbIntrusion
	taperToLeft taperToRight taperToCenterLine parallelParking headInParking freeParking timeRestrictionsOnParking costToPark
	midBlockCurbPresent unEvenPavementPresent ...
# NodeAttributeSetXY and NodeAttributeSetLL are the same in all but name; dWidth in centimetres, dElevation in decimetres
NodeAttributeSet = seq {
	localNode?: list 1..8 of NodeAttribute, disabled?: list 1..8 of SegmentAttribute, enabled?: list 1..8 of SegmentAttribute,
	data?: LaneDataAttributeList, dWidth?: Offset-B10, dElevation?: int -512..511 @delevation*0.1, regional?: Regional, ...
}
NodeXY = seq { delta: NodeOffsetPointXY, attributes?: NodeAttributeSet, ... }
NodeSetXY = list 2..63 of NodeXY
# A lane drawn as another one, moved, turned and scaled: how far, in centimetres, is no place by itself
LaneOffset = choice { small: int -2047..2047, large: int -32767..32767 }
ComputedLane = seq {
	referenceLaneId: LaneID, offsetXaxis: LaneOffset, offsetYaxis: LaneOffset,
	rotateXY?: int 0..28800, scaleXaxis?: int -2048..2047, scaleYaxis?: int -2048..2047, regional?: Regional, ...
}
NodeListXY = choice { nodes: NodeSetXY, computed: ComputedLane, ... } @map-geometry
LaneWidth = int 0..32767
`;
