/**
 * What a source senses, raw. A tagged union over `kind`.
 *
 * A reading is plain data and readonly. The bytes of a frame are borrowed: the pipeline overwrites them when the chunk is done.
 */
import type { CloudBox, PointCloud } from "./cloud.ts";
import type { DeliveredBoxes, Pose, RedactionRecord } from "./frame.ts";
import type { MessageFields, MessageForm, MessageValue } from "./message.ts";
import type { BootMs, UtcMs } from "./units.ts";

interface Sensed {
	/** The configured id of the source, such as `can0`. Stays inside the unit. */
	readonly sourceId: string;
	/** When it was taken. Recordings keep their own time; live readings have the receiver's UTC or the box's clock. */
	readonly takenAtMs: UtcMs;
	/** The box's monotonic clock when it was read; the order of readings within one boot. */
	readonly bootMs: BootMs;
}

/** A bigint appears only where a raw value has more than 53 bits and no exact number exists. */
export type SignalValue = number | bigint | string | boolean;

/** One named value. `path` is the source's own name (`Message.Signal` on CAN) until `tag` has given it its VSS path. */
export interface Signal extends Sensed {
	readonly kind: "signal";
	readonly path: string;
	readonly value: SignalValue;
}

/** The horizontal datum of a coordinate. What is not known is `unknown` and is handled as raw (regulations S-05). */
export type Datum = "wgs84" | "cgcs2000" | "gcj02" | "bd09" | "local" | "unknown";

/** One position of the unit itself. */
export interface Fix extends Sensed {
	readonly kind: "fix";
	/** -90 to 90. */
	readonly latDeg: number;
	/** -180 to 180. */
	readonly lonDeg: number;
	readonly datum: Datum;
	/** 2 when there is no usable altitude, 3 when there is. A source never yields a fix for less. */
	readonly mode: 2 | 3;
	/** Estimated horizontal error, 68 % or 95 % as the receiver states it. */
	readonly accuracyM?: number;
	/** Above the ellipsoid or mean sea level, as the receiver states it. */
	readonly altitudeM?: number;
	/** Over ground, 0 or more. */
	readonly speedMps?: number;
	/** Course over ground, 0 to 360, clockwise from true north. */
	readonly courseDeg?: number;
}

/** One message of another road user or a roadside unit, or of the unit itself, as V2X brought it. */
export interface V2xMessage extends Sensed {
	readonly kind: "message";
	/** `V2X.<family>.<message>`, such as `V2X.J2735.BSM`: what the catalogue and rules name it by. */
	readonly path: string;
	/** How it came and how it leaves; names its schema together with `path`. */
	readonly form: MessageForm;
	/** Of every position in it. */
	readonly datum: Datum;
	readonly content: MessageFields;
}

/** How many road users passed a cell in a span of time. No source senses it: `aggregate-flow` makes it of positions. */
export interface Flow extends Sensed {
	readonly kind: "flow";
	/** The centre of the cell. */
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly datum: Datum;
	/** The shortest side of the cell, in metres. */
	readonly cellM: number;
	/** The span begins at `takenAtMs` and has this length. */
	readonly windowMs: number;
	/** Different road users; never below the treatment's smallest group. */
	readonly subjects: number;
	/** Mean over all of them, in metres per second, where speeds were known. */
	readonly meanSpeedMps?: number;
}

/** One picture. A step that keeps its bytes beyond the chunk copies them. */
export interface Frame extends Sensed {
	readonly kind: "frame";
	/** `Camera.Exterior.<function>` or `Camera.Cabin.<function>`: what the catalogue and rules name it by. */
	readonly path: string;
	readonly zone: "exterior" | "cabin";
	/** Counts up by one per frame of a camera. */
	readonly sequence: number;
	readonly jpeg: Uint8Array;
	/** What the vehicle's perception found in it. */
	readonly delivered?: DeliveredBoxes;
	readonly pose?: Pose;
	/** Present once it was redacted; nothing but a treatment sets it. */
	readonly redaction?: RedactionRecord;
}

/** One sweep of a LiDAR or radar. */
export interface Cloud extends Sensed {
	readonly kind: "cloud";
	/** `Lidar.<name>` or `Radar.<name>`. */
	readonly path: string;
	readonly cloud: PointCloud;
	/** What the vehicle's perception found in it; undefined when nobody looked. */
	readonly objects?: readonly CloudBox[];
	readonly pose?: Pose;
}

/** One feature of a map, as GeoJSON (RFC 7946) has it. */
export interface MapFeature extends Sensed {
	readonly kind: "map";
	/** `Map.<layer>`, such as `Map.Lane`. */
	readonly path: string;
	readonly datum: Datum;
	readonly geometry: MapGeometry;
	readonly properties: MessageFields;
}

export interface MapGeometry {
	readonly type: "Point" | "LineString" | "Polygon" | "MultiPoint" | "MultiLineString" | "MultiPolygon";
	/** Degrees, longitude first, then latitude, then metres of height if there is one; nested as the type has it. */
	readonly coordinates: MessageValue;
}

export type Reading = Signal | Fix | V2xMessage | Flow | Frame | Cloud | MapFeature;

export const readingKinds = ["signal", "fix", "message", "flow", "frame", "cloud", "map"] as const satisfies readonly Reading["kind"][];
export type ReadingKind = (typeof readingKinds)[number];
