/**
 * Withholds fixes and messages of whoever is slower or faster than given: standing and manoeuvring vehicles are near where somebody lives or stops, and very
 * fast ones are worth a fine. Both bounds still pass, as with the privacy module of the USDOT (jpo-cvdp: 2.235 to 35.763 m/s).
 *
 * A speed that is missing, unavailable or no number is unknown, and withheld. In a message it is the sender's own.
 */
import * as v from "valibot";
import { numberOf } from "../formats/v2x/message-pairs.ts";
import { compileFirst } from "../formats/v2x/message-values.ts";
import { perShape } from "./message-steps.ts";
import { defineTreatment } from "./treatment.ts";

const speed = v.pipe(v.number(), v.minValue(0, "expected 0 to 200 m/s"), v.maxValue(200, "expected 0 to 200 m/s"));

export default defineTreatment({
	type: "filter-speed",
	options: v.pipe(
		v.strictObject({ type: v.literal("filter-speed"), minMps: v.optional(speed), maxMps: v.optional(speed) }),
		v.check(({ minMps, maxMps }) => minMps !== undefined || maxMps !== undefined, "expected minMps, maxMps or both"),
		v.check(({ minMps = 0, maxMps = 200 }) => minMps <= maxMps, "expected minMps not above maxMps"),
	),
	appliesTo: ["fix", "message"],
	outcome: "thinned",
	compile({ minMps = 0, maxMps = Number.POSITIVE_INFINITY }) {
		const speeds = perShape(({ type }) => compileFirst(type, "speed"));
		return (reading) => {
			let speedMps: number | undefined;
			if (reading.kind === "fix") ({ speedMps } = reading);
			else if (reading.kind === "message") {
				const found = speeds(reading)?.(reading.content);
				speedMps = found === undefined ? undefined : numberOf(found.type, found.value);
			}
			return speedMps !== undefined && speedMps >= minMps && speedMps <= maxMps ? reading : undefined;
		};
	},
});
