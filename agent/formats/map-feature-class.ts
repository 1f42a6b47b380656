/**
 * Whether a map feature is itself a thing that no map may hold (a contour, a power line, a barracks): then its geometry tells as much as its
 * attributes, and it goes as a whole.
 *
 * A feature is one by its layer, by a name anywhere in its properties (`military`, `power`), or by a short text that is a class (`type: "contour"`).
 * What stands along a road (its objects, signals, lanes) makes no such thing of the road.
 */
import type { MessageValue } from "../../shared/message.ts";
import { deniedBy } from "./map-attribute-lists.ts";
import { normalName } from "./map-attribute-names.ts";
import { allowedKinds } from "./map-attributes-allowed.ts";
import { mapLimits } from "./map-limits.ts";
import { jsonIn, namesIn } from "./map-strip.ts";
import { isFields } from "./map-tree.ts";

/** Parts of a feature that are things of their own. */
const alongside: ReadonlySet<string> = new Set([
	"object",
	"objects",
	"signal",
	"signals",
	"lane",
	"lanes",
	"member",
	"members",
	"railroad",
	"crossing",
]);

const maxTexts = 4;

const isFeatureName = (name: string): boolean => deniedBy(name).some(({ removes }) => removes === "feature");

/** Columns that every feature of a table has say nothing while they are empty. */
const saysNo = (value: MessageValue): boolean =>
	value === null ||
	value === false ||
	value === 0 ||
	(typeof value === "string" && /^\s*(?:|no|none|null|false|0|n|否|无)\s*$/i.test(value));

const maxClassWords = 4;

const isClass = (text: string): boolean => text.length <= 64 && normalName(text).words.length <= maxClassWords;

const isDeniedIn = (value: MessageValue, depth: number, texts: number): boolean => {
	if (depth > mapLimits.propertyDepth + maxTexts) return true;
	if (typeof value === "string") {
		const inner = jsonIn(value);
		if (inner !== undefined) return texts >= maxTexts || isDeniedIn(inner, depth + 1, texts + 1);
		return isClass(value) ? namesIn(value).some(isFeatureName) : namesIn(value).slice(1).some(isFeatureName);
	}
	if (Array.isArray(value)) return value.some((item: MessageValue) => isDeniedIn(item, depth + 1, texts));
	if (!isFields(value)) return false;
	return Object.entries(value).some(([name, item]) => {
		const { letters } = normalName(name);
		if (alongside.has(letters)) return false;
		if (isFeatureName(name) && !saysNo(item)) return true;
		if (typeof item === "string" && allowedKinds(letters, "home").includes("name")) return false;
		return isDeniedIn(item, depth + 1, texts);
	});
};

/** True for a feature that must not leave at all. `layer` is the last part of its path. */
export const isDeniedFeature = (layer: string, properties: MessageValue): boolean =>
	deniedBy(layer).length > 0 || isDeniedIn(properties, 0, 0);
