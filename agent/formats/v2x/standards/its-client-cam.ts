/**
 * CAM of its-client, versions 1 and 2. Needs its-client-common.
 */
import { jsonAllFlags } from "../json-flags.ts";

export const itsClientCam = `
# One of the two versions
Cam = choice { v1: Cam1, v2: Cam2 }

Cam1 = seq {
	type: enum cam, origin: Origin, version: Version, source_uuid: SourceId, timestamp: EnvelopeTime,
	message: seq {
		protocol_version: int 0..255, station_id: StationId, generation_delta_time: DeltaTime,
		basic_container: seq { station_type?: StationType, reference_position: Position1, confidence?: PositionConfidence1 } @own-position,
		high_frequency_container: HighFrequency1, low_frequency_container?: LowFrequency1
	}
}
HighFrequency1 = seq {
	heading?: Heading, speed?: Speed, drive_direction?: int 0..2, vehicle_length?: Length, vehicle_width?: Width, curvature?: Curvature,
	curvature_calculation_mode?: int 0..2, longitudinal_acceleration?: Acceleration, yaw_rate?: YawRate,
	acceleration_control?: ia5 7 of "01", lane_position?: int -1..14, lateral_acceleration?: Acceleration,
	vertical_acceleration?: Acceleration,
	confidence?: seq {
		heading?: Confidence127, speed?: Confidence127, vehicle_length?: int 0..4, yaw_rate?: int 0..8,
		longitudinal_acceleration?: AccelerationConfidence, curvature?: int 0..7, lateral_acceleration?: AccelerationConfidence,
		vertical_acceleration?: AccelerationConfidence
	}
}
LowFrequency1 = seq { vehicle_role?: int 0..15 @class, exterior_lights: ia5 8 of "01", path_history: PathHistory1 }

Cam2 = seq {
	message_type: enum cam, message_format?: enum "json/raw", source_uuid: SourceId, timestamp: EnvelopeTime, version: Version,
	linked_station_id?: StationId,
	message: seq {
		protocol_version: int 0..255, station_id: StationId, generation_delta_time: DeltaTime,
		basic_container: seq { station_type: StationType, reference_position: Position2 } @own-position,
		high_frequency_container: HighFrequency2,
		low_frequency_container?: seq { basic_vehicle_container_low_frequency: LowFrequency2 },
		special_vehicle_container?: SpecialVehicle
	}
}
HighFrequency2 = choice { basic_vehicle_container_high_frequency: Vehicle2, rsu_container_high_frequency: Rsu2 }
Vehicle2 = seq {
	heading: HeadingValue, speed: SpeedValue, drive_direction: int 0..2, vehicle_length: seq { value: Length, confidence: int 0..4 },
	vehicle_width: Width, longitudinal_acceleration: AccelerationValue, curvature: seq { value: Curvature, confidence: int 0..7 },
	curvature_calculation_mode: int 0..2, yaw_rate: YawRateValue,
	acceleration_control?: ${jsonAllFlags(`brake_pedal_engaged gas_pedal_engaged emergency_brake_engaged collision_warning_engaged acc_engaged
	cruise_control_engaged speed_limiter_engaged`)},
	lane_position?: int -1..14, steering_wheel_angle?: seq { value: int -511..512 @steering*1.5 !512, confidence: Confidence127 },
	lateral_acceleration?: AccelerationValue, vertical_acceleration?: AccelerationValue, performance_class?: int 0..7,
	# The tolling zone that the vehicle is in says where it is.
	cen_dsrc_tolling_zone?: seq {
		protected_zone_latitude: Latitude, protected_zone_longitude: Longitude, cen_dsrc_tolling_zone_id?: int 0..134217727 @id
	} @own-position
}
Rsu2 = seq {
	protected_communication_zones_rsu?: list 1..16 of seq {
		protected_zone_type: int 0..1, expiry_time?: ItsTime, protected_zone_latitude: Latitude, protected_zone_longitude: Longitude,
		protected_zone_radius?: int 1..255, protected_zone_id?: int 0..134217727
	} @map-geometry
}
LowFrequency2 = seq {
	vehicle_role: int 0..15 @class,
	exterior_lights: ${jsonAllFlags(`low_beam_headlights_on high_beam_headlights_on left_turn_signal_on right_turn_signal_on
	daytime_running_lights_on reverse_light_on fog_light_on parking_lights_on`)},
	path_history: PathHistory2
}
Incident = seq { cc_and_scc: Cause }
SpecialVehicle = choice {
	public_transport_container: seq {
		embarkation_status: bool, pt_activation?: seq { pt_activation_type: int 0..255, pt_activation_data: visible 1..20 @id }
	},
	special_transport_container: seq {
		special_transport_type: ${jsonAllFlags("heavy_load excess_width excess_length excess_height")}, light_bar_siren_in_use: LightBar
	},
	dangerous_goods_container: seq { dangerous_goods_basic: int 0..19 @class },
	road_works_container_basic: seq {
		road_works_sub_cause_code?: int 0..255, light_bar_siren_in_use: LightBar,
		closed_lanes?: seq {
			inner_hard_shoulder_status?: int 0..2, outer_hard_shoulder_status?: int 0..2,
			driving_lane_status?: ${jsonAllFlags(Array.from({ length: 13 }, (_, index) => `lane_${index + 1}_closed`).join(" "))}
		}
	},
	rescue_container: seq { light_bar_siren_in_use: LightBar },
	emergency_container: seq {
		light_bar_siren_in_use: LightBar, incident_indication?: Incident,
		emergency_priority?: ${jsonAllFlags("request_for_right_of_way request_for_free_crossing_at_a_traffic_light")}
	},
	safety_car_container: seq {
		light_bar_siren_in_use: LightBar, incident_indication?: Incident, traffic_rule?: int 0..4, speed_limit?: int 1..255
	}
}
`;
