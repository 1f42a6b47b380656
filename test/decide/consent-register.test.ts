import { describe, expect, it } from "vitest";
import { liveConsents } from "../../agent/decide/consent-register.ts";
import { compileRegime } from "../../agent/regime.ts";
import type { Consent } from "../../shared/consent.ts";
import { catalogue, outlet, outlets, policy, row, rule, uploadFloor } from "../fakes/law-documents.ts";

const nowMs = Date.parse("2026-06-01T00:00:00Z");
const consent = (extra: Partial<Consent> = {}): Consent => ({
	subjectPseudonym: "driver-0001",
	categoryId: "status",
	purpose: "fleet-health",
	noticeHash: "a".repeat(64),
	channel: "test",
	grantedAt: "2026-05-01T00:00:00Z",
	notAfter: "2026-07-01T00:00:00Z",
	...extra,
});

describe("liveConsents", () => {
	it.each([
		[undefined, true, false],
		["home", true, false],
		["abroad", true, true],
	] as const)("takes a consent of scope %s at home: %s, abroad: %s", (scope, home, abroad) => {
		const live = liveConsents([consent(scope === undefined ? {} : { scope })], nowMs);
		expect([live.has("status", "fleet-health", false), live.has("status", "fleet-health", true)]).toEqual([home, abroad]);
		expect(live.has("status", "other", false) || live.has("other", "fleet-health", false)).toBe(false);
	});

	it("counts each scope for its own term only", () => {
		const live = liveConsents([consent(), consent({ scope: "abroad", notAfter: "2026-05-20T00:00:00Z" })], nowMs);
		expect([live.has("status", "fleet-health", false), live.has("status", "fleet-health", true)]).toEqual([true, false]);
	});
});

describe("compileRegime", () => {
	it("does not take a consent to recipients at home for one abroad", () => {
		const floor = uploadFloor({ need: "consent" });
		const reasonOf = (scope: "home" | "abroad", outletId: string) =>
			compileRegime({
				law: {
					hash: "a".repeat(64),
					rootHash: "b".repeat(64),
					catalogue: catalogue(row("status", { home: floor, abroad: floor })),
					policy: policy([rule("a"), rule("b", { outlet: "relay" })]),
					outlets: outlets(outlet("oem"), outlet("relay", { finalJurisdiction: "DE" })),
					consents: { kind: "consents", version: 1, issuedAt: "2026-05-01T00:00:00Z", consents: [consent({ scope })] },
				},
				overlay: undefined,
				home: "CN",
				nowMs,
				pseudonymKey: () => new Uint8Array(32),
			}).plan.explain("status", outletId)[0]?.reasons[0]?.code;
		expect([reasonOf("home", "oem"), reasonOf("home", "relay")]).toEqual(["released", "needs-consent"]);
		expect([reasonOf("abroad", "oem"), reasonOf("abroad", "relay")]).toEqual(["released", "released"]);
	});
});
