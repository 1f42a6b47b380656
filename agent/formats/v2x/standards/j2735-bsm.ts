/**
 * BasicSafetyMessage of SAE J2735 (2024-09), clause 5: core data, and part II with its three extensions. Fields that the standard has withdrawn
 * (`doNotUse`) are still sent by the field. Needs j2735-common, j2735-nodes and j2735-itis.
 */
export const j2735Bsm = `
# --- part I
BrakeSystemStatus = seq {
	wheelBrakes: bits 5 !10000, traction: enum unavailable off on engaged !unavailable, abs: enum unavailable off on engaged !unavailable,
	scs: enum unavailable off on engaged !unavailable, brakeBoost: enum unavailable off on !unavailable,
	auxBrakes: enum unavailable off on reserved !unavailable
}
# angle of the steering wheel: 1.5 degrees
BSMcoreData = seq {
	msgCnt: MsgCount, id: TemporaryID @id, secMark: DSecond, lat: Latitude, long: Longitude, elev: Elevation, accuracy: PositionalAccuracy,
	transmission: TransmissionState, speed: Speed, heading: Heading, angle: int -126..127 @steering*1.5 !127,
	accelSet: AccelerationSet4Way, brakes: BrakeSystemStatus, size: VehicleSize
} @own-position

# --- part II, 0: vehicle safety
ExteriorLights = bits 9,...
VehicleSafetyExtensions = seq {
	events?: bits 13,..., pathHistory?: PathHistory @path-history, pathPrediction?: PathPrediction @path-prediction, lights?: ExteriorLights, ...
}

# --- part II, 1: special vehicles
PrivilegedEvents = seq { doNotUse: int 0..31, event: bits 16, ... }
EmergencyDetails = seq {
	doNotUse: int 0..31, sirenUse: enum unavailable notInUse inUse reserved !unavailable,
	lightsUse: enum
		unavailable notInUse inUse yellowCautionLights schooldBusLights arrowSignsActive slowMovingVehicle freqStops !unavailable,
	multi: enum unavailable singleVehicle multiVehicle reserved !unavailable, events?: PrivilegedEvents,
	responseType?: enum notInUseOrNotEquipped emergency nonEmergency pursuit stationary slowMoving stopAndGoMovement ..., ...
}
EventDescription = seq {
	typeEvent: ITIScodes, description?: list 1..8 of ITIScodes, priority?: octets 1, heading?: HeadingSlice, extent?: Extent, regional?: Regional,
	...
}
BumperHeights = seq { front: int 0..127 @size*0.01, rear: int 0..127 @size*0.01 }
PivotPointDescription = seq { pivotOffset: int -1024..1023 @size*0.01, pivotAngle: Angle, pivots: bool, ... }
VertOffset-B07 = int -64..63 @delevation*0.1
TrailerHistoryPoint = seq {
	pivotAngle: Angle, timeOffset: TimeOffset, positionOffset: Node-XY-24b, elevationOffset?: VertOffset-B07, heading?: CoarseHeading, ...
}
TrailerHistoryPointList = list 1..23 of TrailerHistoryPoint
TrailerUnitDescription = seq {
	isDolly: bool, width: VehicleWidth, length: VehicleLength, height?: VehicleHeight, mass?: int 0..255 @size, bumperHeights?: BumperHeights,
	centerOfGravity?: VehicleHeight, frontPivot: PivotPointDescription, rearPivot?: PivotPointDescription,
	rearWheelOffset?: int -2048..2047 @size*0.01, positionOffset: Node-XY-24b, elevationOffset?: VertOffset-B07,
	crumbData?: TrailerHistoryPointList @path-history, ...
}
TrailerData = seq { doNotUse: int 0..31, connection: PivotPointDescription, units: list 1..8 of TrailerUnitDescription, ... }
SpecialVehicleExtensions = seq { vehicleAlerts?: EmergencyDetails, description?: EventDescription, doNotUse?: TrailerData, ... }

# --- part II, 2: supplements
VehicleClassification = seq {
	keyType?: BasicVehicleClass, role?: BasicVehicleRole, iso3883?: Iso3833VehicleType, hpmsType?: VehicleType,
	vehicleType?: VehicleGroupAffected, responseEquip?: IncidentResponseEquipment, responderType?: ResponderGroupAffected,
	fuelType?: int 0..15 @class, regional?: Regional, ...
}
Axles = seq { totalAxles: int 1..10,... @size, frontAxles?: int 0..10,... @size, rearAxles?: int 0..10,... @size, ... }
VehicleData = seq {
	height?: VehicleHeight, bumpers?: BumperHeights, mass?: int 0..255 @size, doNotUse?: int 0..64255 @size,
	...,
	trailerPresent?: bool @size, pivotPoint?: PivotPointDescription, axles?: Axles, leanAngle?: int -90..90 @steering
}
WeatherReport = seq {
	isRaining: enum precip noPrecip error, rainRate?: int 0..65535,
	precipSituation?: enum
		other unknown noPrecipitation unidentifiedSlight unidentifiedModerate unidentifiedHeavy snowSlight snowModerate snowHeavy rainSlight
		rainModerate rainHeavy frozenPrecipitationSlight frozenPrecipitationModerate frozenPrecipitationHeavy,
	solarRadiation?: int 0..65535, friction?: int 0..101, roadFriction?: int 0..50, ...
}
WiperStatus = enum unavailable off intermittent low high washerInUse automaticPresent ...
WiperSet = seq { statusFront: WiperStatus, rateFront: int 0..127, statusRear?: WiperStatus, rateRear?: int 0..127 }
WeatherProbe = seq { airTemp?: int 0..191, airPressure?: int 0..255, rainRates?: WiperSet, ... }
# Somebody or something in the way, by distance and direction
ObstacleDetection = seq {
	obDist: int 0..32767, obDirect: Angle, description?: ITIScodes, locationDetails?: GenericLocations, dateTime: DDateTime, vertEvent?: bits 5, ...
} @object
DisabledVehicle = seq { statusDetails: ITIScodes, locationDetails?: GenericLocations, ... }
# Speeds of oncoming traffic, in m/s
SpeedProfile = seq { speedReports: list 1..20 of int 0..31 @speed !31, ... }
RTCMheader = seq { status: GNSSstatus, offsetSet: seq { antOffsetX: int -2048..2047, antOffsetY: int -256..255, antOffsetZ: int -512..511 } }
# Raw satellite measurements give the sender's position once more, and better.
RTCMPackage = seq { rtcmHeader?: RTCMheader, msgs: list 1..5 of octets 1..1023, ... } @copy
TrailerUnitDescJ2945Slash1B = seq {
	width: VehicleWidth, length: VehicleLength, height?: VehicleHeight, weight?: int 0..64255 @size, frontPivot: PivotPointDescription,
	rearPivot?: PivotPointDescription, bumpers?: BumperHeights, axles?: Axles, ...
}
SchoolBusJ2945Slash1C = seq {
	flashingAmberLights: bool, flashingRedLights: bool, studentsCrossingFront?: bool, studentsCrossingBehind?: bool, studentsLoading?: bool,
	studentsUnloading?: bool, wheelchairLiftInUse?: bool, emergencyExitOpen?: bool, emergencyRequestMedical?: bool,
	emergencyRequestFire?: bool, emergencyRequestPolice?: bool, ...
}
FhwaVehicleClass = enum
	motorcycles passengerCars other2axle4tireSingleUnitVehs buses twoAxle6TireSingleUnitTrucks threeAxleSingleUnitTrucks
	fourOrMoreAxleSingleUnitTrucks fourOrFewerAxleSingleTrailerTrucks fiveAxleSingleTrailerTrucks sixOrMoreAxleSingleTrailerTrucks
	fiveOrFewerAxleMultiTrailerTrucks sixAxleMultiTrailerTrucks sevenOrMoreAxleMultiTrailerTrucks ... @class
SupplementalVehicleExtensions = seq {
	classification?: BasicVehicleClass, classDetails?: VehicleClassification, vehicleData?: VehicleData, doNotUse1?: WeatherReport,
	doNotUse2?: WeatherProbe, doNotUse3?: ObstacleDetection, status?: DisabledVehicle, doNotUse4?: SpeedProfile, doNotUse5?: RTCMPackage,
	regional?: Regional,
	...,
	fhwaVehicleClass: FhwaVehicleClass,                                     # these three since 2023
	trailers?: list 1..8,... of TrailerUnitDescJ2945Slash1B, schoolBus?: SchoolBusJ2945Slash1C
}

PartIIcontent = seq {
	partII-Id: int 0..63,
	partII-Value: open by partII-Id {
		0: VehicleSafetyExtensions: VehicleSafetyExtensions, 1: SpecialVehicleExtensions: SpecialVehicleExtensions,
		2: SupplementalVehicleExtensions: SupplementalVehicleExtensions
	}
}
BasicSafetyMessage = seq { coreData: BSMcoreData, partII?: list 1..8 of PartIIcontent, regional?: Regional, ... }
`;
