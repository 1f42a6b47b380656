/**
 * Names of fields, as the drivers of LiDARs and radars write them, by what they tell. A name that is in no list tells nobody knows what.
 */

export const positionFields = ["x", "y", "z"] as const;

/** Tells how a point was taken or which way a surface stands: nothing that could be read like a plate or looked at like a picture. */
export const harmlessFields = [
	"ring",
	"channel",
	"line",
	"laser_id",
	"row",
	"column",
	"return_number",
	"return_type",
	"return_count",
	"t",
	"time",
	"time_offset",
	"velocity",
	"doppler",
	"normal_x",
	"normal_y",
	"normal_z",
	"curvature",
	"label",
	"class",
	"length",
	"width",
	"height",
	"yaw",
] as const;

/** How strongly or in which colour a surface answers: paint, plates and signs can be read of it. */
export const surfaceFields = [
	"intensity",
	"intensities",
	"i",
	"reflectivity",
	"reflectance",
	"reflectivities",
	"ambient",
	"near_ir",
	"noise",
	"signal",
	"rcs",
	"power",
	"snr",
	"rgb",
	"rgba",
	"r",
	"g",
	"b",
] as const;

/** What a field in one of the lists has: one value. A longer one could hold anything under a harmless name. */
export const maxListedCount = 1;
