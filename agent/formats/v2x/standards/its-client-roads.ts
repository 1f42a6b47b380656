/**
 * MAPEM and SPATEM of its-client, version 2. Bit strings are lists of the names of the bits that are set. What its schemas take from a schema of its own
 * for the DSRC types is bounded here as ISO/TS 19091 and SAE J2735 do. Needs its-client-common.
 */
export const itsClientRoads = `
Mapem = choice { v2: Mapem2 }
Spatem = choice { v2: Spatem2 }

Minute = int 0..527040 @time*60000
RoadId = seq { id: int 0..65535, region?: int 0..65535 }
RoadPosition = seq { lat?: Latitude, long?: Longitude, latitude?: Latitude, longitude?: Longitude, elevation?: int, altitude?: int }
ManeuverName = enum
	maneuverStraightAllowed maneuverLeftAllowed maneuverRightAllowed maneuverUTurnAllowed maneuverLeftTurnOnRedAllowed
	maneuverRightTurnOnRedAllowed maneuverLaneChangeAllowed maneuverNoStoppingAllowed yieldAllwaysRequired goWithHalt caution reserved1
Maneuvers = list 0..12 of ManeuverName
SpeedLimits = list 0..9 of seq { type: int 0..255, speed: int 0..8191 }
Offset16 = int -32768..32767
Crown = int -128..127
Restriction = int 0..255

Lane = seq {
	lane_id: int 0..255, name?: utf8 0..63, ingress_approach?: int 0..15, egress_approach?: int 0..15,
	lane_attributes: seq {
		directional_use: list 1..2 of enum ingressPath egressPath,
		shared_with: list 0..10 of enum
			overlappingLaneDescriptionProvided multipleLanesTreatedAsOneLane otherNonMotorizedTrafficTypes individualMotorizedVehicleTraffic
			busVehicleTraffic taxiVehicleTraffic pedestriansTraffic cyclistVehicleTraffic trackedVehicleTraffic pedestrianTraffic,
		lane_type: LaneType
	},
	maneuvers?: Maneuvers,
	node_list: seq {
		nodes?: list 2..63 of Node,
		computed?: seq {
			reference_lane_id: int 0..255, offset_x_axis: int -2047..2047 @dx*0.01, offset_y_axis: int -2047..2047 @dy*0.01,
			rotate_xy?: int 0..28800, scale_x_axis?: int -2048..2047, scale_y_axis?: int -2048..2047
		}
	},
	connects_to?: list 1..16 of seq {
		connecting_lane: seq { lane: int 0..255, maneuver?: Maneuvers }, remote_intersections?: RoadId, signal_group?: int 0..255,
		restriction_class_id?: Restriction, connection_id?: int 0..255
	},
	overlays?: list 1..5 of int 0..255
}
LaneType = seq {
	vehicle?: list 0..8 of enum
		isVehicleRevocableLane isVehicleFlyOverLane hovLaneUseOnly restrictedToBusUse restrictedToTaxiUse restrictedFromPublicUse
		hasIRbeaconCoverage permissionOnRequest,
	crosswalk?: list 0..16 of enum
		crosswalkRevocableLane bicyleUseAllowed isXwalkFlyOverLane fixedCycleTime biDirectionalCycleTimes hasPushToWalkButton audioSupport
		rfSignalRequestPresent unsignalizedSegmentsPresent,
	bike_lane?: list 0..16 of enum
		bikeRevocableLane pedestrianUseAllowed isBikeFlyOverLane fixedCycleTime biDirectionalCycleTimes isolatedByBarrier
		unsignalizedSegmentsPresent,
	sidewalk?: list 0..16 of enum sidewalkRevocableLane bicyleUseAllowed isSidewalkFlyOverLane walkBikes,
	median?: list 0..16 of enum
		medianRevocableLane median whiteLineHashing stripedLines doubleStripedLines trafficCones constructionBarrier trafficChannels lowCurbs
		highCurbs,
	striping?: list 0..16 of enum
		stripeToConnectingLanesRevocableLane stripeDrawOnLeft stripeDrawOnRight stripeToConnectingLanesLeft stripeToConnectingLanesRight
		stripeToConnectingLanesAhead,
	tracked_vehicle?: list 0..16 of enum
		spec-RevocableLane spec-commuterRailRoadTrack spec-lightRailRoadTrack spec-heavyRailRoadTrack spec-otherRailType,
	parking?: list 0..16 of enum
		parkingRevocableLane parallelParkingInUse headInParkingInUse doNotParkZone parkingForBusUse parkingForTaxiUse noPublicParkingUse
}
Node = seq {
	delta: seq {
		node_xy?: seq { x: Offset16 @dx*0.01, y: Offset16 @dy*0.01 }, node_lat_lon?: seq { lat: Latitude, lon: Longitude }
	},
	attributes?: seq {
		local_node?: list 1..8 of int 0..255, disabled?: list 1..8 of int 0..255, enabled?: list 1..8 of int 0..255,
		data?: list 1..8 of seq {
			path_end_point_angle?: int -150..150, lane_crown_point_center?: Crown, lane_crown_point_left?: Crown,
			lane_crown_point_right?: Crown, lane_angle?: int -180..180, speed_limits?: SpeedLimits
		},
		d_width?: Offset16 @size*0.01, d_elevation?: Offset16 @delevation*0.01
	}
}
Mapem2 = seq {
	message_type: enum mapem, origin: Origin, version: Version, source_uuid: SourceId, timestamp: EnvelopeTime,
	message: seq {
		protocol_version: int 0..255, station_id: StationId, timestamp?: Minute, msg_issue_revision: int 0..127,
		layer_type?: enum none mixedContent intersectionData curveData roadwaySectionData parkingAreaData sharedLaneData,
		layer_id?: int 0..100,
		intersections?: list 1..32 of seq {
			name?: utf8 0..63, id: RoadId, revision: int 0..127, ref_point: RoadPosition, lane_width?: int 0..32767 @size*0.01,
			speed_limits?: SpeedLimits, lane_set: list 1..255 of Lane
		} @map-geometry,
		road_segments?: list 1..32 of seq {
			name?: utf8 0..63, id: RoadId, revision: int 0..127, ref_point: RoadPosition, lane_width?: int 0..32767 @size*0.01,
			speed_limits?: SpeedLimits, road_lane_set: list 1..255 of Lane
		} @map-geometry,
		data_parameters?: seq {
			process_method?: utf8 0..255, process_agency?: utf8 0..255, last_checked_date?: utf8 0..255, geoid_used?: utf8 0..255
		},
		restriction_list?: list 1..254 of seq {
			id: Restriction,
			users: list 1..16 of enum
				none equippedTransit equippedTaxis equippedOther emissionCompliant equippedBicycle weightCompliant heightCompliant pedestrians
				slowMovingPersons wheelchairUsers visualDisabilities audioDisabilities otherUnknownDisabilities
		}
	}
}

TimeMark = int 0..36001 @time*100
Assist = seq {
	connection_id: int 0..255, queue_length?: int 0..10000, available_storage_length?: int 0..10000, wait_on_stop?: bool,
	ped_bicycle_detect?: bool
}
Spatem2 = seq {
	message_type: enum spatem, origin: Origin, version: Version, source_uuid: SourceId, timestamp: EnvelopeTime,
	message: seq {
		protocol_version: int 0..255, station_id: StationId, timestamp?: Minute, name?: utf8 0..63,
		intersections: list 1..32 of seq {
			name?: utf8 0..63, id: RoadId, revision: int 0..127,
			status: list 0..16 of enum
				manualControlIsEnabled stopTimeIsActivated failureFlash preemptIsActive signalPriorityIsActive fixedTimeOperation
				trafficDependentOperation standbyOperation failureMode off recentMAPmessageUpdate recentChangeInMAPassignedLanesIDsUsed
				noValidMAPisAvailableAtThisTime noValidSPATisAvailableAtThisTime,
			moy?: Minute, timestamp?: int 0..65535 @time, enabled_lanes?: list 1..16 of int 0..255,
			states: list 1..255 of seq {
				movement_name?: utf8 0..63, signal_group: int 0..255,
				state_time_speed: list 1..16 of seq {
					event_state: int 0..9,
					timing?: seq {
						start_time?: TimeMark, min_end_time: TimeMark, max_end_time?: TimeMark, likely_time?: TimeMark, confidence?: int 0..15,
						next_time?: TimeMark
					},
					speeds?: list 1..16 of seq {
						type: int 0..3, speed?: int 0..500, confidence?: int 0..7, distance?: int 0..10000, class?: Restriction
					}
				},
				maneuver_assist_list?: list 1..16 of Assist
			},
			maneuver_assist_list?: list 1..16 of Assist
		}
	}
}
`;
