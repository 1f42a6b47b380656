/**
 * The documents of a first law: an outlet at home, and either nothing to release (what a unit starts with) or a small sample that shows each
 * kind of decision on ordinary vehicle data. For people who try Kerbstone; an operator writes their own.
 */
import { type Consents, maxConsentDays } from "./consent.ts";
import type { Outlets } from "./outlet.ts";
import type { Policy, ReleaseRule } from "./policy.ts";

const dayMs = 86_400_000;

/** What a sample is made of: public keys and the instant it is made at. */
export interface SampleInput {
	readonly nowMs: number;
	readonly catalogueId: string;
	/** ISO 3166-1 alpha-2. */
	readonly home: string;
	readonly brokerUrl: string;
	/** 5 unless told; 4 is MQTT 3.1.1. */
	readonly mqttVersion?: 4 | 5;
	readonly addressRanges: readonly string[];
	/** X25519 public keys, hexadecimal. */
	readonly recipientKey: string;
	readonly inspectionKey: string;
	/** How long the policy holds. */
	readonly policyDays: number;
}

/** The one outlet of a first law. */
export const sampleOutlets = (input: SampleInput): Outlets => ({
	kind: "outlets",
	version: 1,
	issuedAt: isoAt(input.nowMs),
	outlets: [
		{
			id: "oem",
			jurisdiction: input.home,
			finalJurisdiction: input.home,
			url: input.brokerUrl,
			mqttVersion: input.mqttVersion ?? 5,
			addressRanges: [...input.addressRanges],
			recipients: [{ name: "OEM data platform", x25519: input.recipientKey }],
			inspection: { name: "inspection", x25519: input.inspectionKey },
			qualifiedSurveying: false,
			maxInFlight: 16,
		},
	],
});

/** A policy that releases nothing, or the sample's rules. */
export const samplePolicy = (input: SampleInput, release: readonly ReleaseRule[]): Policy => ({
	kind: "policy",
	id: release.length === 0 ? "nothing" : "sample",
	version: 1,
	issuedAt: isoAt(input.nowMs),
	notAfter: isoAt(input.nowMs + input.policyDays * dayMs),
	handler: { legalEntityId: "SAMPLE-ENTITY", name: "Sample operator" },
	catalogue: input.catalogueId,
	release: [...release],
});

/** Rules that need no consent and one that does. */
export const sampleRules: readonly ReleaseRule[] = [
	{
		id: "speed",
		outlet: "oem",
		purpose: "fleet-health",
		necessity: "Wear models need how fast the vehicle goes, once a second and to half a unit.",
		categories: ["telemetry.vehicle-status"],
		paths: ["Vehicle.Speed"],
		treatments: [
			{ type: "thin-rate", everyMs: 1_000 },
			{ type: "round-number", stepBy: 0.5 },
		],
		retentionDays: 90,
	},
	{
		id: "vehicle-status",
		outlet: "oem",
		purpose: "fleet-health",
		necessity: "Fleet health needs gear, odometer and other states, once a second at most.",
		categories: ["telemetry.vehicle-status"],
		treatments: [{ type: "thin-rate", everyMs: 1_000 }],
		retentionDays: 90,
	},
	{
		id: "battery",
		outlet: "oem",
		purpose: "fleet-health",
		necessity: "Battery ageing is followed by state of charge and temperature over months.",
		categories: ["telemetry.battery"],
		treatments: [{ type: "thin-rate", everyMs: 5_000 }],
		retentionDays: 90,
	},
	{
		id: "weather",
		outlet: "oem",
		purpose: "road-weather",
		necessity: "Road weather service needs temperature and rain, without any position.",
		categories: ["telemetry.environment"],
		treatments: [{ type: "thin-rate", everyMs: 10_000 }],
		retentionDays: 30,
	},
	{
		id: "coarse-track",
		outlet: "oem",
		purpose: "traffic-information",
		necessity: "Traffic information needs to know the district that a consenting driver is in, not the street.",
		categories: ["connected-operation.perception.trajectory"],
		treatments: [
			{ type: "thin-rate", everyMs: 2_000 },
			{ type: "round-position", cellM: 500 },
		],
		retentionDays: 14,
	},
];

/** A consent for the sample's coarse track, so that a trial shows what consent changes. Its notice is this sentence's hash, not a real one. */
export const sampleConsents = (input: SampleInput, noticeHash: string): Consents => ({
	kind: "consents",
	version: 1,
	issuedAt: isoAt(input.nowMs),
	consents: [
		{
			subjectPseudonym: "sample-driver",
			categoryId: "connected-operation.perception.trajectory",
			purpose: "traffic-information",
			noticeHash,
			grantedAt: isoAt(input.nowMs),
			notAfter: isoAt(input.nowMs + Math.min(maxConsentDays, input.policyDays) * dayMs),
			channel: "test",
		},
	],
});

const isoAt = (ms: number): string => new Date(ms).toISOString();
