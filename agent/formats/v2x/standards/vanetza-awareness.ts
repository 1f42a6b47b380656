/**
 * CAM, VAM and DENM of Vanetza-NAP. Needs vanetza-common.
 */
import { jsonFlags } from "../json-flags.ts";
import { vanetzaMessage } from "./vanetza-common.ts";

const lightBar = jsonFlags("lightBarActivated sirenActivated");

export const vanetzaAwareness = `
BasicContainer = seq { stationType?: StationType, referencePosition: Position } @own-position
Vehicle = seq {
	heading?: Heading, speed?: Speed, driveDirection?: int 0..2, vehicleLength?: Length, vehicleWidth?: real @size !62,
	longitudinalAcceleration?: Acceleration, curvature?: Curvature, curvatureCalculationMode?: int 0..2, yawRate?: YawRate,
	accelerationControl?: ${jsonFlags(`brakePedalEngaged gasPedalEngaged emergencyBrakeEngaged collisionWarningEngaged accEngaged
	cruiseControlEngaged speedLimiterEngaged`)},
	lanePosition?: int -1..14, steeringWheelAngle?: Steering, lateralAcceleration?: Acceleration, verticalAcceleration?: Acceleration,
	performanceClass?: int 0..7
}
Zone = seq {
	protectedZoneType?: int, expiryTime?: Seconds, protectedZoneLatitude?: Latitude, protectedZoneLongitude?: Longitude,
	protectedZoneRadius?: real, protectedZoneId?: int, protectedZoneID?: int
} @map-geometry
LowFrequency = seq {
	vehicleRole?: int 0..15 @class,
	exteriorLights?: ${jsonFlags(`lowBeamHeadlightsOn highBeamHeadlightsOn leftTurnSignalOn rightTurnSignalOn daytimeRunningLightsOn
	reverseLightOn fogLightOn parkingLightsOn`)},
	pathHistory?: PathHistory
}
SpecialVehicle = seq {
	publicTransportContainer?: seq { embarkationStatus?: bool }, dangerousGoodsContainer?: seq { dangerousGoodsBasic?: int 0..19 @class },
	rescueContainer?: seq { lightBarSirenInUse?: ${lightBar} }, emergencyContainer?: seq { lightBarSirenInUse?: ${lightBar} },
	safetyCarContainer?: seq { lightBarSirenInUse?: ${lightBar}, trafficRule?: int 0..4, speedLimit?: int 1..255 }
}
Cam = seq {
	generationDeltaTime?: int 0..65535 @time,
	camParameters: seq {
		basicContainer: BasicContainer,
		highFrequencyContainer?: seq {
			basicVehicleContainerHighFrequency?: Vehicle,
			rsuContainerHighFrequency?: seq { protectedCommunicationZonesRSU?: list 0..16 of Zone }
		},
		lowFrequencyContainer?: seq { basicVehicleContainerLowFrequency?: LowFrequency }, specialVehicleContainer?: SpecialVehicle
	}
}
${vanetzaMessage("Cam", "cam")}

# --- people on foot and on bicycles
Vam = seq {
	generationDeltaTime?: int 0..65535 @time,
	vamParameters: seq {
		basicContainer: BasicContainer,
		vruHighFrequencyContainer?: seq {
			heading?: Heading, speed?: Speed, longitudinalAcceleration?: Acceleration, curvature?: Curvature, yawRate?: YawRate
		},
		vruLowFrequencyContainer?: seq {
			profileAndSubprofile?: seq { pedestrian?: int @class, bicyclist?: int @class, bicyclistAndLightVruVehicle?: int @class,
				motorcyclist?: int @class, animal?: int @class }
		},
		vruClusterOperationContainer?: seq {
			clusterJoinInfo?: seq { clusterId?: int 0..255 @object-id, joinTime?: int },
			clusterLeaveInfo?: seq { clusterId?: int 0..255 @object-id, clusterLeaveReason?: int }
		}
	}
}
${vanetzaMessage("Vam", "vam")}

# --- events. The cause is named by its field: those of EN 302 637-3, with the number that the stack adds.
Cause = int 0..255
EventType = seq {
	causeCode?: Cause, subCauseCode?: Cause,
	ccAndScc?: seq {
		reserved0?: Cause, trafficCondition1?: Cause, accident2?: Cause, roadworks3?: Cause, impassability5?: Cause,
		adverseWeatherCondition-Adhesion6?: Cause, aquaplaning7?: Cause, hazardousLocation-SurfaceCondition9?: Cause,
		hazardousLocation-ObstacleOnTheRoad10?: Cause, hazardousLocation-AnimalOnTheRoad11?: Cause, humanPresenceOnTheRoad12?: Cause,
		wrongWayDriving14?: Cause, rescueAndRecoveryWorkInProgress15?: Cause, adverseWeatherCondition-ExtremeWeatherCondition17?: Cause,
		adverseWeatherCondition-Visibility18?: Cause, adverseWeatherCondition-Precipitation19?: Cause, violence20?: Cause,
		slowVehicle26?: Cause, dangerousEndOfQueue27?: Cause, publicTransportVehicleApproaching28?: Cause, vehicleBreakdown91?: Cause,
		postCrash92?: Cause, humanProblem93?: Cause, stationaryVehicle94?: Cause, emergencyVehicleApproaching95?: Cause,
		hazardousLocation-DangerousCurve96?: Cause, collisionRisk97?: Cause, signalViolation98?: Cause, dangerousSituation99?: Cause
	}
}
Denm = seq {
	management: seq {
		actionId?: seq { originatingStationId?: StationId, originatingStationID?: StationId, sequenceNumber?: int 0..65535 @id },
		detectionTime?: Seconds, referenceTime?: Seconds, termination?: int 0..1, eventPosition: Position @event-position,
		relevanceDistance?: int 0..7, relevanceTrafficDirection?: int 0..3, awarenessDistance?: int 0..7, trafficDirection?: int 0..3,
		stationType?: StationType, validityDuration?: int 0..86400, transmissionInterval?: int 1..10000
	},
	situation?: seq { informationQuality?: int 0..7, eventType?: EventType, linkedCause?: EventType },
	location?: seq {
		eventSpeed?: Speed, eventPositionHeading?: AngleValue, traces?: list 0..7 of PathHistory, detectionZonesToEventPosition?: list 0..7 of PathHistory,
		roadType?: int 0..3
	} @event-position
}
${vanetzaMessage("Denm", "denm")}
`;
