/**
 * What became of the messages of each topic of a bag.
 */

import { KerbError } from "../../shared/errors.ts";
import type { RedactionRefusal } from "../../shared/frame.ts";
import type { Tag } from "../../shared/tag.ts";
import type { ReasonCode } from "../../shared/verdict.ts";
import type { BagContent } from "./bag-codec.ts";

/** Why a message of a topic that is taken was not written; beside what the stages and the redactor say. */
export type BagReason =
	| Exclude<ReasonCode, "released">
	| RedactionRefusal
	| "unreadable"
	| "nothing-in-it"
	| "not-in-this-schema"
	| "other-purpose";

export interface BagTopic {
	readonly topic: string;
	/** What it stands for; undefined: it stays out. */
	readonly path: string | undefined;
	/** Names of the schemas of its channels. */
	readonly schemas: Set<string>;
	in: number;
	out: number;
	/** Written messages that a treatment went over. */
	redacted: number;
	readonly reasons: Map<BagReason, number>;
	/** Why the whole topic stays out, for a person. */
	note: string | undefined;
	/** Of its readings, once there was one. */
	tag: Tag | undefined;
	/** Readings so far. */
	sequence: number;
}

export const createTopic = (topic: string, path: string | undefined): BagTopic => ({
	...{ topic, path, schemas: new Set<string>(), in: 0, out: 0, redacted: 0, reasons: new Map<BagReason, number>() },
	...{ note: undefined, tag: undefined, sequence: 0 },
});

export const count = ({ reasons }: BagTopic, reason: BagReason, by = 1): void => {
	reasons.set(reason, (reasons.get(reason) ?? 0) + by);
};

const pathKinds: readonly (readonly [RegExp, BagContent["kind"]])[] = [
	[/^Camera\.(?:Exterior|Cabin)\.[A-Z][A-Za-z0-9]{0,39}$/, "frame"],
	[/^(?:Lidar|Radar)\.[A-Z][A-Za-z0-9]{0,39}$/, "cloud"],
	[/^fix$/, "fix"],
];

/** The kind of reading that a path stands for; undefined for none. */
export const kindOfTopicPath = (path: string): BagContent["kind"] | undefined => pathKinds.find(([form]) => form.test(path))?.[1];

/**
 * What `--topic TOPIC=PATH` says, as often as it was given.
 *
 * @throws KerbError USAGE for another form, and for a topic or a path that is named twice: tracks and rates are kept by path.
 */
export const parseTopicPaths = (written: readonly string[]): ReadonlyMap<string, string> => {
	const paths = new Map<string, string>();
	for (const each of written) {
		const sign = each.lastIndexOf("=");
		const [topic, path] = [each.slice(0, sign), each.slice(sign + 1)];
		if (sign < 1 || kindOfTopicPath(path) === undefined) {
			throw new KerbError(
				"USAGE",
				"--topic: expected TOPIC=PATH with Camera.Exterior.Front, Camera.Cabin.Driver, Lidar.Front, Radar.Front and the like, or fix",
			);
		}
		if (paths.has(topic) || [...paths.values()].includes(path))
			throw new KerbError("USAGE", "--topic: expected each topic and each path once");
		paths.set(topic, path);
	}
	return paths;
};
