import * as fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { type Change, type Grant, GrantSchema, grant, review, setIgnition, standing, withdraw } from "../../agent/consent/consent-rules.ts";
import { emptyRegister, maxEnded, maxLive, maxWithdrawals, type Register } from "../../agent/consent/register.ts";
import { type Consent, ConsentSchema } from "../../shared/consent.ts";
import type { Notices } from "../../shared/notice.ts";

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;
const now = Date.parse("2026-06-01T08:00:00.000Z");
const at = (ms: number): string => new Date(ms).toISOString();

const asked = (extra: Partial<Grant> = {}): Grant => ({
	subjectPseudonym: "somebody-1",
	categoryId: "cabin.occupancy",
	purpose: "comfort",
	noticeHash: "a".repeat(64),
	term: "drive",
	channel: "hmi",
	...extra,
});
const until = (ms: number, extra: Partial<Grant> = {}): Grant => asked({ term: "until", notAfter: at(ms), ...extra });
const granted = (...list: readonly Grant[]): Register =>
	list.reduce<Register>((register, each) => grant(register, each, now, undefined).register, emptyRegister);
const reasons = ({ ended }: Change) => ended.map(({ endedBy }) => endedBy);
const notices = (hash: string, categories = ["cabin.occupancy"]): Notices => ({
	kind: "notices",
	version: 1,
	issuedAt: "2026-01-01T00:00:00Z",
	notices: [{ id: "cabin", version: 1, categories, text: { en: "a notice" }, hash }],
});

describe("GrantSchema", () => {
	const refuses = (extra: object): boolean => !v.safeParse(GrantSchema, { ...asked(), ...extra }).success;

	it("knows no default term, no permanent one, and no end that is not a time", () => {
		expect(refuses({})).toBe(false);
		expect(refuses({ term: undefined })).toBe(true);
		expect(refuses({ term: "permanent" })).toBe(true);
		expect(refuses({ term: "always" })).toBe(true);
		expect(refuses({ term: "until" })).toBe(true);
		expect(refuses({ term: "until", notAfter: "permanent" })).toBe(true);
		expect(refuses({ term: "until", notAfter: null })).toBe(true);
		expect(refuses({ term: "drive", notAfter: at(now + dayMs) })).toBe(true);
		expect(refuses({ permanent: true })).toBe(true);
	});

	it("asks for the guardian of a minor", () => {
		expect(refuses({ minor: true })).toBe(true);
		expect(refuses({ minor: true, guardian: false })).toBe(true);
		expect(refuses({ minor: true, guardian: true })).toBe(false);
		const consent = { ...asked(), grantedAt: at(now), notAfter: at(now + dayMs) };
		expect(v.safeParse(ConsentSchema, { ...consent, minor: true }).success).toBe(false);
		expect(v.safeParse(ConsentSchema, { ...consent, minor: true, guardian: true }).success).toBe(true);
	});
});

describe("grant", () => {
	it("gives a consent that begins now and ends with the drive or at the time that was chosen", () => {
		expect(emptyRegister.live).toEqual([]);
		const { granted: drive } = grant(emptyRegister, asked(), now, undefined);
		expect(drive).toMatchObject({ grantedAt: at(now), notAfter: at(now + dayMs), term: "drive" });
		expect(v.is(ConsentSchema, drive)).toBe(true);
		expect(grant(emptyRegister, until(now + 180 * dayMs), now, undefined).granted.notAfter).toBe(at(now + 180 * dayMs));
	});

	it("refuses an end that is past, now, or more than 180 days away", () => {
		for (const ms of [now - 1, now, now + 180 * dayMs + 1, now + 10 * yearMs]) {
			expect(() => grant(emptyRegister, until(ms), now, undefined)).toThrow("180 days");
		}
	});

	it("refuses another notice than the one in force, and takes any where the law has none", () => {
		expect(() => grant(emptyRegister, asked(), now, notices("b".repeat(64)))).toThrow("b".repeat(64));
		expect(grant(emptyRegister, asked(), now, notices("a".repeat(64))).register.live).toHaveLength(1);
		expect(grant(emptyRegister, asked(), now, notices("b".repeat(64), ["other"])).register.live).toHaveLength(1);
	});

	it("replaces what the same person said before, and keeps another's", () => {
		const register = granted(until(now + dayMs), until(now + dayMs, { subjectPseudonym: "somebody-2" }));
		const change = grant(register, until(now + 2 * dayMs), now + 1, undefined);
		expect(reasons(change)).toEqual(["replaced"]);
		expect(change.register.live.map(({ subjectPseudonym, notAfter }) => [subjectPseudonym, notAfter])).toEqual([
			["somebody-2", at(now + dayMs)],
			["somebody-1", at(now + 2 * dayMs)],
		]);
	});

	it("holds its bounds", () => {
		const live = Array.from({ length: maxLive }, (_, index): Consent => {
			const { term: _term, ...rest } = asked({ subjectPseudonym: `somebody-${index}` });
			return { ...rest, grantedAt: at(now), notAfter: at(now + dayMs) };
		});
		const full: Register = { ...emptyRegister, live };
		expect(() => grant(full, asked({ subjectPseudonym: "one-too-many" }), now, undefined)).toThrow("consents already");
		expect(grant(full, asked({ subjectPseudonym: "somebody-7" }), now, undefined).register.live).toHaveLength(maxLive);
		const gone = withdraw(full, {}, now);
		expect(gone.ended).toHaveLength(maxLive);
		expect(gone.register.ended).toHaveLength(maxEnded);
		let register = emptyRegister;
		for (let n = 0; n < maxWithdrawals + 5; n += 1) register = withdraw(register, { purpose: `p${n}` }, now + n).register;
		expect(register.withdrawals.length).toBeLessThanOrEqual(maxWithdrawals);
		expect(register.withdrawals).toContainEqual({ at: at(now + maxWithdrawals) });
	});
});

describe("withdraw", () => {
	it("ends exactly what agrees with all that was named, and is never refused", () => {
		const all = [
			asked(),
			asked({ purpose: "billing" }),
			asked({ categoryId: "cabin.audio" }),
			asked({ subjectPseudonym: "somebody-2" }),
		] as const;
		const ended = (match: object) => withdraw(granted(...all), match, now + 1).ended.length;
		expect([
			ended({}),
			ended({ purpose: "comfort" }),
			ended({ categoryId: "cabin.audio" }),
			ended({ subjectPseudonym: "somebody-2" }),
		]).toEqual([4, 3, 1, 1]);
		expect(ended({ categoryId: "cabin.audio", purpose: "billing" })).toBe(0);
		expect(withdraw(granted(asked()), {}, now + 1).ended[0]).toMatchObject({ endedBy: "withdrawn", consent: { withdrawnAt: at(now + 1) } });
	});

	it("stands against consents that came with the law before, not against later ones", () => {
		const { term: _term, ...rest } = asked();
		const signed = (grantedMs: number): Consent => ({ ...rest, grantedAt: at(grantedMs), notAfter: at(now + dayMs) });
		const { register } = withdraw(emptyRegister, { categoryId: "cabin.occupancy" }, now);
		const given = [signed(now - 1), signed(now), signed(now + 1)];
		expect(standing(given, register, undefined)).toEqual([signed(now + 1)]);
		expect(standing(given, emptyRegister, notices("c".repeat(64)))).toEqual([]);
		expect(standing(given, emptyRegister, undefined)).toEqual(given);
	});
});

describe("setIgnition", () => {
	it("ends what was for the drive, going off and going on, and nothing else", () => {
		const register = granted(asked(), until(now + dayMs, { purpose: "billing" }));
		const off = setIgnition(register, "off", now + 1);
		expect(reasons(off)).toEqual(["drive-ended"]);
		expect(off.register.live.map(({ purpose }) => purpose)).toEqual(["billing"]);
		expect(() => grant(off.register, asked(), now + 2, undefined)).toThrow("no drive");
		const on = setIgnition(off.register, "on", now + 3);
		expect(on.register).toMatchObject({ ignition: "on" });
		expect(setIgnition(register, "on", now + 1)).toEqual({ register, ended: [] });
	});
});

describe("review", () => {
	it("ends what is past its term and what was given to an older notice", () => {
		const register = granted(until(now + dayMs), until(now + 2 * dayMs, { categoryId: "cabin.audio" }));
		expect(reasons(review(register, now + dayMs - 1, undefined))).toEqual([]);
		expect(reasons(review(register, now + dayMs, undefined))).toEqual(["expired"]);
		const renewed = review(register, now, notices("b".repeat(64)));
		expect(reasons(renewed)).toEqual(["notice-changed"]);
		expect(renewed.register.live.map(({ categoryId }) => categoryId)).toEqual(["cabin.audio"]);
	});

	it("never revives anything, whatever the clock does and in whatever order acts come", () => {
		const act = fc.oneof(
			fc.record({ kind: fc.constant("review" as const), byMs: fc.integer({ min: -10 * yearMs, max: 10 * yearMs }) }),
			fc.record({
				kind: fc.constantFrom("withdraw" as const, "off" as const, "on" as const),
				byMs: fc.integer({ min: -dayMs, max: dayMs }),
			}),
		);
		return fc.assert(
			fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
				let register = granted(asked(), until(now + dayMs, { purpose: "a" }), until(now + 90 * dayMs, { purpose: "b" }));
				let live = register.live.length;
				for (const { kind, byMs } of acts) {
					const ms = Math.max(0, now + byMs);
					if (kind === "review") register = review(register, ms, undefined).register;
					else if (kind === "withdraw") register = withdraw(register, { purpose: "a" }, ms).register;
					else register = setIgnition(register, kind, ms).register;
					expect(register.live.length).toBeLessThanOrEqual(live);
					live = register.live.length;
				}
			}),
		);
	});
});
