/**
 * PersonalSafetyMessage and SensorDataSharingMessage of SAE J2735 (2024-09), clause 5: people on the road, and what sensors see of others. Needs
 * j2735-common and j2735-bsm.
 */
export const j2735Vru = `
PersonalDeviceUserType = enum unavailable aPEDESTRIAN aPEDALCYCLIST aPUBLICSAFETYWORKER anANIMAL ... @class !unavailable
PropelledInformation = choice {
	human: enum unavailable otherTypes onFoot skateboard pushOrKickScooter wheelchair ... @class,
	animal: enum unavailable otherTypes animalMounted animalDrawnCarriage ... @class,
	motor: enum unavailable otherTypes wheelChair bicycle scooter selfBalancingDevice ... @class, ...
}
Attachment = enum unavailable stroller bicycleTrailer cart wheelchair otherWalkAssistAttachments pet ... @class
AttachmentRadius = int 0..200 @size*0.1

# --- PSM; what a person can and does is as personal as who it is
PersonalSafetyMessage = seq {
	basicType: PersonalDeviceUserType, secMark: DSecond, msgCnt: MsgCount, id: TemporaryID @id, position: Position3D @own-position,
	accuracy: PositionalAccuracy, speed: Velocity, heading: Heading, accelSet?: AccelerationSet4Way, pathHistory?: PathHistory @path-history,
	pathPrediction?: PathPrediction @path-prediction, propulsion?: PropelledInformation, useState?: bits 9,... @class, crossRequest?: bool,
	crossState?: bool, clusterSize?: enum unavailable small medium large ... @size, clusterRadius?: int 0..100 @size,
	eventResponderType?: enum
		unavailable towOperater fireAndEMSWorker aDOTWorker lawEnforcement hazmatResponder animalControlWorker otherPersonnel ... @class,
	activityType?: bits 6,... @class, activitySubType?: bits 7,... @class, assistType?: bits 6,... @class, sizing?: bits 5,... @size,
	attachment?: Attachment, attachmentRadius?: AttachmentRadius, animalType?: enum unavailable serviceUse pet farm ... @class,
	regional?: Regional, ...
}

# --- SDSM (J3224): distances in decimetres from the reference position
ObjectDistance = int -32767..32767
ClassificationConfidence = int 0..101 !0
AccelerationConfidence = enum
	unavailable accl-100-00 accl-010-00 accl-005-00 accl-001-00 accl-000-10 accl-000-05 accl-000-01 !unavailable
YawRateConfidence = enum
	unavailable degSec-100-00 degSec-010-00 degSec-005-00 degSec-001-00 degSec-000-10 degSec-000-05 degSec-000-01 !unavailable
DetectedObjectCommonData = seq {
	objType: enum unknown vehicle vru animal ... @class !unknown, objTypeCfd: ClassificationConfidence, objectID: int 0..65535 @object-id,
	measurementTime: int -1500..1500, timeConfidence: TimeConfidence,
	pos: seq { offsetX: ObjectDistance @dx*0.1, offsetY: ObjectDistance @dy*0.1, offsetZ?: ObjectDistance @dz*0.1 },
	posConfidence: PositionConfidenceSet, speed: Speed, speedConfidence: SpeedConfidence, speedZ?: Speed, speedConfidenceZ?: SpeedConfidence,
	heading: Heading, headingConf: HeadingConfidence, accel4way?: AccelerationSet4Way, accCfdX?: AccelerationConfidence,
	accCfdY?: AccelerationConfidence, accCfdZ?: AccelerationConfidence, accCfdYaw?: YawRateConfidence, ...
}
SizeValue = int 0..1023 @size*0.1
SizeValueConfidence = enum
	unavailable size-100-00 size-050-00 size-020-00 size-010-00 size-005-00 size-002-00 size-001-00 size-000-50 size-000-20 size-000-10
	size-000-05 size-000-02 size-000-01 !unavailable
DetectedVehicleData = seq {
	lights?: ExteriorLights,
	vehAttitude?: seq { pitch: int -7200..7200, roll: int -14400..14400, yaw: int -14400..14400 @heading*0.0125 },
	vehAttitudeConfidence?: seq { pitchConfidence: HeadingConfidence, rollConfidence: HeadingConfidence, yawConfidence: HeadingConfidence },
	vehAngVel?: seq { pitchRate: int -32767..32767 @yaw*0.01, rollRate: int -32767..32767 @yaw*0.01 },
	vehAngVelConfidence?: seq { pitchRateConfidence?: YawRateConfidence, rollRateConfidence?: YawRateConfidence },
	size?: VehicleSize, height?: VehicleHeight,
	vehicleSizeConfidence?: seq {
		vehicleWidthConfidence: SizeValueConfidence, vehicleLengthConfidence: SizeValueConfidence, vehicleHeightConfidence?: SizeValueConfidence
	},
	vehicleClass?: BasicVehicleClass, classConf?: ClassificationConfidence, ...
}
DetectedVRUData = seq {
	basicType?: PersonalDeviceUserType, propulsion?: PropelledInformation, attachment?: Attachment, radius?: AttachmentRadius
}
DetectedObstacleData = seq {
	obstSize: seq { width: SizeValue, length: SizeValue, height?: SizeValue },
	obstSizeConfidence: seq {
		widthConfidence: SizeValueConfidence, lengthConfidence: SizeValueConfidence, heightConfidence?: SizeValueConfidence
	}
}
DetectedObjectData = seq {
	detObjCommon: DetectedObjectCommonData,
	detObjOptData?: choice { detVeh: DetectedVehicleData, detVRU: DetectedVRUData, detObst: DetectedObstacleData }
} @object
SensorDataSharingMessage = seq {
	msgCnt: MsgCount, sourceID: TemporaryID @id, equipmentType: enum unknown rsu obu vru ... @class, sDSMTimeStamp: DDateTime,
	refPos: Position3D @own-position, refPosXYConf: PositionalAccuracy, refPosElConf?: ElevationConfidence,
	objects: list 1..256 of DetectedObjectData
}
`;
