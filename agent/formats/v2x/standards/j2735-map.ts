/**
 * MapData of SAE J2735 (2024-09), clause 5: intersections and road segments with their lanes. Needs j2735-common and j2735-nodes.
 */
export const j2735Map = `
AllowedManeuvers = bits 12
ConnectingLane = seq { lane: LaneID, maneuver?: AllowedManeuvers }
Connection = seq {
	connectingLane: ConnectingLane, remoteIntersection?: IntersectionReferenceID, signalGroup?: SignalGroupID,
	userClass?: RestrictionClassID, connectionID?: LaneConnectionID
}
LaneTypeAttributes = choice {
	vehicle: bits 8,..., crosswalk: bits 16, bikeLane: bits 16, sidewalk: bits 16, median: bits 16, striping: bits 16,
	trackedVehicle: bits 16, parking: bits 16, ...
}
# directionalUse: ingress, egress; sharedWith: who else uses it
LaneAttributes = seq { directionalUse: bits 2, sharedWith: bits 10, laneType: LaneTypeAttributes, regional?: RegionalExtension }
GenericLane = seq {
	laneID: LaneID, name?: DescriptiveName, ingressApproach?: ApproachID, egressApproach?: ApproachID, laneAttributes: LaneAttributes,
	maneuvers?: AllowedManeuvers, nodeList: NodeListXY, connectsTo?: list 1..16 of Connection, overlays?: list 1..5 of LaneID,
	regional?: Regional, ...
}
LaneList = list 1..255 of GenericLane
MapPosition = Position3D @map-geometry

SignalControlZone = seq { zone: RegionalExtension, ... }
IntersectionGeometry = seq {
	name?: DescriptiveName, id: IntersectionReferenceID, revision: MsgCount, refPoint: MapPosition, laneWidth?: LaneWidth,
	speedLimits?: SpeedLimitList, laneSet: LaneList, preemptPriorityData?: list 1..32 of SignalControlZone, regional?: Regional,
	...,
	roadAuthorityID?: RoadAuthorityID                                       # since 2023
}
RoadSegment = seq {
	name?: DescriptiveName, id: RoadSegmentReferenceID, revision: MsgCount, refPoint: MapPosition, laneWidth?: LaneWidth,
	speedLimits?: SpeedLimitList, roadLaneSet: LaneList, regional?: Regional, ...
}

RestrictionAppliesTo = enum
	none equippedTransit equippedTaxis equippedOther emissionCompliant equippedBicycle weightCompliant heightCompliant pedestrians
	slowMovingPersons wheelchairUsers visualDisabilities audioDisabilities otherUnknownDisabilities ...
RestrictionUserType = choice { basicType: RestrictionAppliesTo, regional: Regional, ... }
RestrictionClassAssignment = seq { id: RestrictionClassID, users: list 1..16 of RestrictionUserType }
DataParameters = seq {
	processMethod?: ia5 1..255 @text, processAgency?: ia5 1..255 @text, lastCheckedDate?: ia5 1..255 @text, geoidUsed?: ia5 1..255 @text, ...
}
LayerType = enum
	none mixedContent generalMapData intersectionData curveData roadwaySectionData parkingAreaData sharedLaneData ...

MapData = seq {
	timeStamp?: MinuteOfTheYear, msgIssueRevision: MsgCount, layerType?: LayerType, layerID?: int 0..100,
	intersections?: list 1..32 of IntersectionGeometry, roadSegments?: list 1..32 of RoadSegment, dataParameters?: DataParameters,
	restrictionList?: list 1..254 of RestrictionClassAssignment, regional?: Regional, ...
}
`;
