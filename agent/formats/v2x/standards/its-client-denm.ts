/**
 * DENM of its-client, versions 1 and 2. Needs its-client-common. Traces and detection zones are ways that lead to the event: the sender came by one.
 */
export const itsClientDenm = `
# One of the two versions
Denm = choice { v1: Denm1, v2: Denm2 }

ActionId = seq { originating_station_id: StationId, sequence_number: int 0..65535 @id }

Denm1 = seq {
	type: enum denm, origin: Origin, version: Version, source_uuid: SourceId, timestamp: EnvelopeTime, path?: RelayPath,
	message: seq {
		protocol_version: int 0..255, station_id: StationId, management_container: Management1, situation_container?: Situation1,
		location_container?: Location1, alacarte_container?: seq { lane_position?: int -1..14, positioning_solution?: int 0.. }
	}
}
Management1 = seq {
	action_id: ActionId, detection_time: ItsTime, reference_time: ItsTime, termination?: int 0..1, event_position: Position1 @event-position,
	relevance_distance?: int 0..7, relevance_traffic_direction?: int 0..3, validity_duration?: int 0..86400,
	transmission_interval?: int 1..10000, station_type?: StationType, confidence?: PositionConfidence1
}
Situation1 = seq { information_quality?: int 0..7, event_type: Cause, linked_cause?: Cause }
Location1 = seq {
	event_speed?: Speed, event_position_heading?: Heading, traces: list 0..7 of seq { path_history: PathHistory1 }, road_type?: int 0..3,
	confidence?: seq { event_speed?: Confidence127, event_position_heading?: Confidence127 }
} @event-position

Denm2 = seq {
	message_type: enum denm, source_uuid: SourceId, timestamp: EnvelopeTime, version: Version, path?: RelayPath,
	message: seq {
		protocol_version: int 0..255, station_id: StationId, management: Management2, situation?: Situation2, location?: Location2,
		alacarte?: Alacarte2
	}
}
Management2 = seq {
	action_id: ActionId, detection_time: ItsTime, reference_time: ItsTime, termination?: int 0..1, event_position: Position2 @event-position,
	awareness_distance?: int 0..7, traffic_direction?: int 0..3, validity_duration?: int 0..86400, transmission_interval?: int 1..10000,
	station_type: StationType
}
Situation2 = seq {
	information_quality: int 0..7, event_type: Cause, linked_cause?: Cause,
	event_zone?: list 0..23 of seq {
		event_position: DeltaPosition, event_delta_time?: int 0..65535 @time*10, information_quality: int 0..7
	} @event-position,
	linked_denms?: list 1..8 of ActionId, event_end?: int -8190..8191 @dx
}
Location2 = seq {
	event_speed?: SpeedValue, event_position_heading?: HeadingValue,
	detection_zones_to_event_position?: list 1..7 of seq { path: PathHistory2 }, road_type?: int 0..3
} @event-position
Alacarte2 = seq {
	lane_position?: int -1..14,
	road_works?: seq {
		light_bar_siren_in_use?: int 0..3,
		closed_lanes?: seq { hard_shoulder_status?: int 0..2, driving_lane_status?: int 0..16383 },
		restriction?: list 1..3 of int 0..255, speed_limit?: int 0..255, incident_indication?: Cause,
		recommended_path?: list 0..40 of DeltaPosition @event-position, starting_point_speed_limit?: DeltaPosition @event-position,
		traffic_flow_rule?: int 0..3,
		reference_denms?: list 0..8 of seq { originating_station_id?: StationId, sequence_number?: int 0..65535 @id }
	},
	positioning_solution?: int 0..6,
	stationary_vehicle?: seq {
		stationary_since?: int 0..3, stationary_cause?: Cause,
		carrying_dangerous_goods?: seq {
			dangerous_goods_type?: int 0..19 @class, un_number?: int 0..9999 @class, elevated_temperature?: bool, tunnels_restricted?: bool,
			limited_quantity?: bool, emergency_action_code?: utf8 1..4, phone_number?: utf8 0..32 @text, company_name?: utf8 1..24 @text
		},
		number_of_occupants?: int 0..127 !127,
		vehicle_identification?: seq { w_m_inumber?: utf8 1..3 @vin, v_d_s?: utf8 6 @vin }, energy_storage_type?: int 0..127
	}
}
`;
