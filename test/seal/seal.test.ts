import { describe, expect, it } from "vitest";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import { identityOf } from "../../agent/seal/identity.ts";
import { type LabelDraft, seal } from "../../agent/seal/seal.ts";
import { toHex } from "../../shared/bytes.ts";
import { maxBatchRecords } from "../../shared/columns.ts";
import { parseEncrypt } from "../../shared/cose-encrypt.ts";
import { parseSign1 } from "../../shared/cose-sign1.ts";
import { openEnvelope } from "../../shared/envelope.ts";
import type { Reading } from "../../shared/reading.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import {
	clean,
	cleanSpeeds,
	draft,
	identity,
	openerOf,
	primitives as p,
	recipientOf,
	secretOf,
	seededBytes,
	signal,
	target,
} from "./sample-envelope.ts";

const fix = (at: number, datum: "wgs84" | "gcj02"): Reading => ({
	kind: "fix",
	sourceId: "gnss0",
	takenAtMs: utcMs(at),
	bootMs: bootMs(0),
	latDeg: 31.2304,
	lonDeg: 121.4737,
	datum,
	mode: 3,
});

describe("seal", () => {
	it("puts into the label what is true of the records, the outlet and the ciphertext", () => {
		const records = [signal(1_700_000_000_000.75, 1), signal(1_699_999_999_999.25, 2)].map(clean);
		const { bytes, label, sequence } = seal(draft, records, target, identity, p);
		const payload = parseSign1(bytes).payload;
		expect(sequence).toBe(1);
		expect(label).toEqual({
			formatVersion: 1,
			sources: ["can"],
			provider: "unit-7",
			handler: "91310000MA1EXAMPLE",
			category: "telemetry.vehicle-status",
			level: "general",
			surveying: false,
			capturedFromMs: 1_699_999_999_999,
			capturedToMs: 1_700_000_000_001,
			sender: "unit-7",
			receiver: "home-cloud",
			receiverJurisdiction: "CN",
			finalJurisdiction: "CN",
			scale: { records: 2, subjects: 1, payloadBytes: parseEncrypt(payload).ciphertext.length - 16 },
			sealedAtMs: 1_700_000_000_500,
			checksum: toHex(p.sha256(payload)),
			policy: { id: "sample", version: 3, lawHash: "ab".repeat(32) },
			ruleId: "speed-for-traffic",
			purpose: "traffic-information",
			retentionDays: 30,
			transforms: ["round-number"],
			sequence: 1,
		});
	});

	it("carries the evidence for a map in the label, where a reader without a key finds it", () => {
		const evidence = { mapReviewNo: "GS(2026)1234号", geoProcessing: { method: "recognised processing", certificateRef: "CERT-7" } };
		const { bytes } = seal({ ...draft, ...evidence }, cleanSpeeds(1), target, identity, p);
		expect(openEnvelope(bytes, openerOf(10), p).label).toMatchObject(evidence);
		expect(() => seal({ ...draft, mapReviewNo: "" }, cleanSpeeds(1), target, identity, p)).toThrow(
			expect.objectContaining({ code: "ENVELOPE_INVALID" }),
		);
	});

	it("names the datum when all positions are of one", () => {
		const datumOf = (...readings: readonly Reading[]) => seal(draft, readings.map(clean), target, identity, p).label.datum;
		expect(datumOf(fix(0, "gcj02"), fix(1, "gcj02"), signal(2, 1))).toBe("gcj02");
		expect(datumOf(fix(0, "gcj02"), fix(1, "wgs84"))).toBeUndefined();
		expect(datumOf(signal(2, 1))).toBeUndefined();
	});

	it("seals to each recipient and the inspector once", () => {
		const same = { ...target, recipients: [recipientOf("a", 12), recipientOf("b", 12)] };
		const count = (bytes: Uint8Array) => parseEncrypt(parseSign1(bytes).payload).recipients.length;
		expect(count(seal(draft, cleanSpeeds(1), target, identity, p).bytes)).toBe(3);
		expect(count(seal(draft, cleanSpeeds(1), same, identity, p).bytes)).toBe(1);
		const many = { ...target, recipients: Array.from({ length: 16 }, (_, at) => recipientOf(`r${at}`, 30 + at)) };
		const { bytes } = seal(draft, cleanSpeeds(2), many, identity, p);
		for (const secret of [30, 37, 45, 12]) expect(openEnvelope(bytes, openerOf(secret), p).records).toHaveLength(2);
	});

	it("uses new keys each time, and the same bytes come only from the same random bytes", async () => {
		const sealWith = async (seed: number) =>
			seal(draft, cleanSpeeds(5), target, identity, await loadPrimitives({ random: seededBytes(seed) })).bytes;
		expect(await sealWith(5)).toEqual(await sealWith(5));
		expect(await sealWith(5)).not.toEqual(await sealWith(6));
		const real = await loadPrimitives();
		const [a, b] = [0, 1].map(() => parseSign1(seal(draft, cleanSpeeds(5), target, identity, real).bytes).payload);
		expect(toHex(a ?? secretOf(0))).not.toBe(toHex(b ?? secretOf(0)));
	});

	it("is the same with the curves of node", async () => {
		const node = await loadPrimitives({ random: seededBytes(5), curves: "node" });
		const sodium = await loadPrimitives({ random: seededBytes(5) });
		const keys = { ed25519Seed: secretOf(1), pseudonymRoot: secretOf(2) };
		expect(seal(draft, cleanSpeeds(50), target, identityOf(keys, node), node)).toEqual(
			seal(draft, cleanSpeeds(50), target, identity, sodium),
		);
	});

	it("holds nothing of a reading that can be read without a key", () => {
		const secret = "LFV3A23C8J3000001";
		const { bytes } = seal(draft, [clean(signal(0, secret, "Vehicle.Secret.Path"))], target, identity, p);
		const text = Buffer.from(bytes).toString("latin1");
		for (const part of [secret, "Secret.Path"]) expect(text).not.toContain(part);
	});

	it("seals an empty batch and the largest one", () => {
		expect(openEnvelope(seal(draft, [], target, identity, p).bytes, openerOf(10), p).records).toEqual([]);
		const one = clean(signal(1_700_000_000_000, 1));
		const all = Array.from({ length: maxBatchRecords }, () => one);
		expect(openEnvelope(seal(draft, all, target, identity, p).bytes, openerOf(10), p).records).toHaveLength(maxBatchRecords);
		expect(() => seal(draft, [...all, one], target, identity, p)).toThrow(expect.objectContaining({ code: "ENVELOPE_INVALID" }));
	});

	it("seals times that no date can hold", () => {
		const records = [Number.NaN, Number.POSITIVE_INFINITY, -1e300, 1_000.5].map((at) => clean(signal(at, 1)));
		const { bytes, label } = seal(draft, records, target, identity, p);
		expect([label.capturedFromMs, label.capturedToMs]).toEqual([1_000, 1_001]);
		expect(openEnvelope(bytes, openerOf(10), p).records).toEqual(records);
		const none = seal(draft, records.slice(0, 3), target, identity, p);
		expect(none.label.capturedToMs).toBe(none.label.sealedAtMs);
	});

	it("refuses a draft that makes no valid label, naming the field", () => {
		const wrong: readonly (readonly [Partial<LabelDraft>, string])[] = [
			[{ unitId: "../x" }, "provider"],
			[{ sequence: 0 }, "sequence"],
			[{ sequence: 1.5 }, "sequence"],
			[{ retentionDays: 0 }, "retentionDays"],
			[{ sources: [] }, "sources"],
			[{ purpose: "Not An Id" }, "purpose"],
			[{ sealedAtMs: utcMs(Number.NaN) }, "sealedAtMs"],
			[{ policy: { id: "p", version: 1, lawHash: "12" } }, "policy.lawHash"],
		];
		for (const [change, field] of wrong) {
			expect(() => seal({ ...draft, ...change }, cleanSpeeds(1), target, identity, p)).toThrow(
				expect.objectContaining({ code: "ENVELOPE_INVALID", message: expect.stringContaining(field) }),
			);
		}
	});

	it("refuses recipients whose key is none", () => {
		for (const x25519 of ["00".repeat(32), "ab", "zz".repeat(32)]) {
			const wrong = { ...target, inspection: { name: "x", x25519 } };
			expect(() => seal(draft, cleanSpeeds(1), wrong, identity, p)).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
		}
	});

	it("refuses text that no source makes", () => {
		const long = clean(signal(0, "x".repeat(70_000)));
		expect(() => seal(draft, [long], target, identity, p)).toThrow(expect.objectContaining({ code: "ENVELOPE_INVALID" }));
	});
});
