/**
 * Replaces coordinates by what the box's state-recognised component makes of them (regulations S-03, S-05). A fix is held until the component
 * has answered; without a healthy component, or without an answer, it is withheld. The agent itself converts nothing.
 *
 * Coordinates that are already processed pass as they are; whether the outlet may see both kinds is not for a treatment to say.
 */
import * as v from "valibot";
import type { ProcessedPosition } from "../../shared/geo-processor.ts";
import type { Fix, Flow } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import type { StreamStep } from "../../shared/verdict.ts";
import { defineTreatment, type Facilities } from "./treatment.ts";

/** Positions that wait for an answer; more are withheld. */
const maxHeld = 5_000;

/** One reading in the queue; `answer` is null until there is one. */
interface Asked {
	readonly reading: Tagged<Fix | Flow>;
	answer: ProcessedPosition | undefined | null;
}

export default defineTreatment({
	type: "apply-geo-processing",
	options: v.strictObject({ type: v.literal("apply-geo-processing") }),
	appliesTo: ["fix", "flow"],
	outcome: "coarsened",
	compile: (_options, facilities) => geoStep(facilities),
});

const geoStep = ({ geo }: Facilities): StreamStep => {
	const queue: Asked[] = [];
	/** What is answered at the head of the queue, in order. */
	const ready = (): readonly Tagged[] => {
		const out: Tagged[] = [];
		for (let head = queue[0]; head !== undefined && head.answer !== null; head = queue[0]) {
			queue.shift();
			if (head.answer === undefined) continue;
			const { latDeg, lonDeg, datum } = head.answer;
			out.push({ ...head.reading, latDeg, lonDeg, datum });
		}
		return out;
	};
	return {
		take: (reading) => {
			if (reading.kind !== "fix" && reading.kind !== "flow") return ready();
			const isProcessed = reading.datum === "gcj02" || reading.datum === "bd09";
			if (!isProcessed && (geo === undefined || !geo.isHealthy() || queue.length >= maxHeld)) return ready();
			const asked: Asked = { reading, answer: null };
			queue.push(asked);
			if (reading.datum === "gcj02" || reading.datum === "bd09") {
				asked.answer = { latDeg: reading.latDeg, lonDeg: reading.lonDeg, datum: reading.datum, certificateRef: "" };
			} else {
				geo?.process(reading, (processed) => {
					asked.answer = processed;
				});
			}
			return ready();
		},
		due: ready,
		settles: true,
		get held() {
			return queue.length;
		},
		forget: (sourceId) => {
			const kept = sourceId === undefined ? [] : queue.filter(({ reading }) => reading.sourceId !== sourceId);
			const forgotten = queue.length - kept.length;
			queue.splice(0, queue.length, ...kept);
			return forgotten;
		},
	};
};
