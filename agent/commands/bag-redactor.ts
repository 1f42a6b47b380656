/**
 * Redacts pictures of a recording: the detectors and masks of a unit, without its worker and its deadline, since a recording waits.
 */
import { createHash } from "node:crypto";
import type { RedactionRefusal } from "../../shared/frame.ts";
import type { DetectorChoice, ImageRedactor, RedactedFrame, RedactionOptions } from "../../shared/redactor.ts";
import type { Detector } from "../redact/detector.ts";
import { redactFrame } from "../redact/redact-frame.ts";
import { createTracker, type Tracker } from "../redact/track.ts";

/** Detectors, or why there are none. */
export type OpenDetectors = (
	choices: readonly DetectorChoice[],
) => Promise<readonly Detector[] | { readonly why: RedactionRefusal; readonly message: string }>;

export interface BagRedactor extends ImageRedactor {
	/** Resolves when every frame was answered. */
	settled(): Promise<void>;
	/** For a person: what kept detectors from being opened. */
	readonly problems: ReadonlySet<string>;
	close(): Promise<void>;
}

interface Rule {
	readonly detectors: ReturnType<OpenDetectors>;
	/** By camera. */
	readonly trackers: Map<string, Tracker>;
}

export const createBagRedactor = (openDetectors: OpenDetectors): BagRedactor => {
	const rules = new Map<string, Rule>();
	const problems = new Set<string>();
	let turn: Promise<void> = Promise.resolve();
	const ruleOf = (options: RedactionOptions): Rule => {
		const key = JSON.stringify(options);
		const known = rules.get(key);
		if (known !== undefined) return known;
		const rule: Rule = { detectors: openDetectors(options.detectors), trackers: new Map() };
		rules.set(key, rule);
		return rule;
	};
	const redactOne = async (
		job: Parameters<typeof redactFrame>[0],
		options: RedactionOptions,
	): Promise<RedactedFrame | RedactionRefusal> => {
		const { detectors: opening, trackers } = ruleOf(options);
		const detectors = await opening;
		if ("why" in detectors) {
			problems.add(detectors.message);
			return detectors.why;
		}
		const tracker = trackers.get(job.path) ?? createTracker();
		trackers.set(job.path, tracker);
		return await redactFrame(job, options, { detectors, tracker, sha256 });
	};
	return {
		problems,
		redact: ({ jpeg: borrowed, path, sequence, takenAtMs, delivered }, options, done) => {
			const jpeg = new Uint8Array(borrowed);
			turn = turn.then(async () => {
				let outcome: RedactedFrame | RedactionRefusal = "detector-failed";
				try {
					outcome = await redactOne({ jpeg, path, sequence, takenAtMs, delivered }, options);
				} catch {
					// It stays what it is.
				} finally {
					jpeg.fill(0);
				}
				done(outcome);
			});
		},
		settled: () => turn,
		close: async () => {
			await turn;
			for (const { detectors } of rules.values()) {
				const opened = await detectors;
				if (!("why" in opened)) for (const detector of opened) await detector.close();
			}
		},
	};
};

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
