/**
 * Replaces the ids in a message, of its sender and of those it perceives, by pseudonyms of the same form: a number in the same range, octets, bits or
 * characters of the same length.
 *
 * A pseudonym comes from the id under a key of the unit, the purpose and the epoch, a span of `rotateMs` of UTC. Equal ids have equal pseudonyms in
 * all messages of one purpose and epoch. Across epochs and purposes nothing can be linked, and once the key is gone nothing leads back, whoever
 * knows the ids. What a message says besides (its counter, the size of the vehicle, the place where it was last) may still link epochs: `drop-field`
 * and `thin-rate` are the answer to that.
 *
 * Where a form has no more than 65,536 values, two ids never share a pseudonym; where it has more, they may, as often as random ones do (with
 * 32 bits, one pair among 10,000 ids in 1 % of epochs).
 *
 * With `fixed` every id becomes that value, and nothing can be told apart. With `only`, ids that are not listed stay as they are: jpo-cvdp's
 * redaction of listed ids. Plates, VINs, certificates and whatever names a receiver or a recorder always go.
 */
import * as v from "valibot";
import type { MessageValue } from "../../shared/message.ts";
import { compileLowering, type LowerFields, type LowerValue, type MessagePlace } from "../formats/v2x/message-lowering.ts";
import { isFields } from "../formats/v2x/message-pairs.ts";
import type { MessageType } from "../formats/v2x/message-type.ts";
import { compileIdForm, type IdForm } from "./id-form.ts";
import { type IdKey, IdKeys } from "./id-key.ts";
import { perShape, withContent } from "./message-steps.ts";
import { defineTreatment } from "./treatment.ts";

const hex = v.pipe(
	v.string(),
	v.regex(/^(?:[0-9A-Fa-f]{2}){1,32}$/, "expected 1 to 32 octets in hexadecimal, such as FFFFFFFF"),
	v.transform((text) => text.toLowerCase()),
);

const isComposite = ({ kind }: MessageType): boolean => kind === "seq" || kind === "choice" || kind === "open" || kind === "list";

export default defineTreatment({
	type: "rotate-id",
	options: v.pipe(
		v.strictObject({
			type: v.literal("rotate-id"),
			/** Milliseconds that a pseudonym lasts, from midnight 1 January 1970 on. */
			rotateMs: v.optional(
				v.pipe(
					v.number(),
					v.integer(),
					v.minValue(1000, "expected 1000 to 31622400000"),
					v.maxValue(31_622_400_000, "expected 1000 to 31622400000"),
				),
			),
			/** The one value that every id becomes. An id of another length goes. */
			fixed: v.optional(hex),
			only: v.optional(v.pipe(v.array(hex), v.minLength(1), v.maxLength(10_000))),
		}),
		v.check(({ rotateMs, fixed }) => (rotateMs === undefined) !== (fixed === undefined), "expected either rotateMs or fixed"),
	),
	appliesTo: ["message"],
	outcome: "pseudonymised",
	compile({ rotateMs, fixed, only }, facilities) {
		const listed = only === undefined ? undefined : new Set(only);
		const keys = rotateMs === undefined ? undefined : new IdKeys(facilities, rotateMs);
		const lowerings = perShape(({ type, form }): LowerFields<IdKey | undefined> => compileLowering(type, choose, { form }));
		return (reading) => {
			if (reading.kind !== "message" || !Number.isFinite(reading.takenAtMs)) return undefined;
			return withContent(reading, lowerings(reading)?.(reading.content, keys?.at(reading.takenAtMs)));
		};

		function choose({ type }: MessagePlace): "keep" | "erase" | LowerValue<IdKey | undefined> {
			switch (type.role) {
				case "plate":
				case "vin":
				case "stream":
				case "certificate":
					return "erase";
				case "id":
				case "object-id":
					return replaceWithin(type, type.role);
				default:
					return "keep";
			}
		}

		/** A choice of several kinds of id, or parts of one: every value in it is one. */
		function replaceWithin(type: MessageType, role: string): LowerValue<IdKey | undefined> {
			if (!isComposite(type)) return replaceBy(type, compileIdForm(type), role);
			const lower = compileLowering<IdKey | undefined>(type, ({ type: inner }) =>
				isComposite(inner) ? "keep" : replaceBy(inner, compileIdForm(inner), role),
			);
			return (value, _, key) => (isFields(value) ? lower(value, key) : undefined);
		}

		function replaceBy(type: MessageType, form: IdForm | undefined, role: string): LowerValue<IdKey | undefined> {
			const constant = fixed === undefined ? undefined : form?.fromHex(fixed);
			return (value, _, key): MessageValue | undefined => {
				// What says that there is no id is none.
				if (form === undefined || value === type.unavailable) return form === undefined ? undefined : value;
				if (listed !== undefined && !listed.has(form.toHex(value) ?? "")) return value;
				if (fixed !== undefined) return constant !== undefined && form.isLike(value, constant) ? constant : undefined;
				return key === undefined ? undefined : form.pseudonym(value, key, role);
			};
		}
	},
});
