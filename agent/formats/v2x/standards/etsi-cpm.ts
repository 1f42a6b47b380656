/**
 * ETSI TR 103 562 v2.1.1 (2019-12), collective perception message: annex A. Needs etsi-cdd, etsi-cam and etsi-dsrc.
 *
 * Distances are metres from the sender's reference position: along and across a vehicle, east and north of a roadside unit.
 */
export const etsiCpm = `
CPM = seq { header: ItsPduHeader, cpm: CollectivePerceptionMessage }
CollectivePerceptionMessage = seq { generationDeltaTime: GenerationDeltaTime, cpmParameters: CpmParameters }
NumberOfPerceivedObjects = int 0..255
CpmParameters = seq {
	managementContainer: CpmManagementContainer, stationDataContainer?: StationDataContainer,
	sensorInformationContainer?: SensorInformationContainer, perceivedObjectContainer?: PerceivedObjectContainer,
	freeSpaceAddendumContainer?: FreeSpaceAddendumContainer, numberOfPerceivedObjects: NumberOfPerceivedObjects, ...
}
SegmentCount = int 1..127
CpmManagementContainer = seq {
	stationType: StationType, perceivedObjectContainerSegmentInfo?: seq { totalMsgSegments: SegmentCount, thisSegmentNum: SegmentCount },
	referencePosition: CpmPosition, ...
}
CpmPosition = ReferencePosition @own-position

# The sender
StationDataContainer = choice {
	originatingVehicleContainer: OriginatingVehicleContainer, originatingRSUContainer: OriginatingRSUContainer, ...
}
OriginatingVehicleContainer = seq {
	heading: Heading, speed: Speed, vehicleOrientationAngle?: WGS84Angle, driveDirection: DriveDirection = forward,
	longitudinalAcceleration?: LongitudinalAcceleration, lateralAcceleration?: LateralAcceleration,
	verticalAcceleration?: VerticalAcceleration, yawRate?: YawRate, pitchAngle?: CartesianAngle, rollAngle?: CartesianAngle,
	vehicleLength?: VehicleLength, vehicleWidth?: VehicleWidth, vehicleHeight?: VehicleHeight @size*0.05,
	trailerDataContainer?: TrailerDataContainer, ...
}
OriginatingRSUContainer = choice {
	intersectionReferenceId: IntersectionReferenceID, roadSegmentReferenceId: RoadSegmentReferenceID, ...
}
TrailerDataContainer = list 1..2 of TrailerData
TrailerData = seq {
	refPointId: RefPointId, hitchPointOffset: int 0..100 @size*0.1, frontOverhang: int 0..50 @size*0.1, rearOverhang: int 0..150 @size*0.1,
	trailerWidth?: VehicleWidth, hitchAngle?: CartesianAngle, ...
}

# Angles of 0.1 degree
AngleConfidence = int 1..127 !127
WGS84AngleValue = int 0..3601 !3601
CartesianAngleValue = int 0..3601 !3601
CartesianAngle = seq { value: CartesianAngleValue, confidence: AngleConfidence }
WGS84Angle = seq { value: WGS84AngleValue @heading*0.1, confidence: AngleConfidence }
Identifier = int 0..255
RefPointId = int 0..255

# Sensors of the sender: how they sit and what they see
SensorInformationContainer = list 1..128,... of SensorInformation
FreeSpaceConfidence = int 0..101 !101
SensorInformation = seq {
	sensorID: Identifier, type: int 0..15, detectionArea: DetectionArea @map-geometry, freeSpaceConfidence?: FreeSpaceConfidence, ...
}
DetectionArea = choice {
	vehicleSensor: VehicleSensor, stationarySensorRadial: AreaRadial, stationarySensorPolygon: AreaPolygon,
	stationarySensorCircular: AreaCircular, stationarySensorEllipse: AreaEllipse, stationarySensorRectangle: AreaRectangle, ...
}
VehicleSensorPropertyList = list 1..10 of VehicleSensorProperties
VehicleSensor = seq {
	refPointId: RefPointId = 0, xSensorOffset: int -5000..0, ySensorOffset: int -1000..1000, zSensorOffset?: int 0..1000,
	vehicleSensorPropertyList: VehicleSensorPropertyList, ...
}
Length = int 0..10000
VehicleSensorProperties = seq {
	range: Length, horizontalOpeningAngleStart: CartesianAngleValue, horizontalOpeningAngleEnd: CartesianAngleValue,
	verticalOpeningAngleStart?: CartesianAngleValue, verticalOpeningAngleEnd?: CartesianAngleValue, ...
}
SensorHeight = int -5000..5000
AreaRadial = seq {
	range: Length, stationaryHorizontalOpeningAngleStart: WGS84AngleValue, stationaryHorizontalOpeningAngleEnd: WGS84AngleValue,
	verticalOpeningAngleStart?: CartesianAngleValue, verticalOpeningAngleEnd?: CartesianAngleValue, sensorPositionOffset?: OffsetPoint,
	sensorHeight?: SensorHeight, ...
}
AreaPolygon = seq { polyPointList: PolyPointList }
PolyPointList = list 3..16,... of OffsetPoint
AreaCircular = seq { nodeCenterPoint?: OffsetPoint, radius: Length }
AreaEllipse = seq {
	nodeCenterPoint?: OffsetPoint, semiMinorRangeLength: Length, semiMajorRangeLength: Length,
	semiMajorRangeOrientation: WGS84AngleValue, semiHeight?: Length
}
AreaRectangle = seq {
	nodeCenterPoint?: OffsetPoint, semiMajorRangeLength: Length, semiMinorRangeLength: Length,
	semiMajorRangeOrientation: WGS84AngleValue, semiHeight?: Length
}
OffsetPoint = seq { nodeOffsetPointxy: NodeOffsetPointXY, nodeOffsetPointZ?: NodeOffsetPointZ }
NodeOffsetPointZ = choice {
	node-Z1: Offset-B10 @dz*0.01, node-Z2: Offset-B11 @dz*0.01, node-Z3: Offset-B12 @dz*0.01, node-Z4: Offset-B13 @dz*0.01,
	node-Z5: Offset-B14 @dz*0.01, node-Z6: Offset-B16 @dz*0.01
}
# Where the sender perceives nothing: as telling as where it perceives something.
FreeSpaceAddendumContainer = list 1..128,... of FreeSpaceAddendum
FreeSpaceAddendum = seq {
	freeSpaceConfidence: FreeSpaceConfidence, freeSpaceArea: FreeSpaceArea, sensorIDList?: SensorIdList, shadowingApplies: bool = true, ...
} @object
FreeSpaceArea = choice {
	freeSpacePolygon: AreaPolygon, freeSpaceCircular: AreaCircular, freeSpaceEllipse: AreaEllipse, freeSpaceRectangle: AreaRectangle, ...
}
SensorIdList = list 1..128,... of Identifier

# What the sender perceives
PerceivedObjectContainer = list 1..128,... of PerceivedObject
PerceivedObject = seq {
	objectID: Identifier @object-id, sensorIDList?: SensorIdList, timeOfMeasurement: int -1500..1500 @time, objectAge?: int 0..1500 @time,
	objectConfidence: int 0..101 !101 = 0,
	xDistance: seq { value: DistanceValue @dx*0.01, confidence: DistanceConfidence },
	yDistance: seq { value: DistanceValue @dy*0.01, confidence: DistanceConfidence },
	zDistance?: seq { value: DistanceValue @dz*0.01, confidence: DistanceConfidence },
	xSpeed: SpeedExtended, ySpeed: SpeedExtended, zSpeed?: SpeedExtended,
	xAcceleration?: LongitudinalAcceleration, yAcceleration?: LateralAcceleration, zAcceleration?: VerticalAcceleration,
	yawAngle?: seq { value: CartesianAngleValue @heading*0.1, confidence: AngleConfidence },
	planarObjectDimension1?: ObjectDimension, planarObjectDimension2?: ObjectDimension, verticalObjectDimension?: ObjectDimension,
	objectRefPoint: int 0..8 = 0, dynamicStatus?: int 0..2, classification?: ObjectClassDescription, matchedPosition?: MatchedPosition, ...
} @object
DistanceValue = int -132768..132767
DistanceConfidence = int 0..102 !102
SpeedExtended = seq { value: int -16383..16383 @speed*0.01 !16383, confidence: SpeedConfidence }
ObjectDimension = seq { value: int 0..1023 @size*0.1, confidence: DistanceConfidence }
ClassConfidence = int 0..101 !101
Subclass = seq { type: int 0..255 @class = 0, confidence: ClassConfidence = 0 }
ObjectClassDescription = list 1..8 of ObjectClass
ObjectClass = seq {
	confidence: ClassConfidence, class: choice { vehicle: Subclass, person: Subclass, animal: Subclass, other: Subclass }
}
# The distance along the lane is a position as exact as x and y.
MatchedPosition = seq { laneID?: LaneID, longitudinalLanePosition?: LongitudinalLanePosition, ... }
LongitudinalLanePosition = seq {
	longitudinalLanePositionValue: int 0..32767 @odometer*0.1, longitudinalLanePositionConfidence: DistanceConfidence
}
`;
