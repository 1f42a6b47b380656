/**
 * ETSI EN 302 637-2 v1.4.1 (2019-04), cooperative awareness message: clause 7 and annex A. Needs etsi-cdd.
 */
export const etsiCam = `
CAM = seq { header: ItsPduHeader, cam: CoopAwareness }

# Milliseconds of the ITS time modulo 65536.
GenerationDeltaTime = int 0..65535 @time
CoopAwareness = seq { generationDeltaTime: GenerationDeltaTime, camParameters: CamParameters }
CamParameters = seq {
	basicContainer: BasicContainer, highFrequencyContainer: HighFrequencyContainer, lowFrequencyContainer?: LowFrequencyContainer,
	specialVehicleContainer?: SpecialVehicleContainer, ...
}

# Clause 7.3
OwnPosition = ReferencePosition @own-position
BasicContainer = seq { stationType: StationType, referencePosition: OwnPosition, ... }

# Clause 7.4: what vehicles send
HighFrequencyContainer = choice {
	basicVehicleContainerHighFrequency: BasicVehicleContainerHighFrequency, rsuContainerHighFrequency: RSUContainerHighFrequency, ...
}
BasicVehicleContainerHighFrequency = seq {
	heading: Heading, speed: Speed, driveDirection: DriveDirection, vehicleLength: VehicleLength, vehicleWidth: VehicleWidth,
	longitudinalAcceleration: LongitudinalAcceleration, curvature: Curvature, curvatureCalculationMode: CurvatureCalculationMode,
	yawRate: YawRate, accelerationControl?: AccelerationControl, lanePosition?: LanePosition, steeringWheelAngle?: SteeringWheelAngle,
	lateralAcceleration?: LateralAcceleration, verticalAcceleration?: VerticalAcceleration, performanceClass?: PerformanceClass,
	# A vehicle names the tolling zone that it is in: that is where it is.
	cenDsrcTollingZone?: CenDsrcTollingZone @own-position
}
LowFrequencyContainer = choice { basicVehicleContainerLowFrequency: BasicVehicleContainerLowFrequency, ... }
BasicVehicleContainerLowFrequency = seq {
	vehicleRole: VehicleRole, exteriorLights: ExteriorLights, pathHistory: PathHistory @path-history
}
SpecialVehicleContainer = choice {
	publicTransportContainer: PublicTransportContainer, specialTransportContainer: SpecialTransportContainer,
	dangerousGoodsContainer: DangerousGoodsContainer, roadWorksContainerBasic: RoadWorksContainerBasic, rescueContainer: RescueContainer,
	emergencyContainer: EmergencyContainer, safetyCarContainer: SafetyCarContainer, ...
}
PublicTransportContainer = seq { embarkationStatus: bool, ptActivation?: PtActivation }
SpecialTransportContainer = seq { specialTransportType: SpecialTransportType, lightBarSirenInUse: LightBarSirenInUse }
DangerousGoodsContainer = seq { dangerousGoodsBasic: DangerousGoodsBasic }
RoadWorksContainerBasic = seq {
	roadworksSubCauseCode?: RoadworksSubCauseCode, lightBarSirenInUse: LightBarSirenInUse, closedLanes?: ClosedLanes
}
RescueContainer = seq { lightBarSirenInUse: LightBarSirenInUse }
EmergencyContainer = seq {
	lightBarSirenInUse: LightBarSirenInUse, incidentIndication?: CauseCode, emergencyPriority?: EmergencyPriority
}
SafetyCarContainer = seq {
	lightBarSirenInUse: LightBarSirenInUse, incidentIndication?: CauseCode, trafficRule?: TrafficRule, speedLimit?: SpeedLimit
}

# Clause 7.5: what roadside units send
RsuZones = ProtectedCommunicationZonesRSU @map-geometry
RSUContainerHighFrequency = seq { protectedCommunicationZonesRSU?: RsuZones, ... }
`;
