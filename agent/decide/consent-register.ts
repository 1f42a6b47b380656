/**
 * Which consents are live. Pure: time comes in, and the answer says until when it holds, so that a plan made from it is renewed in time.
 */
import type { Consent } from "../../shared/consent.ts";

export interface LiveConsents {
	/** For abroad: one whose scope is abroad too; a consent to recipients at home never meets a floor abroad (regulations G-10). */
	has(categoryId: string, purpose: string, isAbroad: boolean): boolean;
	/** UTC milliseconds at which the answer changes next; Infinity when it does not. */
	readonly changesAtMs: number;
}

/** A consent is live from grantedAt up to, not including, notAfter or withdrawnAt, whichever comes first. */
export const liveConsents = (consents: readonly Consent[], nowMs: number): LiveConsents => {
	const live = new Set<string>();
	let changesAtMs = Number.POSITIVE_INFINITY;
	for (const consent of consents) {
		const fromMs = Date.parse(consent.grantedAt);
		const withdrawnMs = consent.withdrawnAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(consent.withdrawnAt);
		const untilMs = Math.min(Date.parse(consent.notAfter), withdrawnMs);
		if (nowMs >= fromMs && nowMs < untilMs) {
			live.add(`home ${consent.categoryId} ${consent.purpose}`);
			if (consent.scope === "abroad") live.add(`abroad ${consent.categoryId} ${consent.purpose}`);
		}
		for (const edgeMs of [fromMs, untilMs]) if (edgeMs > nowMs) changesAtMs = Math.min(changesAtMs, edgeMs);
	}
	const has: LiveConsents["has"] = (categoryId, purpose, isAbroad) => live.has(`${isAbroad ? "abroad" : "home"} ${categoryId} ${purpose}`);
	return { has, changesAtMs };
};
