import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { treat } from "../../agent/treat/treat.ts";
import type { Tagged } from "../../shared/tag.ts";
import type { Step } from "../../shared/verdict.ts";
import { anyTagged, taggedFix, taggedSignal } from "../contract/tagged-readings.ts";

const mayTravel = {
	signal: ["kind", "takenAtMs", "path", "value"],
	fix: ["kind", "takenAtMs", "latDeg", "lonDeg", "datum", "mode", "accuracyM", "altitudeM", "speedMps", "courseDeg"],
	message: ["kind", "takenAtMs", "path", "form", "datum", "bytes"],
	flow: ["kind", "takenAtMs", "latDeg", "lonDeg", "datum", "cellM", "windowMs", "subjects", "meanSpeedMps"],
	frame: ["kind", "takenAtMs", "path", "jpeg", "redaction", "pose"],
	cloud: ["kind", "takenAtMs", "path", "pcd", "pose"],
	map: ["kind", "takenAtMs", "path", "datum", "feature"],
};

describe("treat", () => {
	it("reduces a reading to the fields of a record", () => {
		expect(treat(taggedSignal({ value: "on" }), [])).toStrictEqual({
			kind: "signal",
			takenAtMs: taggedSignal().takenAtMs,
			path: "Vehicle.Speed",
			value: "on",
		});
		const { sourceId: _sourceId, bootMs: _bootMs, tag: _tag, ...record } = taggedFix();
		expect(treat(taggedFix(), [])).toStrictEqual(record);
	});

	it("lets only named fields through, whatever a source or a step adds", () => {
		const extra = fc.dictionary(fc.stringMatching(/^x[A-Za-z]{0,8}$/), fc.anything(), { maxKeys: 5 });
		fc.assert(
			fc.property(anyTagged, extra, extra, (reading, fromSource, fromStep) => {
				const record = treat({ ...fromSource, ...reading } as Tagged, [(before) => ({ ...fromStep, ...before }) as Tagged]);
				if (typeof record === "string") return expect.unreachable();
				for (const key of Object.keys(record)) expect(mayTravel[reading.kind]).toContain(key);
			}),
		);
	});

	it("runs the steps in order, each on the result of the one before", () => {
		const append =
			(text: string): Step =>
			(reading) =>
				reading.kind === "signal" ? { ...reading, value: `${String(reading.value)}${text}` } : undefined;
		const record = treat(taggedSignal({ value: "a" }), [append("b"), append("c")]);
		expect(record).toMatchObject({ value: "abc" });
	});

	it("withholds a reading that a step withholds, and runs no step after it", () => {
		let ran = false;
		const spy: Step = (reading) => {
			ran = true;
			return reading;
		};
		expect(treat(taggedSignal(), [() => undefined, spy])).toBe("withheld");
		expect(ran).toBe(false);
	});

	it("contains a step that throws, whatever it throws", () => {
		for (const thrown of [new Error("x"), "text", undefined, null]) {
			const step: Step = () => {
				throw thrown;
			};
			expect(treat(taggedSignal(), [step])).toBe("failed");
		}
	});

	it("fails when a step gives back what is no reading", () => {
		for (const odd of ["null", "1", '"text"', "{}", '{"kind":"frame"}', '{"kind":"constructor"}']) {
			expect(treat(taggedSignal(), [(): Tagged => JSON.parse(odd)])).toBe("failed");
		}
	});
});
