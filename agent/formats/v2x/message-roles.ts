/**
 * Roles by what they give away.
 */
import type { MessagePlace } from "./message-lowering.ts";
import type { Role } from "./message-type.ts";

const places: ReadonlySet<string> = new Set<Role>(["lat", "lon", "elevation", "dlat", "dlon", "delevation", "dx", "dy", "dz"]);
const heights: ReadonlySet<string> = new Set<Role>(["elevation", "delevation", "dz"]);
const motions: ReadonlySet<string> = new Set<Role>(["speed", "heading", "yaw", "acceleration", "steering", "odometer"]);

type HasRole = { readonly role?: Role | undefined };

/** A coordinate or a part of one. */
export const isPlaceLeaf = ({ role }: HasRole): boolean => role !== undefined && places.has(role);

export const isHeight = ({ role }: HasRole): boolean => role !== undefined && heights.has(role);

/** What leads from one position to the next by dead reckoning. */
export const isMotion = ({ role }: HasRole): boolean => role !== undefined && motions.has(role);

/**
 * How exact a position is, which tells receivers, and streets from courtyards, apart. The standards have no role for it, but they all call it so:
 * accuracy, posAccuracy, positionConfidenceEllipse, position_confidence_ellipse, posConfidence.
 */
export const isAccuracy = ({ name }: Pick<MessagePlace, "name">): boolean => accuracyName.test(name.replaceAll(/[-_]/g, ""));

const accuracyName =
	/^(?:pos|position|positional)?accuracy$|confidenceellipse$|^pos(?:ition)?confidence$|^semi(?:major|minor)|^refpos.*conf$/i;
