/**
 * What the agent says of a reading at its source. A tag is made once per (kind, path) when the catalogue or the overlay changes, never per
 * reading; readings share it.
 */
import type { Reading } from "./reading.ts";

/** From harmless to untouchable. Important means important data in the sense of the law; core is a flag of the state (regulations P-24). */
export const levels = ["general", "personal", "sensitive-personal", "important", "core"] as const;
export type Level = (typeof levels)[number];

/** Negative, zero or positive as `a` is lower than, equal to or higher than `b`. */
export const compareLevels = (a: Level, b: Level): number => levels.indexOf(a) - levels.indexOf(b);

export type Zone = "exterior" | "cabin" | "vehicle";

/** Index of a row in the catalogue in force. Means nothing under another catalogue. */
export type CategoryIndex = number & { readonly __table: "category" };

/** Dense index of a tag within one tagger: plans are arrays over it. Means nothing under another tagger. */
export type TagIndex = number & { readonly __table: "tag" };

/** The category of all that no row of the catalogue maps; handled as important (regulations T-02). */
export const unknownCategoryId = "unknown";

export interface Tag {
	readonly index: TagIndex;
	readonly category: CategoryIndex;
	readonly categoryId: string;
	readonly level: Level;
	readonly zone: Zone;
	/** Geometry with attributes counts as surveying and mapping (regulations S-01). */
	readonly surveying: boolean;
	/** The VSS path of a signal, or the kind of anything else: what `paths` of a release rule are matched with. */
	readonly path: string;
}

export type Tagged<R extends Reading = Reading> = R & { readonly tag: Tag };
