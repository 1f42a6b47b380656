/**
 * SignalRequestMessage and SignalStatusMessage of SAE J2735 (2024-09), clause 5: who wants the green, and who gets it. Needs j2735-common.
 */
export const j2735SignalRequests = `
RequestID = int 0..255
# --- SRM: the requestor is the sender; the lanes that it asks for are its way
SignalRequest = seq {
	id: IntersectionReferenceID, requestID: RequestID,
	requestType: enum priorityRequestTypeReserved priorityRequest priorityRequestUpdate priorityCancellation ...,
	inBoundLane: IntersectionAccessPoint, outBoundLane?: IntersectionAccessPoint, regional?: Regional, ...
}
SignalRequestPackage = seq {
	request: SignalRequest, minute?: MinuteOfTheYear, second?: DSecond, duration?: DSecond, regional?: Regional, ...
} @path-prediction
RequestorPositionVector = seq { position: Position3D, heading?: Angle, speed?: TransmissionAndSpeed, ... }
RequestorDescription = seq {
	id: VehicleID @id, type?: RequestorType, position?: RequestorPositionVector @own-position, name?: DescriptiveName, routeName?: DescriptiveName,
	transitStatus?: bits 8,
	transitOccupancy?: enum
		occupancyUnknown occupancyEmpty occupancyVeryLow occupancyLow occupancyMed occupancyHigh occupancyNearlyFull occupancyFull,
	transitSchedule?: int -122..121 !-122, regional?: Regional, ...
}
SignalRequestMessage = seq {
	timeStamp?: MinuteOfTheYear, second: DSecond, sequenceNumber?: MsgCount, requests?: list 1..32 of SignalRequestPackage,
	requestor: RequestorDescription, regional?: Regional, ...
}

# --- SSM: the sender is the intersection; the requesters are others
SignalRequesterInfo = seq {
	id: VehicleID @object-id, request: RequestID, sequenceNumber: MsgCount, role?: BasicVehicleRole, typeData?: RequestorType, ...
}
PrioritizationResponseStatus = enum
	unknown requested processing watchOtherTraffic granted rejected maxPresence reserviceLocked ... !unknown
SignalStatusPackage = seq {
	requester?: SignalRequesterInfo, inboundOn: IntersectionAccessPoint, outboundOn?: IntersectionAccessPoint, minute?: MinuteOfTheYear,
	second?: DSecond, duration?: DSecond, status: PrioritizationResponseStatus, regional?: Regional, ...
} @object
SignalStatus = seq {
	sequenceNumber: MsgCount, id: IntersectionReferenceID, sigStatus: list 1..32 of SignalStatusPackage, regional?: Regional, ...
}
SignalStatusMessage = seq {
	timeStamp?: MinuteOfTheYear, second: DSecond, sequenceNumber?: MsgCount, status: list 1..32 of SignalStatus, regional?: Regional, ...
}
`;
