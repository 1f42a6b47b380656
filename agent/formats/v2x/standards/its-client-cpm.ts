/**
 * CPM of its-client, versions 1 and 2: what a station perceives around it. Distances are centimetres in its frame. Needs its-client-common.
 */
import { jsonAllFlags } from "../json-flags.ts";

export const itsClientCpm = `
# One of the two versions
Cpm = choice { v1: Cpm1, v2: Cpm2 }

Angle = int 0..3601 @heading*0.1 !3601
# Of one direction: with a sign
AxisSpeed = int -16383..16383 @speed*0.01 !16383
# Where a sensor looks says where the station is no more than its own position does, in centimetres.
Metres100 = int -32768..32767

# --- version 1
Cpm1 = seq {
	type: enum cpm, origin: Origin, version: Version, source_uuid: SourceId, timestamp: EnvelopeTime,
	message: seq {
		protocol_version: int 0..255, station_id: StationId, generation_delta_time: DeltaTime,
		management_container: seq {
			station_type: int 0..254 @class, reference_position: Position1, confidence: FullConfidence1
		} @own-position,
		station_data_container?: StationData1, sensor_information_container?: list 1..128 of Sensor1,
		perceived_object_container?: list 1..128 of Object1, free_space_addendum_container?: list 1..128 of FreeSpace1
	}
}
FullConfidence1 = seq {
	position_confidence_ellipse: seq {
		semi_major_confidence: int 0..4095 !4095, semi_minor_confidence: int 0..4095 !4095, semi_major_orientation: int 0..3601 !3601
	},
	altitude: int 0..15 !15
}
StationData1 = choice {
	originating_vehicle_container: seq {
		heading: Heading, speed: Speed, drive_direction?: int 0..2, vehicle_length?: Length, vehicle_width?: Width,
		longitudinal_acceleration?: Acceleration, yaw_rate?: YawRate, lateral_acceleration?: Acceleration,
		vertical_acceleration?: Acceleration,
		confidence: seq {
			heading: Confidence127, speed: Confidence127, vehicle_length?: int 0..4, yaw_rate?: int 0..8,
			longitudinal_acceleration?: AccelerationConfidence, lateral_acceleration?: AccelerationConfidence,
			vertical_acceleration?: AccelerationConfidence
		}
	},
	originating_rsu_container: seq {
		region?: int 0..65535, intersection_reference_id?: int 0..65535, road_segment_reference_id?: int 0..65535
	} @own-position
}
Offset1 = seq { x: Metres100 @dx*0.01, y: Metres100 @dy*0.01, z?: Metres100 @dz*0.01 }
Range1 = int 0..10000
Opening1 = seq {
	range: Range1, horizontal_opening_angle_start: Angle, horizontal_opening_angle_end: Angle, vertical_opening_angle_start?: Angle,
	vertical_opening_angle_end?: Angle
}
Circle1 = seq { node_center_point?: Offset1, radius: Range1 }
Ellipse1 = seq {
	node_center_point?: Offset1, semi_major_range_length: Range1, semi_minor_range_length: Range1, semi_major_range_orientation: Angle,
	semi_height?: Range1
}
Sensor1 = seq {
	sensor_id: int 0..255, type: int 0..15,
	detection_area: seq {
		vehicle_sensor?: seq {
			ref_point_id?: int 0..255, x_sensor_offset: int -3094..1001 @dx*0.01, y_sensor_offset: int -1000..1000 @dy*0.01,
			z_sensor_offset?: int 0..1000 @dz*0.01, vehicle_sensor_property_list: list 1..10 of Opening1
		},
		stationary_sensor_radial?: seq {
			range: Range1, horizontal_opening_angle_start: Angle, horizontal_opening_angle_end: Angle, vertical_opening_angle_start?: Angle,
			vertical_opening_angle_end?: Angle, sensor_position_offset?: Offset1
		},
		stationary_sensor_polygon?: list 3..16 of Offset1, stationary_sensor_circular?: Circle1, stationary_sensor_ellipse?: Ellipse1,
		stationary_sensor_rectangle?: Ellipse1
	}
} @map-geometry
Object1 = seq {
	object_id: int 0..255 @object-id, time_of_measurement: int -1500..1500 @time, x_distance: int -132768..132767 @dx*0.01,
	y_distance: int -132768..132767 @dy*0.01, z_distance?: int -132768..132767 @dz*0.01, x_speed: AxisSpeed, y_speed: AxisSpeed,
	z_speed?: AxisSpeed, x_acceleration?: Acceleration, y_acceleration?: Acceleration, z_acceleration?: Acceleration, roll_angle?: Angle,
	pitch_angle?: Angle, yaw_angle?: Angle, roll_rate?: YawRate, pitch_rate?: YawRate, yaw_rate?: YawRate, roll_acceleration?: YawRate,
	pitch_acceleration?: YawRate, yaw_acceleration?: YawRate,
	lower_triangular_correlation_matrix_columns?: list 1..17 of list 1..17 of int -100..100,
	planar_object_dimension_1?: int 0..1023 @size*0.1, planar_object_dimension_2?: int 0..1023 @size*0.1,
	vertical_object_dimension?: int 0..1023 @size*0.1, object_ref_point?: int 0..8, object_age: int 0..1500,
	sensor_id_list?: list 1..128 of int 0..255, dynamic_status?: int 0..2, classification?: list 1..8 of Classification1,
	matched_position?: seq { lane_id?: int 0..255, longitudinal_lane_position?: int 0..32767 },
	confidence: seq {
		x_distance: int 0..4095, y_distance: int 0..4095, z_distance?: int 0..4095, x_speed: int 0..7, y_speed: int 0..7, z_speed?: int 0..7,
		x_acceleration?: AccelerationConfidence, y_acceleration?: AccelerationConfidence, z_acceleration?: AccelerationConfidence,
		roll_angle?: Confidence127, pitch_angle?: Confidence127, yaw_angle?: Confidence127, roll_rate?: int 0..8, pitch_rate?: int 0..8,
		yaw_rate?: int 0..8, roll_acceleration?: int 0..8, pitch_acceleration?: int 0..8, yaw_acceleration?: int 0..8,
		planar_object_dimension_1?: int 0..102, planar_object_dimension_2?: int 0..102, vertical_object_dimension?: int 0..102,
		longitudinal_lane_position?: int 0..102, object: int 0..15
	}
} @object
Classification1 = seq {
	object_class: choice {
		vehicle: int 0..255 @class,
		single_vru: choice {
			pedestrian: int 0..15 @class, bicyclist: int 0..15 @class, motorcylist: int 0..15 @class, animal: int 0..15 @class
		},
		vru_group: seq {
			group_type: ${jsonAllFlags("pedestrian bicyclist motorcyclist animal")}, group_size: int 0..255 @size, cluster_id?: int 0..255 @object-id
		},
		other: int 0..255 @class
	},
	confidence: int 0..101 !101
}
FreeSpace1 = seq {
	free_space_area?: choice {
		free_space_polygon: list 3..16 of Offset1, free_space_circular: Circle1, free_space_ellipse: Ellipse1,
		free_space_rectangle: Ellipse1
	},
	free_space_confidence?: int 0..101, sensor_id_list?: list 1..128 of int 0..255, shadowing_applies?: bool
} @map-geometry

# --- version 2
Cpm2 = seq {
	message_type: enum cpm, source_uuid: SourceId, timestamp: EnvelopeTime, version: Version, object_id_rotation_count?: int 0..255,
	message: seq {
		protocol_version: int 0..255, station_id: StationId, management_container: Management2,
		originating_vehicle_container?: OriginatingVehicle2, originating_rsu_container?: list 0..16 of MapReference2 @own-position,
		sensor_information_container?: list 1..128 of Sensor2, perception_region_container?: list 1..256 of Region2,
		perceived_object_container?: list 0..255 of Object2
	}
}
Rate2 = seq { mantissa: int 1..100, exponent: int -5..2 }
Management2 = seq {
	reference_time: ItsTime, reference_position: Position2, segmentation_info?: seq { total_msg_no: int 1..8, this_msg_no: int 1..8 },
	message_rate_range?: seq { message_rate_min: Rate2, message_rate_max: Rate2 }
} @own-position
AngleValue = seq { value: Angle, confidence: Confidence127 }
OriginatingVehicle2 = seq {
	orientation_angle: AngleValue, pitch_angle?: AngleValue, roll_angle?: AngleValue,
	trailer_data_set?: list 0..8 of seq {
		ref_point_id: int 0..255, hitch_point_offset: int 0..255 @size*0.1, hitch_angle: AngleValue, front_overhang?: int 0..255 @size*0.1,
		rear_overhang?: int 0..255 @size*0.1, trailer_width?: Width
	}
}
RoadId2 = seq { id: int 0..65535, region?: int 0..65535 }
MapReference2 = choice { road_segment: RoadId2, intersection: RoadId2 }
Point2 = seq {
	x_coordinate: int -32768..32767 @dx*0.01, y_coordinate: int -32768..32767 @dy*0.01, z_coordinate?: int -32768..32767 @dz*0.01
}
Range2 = int 0..4095
Radial2 = seq {
	range: Range2, stationary_horizontal_opening_angle_start: Angle, stationary_horizontal_opening_angle_end: Angle,
	shape_reference_point?: Point2, vertical_opening_angle_start?: Angle, vertical_opening_angle_end?: Angle
}
Shape2 = choice {
	rectangular: seq {
		center_point?: Point2, semi_length: int 0..102, semi_breadth: int 0..102, orientation?: Angle, height?: Range2
	},
	circular: seq { radius: Range2, shape_reference_point?: Point2, height?: Range2 },
	polygonal: seq { polygon: list 0..16 of Point2, shape_reference_point?: Point2, height?: Range2 },
	elliptical: seq {
		semi_major_axis_length: Range2, semi_minor_axis_length: Range2, shape_reference_point?: Point2, orientation?: Angle, height?: Range2
	},
	radial: Radial2,
	radial_shapes: seq {
		ref_point_id: int 0..255, x_coordinate: int -3094..1001 @dx*0.01, y_coordinate: int -3094..1001 @dy*0.01,
		z_coordinate?: int -3094..1001 @dz*0.01, radial_shapes_list: list 0..16 of Radial2
	}
}
Sensor2 = seq {
	sensor_id: int 0..255, sensor_type: int 0..31, perception_region_shape?: Shape2, perception_region_confidence?: int 1..101,
	shadowing_applies: bool
} @map-geometry
Region2 = seq {
	measurement_delta_time: int -2048..2047 @time, perception_region_confidence: int 1..101, perception_region_shape: Shape2,
	shadowing_applies: bool, sensor_id_list?: list 1..128 of int 0..255, perceived_object_ids?: list 0..255 of int 0..65535 @object-id
} @map-geometry
DistanceX = seq { value: int -131072..131071 @dx*0.01 !131071, confidence: int 1..4096 !4096 }
DistanceY = seq { value: int -131072..131071 @dy*0.01 !131071, confidence: int 1..4096 !4096 }
DistanceZ = seq { value: int -131072..131071 @dz*0.01 !131071, confidence: int 1..4096 !4096 }
AxisSpeedValue = seq { value: AxisSpeed, confidence: Confidence127 }
Dimension2 = seq { value: int 1..256 @size*0.1 !256, confidence: int 1..32 !32 }
Object2 = seq {
	measurement_delta_time: int -2048..2047 @time,
	position: seq { x_coordinate: DistanceX, y_coordinate: DistanceY, z_coordinate?: DistanceZ }, object_id?: int 0..65535 @object-id,
	velocity?: choice {
		polar_velocity: seq { velocity_magnitude: SpeedValue, velocity_direction: AngleValue, z_velocity?: AxisSpeedValue },
		cartesian_velocity: seq { x_velocity: AxisSpeedValue, y_velocity: AxisSpeedValue, z_velocity?: AxisSpeedValue }
	},
	acceleration?: choice {
		polar_acceleration: seq {
			acceleration_magnitude: seq { value: int 0..161 @acceleration*0.1 !161, confidence: AccelerationConfidence },
			acceleration_direction: AngleValue, z_acceleration?: AccelerationValue
		},
		cartesian_acceleration: seq {
			x_acceleration: AccelerationValue, y_acceleration: AccelerationValue, z_acceleration?: AccelerationValue
		}
	},
	angles?: seq { z_angle: AngleValue, y_angle?: AngleValue, x_angle?: AngleValue },
	z_angular_velocity?: seq { value: int -255..256 @yaw !256, confidence: int 0..7 !7 },
	lower_triangular_correlation_matrices?: list 1..4 of seq {
		components_included_in_the_matrix: ${jsonAllFlags(`x_position y_position z_position x_velocity_or_velocity_magnitude
		y_velocity_or_velocity_direction z_speed x_accel_or_accel_magnitude y_accel_or_accel_direction z_acceleration z_angle y_angle x_angle
		z_angular_velocity`)},
		matrix: list 1..13 of list 0..13 of list 1..13 of int -100..101
	},
	object_dimension_z?: Dimension2, object_dimension_y?: Dimension2, object_dimension_x?: Dimension2, object_age?: int -2048..2047,
	object_perception_quality?: int 0..15, sensor_id_list?: list 1..128 of int 0..255, classification?: list 1..8 of Classification2,
	map_position?: seq {
		map_reference?: MapReference2, lane_id?: int 0..255, connection_id?: int 0..255,
		longitudinal_lane_position?: seq { value: int 0..32767, confidence: int 0..1023 }
	}
} @object
Classification2 = seq {
	object_class: choice {
		vehicle: int 0..255 @class,
		vru: choice {
			pedestrian: int 0..15 @class, bicyclist_and_light_vru_vehicle: int 0..15 @class, motorcylist: int 0..15 @class,
			animal: int 0..15 @class
		},
		group: seq {
			cluster_bounding_box_shape: Shape2, cluster_cardinality_size: int 0..255 @size, cluster_id?: int 0..255 @object-id,
			cluster_profiles?: ${jsonAllFlags("pedestrian bicyclist motorcyclist animal")}
		},
		other: int 0..255 @class
	},
	confidence: int 1..101 !101
}
`;
