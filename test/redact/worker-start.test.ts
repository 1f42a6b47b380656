import { expect, it } from "vitest";
import type { Clock } from "../../agent/host/clock.ts";
import { systemClock } from "../../agent/host/clock.ts";
import { createWorkerRedactor } from "../../agent/redact/worker-redactor.ts";
import type { RedactionRefusal } from "../../shared/frame.ts";
import type { RedactedFrame, RedactionOptions } from "../../shared/redactor.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { tinyJpeg } from "../fakes/tiny-jpeg.ts";

const options: RedactionOptions = {
	classes: { face: { minPx: 24, threshold: 0.3, margin: 0.2 }, plate: { minPx: 12, threshold: 0.25, margin: 0.15 } },
	...{ detectors: [{ kind: "delivered" }], deadlineMs: 5_000, holdMs: 0, maxBoxes: 200, maxMaskedShare: 0.8, maxBoxAgeMs: 200 },
};
/** Waits of many seconds are over in a moment. */
const clock: Clock = { ...systemClock, sleep: (delayMs, signal) => systemClock.sleep(Math.min(delayMs, 300), signal) };

const outcomeWith = async (program: string): Promise<RedactedFrame | RedactionRefusal> => {
	const entry = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
	const redactor = createWorkerRedactor({ clock, entry, modelFolder: "", maxHeapMb: 64 });
	const frame = { kind: "frame", sourceId: "front", takenAtMs: utcMs(1), bootMs: bootMs(1), path: "Camera.Exterior.Front" } as const;
	const outcome = await new Promise<RedactedFrame | RedactionRefusal>((resolve) =>
		redactor.redact({ ...frame, zone: "exterior", sequence: 1, jpeg: tinyJpeg() }, options, resolve),
	);
	await redactor.close();
	return outcome;
};
const ready = 'import { parentPort } from "node:worker_threads"; parentPort.postMessage({ kind: "ready" });';

it.each([
	["hangs before it is ready", "setInterval(() => {}, 1000);", "worker-dead"],
	["dies before it is ready", 'throw new Error("broken");', "worker-dead"],
	["hangs over a frame", `${ready} parentPort.on("message", () => { for (;;); });`, "detector-late"],
	["dies over a frame", `${ready} parentPort.on("message", () => process.exit(1));`, "worker-dead"],
	[
		"runs out of memory",
		`${ready} parentPort.on("message", () => { const all = []; for (;;) all.push(new Array(1e5).fill(1)); });`,
		undefined,
	],
])("createWorkerRedactor lets no frame out when the worker %s", async (_what, program, why) => {
	const outcome = await outcomeWith(program);
	expect(outcome).toBeTypeOf("string");
	if (why !== undefined) expect(outcome).toBe(why);
});
