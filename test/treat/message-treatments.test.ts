import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeMessage } from "../../agent/formats/v2x/encode-message.ts";
import { positionsOf } from "../../agent/formats/v2x/message-positions.ts";
import { treatments } from "../../agent/treat/registry.ts";
import type { MessageValue } from "../../shared/message.ts";
import type { Tagged } from "../../shared/tag.ts";
import { testFacilities } from "../contract/treatment-contract.ts";
import { anyContent, messagePaths, taggedMessage, uperShape } from "../fakes/any-message.ts";
import { frozen, leavesIn } from "../fakes/message-leaves.ts";

const stepOf = (type: string, options: Record<string, unknown>) => {
	const step = treatments.get(type)?.compile({ type, ...options }, testFacilities("p", { random: () => 0.3 }));
	if (typeof step !== "function") throw new Error(`${type} is no step`);
	return step;
};

const steps = {
	"round-position": { cellM: 100 },
	"cloak-time": { toMs: 900_000 },
	"rotate-id": { rotateMs: 3_600_000 },
	"strip-path": { also: ["event-position"] },
	"filter-speed": { minMps: 1 },
	"thin-rate": { everyMs: 1000 },
	"drop-field": { messageRoles: ["size", "class"], messageFields: ["coreData.brakes", "path.to.nowhere"] },
	"perturb-position": { epsilonPerM: 0.01, budgetPerM: 1, windowMs: 60_000 },
} as const;

const contentOf = (reading: Tagged | undefined) => (reading?.kind === "message" ? reading.content : undefined);

describe.each(Object.entries(steps))("%s lowers messages", (type, options) => {
	it.each(messagePaths)("of %s without touching its argument, and so that what leaves can be written", (path) => {
		fc.assert(
			fc.property(anyContent(path, { maxMore: 1, extensions: true }), (content) => {
				const reading = frozen(taggedMessage(path, content));
				const after = stepOf(type, options)(reading);
				if (after === undefined) return;
				expect(after.kind).toBe("message");
				expect(after.tag).toBe(reading.tag);
				expect(Object.keys(after).sort()).toStrictEqual(Object.keys(reading).sort());
				if (after.kind === "message") expect(() => encodeMessage(after)).not.toThrow(/fit|expected/);
			}),
			{ numRuns: 20 },
		);
	});

	it("and withholds one that no schema knows", () => {
		for (const over of [{ path: "V2X.J2735.XYZ" }, { form: "vanetza" as const, path: "V2X.TCSAE.BSM" }]) {
			expect(stepOf(type, options)(taggedMessage("V2X.J2735.BSM", {}, over))).toBeUndefined();
		}
	});
});

describe.each(messagePaths)("for all inputs the output of %s", (path) => {
	const shape = uperShape(path);
	const leaves = (content: MessageValue) => leavesIn(shape.type, content);
	const each = (type: keyof typeof steps, check: (before: Tagged, content: NonNullable<ReturnType<typeof contentOf>>) => void): void => {
		fc.assert(
			fc.property(anyContent(path, { maxMore: 1, extensions: true }), (content) => {
				const reading = taggedMessage(path, content);
				const after = contentOf(stepOf(type, steps[type])(reading));
				if (after !== undefined) check(reading, after);
			}),
			{ numRuns: 25 },
		);
	};

	it("never holds after round-position a position that is not the centre of a cell, an offset, motion or a path", () => {
		const again = stepOf("round-position", steps["round-position"]);
		each("round-position", (_, content) => {
			expect(contentOf(again(taggedMessage(path, content)))).toStrictEqual(content);
			for (const { type, value, roles } of leaves(content)) {
				if (["dlat", "dlon", "dx", "dy", "elevation", "speed", "heading", "yaw", "acceleration", "steering"].includes(type.role ?? "")) {
					expect(value).toStrictEqual(type.unavailable);
				}
				if (roles.includes("path-history") || roles.includes("path-prediction")) expect(type.unavailable ?? value).toStrictEqual(value);
			}
			for (const { isKnown, by } of positionsOf(shape, content)) expect(by === "degrees" || !isKnown).toBe(true);
		});
	});

	it("never holds after cloak-time a time that is not on the grid", () => {
		each("cloak-time", (_, content) => {
			for (const { type, value } of leaves(content)) {
				if (type.role !== "time" || value === type.unavailable) continue;
				const ms = Number(value) * (type.factor ?? 1);
				const least = "from" in type ? Math.max(0, type.from ?? 0) : 0;
				expect(ms % 900_000 === 0 || value === least).toBe(true);
			}
		});
	});

	it("never holds after strip-path a path", () => {
		each("strip-path", (_, content) => {
			for (const { type, value } of leaves(content)) {
				if (type.role === "path-history" || type.role === "path-prediction") expect([type.unavailable, []]).toContainEqual(value);
			}
			for (const { group, isKnown } of positionsOf(shape, content)) expect(group === "event-position" && isKnown).toBe(false);
		});
	});

	it("never holds after drop-field what was named", () => {
		each("drop-field", (_, content) => {
			for (const { type, value } of leaves(content)) {
				if (type.role === "size" || type.role === "class") expect(value).toStrictEqual(type.unavailable);
			}
		});
	});

	it("never holds after perturb-position another position than one moved one", () => {
		each("perturb-position", (_, content) => {
			expect(positionsOf(shape, content).filter(({ isKnown }) => isKnown).length).toBe(1);
			for (const { type, value } of leaves(content)) {
				if (["dlat", "dlon", "dx", "dy", "elevation", "speed", "heading", "yaw"].includes(type.role ?? ""))
					expect(value).toStrictEqual(type.unavailable);
			}
		});
	});

	it("never holds after rotate-id an id of the input, by more than chance, nor a plate or a VIN", () => {
		each("rotate-id", (before, content) => {
			const idsIn = (tree: MessageValue) =>
				leaves(tree).filter(
					({ type, roles, value }) => (roles.includes("id") || roles.includes("object-id")) && typeof value !== "object" && isWide(type),
				);
			const isWide = (type: { kind: string }) => type.kind === "octets" || type.kind === "int";
			const old = new Set(
				idsIn(contentOf(before) ?? {})
					.filter(({ value }) => String(value).length >= 8)
					.map(({ value }) => value),
			);
			for (const { value, type } of idsIn(content)) if (value !== type.unavailable) expect(old.has(value)).toBe(false);
			for (const { type, value } of leaves(content)) {
				if (["plate", "vin", "stream", "certificate"].includes(type.role ?? "")) expect(value).toStrictEqual(type.unavailable);
			}
		});
	});
});
