/**
 * Content that fits no type: treatments take it for what its schema says, and neither throw nor pass on what they could not judge.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { stripUnspeakable } from "../../agent/formats/v2x/message-erase.ts";
import { erasePositions } from "../../agent/formats/v2x/message-position-erase.ts";
import { positionsOf } from "../../agent/formats/v2x/message-positions.ts";
import { treatments } from "../../agent/treat/registry.ts";
import type { MessageFields, MessageValue } from "../../shared/message.ts";
import { testFacilities } from "../contract/treatment-contract.ts";
import { anyContent, messagePaths, taggedMessage, uperShape } from "../fakes/any-message.ts";
import { frozen } from "../fakes/message-leaves.ts";

const anyValue: fc.Arbitrary<MessageValue> = fc.oneof(
	fc.constantFrom<MessageValue>(null, true, "", "?", [], {}, { "?": "00" }, [[]], Number.NaN, 1e300, -1e300, "900000001", "__proto__"),
	fc.integer(),
	fc.string({ maxLength: 8 }),
);

/** The tree with the value at one place, counted through, replaced. */
const replaced = (tree: MessageValue, at: { left: number }, by: MessageValue): MessageValue => {
	at.left -= 1;
	if (at.left === 0) return by;
	if (Array.isArray(tree)) return tree.map((inner: MessageValue) => replaced(inner, at, by));
	if (typeof tree !== "object" || tree === null) return tree;
	return Object.fromEntries(Object.entries(tree).map(([name, inner]: [string, MessageValue]) => [name, replaced(inner, at, by)]));
};

const options: Readonly<Record<string, Record<string, unknown>>> = {
	"round-position": { cellM: 100 },
	"cloak-time": { toMs: 900_000 },
	"rotate-id": { rotateMs: 3_600_000 },
	"strip-path": {},
	"filter-speed": { minMps: 1 },
	"thin-rate": { everyMs: 1 },
	"drop-field": { messageRoles: ["size"] },
	"perturb-position": { epsilonPerM: 0.01, budgetPerM: 1, windowMs: 60_000 },
	"aggregate-flow": { cellM: 200 },
};

it.each(messagePaths)("no content of %s makes a treatment throw", (path) => {
	const shape = uperShape(path);
	const steps = Object.entries(options).map(([type, each]) => {
		const plugin = treatments.get(type);
		if (plugin === undefined) throw new Error(type);
		return plugin.compile(
			{ type, ...(type === "aggregate-flow" ? { windowMs: 900_000, delayMs: 900_000, k: 10, meanSpeed: true } : {}), ...each },
			testFacilities(),
		);
	});
	fc.assert(
		fc.property(
			anyContent(path, { maxMore: 1, extensions: true, unknowns: true }),
			fc.integer({ min: 1, max: 120 }),
			anyValue,
			(content, left, by) => {
				const hostile = replaced(content, { left }, by);
				if (typeof hostile !== "object" || hostile === null || Array.isArray(hostile)) return;
				const fields = frozen(hostile) as MessageFields;
				for (const { isKnown, latDeg, lonDeg, radiusM } of positionsOf(shape, fields)) {
					expect(isKnown ? Math.abs(latDeg) <= 90 && Math.abs(lonDeg) <= 180 && radiusM >= 0 : Number.isNaN(latDeg)).toBe(true);
				}
				erasePositions(shape, fields, () => true);
				stripUnspeakable(shape, fields);
				for (const step of steps) {
					const reading = taggedMessage(path, fields);
					if (typeof step === "function") step(reading);
					else step.take(reading);
				}
			},
		),
		{ numRuns: 60 },
	);
});
