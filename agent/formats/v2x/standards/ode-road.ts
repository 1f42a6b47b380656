/**
 * MAP and SPAT in the ODE's plain JSON (schema version 8). Lists stand within an object of their name. Node offsets are centimetres as in SAE J2735.
 * Needs ode-common.
 */
import { jsonFlags } from "../json-flags.ts";

const laneTypes: Readonly<Record<string, string>> = {
	vehicle: `isVehicleRevocableLane isVehicleFlyOverLane permissionOnRequest hasIRbeaconCoverage restrictedToBusUse restrictedToTaxiUse
		restrictedFromPublicUse hovLaneUseOnly`,
	crosswalk: `crosswalkRevocableLane bicyleUseAllowed isXwalkFlyOverLane fixedCycleTime biDirectionalCycleTimes hasPushToWalkButton
		audioSupport rfSignalRequestPresent unsignalizedSegmentsPresent`,
	bikeLane: `bikeRevocableLane pedestrianUseAllowed isBikeFlyOverLane fixedCycleTime biDirectionalCycleTimes isolatedByBarrier
		unsignalizedSegmentsPresent`,
	sidewalk: "sidewalkRevocableLane bicyleUseAllowed isSidewalkFlyOverLane walkBikes",
	median: `medianRevocableLane median whiteLineHashing stripedLines doubleStripedLines trafficCones constructionBarrier trafficChannels
		lowCurbs highCurbs`,
	striping: `stripeToConnectingLanesRevocableLane stripeDrawOnLeft stripeDrawOnRight stripeToConnectingLanesLeft
		stripeToConnectingLanesRight stripeToConnectingLanesAhead`,
	trackedVehicle: "specRevocableLane specCommuterRailRoadTrack specLightRailRoadTrack specHeavyRailRoadTrack specOtherRailType",
	parking: `parkingRevocableLane parallelParkingInUse headInParkingInUse doNotParkZone parkingForBusUse parkingForTaxiUse
		noPublicParkingUse`,
};

const laneType = Object.entries(laneTypes)
	.map(([name, names]) => `${name}?: ${jsonFlags(names)}`)
	.join(", ");

export const odeRoad = `
OdeManeuvers = ${jsonFlags(`maneuverStraightAllowed maneuverNoStoppingAllowed goWithHalt maneuverLeftAllowed maneuverUTurnAllowed
	maneuverLeftTurnOnRedAllowed reserved1 maneuverRightAllowed maneuverLaneChangeAllowed yieldAllwaysRequired
	maneuverRightTurnOnRedAllowed caution`)}
OdeLaneAttributes = seq {
	directionalUse?: ${jsonFlags("ingressPath egressPath")},
	shareWith?: ${jsonFlags(`busVehicleTraffic trackedVehicleTraffic individualMotorizedVehicleTraffic taxiVehicleTraffic
	overlappingLaneDescriptionProvided cyclistVehicleTraffic otherNonMotorizedTrafficTypes multipleLanesTreatedAsOneLane
	pedestrianTraffic pedestriansTraffic`)},
	laneType?: seq { ${laneType} }
}
OdeXY = seq { x?: real @dx*0.01, y?: real @dy*0.01 }
OdeNodeLL = seq { lat?: real @lat, lon?: real @lon }
OdeNode = seq {
	delta?: seq {
		nodeXY1?: OdeXY, nodeXY2?: OdeXY, nodeXY3?: OdeXY, nodeXY4?: OdeXY, nodeXY5?: OdeXY, nodeXY6?: OdeXY, nodeLatLon?: OdeNodeLL
	},
	attributes?: seq { dWidth?: real @size*0.01, dElevation?: real @delevation*0.01 }
}
OdeConnection = seq {
	connectingLane?: seq { lane?: int, maneuver?: OdeManeuvers }, remoteIntersection?: OdeReference, signalGroup?: int, userClass?: int,
	connectionID?: int
}
OdeLane = seq {
	laneID?: int 0..255, name?: utf8 0..63, ingressApproach?: int, egressApproach?: int, laneAttributes?: OdeLaneAttributes,
	maneuvers?: OdeManeuvers, nodeList?: seq { nodes?: list 0..63 of OdeNode }, connectsTo?: seq { connectsTo?: list 0..16 of OdeConnection },
	overlays?: seq { laneIds?: list 0..5 of int }
}
OdeSpeedLimits = seq { speedLimits?: list 0..9 of seq { type?: Word, speed?: real } }
OdeIntersection = seq {
	name?: utf8 0..63, id?: OdeReference, revision?: int, refPoint?: OdePosition, laneWidth?: int @size*0.01, speedLimits?: OdeSpeedLimits,
	laneSet?: seq { GenericLane?: list 0..255 of OdeLane }
} @map-geometry
OdeRoadSegment = seq {
	name?: utf8 0..63, id?: OdeReference, revision?: int, refPoint?: OdePosition, laneWidth?: int @size*0.01, speedLimits?: OdeSpeedLimits,
	roadLaneSet?: seq { roadLanes?: list 0..255 of OdeLane }
} @map-geometry
OdeMapData = seq {
	timeStamp?: int @time*60000, msgIssueRevision: int 0..127, layerType?: Word, layerID?: int 0..100,
	intersections?: seq { intersectionGeometry?: list 0..32 of OdeIntersection },
	roadSegments?: seq { roadSegmentList?: list 0..32 of OdeRoadSegment },
	dataParameters?: seq { processMethod?: utf8 0..255, processAgency?: utf8 0..255, lastCheckedDate?: utf8 0..255, geoidUsed?: utf8 0..255 },
	restrictionList?: seq {
		restrictionList?: list 0..254 of seq {
			id?: int 0..255, users?: seq { restrictionUserType?: list 0..16 of seq { basicType?: Word } }
		}
	}
}

# --- SPAT
OdeIntersectionStatus = ${jsonFlags(`failureFlash noValidSPATisAvailableAtThisTime fixedTimeOperation standbyOperation
	trafficDependentOperation manualControlIsEnabled off stopTimeIsActivated recentChangeInMAPassignedLanesIDsUsed recentMAPmessageUpdate
	failureMode noValidMAPisAvailableAtThisTime signalPriorityIsActive preemptIsActive`)}
OdeTiming = seq {
	startTime?: int @time*100, minEndTime?: int @time*100, maxEndTime?: int @time*100, likelyTime?: int @time*100, confidence?: int,
	nextTime?: int @time*100
}
OdeAdvisory = seq { type?: Word, speed?: int, confidence?: Word, distance?: int, classId?: int }
OdeMovementEvent = seq {
	eventState?: Word, timing?: OdeTiming, speeds?: seq { advisorySpeedList?: list 0..16 of OdeAdvisory }
}
OdeAssists = seq {
	maneuverAssistList?: list 0..16 of seq {
		connectionID?: int, queueLength?: int, availableStorageLength?: int, waitOnStop?: bool, pedBicycleDetect?: bool
	}
}
OdeMovement = seq {
	movementName?: utf8 0..63, signalGroup?: int 0..255, state_time_speed?: seq { movementEventList?: list 0..16 of OdeMovementEvent },
	maneuverAssistList?: OdeAssists
}
OdeIntersectionState = seq {
	name?: utf8 0..63, id?: OdeReference, revision?: int 0..127, status?: OdeIntersectionStatus, moy?: int @time*60000, timeStamp?: int @time,
	enabledLanes?: seq { enabledLaneList?: list 0..16 of int }, states?: seq { movementList?: list 0..255 of OdeMovement },
	maneuverAssistList?: OdeAssists
}
OdeSpatData = seq {
	timeStamp?: int @time*60000, name?: utf8 0..63,
	intersectionStateList: seq { intersectionStatelist?: list 0..32 of OdeIntersectionState }
}
`;
