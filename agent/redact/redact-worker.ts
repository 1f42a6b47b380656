/**
 * The worker that looks and masks: detectors and pictures live here and nowhere else, within a memory limit, and die with it.
 */
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import type { RedactionRefusal } from "../../shared/frame.ts";
import type { Detector } from "./detector.ts";
import { detectorsFor } from "./detectors.ts";
import { redactFrame } from "./redact-frame.ts";
import { createTracker, type Tracker } from "./track.ts";
import type { RedactAnswer, RedactOrder } from "./worker-protocol.ts";

interface Rule {
	readonly detectors: Promise<readonly Detector[] | RedactionRefusal>;
	readonly trackers: Map<string, Tracker>;
}

const maxCameras = 64;
/** Rules in force at once, and a few of the law before; detectors of older ones are closed. */
const maxRules = 8;
const rules = new Map<string, Rule>();
const port = parentPort;
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const modelFolder =
	typeof workerData === "object" && workerData !== null && "modelFolder" in workerData ? String(workerData.modelFolder) : "";

const ruleOf = ({ ruleKey, options }: RedactOrder): Rule => {
	const known = rules.get(ruleKey);
	if (known !== undefined) return known;
	const [oldest] = rules;
	if (rules.size >= maxRules && oldest !== undefined) {
		rules.delete(oldest[0]);
		void closeAll(oldest[1]);
	}
	const rule: Rule = { detectors: detectorsFor(options, modelFolder), trackers: new Map() };
	rules.set(ruleKey, rule);
	return rule;
};

/** Frames are served one after the other, so none is looked at by these now. */
const closeAll = async ({ detectors }: Rule): Promise<void> => {
	const opened = await detectors;
	if (typeof opened !== "string") for (const detector of opened) await detector.close();
};

const trackerOf = ({ trackers }: Rule, path: string): Tracker => {
	const known = trackers.get(path);
	if (known !== undefined) return known;
	if (trackers.size >= maxCameras) trackers.clear();
	const tracker = createTracker();
	trackers.set(path, tracker);
	return tracker;
};

const serve = async (order: RedactOrder): Promise<RedactAnswer> => {
	const { number, job, options } = order;
	try {
		const rule = ruleOf(order);
		const detectors = await rule.detectors;
		if (typeof detectors === "string") return { kind: "done", number, outcome: detectors };
		const outcome = await redactFrame(job, options, { detectors, tracker: trackerOf(rule, job.path), sha256 });
		return { kind: "done", number, outcome };
	} catch {
		return { kind: "done", number, outcome: "detector-failed" };
	} finally {
		job.jpeg.fill(0);
	}
};

/** One frame at a time: what waits is the agent's to bound. */
let turn: Promise<void> = Promise.resolve();
port?.on("message", (order: RedactOrder) => {
	turn = turn.then(async () => {
		const answer = await serve(order);
		const bytes = answer.kind === "done" && typeof answer.outcome !== "string" ? [answer.outcome.jpeg.buffer] : [];
		port.postMessage(
			answer,
			bytes.filter((buffer) => buffer instanceof ArrayBuffer),
		);
	});
});
port?.postMessage({ kind: "ready" } satisfies RedactAnswer);
