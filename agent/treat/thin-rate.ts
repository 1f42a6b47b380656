/**
 * Lets at most one reading per source and path pass in a period, of messages one per sender; the rest is withheld. A sender is known by the first id
 * that its message gives; a message without one counts for its path.
 *
 * The period is measured by the readings' own time, since a recording runs through faster than it was taken. That clock may step back (a unit
 * without a real-time clock that learns the time): then the box's own clock decides, so that a step back neither opens a flood nor closes the
 * path for years. A step forward costs one reading.
 *
 * Starting anew (a restart, a new law) forgets when the last reading passed, which may let one more through per path.
 */
import * as v from "valibot";
import type { Tagged } from "../../shared/tag.ts";
import { compileFirst } from "../formats/v2x/message-values.ts";
import { perShape } from "./message-steps.ts";
import { defineTreatment } from "./treatment.ts";

/** More than the signals of a vehicle. */
const maxPaths = 16_384;

/** Ids of the standards are far shorter; what is longer is told apart by its beginning. */
const maxIdLength = 64;

type Passed = Pick<Tagged, "takenAtMs" | "bootMs">;

export default defineTreatment({
	type: "thin-rate",
	options: v.strictObject({
		type: v.literal("thin-rate"),
		everyMs: v.pipe(v.number(), v.integer(), v.minValue(1, "expected 1 to 86400000"), v.maxValue(86_400_000, "expected 1 to 86400000")),
	}),
	appliesTo: ["signal", "fix", "message"],
	outcome: "thinned",
	compile({ everyMs }) {
		/** Oldest passage first. */
		const passed = new Map<string, Passed>();
		const isDue = (last: Passed, now: Passed): boolean =>
			now.takenAtMs < last.takenAtMs ? now.bootMs - last.bootMs >= everyMs : now.takenAtMs - last.takenAtMs >= everyMs;

		/** Only a path that could pass again is forgotten, so that many paths never buy a higher rate; without room nothing new passes. */
		const hasRoom = (now: Passed): boolean => {
			if (passed.size < maxPaths) return true;
			for (const [key, last] of passed) {
				if (!isDue(last, now)) return false;
				passed.delete(key);
				return true;
			}
			return false;
		};

		const senders = perShape(({ type }) => compileFirst(type, "id"));
		/** Undefined: nobody can say. */
		const subjectOf = (reading: Tagged): string | undefined => {
			if (reading.kind === "fix") return "";
			if (reading.kind === "signal") return reading.path;
			if (reading.kind !== "message") return undefined;
			const senderOf = senders(reading);
			if (senderOf === undefined) return undefined;
			return `${reading.path} ${JSON.stringify(senderOf(reading.content)?.value ?? null).slice(0, maxIdLength)}`;
		};

		return (reading) => {
			const subject = subjectOf(reading);
			if (subject === undefined) return undefined;
			const { takenAtMs, bootMs } = reading;
			if (!Number.isFinite(takenAtMs) || !Number.isFinite(bootMs)) return undefined;
			const key = `${reading.sourceId} ${reading.kind} ${subject}`;
			const last = passed.get(key);
			if (last === undefined ? !hasRoom(reading) : !isDue(last, reading)) return undefined;
			passed.delete(key);
			passed.set(key, { takenAtMs, bootMs });
			return reading;
		};
	},
});
