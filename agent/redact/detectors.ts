/**
 * The detectors that a rule asks for, all of them or none: a rule that names a detector which cannot be opened lets no frame out.
 */
import type { RedactionRefusal } from "../../shared/frame.ts";
import type { DetectorChoice, RedactionOptions } from "../../shared/redactor.ts";
import { type Clock, systemClock } from "../host/clock.ts";
import { deliveredDetector } from "./delivered.ts";
import type { Detector } from "./detector.ts";
import { isRefused, type Refused } from "./refusal.ts";
import { staticDetector } from "./static-areas.ts";

/** The refusal's code alone, for the worker. */
export const detectorsFor = async (
	options: RedactionOptions,
	modelFolder: string,
	clock: Clock = systemClock,
): Promise<readonly Detector[] | RedactionRefusal> => {
	const opened = await openDetectors(options.detectors, modelFolder, clock);
	return isRefused(opened) ? opened.why : opened;
};

/** The same with words for a person. Never throws; what was opened before something failed is closed. */
export const openDetectors = async (
	choices: readonly DetectorChoice[],
	modelFolder: string,
	clock: Clock,
): Promise<readonly Detector[] | Refused> => {
	const opened: Detector[] = [];
	for (const choice of choices) {
		const outcome = await open(choice, modelFolder, clock).catch(
			(): Refused => ({ why: "no-detector", message: `the detector "${choice.kind}" cannot be opened` }),
		);
		if (Array.isArray(outcome)) opened.push(...outcome);
		else if (isRefused(outcome)) {
			for (const detector of opened) await detector.close();
			return outcome;
		}
	}
	return opened;
};

/** Networks and the built-in detector are loaded by the rules that ask for them. */
const open = async (choice: DetectorChoice, modelFolder: string, clock: Clock): Promise<Detector[] | Refused> => {
	switch (choice.kind) {
		case "delivered":
			return [deliveredDetector()];
		case "static":
			return [staticDetector(choice)];
		case "model": {
			const { openModel } = await import("./models.ts");
			const model = await openModel(modelFolder, choice, clock);
			return isRefused(model) ? model : [model];
		}
		case "builtin": {
			const { default: openBuiltin } = await import("./builtin-detector.ts");
			const found = await openBuiltin();
			if (typeof found !== "string") return [...found];
			return { why: found, message: "the built-in detector needs the optional package @vladmandic/face-api 1.7.15 as it is published" };
		}
	}
};
