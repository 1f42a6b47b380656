/**
 * CPM (TS 103 324) and MCM of Vanetza-NAP. Needs vanetza-common. The content of a CPM's container stands without a name: its id says what it is.
 */
import { vanetzaMessage } from "./vanetza-common.ts";

export const vanetzaPerception = `
Angle = real @heading !3601
Distance = seq { value?: real @dx, confidence?: real }
DistanceY = seq { value?: real @dy, confidence?: real }
DistanceZ = seq { value?: real @dz, confidence?: real }
AxisSpeed = seq { value?: real @speed !16383, confidence?: real }
AxisAcceleration = seq { value?: real @acceleration !161, confidence?: real }
Dimension = seq { value?: real @size, confidence?: real }
Point = seq { xCoordinate?: real @dx, yCoordinate?: real @dy, zCoordinate?: real @dz }
Radial = seq {
	range?: real, horizontalOpeningAngleStart?: Angle, horizontalOpeningAngleEnd?: Angle, verticalOpeningAngleStart?: Angle,
	verticalOpeningAngleEnd?: Angle, shapeReferencePoint?: Point
}
Shape = seq {
	rectangular?: seq { shapeReferencePoint?: Point, semiLength?: real, semiBreadth?: real, orientation?: Angle, height?: real },
	circular?: seq { shapeReferencePoint?: Point, radius?: real, height?: real },
	polygonal?: seq { shapeReferencePoint?: Point, polygon?: list 0..16 of Point, height?: real },
	elliptical?: seq {
		shapeReferencePoint?: Point, semiMajorAxisLength?: real, semiMinorAxisLength?: real, orientation?: Angle, height?: real
	},
	radial?: Radial,
	radialShapes?: seq { refPointId?: int, xCoordinate?: real @dx, yCoordinate?: real @dy, zCoordinate?: real @dz,
		radialShapesList?: list 0..16 of Radial }
}
MapReference = seq {
	roadsegment?: seq { region?: int, id?: int }, roadSegment?: seq { region?: int, id?: int }, intersection?: seq { region?: int, id?: int }
}
Vehicle = seq { orientationAngle?: AngleValue, pitchAngle?: AngleValue, rollAngle?: AngleValue }
Rsu = list 0..16 of MapReference @own-position
Sensors = list 0..128 of Sensor @map-geometry
Sensor = seq {
	sensorId?: int 0..255, sensorType?: int 0..31, perceptionRegionShape?: Shape, perceptionRegionConfidence?: int, shadowingApplies?: bool
}
Regions = list 0..256 of Region @map-geometry
Region = seq {
	measurementDeltaTime?: int @time, perceptionRegionConfidence?: int, perceptionRegionShape?: Shape, shadowingApplies?: bool,
	sensorIdList?: list 0..128 of int 0..255, perceivedObjectIds?: list 0..255 of int 0..65535 @object-id
}
Objects = seq { numberOfPerceivedObjects?: int 0..255, perceivedObjects?: list 0..255 of Object }
Object = seq {
	objectId?: int 0..65535 @object-id, measurementDeltaTime?: int @time,
	position: seq { xCoordinate?: Distance, yCoordinate?: DistanceY, zCoordinate?: DistanceZ },
	velocity?: seq {
		polarVelocity?: seq {
			velocityMagnitude?: seq { speedValue?: real @speed, speedConfidence?: real, value?: real @speed, confidence?: real },
			velocityDirection?: AngleValue, zVelocity?: AxisSpeed
		},
		cartesianVelocity?: seq { xVelocity?: AxisSpeed, yVelocity?: AxisSpeed, zVelocity?: AxisSpeed }
	},
	acceleration?: seq {
		polarAcceleration?: seq {
			accelerationMagnitude?: seq { accelerationMagnitudeValue?: real @acceleration, value?: real @acceleration, confidence?: real },
			accelerationDirection?: AngleValue, zAcceleration?: AxisAcceleration
		},
		cartesianAcceleration?: seq { xAcceleration?: AxisAcceleration, yAcceleration?: AxisAcceleration, zAcceleration?: AxisAcceleration }
	},
	angles?: seq { zAngle?: AngleValue, yAngle?: AngleValue, xAngle?: AngleValue },
	zAngularVelocity?: seq { value?: real @yaw, confidence?: real }, objectDimensionZ?: Dimension, objectDimensionY?: Dimension,
	objectDimensionX?: Dimension, objectAge?: int, objectPerceptionQuality?: int, sensorIdList?: list 0..128 of int 0..255,
	classification?: list 0..8 of seq {
		objectClass?: seq {
			vehicleSubClass?: int @class, otherSubClass?: int @class,
			vruSubClass?: seq {
				pedestrian?: int @class, bicyclistAndLightVruVehicle?: int @class, motorcyclist?: int @class, animal?: int @class
			}
		},
		confidence?: int
	},
	mapPosition?: seq { mapReference?: MapReference, laneId?: int, connectionId?: int }
} @object
Container = seq {
	containerId: int 1..16,
	containerData: open by containerId {
		1: originatingVehicle: Vehicle, 2: originatingRsu: Rsu, 3: sensorInformation: Sensors, 4: perceptionRegion: Regions,
		5: perceivedObject: Objects
	}
}
Cpm = seq {
	managementContainer: seq { referenceTime?: Seconds, referencePosition: Position } @own-position,
	cpmContainers?: list 0..8 of Container
}
${vanetzaMessage("Cpm", "payload")}

# --- MCM: where vehicles are about to go
Way = list 0..64 of seq { pathPosition?: Delta, pathDeltaTime?: real @time*1000 } @path-prediction
Speeds = list 0..64 of Speed
Trajectory = seq { wayPointType?: int, wayPoints?: Way, speed?: Speeds }
Resource = seq {
	trrType?: int, laneCount?: int, trrWidth?: real, trrLength?: real, waypoints?: Way, heading?: list 0..64 of AngleValue
} @path-prediction
Occupancy = seq { tRROccupancyStartTime?: real @time*1000, tRROccupancyEndTime?: real @time*1000 }
Submanoeuvre = seq {
	submanoeuvreID?: int, submanoeuvreId?: int, temporalCharateristics?: Occupancy, temporalCharacteristics?: Occupancy,
	referenceTrajectory?: Trajectory, targetRoadResourceIContainer?: Resource
}
Advice = seq {
	executantID?: int @object-id,
	submaneuvres?: list 0..16 of seq {
		submanoeuvreID?: int, submanoeuvreId?: int, advisedTrajectory?: Trajectory,
		advisedTargetRoadResource?: seq { trrDescription?: Resource, temporalCharacteristics?: Occupancy }
	}
} @object
Mcm = seq {
	basicContainer: seq {
		generationDeltaTime?: Seconds, stationID?: StationId, stationType?: StationType, itssRole?: int @class, position: Position,
		mcmType?: int, manoeuvreId?: int @id, concept?: int, rational?: seq { manoeuvreCooperationCost?: real }
	} @own-position,
	mcmContainer?: seq {
		vehicleManoeuvreContainer?: seq {
			vehicleCurrentStateContainer?: seq {
				vehicleSpeed?: Speed, vehicleHeading?: AngleValue,
				vehicleSize?: seq {
					vehicleType?: int @class, vehicleLenth?: Length, vehicleLength?: Length, vehicleWidth?: real @size, vehicleHeight?: real @size
				}
			},
			submaneuvres?: list 0..16 of Submanoeuvre, manoeuvreAdvice?: list 0..16 of Advice
		}
	}
}
${vanetzaMessage("Mcm", "payload")}
`;
