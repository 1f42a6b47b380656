/**
 * The consents of one unit as data: what is live, what has ended and why, and whether the unit is driving. Plain values; the rules that change
 * them are in `consent-rules.ts`.
 */
import * as v from "valibot";
import { ConsentSchema } from "../../shared/consent.ts";

/** Why a consent is over. Nothing that is over comes back; the person is asked again. */
export const endReasons = ["withdrawn", "expired", "drive-ended", "notice-changed", "replaced"] as const;
export type EndReason = (typeof endReasons)[number];

/** Consents at a time: people in one vehicle times categories times purposes, with room. */
export const maxLive = 1_000;
/** Of those that ended the last ones are kept to be shown; the ledger has them all. */
export const maxEnded = 200;
/** Withdrawals that are remembered against consents that came with the law. */
export const maxWithdrawals = 64;

const instant = v.pipe(v.string(), v.isoTimestamp());
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

const EndedSchema = v.strictObject({ consent: ConsentSchema, endedAt: instant, endedBy: v.picklist(endReasons) });
const WithdrawalSchema = v.strictObject({
	subjectPseudonym: v.optional(text),
	categoryId: v.optional(text),
	purpose: v.optional(text),
	at: instant,
});

export const RegisterSchema = v.strictObject({
	ignition: v.picklist(["on", "off"]),
	live: v.pipe(v.array(ConsentSchema), v.maxLength(maxLive)),
	ended: v.pipe(v.array(EndedSchema), v.maxLength(maxEnded)),
	withdrawals: v.pipe(v.array(WithdrawalSchema), v.maxLength(maxWithdrawals)),
});

type Mutable = v.InferOutput<typeof RegisterSchema>;
export type Register = { readonly [K in keyof Mutable]: Mutable[K] extends (infer T)[] ? readonly T[] : Mutable[K] };
export type EndedConsent = v.InferOutput<typeof EndedSchema>;
export type Withdrawal = v.InferOutput<typeof WithdrawalSchema>;

/** Nobody has consented to anything (V-01, P-04). */
export const emptyRegister: Register = { ignition: "on", live: [], ended: [], withdrawals: [] };
