/**
 * The compiled form of the schema notation (notation.ts): what a message of a standard can hold, how it is written in bits, and what each part
 * means to privacy. Codecs, the finder of positions and all treatments of messages work from these tables alone.
 */
import type { MessageValue } from "../../../shared/message.ts";

/** What one value means. Coordinates and motion carry the factor that turns them into degrees, metres and metres per second. */
export const leafRoles = [
	"lat",
	"lon",
	"elevation",
	/** Offsets from the nearest reference position around them. */
	"dlat",
	"dlon",
	"delevation",
	/** Metres in the frame of the station that sent it. */
	"dx",
	"dy",
	"dz",
	"speed",
	"heading",
	"yaw",
	"acceleration",
	"steering",
	"odometer",
	"time",
	/** The sender's own, temporary or not. */
	"id",
	/** Of somebody that the sender perceives. */
	"object-id",
	"plate",
	"vin",
	/** Of whoever received or recorded it: stream ids, addresses, file names, packet ids. */
	"stream",
	"size",
	"class",
	/** Text that a person may have written. */
	"text",
	"certificate",
] as const;

/** What a whole part of a message is about. */
export const groupRoles = [
	"own-position",
	"path-history",
	"path-prediction",
	"receiver-position",
	/** One road user or obstacle that the sender perceives. */
	"object",
	"event-position",
	"map-geometry",
	/** The message once more in another encoding. */
	"copy",
] as const;

export type LeafRole = (typeof leafRoles)[number];
export type GroupRole = (typeof groupRoles)[number];
export type Role = LeafRole | GroupRole;

interface Described {
	readonly role?: Role | undefined;
	/** Multiplied with the value it gives degrees, metres, metres per second, degrees per second or milliseconds. Absent: 1. */
	readonly factor?: number | undefined;
	/** The value by which the standard says that nothing is known. */
	readonly unavailable?: MessageValue | undefined;
}

/** Number of bits, octets, characters or elements. */
export interface SizeRange {
	readonly from: number;
	/** Undefined: without limit. */
	readonly to: number | undefined;
	readonly extensible: boolean;
}

export interface IntType extends Described {
	readonly kind: "int";
	readonly from: number | undefined;
	readonly to: number | undefined;
	readonly extensible: boolean;
}
/** In JSON only. */
export interface RealType extends Described {
	readonly kind: "real";
	readonly from: number | undefined;
	readonly to: number | undefined;
}
export interface EnumType extends Described {
	readonly kind: "enum";
	/** In the order of their numbers. */
	readonly names: readonly string[];
	/** In the order in which they were added; undefined: no extension marker. */
	readonly additions: readonly string[] | undefined;
}
export interface BoolType extends Described {
	readonly kind: "bool";
}
export interface NullType extends Described {
	readonly kind: "null";
}
export interface BitsType extends Described {
	readonly kind: "bits";
	readonly size: SizeRange;
}
export interface OctetsType extends Described {
	readonly kind: "octets";
	readonly size: SizeRange;
}
export interface TextType extends Described {
	readonly kind: "text";
	readonly charset: "ia5" | "visible" | "printable" | "numeric" | "utf8";
	/** The permitted characters in ascending order, where the standard narrows them. */
	readonly alphabet?: string | undefined;
	readonly size: SizeRange;
}
export interface Field {
	readonly name: string;
	readonly type: MessageType;
	readonly optional: boolean;
	readonly fallback?: MessageValue | undefined;
}
export interface Addition {
	/** True for additions in double brackets, which share one open type; else there is exactly one field. */
	readonly isGroup: boolean;
	readonly fields: readonly Field[];
}
export interface SeqType extends Described {
	readonly kind: "seq";
	readonly fields: readonly Field[];
	/** Undefined: no extension marker. */
	readonly additions: readonly Addition[] | undefined;
}
export interface ChoiceType extends Described {
	readonly kind: "choice";
	readonly alternatives: readonly Field[];
	readonly additions: readonly Field[] | undefined;
}
export interface ListType extends Described {
	readonly kind: "list";
	readonly size: SizeRange;
	readonly of: MessageType;
}
/** An open type whose content is decided by a sibling with a whole number (an information object class). */
export interface OpenType extends Described {
	readonly kind: "open";
	/** Name of the sibling. */
	readonly by: string;
	/** By the sibling's value; the name is the key in the tree. */
	readonly table: ReadonlyMap<number, Field>;
}

export type MessageType =
	| IntType
	| RealType
	| EnumType
	| BoolType
	| NullType
	| BitsType
	| OctetsType
	| TextType
	| SeqType
	| ChoiceType
	| ListType
	| OpenType;
