/**
 * Redaction of pictures as a unit has it: a worker that is started when the first picture comes, and the count of what did not leave.
 */
import type { RedactionRefusal } from "../shared/frame.ts";
import type { ImageRedactor } from "../shared/redactor.ts";
import type { Config } from "./config.ts";
import type { Clock } from "./host/clock.ts";
import { createWorkerRedactor, type WorkerRedactor } from "./redact/worker-redactor.ts";

export interface Redaction {
	readonly redactor: ImageRedactor;
	readonly onRefusal: (code: RedactionRefusal) => void;
	/** Pictures that did not leave since the start, by why. */
	refused(): Readonly<Record<string, number>>;
	close(): Promise<void>;
}

/** In the source tree a file beside this one, in a bundle the file that build.mjs puts beside it. */
const entry = new URL(import.meta.url.endsWith(".ts") ? "./redact/redact-worker.ts" : "./kerbstone-redact.mjs", import.meta.url);

export const createRedaction = ({ redaction }: Pick<Config, "redaction">, clock: Clock): Redaction => {
	let worker: WorkerRedactor | undefined;
	const counts = new Map<RedactionRefusal, number>();
	return {
		redactor: {
			redact: (frame, options, done) => {
				worker ??= createWorkerRedactor({ clock, entry, modelFolder: redaction?.models ?? "", maxHeapMb: redaction?.maxHeapMb ?? 192 });
				worker.redact(frame, options, done);
			},
		},
		onRefusal: (code) => void counts.set(code, (counts.get(code) ?? 0) + 1),
		refused: () => Object.fromEntries(counts),
		close: async () => worker?.close(),
	};
};
