/**
 * Conditions of time, network and place on a release rule. All that are named must hold; within one list one entry is enough, but of
 * places to be outside of all must hold. What is not known (no network, no place list, no position) does not hold.
 */
import * as v from "valibot";

const timeOfDay = v.pipe(v.string(), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 06:30, from 00:00 to 23:59"));
const placeId = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(120),
);
const placeIds = v.pipe(v.array(placeId), v.minLength(1), v.maxLength(200));

/** Monday first, as ISO 8601 counts. */
export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

/** `any` holds on every known network. */
export const networkKinds = ["ethernet", "wifi", "cellular"] as const;
export type NetworkKind = (typeof networkKinds)[number];

export const ReleaseConditionsSchema = v.pipe(
	v.strictObject({
		/** What hours and days are counted in: minutes ahead of UTC, fixed; there is no summer time. */
		offsetMinutes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(-720), v.maxValue(840)), 0),
		/** From `from` up to, not including, `to`; past midnight when `to` is the earlier. */
		hours: v.optional(
			v.pipe(
				v.array(
					v.pipe(
						v.strictObject({ from: timeOfDay, to: timeOfDay }),
						v.check(({ from, to }) => from !== to, "from and to are the same; leave hours out for the whole day"),
					),
				),
				v.minLength(1),
				v.maxLength(24),
			),
		),
		/** The calendar day of the moment itself: 02:00 on Saturday is Saturday, also in hours that began on Friday. */
		days: v.optional(v.pipe(v.array(v.picklist(weekdays)), v.minLength(1), v.maxLength(7))),
		networks: v.optional(v.pipe(v.array(v.picklist([...networkKinds, "any"])), v.minLength(1), v.maxLength(4))),
		places: v.optional(
			v.pipe(
				v.strictObject({ inside: v.optional(placeIds), outside: v.optional(placeIds) }),
				v.check(({ inside, outside }) => inside !== undefined || outside !== undefined, "places names inside, outside or both"),
			),
		),
	}),
	v.check(
		({ hours, days, networks, places }) => [hours, days, networks, places].some((part) => part !== undefined),
		"conditions name hours, days, networks or places; leave conditions out when there are none",
	),
);

export type ReleaseConditions = v.InferOutput<typeof ReleaseConditionsSchema>;
