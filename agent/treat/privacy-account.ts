/**
 * How often each subject's position was told within a span of time, so that what all of them say together stays within a budget.
 */
import type { Tagged } from "../../shared/tag.ts";

type Moment = Pick<Tagged, "takenAtMs" | "bootMs">;

export interface PrivacyAccount {
	/** Whether the subject has something left at this moment; if so, it is spent. */
	spend(subject: string, now: Moment): boolean;
}

/** Moments that are kept for all subjects together. */
const maxMoments = 262_144;

/**
 * At most `times` per subject in any span of `windowMs`, wherever it begins. Time is the readings' own; while that steps back, the box's clock counts.
 * A subject is forgotten when it could spend everything again. Without room for a new subject nothing is spent.
 *
 * Time that is no number spends nothing. The account is in memory: it begins anew when the law changes or the unit restarts.
 */
export const openPrivacyAccount = (times: number, windowMs: number): PrivacyAccount => {
	const maxSubjects = Math.max(1, Math.floor(maxMoments / times));
	/** Per subject its last `times` moments as a ring; whoever spent longest ago first. */
	const accounts = new Map<string, { readonly spent: Moment[]; next: number }>();
	const isOver = (then: Moment, now: Moment): boolean =>
		now.takenAtMs < then.takenAtMs ? now.bootMs - then.bootMs >= windowMs : now.takenAtMs - then.takenAtMs >= windowMs;

	const hasRoom = (now: Moment): boolean => {
		if (accounts.size < maxSubjects) return true;
		for (const [subject, { spent, next }] of accounts) {
			const last = spent[(next + times - 1) % times];
			if (last !== undefined && !isOver(last, now)) return false;
			accounts.delete(subject);
			return true;
		}
		return false;
	};

	return {
		spend(subject, { takenAtMs, bootMs }) {
			if (!Number.isFinite(takenAtMs) || !Number.isFinite(bootMs)) return false;
			const now = { takenAtMs, bootMs };
			const account = accounts.get(subject) ?? (hasRoom(now) ? { spent: [], next: 0 } : undefined);
			if (account === undefined) return false;
			const oldest = account.spent[account.next];
			if (oldest !== undefined && !isOver(oldest, now)) return false;
			account.spent[account.next] = now;
			account.next = (account.next + 1) % times;
			accounts.delete(subject);
			accounts.set(subject, account);
			return true;
		},
	};
};
