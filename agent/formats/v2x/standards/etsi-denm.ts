/**
 * ETSI EN 302 637-3 v1.3.1 (2019-04), decentralized environmental notification message: clause 7 and annex A. Needs etsi-cdd.
 */
export const etsiDenm = `
DENM = seq { header: ItsPduHeader, denm: DecentralizedEnvironmentalNotificationMessage }
DecentralizedEnvironmentalNotificationMessage = seq {
	management: ManagementContainer, situation?: SituationContainer, location?: LocationContainer, alacarte?: AlacarteContainer
}

Termination = enum isCancellation isNegation
ManagementContainer = seq {
	actionID: ActionID, detectionTime: TimestampIts, referenceTime: TimestampIts, termination?: Termination,
	eventPosition: ReferencePosition @event-position, relevanceDistance?: RelevanceDistance,
	relevanceTrafficDirection?: RelevanceTrafficDirection, validityDuration: ValidityDuration = 600,
	transmissionInterval?: TransmissionInterval, stationType: StationType, ...
}

PastEvents = EventHistory @event-position
SituationContainer = seq {
	informationQuality: InformationQuality, eventType: CauseCode, linkedCause?: CauseCode, eventHistory?: PastEvents, ...
}

# One path without points says nothing of where anybody drove.
LocationContainer = seq {
	eventSpeed?: Speed, eventPositionHeading?: Heading, traces: Traces @path-history ![ [] ], roadType?: RoadType, ...
}

AlacarteContainer = seq {
	lanePosition?: LanePosition, impactReduction?: ImpactReductionContainer, externalTemperature?: Temperature,
	roadWorks?: RoadWorksContainerExtended, positioningSolution?: PositioningSolutionType,
	stationaryVehicle?: StationaryVehicleContainer, ...
}
ImpactReductionContainer = seq {
	heightLonCarrLeft: HeightLonCarr, heightLonCarrRight: HeightLonCarr, posLonCarrLeft: PosLonCarr, posLonCarrRight: PosLonCarr,
	positionOfPillars: PositionOfPillars, posCentMass: PosCentMass, wheelBaseVehicle: WheelBaseVehicle, turningRadius: TurningRadius,
	posFrontAx: PosFrontAx, positionOfOccupants: PositionOfOccupants, vehicleMass: VehicleMass,
	requestResponseIndication: RequestResponseIndication
}
ReferenceDenms = list 1..8,... of ActionID
RoadWorksContainerExtended = seq {
	lightBarSirenInUse?: LightBarSirenInUse, closedLanes?: ClosedLanes, restriction?: RestrictedTypes, speedLimit?: SpeedLimit,
	incidentIndication?: CauseCode,
	# A way around, each point of it absolute; the start of the speed limit is an offset from the event.
	recommendedPath?: ItineraryPath @map-geometry, startingPointSpeedLimit?: DeltaReferencePosition @map-geometry,
	trafficFlowRule?: TrafficRule, referenceDenms?: ReferenceDenms
}
StationaryVehicleContainer = seq {
	stationarySince?: StationarySince, stationaryCause?: CauseCode, carryingDangerousGoods?: DangerousGoodsExtended,
	numberOfOccupants?: NumberOfOccupants, vehicleIdentification?: VehicleIdentification, energyStorageType?: EnergyStorageType
}
`;
