/**
 * Speed, yaw rate, odometer and the like rebuild a track from one known point (regulations X-2, T-27), so they follow the position: what hides
 * the unit's positions in any rule of a policy hides the motion signals of all its rules for the same stretch of time and ground.
 */
import type { Tagged } from "../../shared/tag.ts";
import type { Step, StreamStep } from "../../shared/verdict.ts";
import { isMotionPath } from "./motion-paths.ts";
import type { TreatmentOptions } from "./treatment.ts";

/** Treatments that hide the unit's own positions at some places or times and not at others. */
const hiding: ReadonlySet<string> = new Set(["suppress-area", "trim-trip"]);

type Treated = { readonly treatments: readonly TreatmentOptions[] };

/**
 * The hiding treatments that rules for positions of the unit name and this rule does not, in the order of the policy, each once.
 * `releasesFixes` says whether a rule can release positions of the unit.
 */
export const motionGuardsFor = <R extends Treated>(
	rule: R,
	rules: readonly R[],
	releasesFixes: (rule: R) => boolean,
): readonly TreatmentOptions[] => {
	const textOf = (options: TreatmentOptions): string => JSON.stringify(options);
	const own = new Set(rule.treatments.map(textOf));
	const guards = new Map<string, TreatmentOptions>();
	for (const other of rules.filter(releasesFixes)) {
		for (const options of other.treatments) {
			if (hiding.has(options.type) && !own.has(textOf(options))) guards.set(textOf(options), options);
		}
	}
	return [...guards.values()];
};

const isMotion = (reading: Tagged): boolean => reading.kind === "signal" && isMotionPath(reading.path);

/** The step for motion signals alone; everything else passes at once. */
export const forMotionOnly = (step: Step | StreamStep): Step | StreamStep => {
	if (typeof step === "function") return (reading) => (isMotion(reading) ? step(reading) : reading);
	return {
		take: (reading) => (isMotion(reading) ? step.take(reading) : [reading]),
		due: (nowMs, bootMs) => step.due(nowMs, bootMs),
		get held() {
			return step.held;
		},
		forget: (sourceId) => step.forget(sourceId),
	};
};
