/**
 * A unit, an outlet and readings that are good enough to seal, for tests of both ends.
 */
import { loadPrimitives } from "../../agent/host/primitives.ts";
import { type Identity, identityOf } from "../../agent/seal/identity.ts";
import type { LabelDraft, SealTarget } from "../../agent/seal/seal.ts";
import { treat } from "../../agent/treat/treat.ts";
import { toHex } from "../../shared/bytes.ts";
import type { CleanReading } from "../../shared/clean.ts";
import type { Primitives } from "../../shared/primitives.ts";
import type { Reading } from "../../shared/reading.ts";
import type { CategoryIndex, Tag, TagIndex } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";

/** Random bytes that are the same in every run. */
export const seededBytes = (seed: number): ((count: number) => Uint8Array) => {
	let state = seed >>> 0;
	return (count) =>
		Uint8Array.from({ length: count }, () => {
			state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
			return state >>> 24;
		});
};

export const primitives: Primitives = await loadPrimitives({ random: seededBytes(1) });

export const secretOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

export const identity: Identity = identityOf({ ed25519Seed: secretOf(1), pseudonymRoot: secretOf(2) }, primitives);

export const recipientOf = (name: string, secretByte: number): { name: string; x25519: string } => ({
	name,
	x25519: toHex(primitives.x25519Public(secretOf(secretByte))),
});

/** Opens with the secrets 10 and 11 and, for inspection, 12. */
export const target: SealTarget = {
	id: "home-cloud",
	jurisdiction: "CN",
	finalJurisdiction: "CN",
	recipients: [recipientOf("cloud a", 10), recipientOf("cloud b", 11)],
	inspection: recipientOf("inspector", 12),
};

export const draft: LabelDraft = {
	unitId: "unit-7",
	sources: ["can"],
	handler: "91310000MA1EXAMPLE",
	category: "telemetry.vehicle-status",
	level: "general",
	surveying: false,
	policy: { id: "sample", version: 3, lawHash: "ab".repeat(32) },
	ruleId: "speed-for-traffic",
	purpose: "traffic-information",
	retentionDays: 30,
	transforms: ["round-number"],
	sequence: 1,
	sealedAtMs: utcMs(1_700_000_000_500.25),
};

const tag: Tag = {
	index: 0 as TagIndex,
	category: 0 as CategoryIndex,
	categoryId: "telemetry.vehicle-status",
	level: "general",
	zone: "vehicle",
	surveying: false,
	path: "Vehicle.Speed",
};

export const clean = (reading: Reading): CleanReading => {
	const treated = treat({ ...reading, tag }, []);
	if (typeof treated === "string") throw new Error(`treat: ${treated}`);
	return treated;
};

export const signal = (at: number, value: number | string | boolean | bigint, path = "Vehicle.Speed"): Reading => ({
	kind: "signal",
	sourceId: "can0",
	takenAtMs: utcMs(at),
	bootMs: bootMs(0),
	path,
	value,
});

/** `count` speeds, ten per second. */
export const cleanSpeeds = (count: number): CleanReading[] =>
	Array.from({ length: count }, (_, at) => clean(signal(1_700_000_000_000 + at * 100, at / 10)));

/** Opens with the unit's key and the secrets named by their byte. */
export const openerOf = (...secretBytes: readonly number[]) => ({
	unitKeys: (unitId: string, keyId: string): Uint8Array | undefined =>
		unitId === draft.unitId && keyId === identity.keyId ? identity.publicKey : undefined,
	recipientSecrets: secretBytes.map(secretOf),
});
