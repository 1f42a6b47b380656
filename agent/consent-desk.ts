/**
 * Where consents are given, withdrawn and reviewed: keeps the register, obeys it through the regime, and writes it down. A withdrawal is obeyed
 * first and written then; a grant is written first and obeyed then; so whatever fails in between, too little leaves and never too much.
 */
import { join } from "node:path";
import { type Consent, type ConsentMatch, matchesConsent } from "../shared/consent.ts";
import { KerbError } from "../shared/errors.ts";
import type { Law } from "../shared/law.ts";
import { consentEndEntry, consentsDamagedEntry, consentsUnwrittenEntry } from "./agent-entries.ts";
import { type Change, type Grant, grant, isToNotice, review, setIgnition, standing, withdraw } from "./consent/consent-rules.ts";
import { consentsFile, openConsentStore } from "./consent/consent-store.ts";
import type { EndedConsent, Register } from "./consent/register.ts";
import type { Host } from "./host/host.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { RecallFacts } from "./recall.ts";
import type { Recalled } from "./regime-switch.ts";

export interface ConsentDeskOptions {
	readonly unitId: string;
	readonly dataDir: string;
	readonly host: Pick<Host, "clock" | "disk" | "emit">;
	readonly ledger: Pick<Ledger, "append">;
	/** The law in force, with the consents that it came with. */
	readonly law: () => Law;
	/** A replay takes all consents of the law; a unit that runs only those of the channel `test`, which samples have. */
	readonly isReplay: boolean;
	/** UTC that never falls behind what was once known to be good. */
	readonly nowMs: () => number;
	/** Compiles the law with the consents of now and puts it in force. What it throws ends the agent. */
	readonly obey: (withdrawnNow?: RecallFacts["withdrawnNow"]) => Recalled;
}

export interface ConsentsView {
	readonly ignition: Register["ignition"];
	/** The unit's own; then those that came with the law. */
	readonly live: readonly Consent[];
	/** The last that ended, oldest first. */
	readonly ended: readonly EndedConsent[];
}

export interface ConsentDesk {
	list(): ConsentsView;
	/** @throws KerbError USAGE when it cannot be granted so, STATE_INVALID when it cannot be written; nothing is granted then. */
	grant(asked: Grant): Consent;
	/** @throws KerbError STATE_INVALID when it is obeyed but not written yet; it is tried again until it is. */
	withdraw(match: ConsentMatch): Recalled & { readonly consents: number };
	/** @throws KerbError STATE_INVALID likewise. */
	ignition(state: Register["ignition"]): Recalled & { readonly consents: number };
	/** Ends what is due by its term or by a new notice, and writes what could not be written. Called on a timer and when the law has changed. */
	review(): void;
	/** The law with the consents that are live now, and no others. */
	withConsents(law: Law): Law;
	/** See `RecallFacts`. */
	endedByWithdrawal(categoryId: string, purpose: string): boolean;
}

/** Opens the register and begins a drive: what was for an earlier one has ended. @throws KerbError STATE_INVALID when a damaged file cannot be put aside. */
export const createConsentDesk = (options: ConsentDeskOptions): ConsentDesk => {
	const { host, ledger, law } = options;
	const path = join(options.dataDir, consentsFile);
	const store = openConsentStore(path, host.disk);
	const started = { utcMs: options.nowMs(), bootMs: host.clock.bootMs() };
	/** No earlier than what has passed since the start, wherever the clock has jumped to (T-21). */
	const timeMs = (): number => Math.max(options.nowMs(), started.utcMs + host.clock.bootMs() - started.bootMs);
	let register = store.found;
	let isWritten = true;

	const write = (): void => {
		try {
			store.write(register);
			isWritten = true;
		} catch (error) {
			if (isWritten) ledger.append([consentsUnwrittenEntry(host.clock.nowMs())]);
			isWritten = false;
			throw error;
		}
	};
	/** Takes over a change that only ends consents: memory first. */
	const take = (change: Change): void => {
		register = change.register;
		const own = change.ended.filter(({ endedBy }) => endedBy !== "withdrawn" && endedBy !== "replaced");
		if (own.length > 0) ledger.append(own.map((ended) => consentEndEntry(ended, options.unitId, host.clock.nowMs())));
	};
	/** What the unit's own register has that is in force under the given law, also between two reviews. */
	const live = (from: Law): readonly Consent[] => {
		const nowMs = timeMs();
		return register.live.filter((consent) => nowMs < Date.parse(consent.notAfter) && isToNotice(consent, from.notices));
	};
	const lawConsents = (from: Law): readonly Consent[] => {
		const nowMs = timeMs();
		const given = (from.consents?.consents ?? []).filter(({ channel }) => options.isReplay || channel === "test");
		return standing(given, register, from.notices).filter(
			({ grantedAt, notAfter, withdrawnAt }) =>
				// A replay's time is the recording's own: its regime judges them.
				options.isReplay || (Date.parse(grantedAt) <= nowMs && nowMs < Math.min(Date.parse(notAfter), Date.parse(withdrawnAt ?? notAfter))),
		);
	};
	const endDrive = (): Change => {
		const off = setIgnition(register, "off", timeMs());
		return { register: setIgnition(off.register, "on", timeMs()).register, ended: off.ended };
	};

	if (store.damaged) {
		host.emit({ event: "state_recovered", detail: `${path} was damaged; it was kept as ${path}.damaged, and nobody has consented.` });
		ledger.append([consentsDamagedEntry(host.clock.nowMs())]);
	}
	const openings = [endDrive(), review(endDrive().register, timeMs(), law().notices)];
	for (const change of openings) take(change);
	if (store.damaged || store.found.ignition === "off" || openings.some(({ ended }) => ended.length > 0)) {
		try {
			write();
		} catch {
			// Obeyed all the same, and tried again by every review.
		}
	}

	const desk: ConsentDesk = {
		list: () => ({ ignition: register.ignition, live: [...register.live, ...lawConsents(law())], ended: register.ended }),
		grant(asked) {
			if (!law().catalogue.rows.some(({ id }) => id === asked.categoryId)) {
				throw new KerbError("USAGE", `the catalogue has no category "${asked.categoryId}"; "kerbstone explain --list" prints those it has`);
			}
			desk.review();
			const before = register;
			const change = grant(register, asked, timeMs(), law().notices);
			register = change.register;
			try {
				write();
			} catch (error) {
				register = before;
				throw error;
			}
			options.obey();
			return change.granted;
		},
		withdraw(match) {
			const gone = [...register.live, ...lawConsents(law())].filter((consent) => matchesConsent(consent, match));
			take(withdraw(register, match, timeMs()));
			try {
				const recalled = options.obey((categoryId, purpose) =>
					gone.some((consent) => consent.categoryId === categoryId && (consent.purpose === purpose || purpose === "")),
				);
				return { ...recalled, consents: gone.length };
			} finally {
				write();
			}
		},
		ignition(state) {
			const change = setIgnition(register, state, timeMs());
			if (change.register === register) return { envelopes: 0, records: 0, consents: 0 };
			take(change);
			try {
				return { ...options.obey(), consents: change.ended.length };
			} finally {
				write();
			}
		},
		review() {
			const change = review(register, timeMs(), law().notices);
			if (change.ended.length > 0) {
				take(change);
				options.obey();
				isWritten = false;
			}
			if (isWritten) return;
			try {
				write();
			} catch {
				// Told once; tried again by the next review.
			}
		},
		withConsents(from) {
			const nowIso = new Date(options.nowMs()).toISOString();
			// The regime may look at an earlier clock than the register does: for it, what is live has begun.
			const own = live(from).map((consent) => (consent.grantedAt > nowIso ? { ...consent, grantedAt: nowIso } : consent));
			const { version = 1, issuedAt = nowIso } = from.consents ?? {};
			return { ...from, consents: { kind: "consents", version, issuedAt, consents: [...own, ...lawConsents(from)] } };
		},
		endedByWithdrawal: (categoryId, purpose) =>
			register.ended.findLast(({ consent }) => consent.categoryId === categoryId && (consent.purpose === purpose || purpose === ""))
				?.endedBy === "withdrawn",
	};
	return desk;
};
