/**
 * Rounds the time of a reading down to a grid of UTC, and takes finer times out of messages.
 *
 * In a message, times of the calendar in whole minutes, hours and days go down to the same grid. Finer or relative ones (milliseconds of the minute, a counter
 * modulo 65,536, steps along a path) lie on grids of their own: together with the time of the reading they would say more than either, so they are
 * erased, and where a standard has no word for an unknown time they are zero, or the next whole number that it allows.
 *
 * Readings leave in the order in which they were taken, and several of one step still tell their order.
 */
import * as v from "valibot";
import type { MessageValue } from "../../shared/message.ts";
import { utcMs } from "../../shared/units.ts";
import { compileLowering, type Handling, type MessagePlace } from "../formats/v2x/message-lowering.ts";
import type { IntType, RealType } from "../formats/v2x/message-type.ts";
import { perShape } from "./message-steps.ts";
import { defineTreatment } from "./treatment.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** Grids that lie in each other, so that minutes, hours and days can be rounded each by itself. */
const isWholePart = (ms: number): boolean => {
	if (ms <= minuteMs) return minuteMs % ms === 0;
	return ms <= hourMs ? ms % minuteMs === 0 && hourMs % ms === 0 : ms % hourMs === 0 && dayMs % ms === 0;
};

export default defineTreatment({
	type: "cloak-time",
	options: v.strictObject({
		type: v.literal("cloak-time"),
		/** Milliseconds. A whole part of a minute, whole minutes that part an hour, or whole hours that part a day. */
		toMs: v.pipe(
			v.number(),
			v.integer(),
			v.minValue(1000, "expected 1000 to 86400000"),
			v.maxValue(dayMs, "expected 1000 to 86400000"),
			v.check(
				(ms) => ms >= 1000 && isWholePart(ms),
				"expected a whole part of a minute, an hour or a day, such as 10000, 900000 or 7200000",
			),
		),
	}),
	appliesTo: ["signal", "fix", "message"],
	outcome: "coarsened",
	compile({ toMs }) {
		const down = (ms: number): number => Math.floor(ms / toMs) * toMs + 0;
		const lowerings = perShape(({ type, form }) => compileLowering(type, (place) => chooseTime(place, down), { form }));
		return (reading) => {
			const takenAtMs = utcMs(down(reading.takenAtMs));
			// Times of such a size have no whole milliseconds to round.
			if (!Number.isSafeInteger(takenAtMs)) return undefined;
			if (reading.kind === "signal" || reading.kind === "fix") return { ...reading, takenAtMs };
			if (reading.kind !== "message") return undefined;
			const content = lowerings(reading)?.(reading.content, undefined);
			return content === undefined ? undefined : { ...reading, takenAtMs, content };
		};
	},
});

const chooseTime = ({ type }: MessagePlace, down: (ms: number) => number): Handling<undefined> => {
	if (type.role !== "time") return "keep";
	if (type.kind !== "int" && type.kind !== "real") return "erase";
	const { factor = 1 } = type;
	const nothing = type.unavailable ?? nearestToZero(type);
	const isCalendar = factor === minuteMs || factor === hourMs || factor === dayMs;
	return (value): MessageValue | undefined => {
		if (value === type.unavailable) return value;
		if (!isCalendar || typeof value !== "number") return nothing;
		const rounded = Math.floor(down(value * factor) / factor);
		return rounded < (type.from ?? rounded) ? nothing : rounded;
	};
};

const nearestToZero = ({ from = 0, to = 0 }: IntType | RealType): number => Math.max(from, Math.min(to, 0)) + 0;
