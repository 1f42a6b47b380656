/**
 * MessageFrame of SAE J2735 (2024-09), clause 5: the envelope of every message, with the messages that are known here by their numbers.
 */
export const j2735Frame = `
MessageFrame = seq {
	messageId: int 0..32767,
	value: open by messageId {
		18: MapData: MapData, 19: SPAT: SPAT, 20: BasicSafetyMessage: BasicSafetyMessage, 29: SignalRequestMessage: SignalRequestMessage,
		30: SignalStatusMessage: SignalStatusMessage, 31: TravelerInformation: TravelerInformation,
		32: PersonalSafetyMessage: PersonalSafetyMessage, 41: SensorDataSharingMessage: SensorDataSharingMessage
	},
	...
}
`;
