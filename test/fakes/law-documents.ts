/** Small law documents for tests: ordinary objects, with what a test is about passed in. */
import type { Catalogue, CatalogueRow, Requirement } from "../../shared/catalogue.ts";
import type { Outlet, Outlets } from "../../shared/outlet.ts";
import type { Policy, ReleaseRule } from "../../shared/policy.ts";

const floor = (effect: "upload" | "vault" | "drop", requires: readonly Requirement[] = []) => ({
	effect,
	otherwise: "vault" as const,
	requires: [...requires],
	text: "a floor of a test",
});

export const row = (id: string, extra: Partial<CatalogueRow> = {}): CatalogueRow => ({
	id,
	title: `Row ${id}`,
	level: "general",
	zone: "vehicle",
	surveying: false,
	statutory: false,
	home: floor("upload"),
	abroad: floor("drop"),
	condition: "",
	match: { kinds: [], paths: [] },
	thresholds: [],
	citations: [{ ref: "1.4", certainty: "T" }],
	...extra,
});

export const uploadFloor = (...requires: readonly Requirement[]) => floor("upload", requires);
export const keepFloor = floor("vault");
export const dropFloor = floor("drop");

export const catalogue = (...rows: readonly CatalogueRow[]): Catalogue => ({
	kind: "catalogue",
	id: "test",
	version: 1,
	title: "A catalogue of a test",
	jurisdiction: "CN",
	issuedAt: "2026-01-01T00:00:00Z",
	rows: [...rows, row("unknown", { level: "important", home: keepFloor })],
});

export const outlet = (id: string, extra: Partial<Outlet> = {}): Outlet => ({
	id,
	jurisdiction: "CN",
	finalJurisdiction: "CN",
	url: "mqtt://127.0.0.1:1883",
	mqttVersion: 5,
	addressRanges: ["127.0.0.0/8"],
	recipients: [{ name: "a platform", x25519: "0".repeat(64) }],
	inspection: { name: "an inspector", x25519: "1".repeat(64) },
	qualifiedSurveying: false,
	maxInFlight: 16,
	...extra,
});

export const outlets = (...list: readonly Outlet[]): Outlets => ({
	kind: "outlets",
	version: 1,
	issuedAt: "2026-01-01T00:00:00Z",
	outlets: [...list],
});

export const rule = (id: string, extra: Partial<ReleaseRule> = {}): ReleaseRule => ({
	id,
	outlet: "oem",
	purpose: "fleet-health",
	necessity: "a test cannot do without it",
	categories: ["status"],
	treatments: [],
	retentionDays: 10,
	...extra,
});

export const policy = (release: readonly ReleaseRule[], extra: Partial<Policy> = {}): Policy => ({
	kind: "policy",
	id: "test-policy",
	version: 1,
	issuedAt: "2026-01-01T00:00:00Z",
	notAfter: "2026-12-31T00:00:00Z",
	handler: { legalEntityId: "X", name: "X" },
	catalogue: "test",
	release: [...release],
	...extra,
});
