/**
 * SPAT of SAE J2735 (2024-09), clause 5: what the signals of intersections show. Needs j2735-common.
 */
export const j2735Spat = `
# Tenths of a second in the hour; 36001 is unknown
TimeMark = int 0..36001 @time*100 !36001
ZoneLength = int 0..10000
MovementPhaseState = enum
	unavailable dark stop-Then-Proceed stop-And-Remain pre-Movement permissive-Movement-Allowed protected-Movement-Allowed
	permissive-clearance protected-clearance caution-Conflicting-Traffic !unavailable
TimeChangeDetails = seq {
	startTime?: TimeMark, minEndTime: TimeMark, maxEndTime?: TimeMark, likelyTime?: TimeMark, confidence?: int 0..15, nextTime?: TimeMark
}
# An advice is nobody's motion; 0.1 m/s
AdvisorySpeed = seq {
	type: enum none greenwave ecoDrive transit ..., speed?: int 0..500, confidence?: SpeedConfidence, distance?: ZoneLength,
	class?: RestrictionClassID, regional?: Regional, ...
}
MovementEvent = seq {
	eventState: MovementPhaseState, timing?: TimeChangeDetails, speeds?: list 1..16 of AdvisorySpeed, regional?: Regional, ...
}
# pedBicycleDetect: somebody waits there
ConnectionManeuverAssist = seq {
	connectionID: LaneConnectionID, queueLength?: ZoneLength, availableStorageLength?: ZoneLength, waitOnStop?: bool,
	pedBicycleDetect?: bool, regional?: Regional, ...
}
ManeuverAssistList = list 1..16 of ConnectionManeuverAssist
MovementState = seq {
	movementName?: DescriptiveName, signalGroup: SignalGroupID, state-time-speed: list 1..16 of MovementEvent,
	maneuverAssistList?: ManeuverAssistList, regional?: Regional, ...
}
IntersectionState = seq {
	name?: DescriptiveName, id: IntersectionReferenceID, revision: MsgCount, status: bits 16, moy?: MinuteOfTheYear, timeStamp?: DSecond,
	enabledLanes?: list 1..16 of LaneID, states: list 1..255 of MovementState, maneuverAssistList?: ManeuverAssistList, regional?: Regional,
	...,
	roadAuthorityID?: RoadAuthorityID                                       # since 2023
}
SPAT = seq {
	timeStamp?: MinuteOfTheYear, name?: DescriptiveName, intersections: list 1..32 of IntersectionState, regional?: Regional, ...
}
`;
