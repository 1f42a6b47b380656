/**
 * What treatments of clouds agree on about the objects that the perception found.
 */
import * as v from "valibot";
import type { CloudBox } from "../../shared/cloud.ts";
import { isSoundBox, maxCloudBoxes } from "../formats/cloud-boxes.ts";

/** The class of an object of which nobody says what it is: it is treated as a person. */
export const unclassified = "";

/** Classes are compared without regard to case: perception stacks do not agree on it. */
export const foldClass = (name: string): string => name.trim().toLowerCase();

/** Names of classes as the perception gives them. */
export const classList = v.pipe(
	v.array(v.pipe(v.string(), v.regex(/\S/, "expected a class, got nothing but blanks"), v.maxLength(64))),
	v.minLength(1),
	v.maxLength(64),
	v.check((list) => new Set(list.map(foldClass)).size === list.length, "expected each class once"),
);

/**
 * True when the list can be worked with: somebody looked, there are not more objects than a sensor can tell apart, and every box is somewhere. What depends
 * on objects that are not sound withholds the cloud.
 */
export const areSoundObjects = (objects: readonly CloudBox[] | undefined): objects is readonly CloudBox[] =>
	objects !== undefined && objects.length <= maxCloudBoxes && objects.every(isSoundBox);
