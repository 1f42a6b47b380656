/**
 * A cloud of points from a LiDAR or radar, as rows of fields; the layout that PCD and ROS 2 PointCloud2 share.
 */
export const cloudScalars = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"] as const;
export type CloudScalar = (typeof cloudScalars)[number];

export interface CloudField {
	readonly name: string;
	readonly type: CloudScalar;
	/** Values per point. */
	readonly count: number;
	/** From the start of a point. */
	readonly offsetBytes: number;
}

export interface PointCloud {
	readonly fields: readonly CloudField[];
	readonly pointStepBytes: number;
	/** Rows of an organised cloud; 1 for one without order. `heightPoints * widthPoints` points. */
	readonly heightPoints: number;
	readonly widthPoints: number;
	/** Little-endian, point after point, no padding between rows. */
	readonly data: Uint8Array;
}

/** A box in the cloud's own frame, in metres; `yawRad` about the vertical axis through its centre. */
export interface CloudBox {
	readonly class: string;
	readonly centreM: readonly [number, number, number];
	readonly sizeM: readonly [number, number, number];
	readonly yawRad: number;
}
