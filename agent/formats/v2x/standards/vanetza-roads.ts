/**
 * MAPEM, SPATEM and IVIM of Vanetza-NAP: what roadside units say of the road. Needs vanetza-common.
 */
import { jsonFlags } from "../json-flags.ts";
import { vanetzaMessage } from "./vanetza-common.ts";

export const vanetzaRoads = `
RoadId = seq { region?: int 0..65535, id?: int 0..65535 }
Maneuvers = ${jsonFlags(`maneuverStraightAllowed maneuverLeftAllowed maneuverRightAllowed maneuverUTurnAllowed
	maneuverLeftTurnOnRedAllowed maneuverRightTurnOnRedAllowed maneuverLaneChangeAllowed maneuverNoStoppingAllowed yieldAllwaysRequired
	goWithHalt caution reserved1`)}
XY = seq { x?: real @dx, y?: real @dy }
Node = seq {
	delta?: seq {
		node-XY1?: XY, node-XY2?: XY, node-XY3?: XY, node-XY4?: XY, node-XY5?: XY, node-XY6?: XY,
		node-LatLon?: seq { lon?: Longitude, lat?: Latitude }
	},
	attributes?: seq { dWidth?: real @size, dElevation?: real @delevation }
}
Lane = seq {
	laneID?: int 0..255, name?: utf8 0..63, ingressApproach?: int 0..15, egressApproach?: int 0..15,
	laneAttributes?: seq {
		directionalUse?: ${jsonFlags("ingressPath egressPath")},
		sharedWith?: ${jsonFlags(`overlappingLaneDescriptionProvided multipleLanesTreatedAsOneLane otherNonMotorizedTrafficTypes
		individualMotorizedVehicleTraffic busVehicleTraffic taxiVehicleTraffic pedestriansTraffic cyclistVehicleTraffic trackedVehicleTraffic
		pedestrianTraffic`)},
		laneType?: seq {
			vehicle?: ${jsonFlags(`isVehicleRevocableLane isVehicleFlyOverLane hovLaneUseOnly restrictedToBusUse restrictedToTaxiUse
			restrictedFromPublicUse hasIRbeaconCoverage permissionOnRequest`)},
			crosswalk?: ${jsonFlags(`crosswalkRevocableLane bicyleUseAllowed isXwalkFlyOverLane fixedCycleTime biDirectionalCycleTimes
			hasPushToWalkButton audioSupport rfSignalRequestPresent unsignalizedSegmentsPresent`)},
			bikeLane?: ${jsonFlags(`bikeRevocableLane pedestrianUseAllowed isBikeFlyOverLane fixedCycleTime biDirectionalCycleTimes
			isolatedByBarrier unsignalizedSegmentsPresent`)},
			sidewalk?: ${jsonFlags("sidewalk-RevocableLane bicyleUseAllowed isSidewalkFlyOverLane walkBikes")}
		}
	},
	maneuvers?: Maneuvers, nodeList?: seq { nodes?: list 0..63 of Node },
	connectsTo?: list 0..16 of seq {
		connectingLane?: seq { lane?: int 0..255, maneuver?: Maneuvers }, remoteIntersection?: RoadId, signalGroup?: int 0..255,
		userClass?: int 0..255, connectionID?: int 0..255
	}
}
Mapem = seq {
	timeStamp?: int @time*60000, msgIssueRevision?: int 0..127, layerType?: int, layerID?: int 0..100,
	intersections: list 1..32 of seq {
		name?: utf8 0..63, id?: RoadId, revision?: int 0..127, refPoint: seq { lat: Latitude, long: Longitude, elevation?: real @elevation },
		laneWidth?: real @size, speedLimits?: list 0..9 of seq { type?: int, speed?: real }, laneSet: list 0..255 of Lane
	} @map-geometry
}
${vanetzaMessage("Mapem", "map")}

TimeMark = int 0..36111 @time*100
Spatem = seq {
	timeStamp?: int @time*60000, name?: utf8 0..63,
	intersections: list 1..32 of seq {
		name?: utf8 0..63, id?: RoadId, revision?: int 0..127,
		status?: ${jsonFlags(`manualControlIsEnabled stopTimeIsActivated failureFlash preemptIsActive signalPriorityIsActive
		fixedTimeOperation trafficDependentOperation standbyOperation failureMode off recentMAPmessageUpdate
		recentChangeInMAPassignedLanesIDsUsed noValidMAPisAvailableAtThisTime noValidSPATisAvailableAtThisTime`)},
		moy?: int @time*60000, timeStamp?: int @time, enabledLanes?: list 0..16 of int 0..255,
		states: list 0..255 of seq {
			movementName?: utf8 0..63, signalGroup?: int 0..255,
			state-time-speed?: list 0..16 of seq {
				eventState?: int 0..9,
				timing?: seq {
					startTime?: TimeMark, minEndTime?: TimeMark, maxEndTime?: TimeMark, likelyTime?: TimeMark, confidence?: int 0..15,
					nextTime?: TimeMark
				}
			}
		}
	}
}
${vanetzaMessage("Spatem", "spat")}

# --- IVIM: signs
Sign = seq {
	code?: seq {
		viennaConvention?: seq { roadSignClass?: int, roadSignCode?: int, vcOption?: int, value?: int, unit?: int }
	}
}
General = seq {
	relevanceZoneIds?: list 0..8 of int, detectionZoneIds?: list 0..8 of int, direction?: int, applicableLanes?: list 0..8 of int,
	iviType?: int, roadSignCodes?: list 0..4 of Sign
}
RoadConfiguration = seq {
	relevanceZoneIds?: list 0..8 of int, zoneIds?: list 0..8 of int, roadType?: int,
	laneConfiguration?: list 0..16 of seq { laneNumber?: int, direction?: int, validity?: int, laneType?: int, laneStatus?: int }
}
Ivim = seq {
	mandatory: seq {
		serviceProviderId?: seq { countryCode?: seq { }, providerIdentifier?: int 0..16383 }, iviIdentificationNumber?: int 1..32767,
		timeStamp?: Seconds, validFrom?: Seconds, validTo?: Seconds, iviStatus?: int 0..7
	},
	optional?: list 0..8 of seq { giv?: list 0..16 of General, rcc?: list 0..16 of RoadConfiguration }
}
${vanetzaMessage("Ivim", "ivi")}
`;
