/**
 * How consents begin and end (regulations 8.5; P-04, P-09, V-05, F-2, P-20). Pure: a register and the time go in, the next register and what
 * ended come out. The time is UTC milliseconds that never run backwards; whoever calls sees to that.
 */
import * as v from "valibot";
import {
	type Consent,
	type ConsentMatch,
	consentFields,
	guardianGiven,
	guardianMissing,
	matchesConsent,
	maxConsentDays,
	maxDriveHours,
} from "../../shared/consent.ts";
import { KerbError } from "../../shared/errors.ts";
import type { Notices } from "../../shared/notice.ts";
import { type EndedConsent, type EndReason, maxEnded, maxLive, maxWithdrawals, type Register, type Withdrawal } from "./register.ts";

/** What a client asks for. A choice that outlives the drive must say until when; there is no default and no "always". */
export const GrantSchema = v.pipe(
	v.strictObject({
		...consentFields,
		term: v.picklist(["drive", "until"]),
		/** When it ends, for the term `until`. */
		notAfter: v.optional(v.pipe(v.string(), v.isoTimestamp())),
	}),
	v.check((grant) => (grant.term === "until") === (grant.notAfter !== undefined), "notAfter belongs to the term until, and must be there"),
	v.check((asked) => guardianGiven(asked), guardianMissing),
);
export type Grant = v.InferOutput<typeof GrantSchema>;

export interface Change {
	readonly register: Register;
	/** What ended by this, in no order. */
	readonly ended: readonly EndedConsent[];
}

const isoAt = (ms: number): string => new Date(ms).toISOString();

/** The hashes of the notices in force for a category; a consent must be to one of them. Undefined: the law has no notice for it. */
export const noticeHashesOf = (notices: Notices | undefined, categoryId: string): ReadonlySet<string> | undefined => {
	const hashes = (notices?.notices ?? []).filter(({ categories }) => categories.includes(categoryId)).map(({ hash }) => hash);
	return hashes.length === 0 ? undefined : new Set(hashes);
};

/** True when the consent was given to a notice that is in force, or the law has none for its category. */
export const isToNotice = ({ categoryId, noticeHash }: Pick<Consent, "categoryId" | "noticeHash">, notices: Notices | undefined): boolean =>
	noticeHashesOf(notices, categoryId)?.has(noticeHash) ?? true;

/** Ends what `reasonOf` has a reason for. */
const endThose = (register: Register, nowMs: number, reasonOf: (consent: Consent) => EndReason | undefined): Change => {
	const ended: EndedConsent[] = [];
	const live: Consent[] = [];
	const at = isoAt(nowMs);
	for (const consent of register.live) {
		const endedBy = reasonOf(consent);
		if (endedBy === undefined) live.push(consent);
		else ended.push({ consent: endedBy === "withdrawn" ? { ...consent, withdrawnAt: at } : consent, endedAt: at, endedBy });
	}
	if (ended.length === 0) return { register, ended };
	return { register: { ...register, live, ended: [...register.ended, ...ended].slice(-maxEnded) }, ended };
};

/**
 * Takes a consent in. One of the same person for the same category and purpose is replaced.
 *
 * @throws KerbError USAGE when it cannot be granted so: its end is past or too far, there is no drive, the notice is not the one in force, or
 * there are too many.
 */
export const grant = (
	register: Register,
	asked: Grant,
	nowMs: number,
	notices: Notices | undefined,
): Change & { readonly granted: Consent } => {
	const { notAfter, ...rest } = asked;
	const endMs = notAfter === undefined ? nowMs + maxDriveHours * 3_600_000 : Date.parse(notAfter);
	if (asked.term === "drive" && register.ignition === "off") {
		throw new KerbError("USAGE", "the ignition is off, so there is no drive to consent for; give a time with the term until, or wait");
	}
	if (!(endMs > nowMs && endMs - nowMs <= maxConsentDays * 86_400_000)) {
		throw new KerbError("USAGE", `notAfter must be later than now, ${isoAt(nowMs)} by this unit, by at most ${maxConsentDays} days`);
	}
	if (!isToNotice(asked, notices)) {
		const hashes = [...(noticeHashesOf(notices, asked.categoryId) ?? [])].join(", ");
		throw new KerbError("USAGE", `the notice for ${asked.categoryId} is another one; show the person the notice in force (${hashes})`);
	}
	const granted: Consent = { ...rest, grantedAt: isoAt(nowMs), notAfter: isoAt(endMs) };
	const { subjectPseudonym, categoryId, purpose } = asked;
	const replaced = endThose(register, nowMs, (consent) =>
		matchesConsent(consent, { subjectPseudonym, categoryId, purpose }) ? "replaced" : undefined,
	);
	if (replaced.register.live.length >= maxLive) {
		throw new KerbError("USAGE", `there are ${maxLive} consents already; withdraw those that are not needed`);
	}
	return { ...replaced, register: { ...replaced.register, live: [...replaced.register.live, granted] }, granted };
};

/** Ends all consents that match, and remembers the withdrawal against those that came with the law. Never refuses. */
export const withdraw = (register: Register, { subjectPseudonym, categoryId, purpose }: ConsentMatch, nowMs: number): Change => {
	const change = endThose(register, nowMs, (consent) =>
		matchesConsent(consent, { subjectPseudonym, categoryId, purpose }) ? "withdrawn" : undefined,
	);
	const withdrawal: Withdrawal = {
		...(subjectPseudonym === undefined ? {} : { subjectPseudonym }),
		...(categoryId === undefined ? {} : { categoryId }),
		...(purpose === undefined ? {} : { purpose }),
		at: isoAt(nowMs),
	};
	const others = register.withdrawals.filter(
		({ at: _at, ...match }) => JSON.stringify(match) !== JSON.stringify({ ...withdrawal, at: undefined }),
	);
	// Rather everything than one too few.
	const withdrawals = others.length < maxWithdrawals ? [...others, withdrawal] : [{ at: withdrawal.at }];
	return { ...change, register: { ...change.register, withdrawals } };
};

/** The ignition goes on or off; consents for a drive end with it (P-04). The same state again changes nothing. */
export const setIgnition = (register: Register, ignition: Register["ignition"], nowMs: number): Change => {
	if (register.ignition === ignition) return { register, ended: [] };
	const change = endThose(register, nowMs, ({ term }) => (term === "drive" ? "drive-ended" : undefined));
	return { ...change, register: { ...change.register, ignition } };
};

/** Ends what is past its term, and what was given to a notice that is no longer in force (V-05). */
export const review = (register: Register, nowMs: number, notices: Notices | undefined): Change =>
	endThose(register, nowMs, (consent) => {
		if (nowMs >= Date.parse(consent.notAfter)) return "expired";
		return isToNotice(consent, notices) ? undefined : "notice-changed";
	});

/** Those of the law's own consents that nobody has withdrawn here since and whose notice is in force. */
export const standing = (given: readonly Consent[], register: Register, notices: Notices | undefined): readonly Consent[] =>
	given.filter(
		(consent) =>
			isToNotice(consent, notices) &&
			!register.withdrawals.some(({ at, ...match }) => matchesConsent(consent, match) && Date.parse(consent.grantedAt) <= Date.parse(at)),
	);
