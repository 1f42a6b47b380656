/**
 * Seals one batch of clean readings of one category for one outlet.
 */
import { fromHex, toHex } from "../../shared/bytes.ts";
import { captureOf } from "../../shared/capture.ts";
import type { CborValue } from "../../shared/cbor-value.ts";
import type { CleanReading } from "../../shared/clean.ts";
import { encodeColumns } from "../../shared/columns.ts";
import { makeEncrypt } from "../../shared/cose-encrypt.ts";
import { coseAlgorithm, coseHeader } from "../../shared/cose-header.ts";
import { wrapToX25519 } from "../../shared/cose-recipient.ts";
import { makeSign1 } from "../../shared/cose-sign1.ts";
import { keyIdOf, labelAad, labelHeader, maxBatchBytes, maxEnvelopeBytes } from "../../shared/envelope.ts";
import { KerbError } from "../../shared/errors.ts";
import { encodeLabel, type Label, labelFormatVersion } from "../../shared/label.ts";
import type { Outlet } from "../../shared/outlet.ts";
import type { Primitives } from "../../shared/primitives.ts";
import type { UtcMs } from "../../shared/units.ts";
import type { Identity } from "./identity.ts";

/** What the pipeline knows of a batch; the rest of the label is found from the records, the outlet and the ciphertext. */
export interface LabelDraft
	extends Pick<
		Label,
		| "sources"
		| "handler"
		| "category"
		| "level"
		| "surveying"
		| "policy"
		| "ruleId"
		| "purpose"
		| "authorisation"
		| "geoProcessing"
		| "mapReviewNo"
	> {
	readonly unitId: string;
	readonly retentionDays: number;
	readonly transforms: readonly string[];
	/** Per unit and outlet, from 1, without gaps. */
	readonly sequence: number;
	readonly sealedAtMs: UtcMs;
}

/** The part of an outlet that an envelope depends on. */
export type SealTarget = Pick<Outlet, "id" | "jurisdiction" | "finalJurisdiction" | "recipients" | "inspection">;

export interface SealedEnvelope {
	/** The caller's. */
	readonly bytes: Uint8Array;
	readonly label: Label;
	readonly sequence: number;
}

/**
 * One envelope, which each recipient of the outlet and the outlet's inspector can open (regulations G-21, G-23) and nobody else, the unit
 * included: content key and ephemeral keys are new each time and overwritten.
 *
 * @throws KerbError ENVELOPE_INVALID for a draft that makes no valid label, for more records than a batch holds, or for a result above
 * `maxEnvelopeBytes`; nothing is sealed then and the readings are still the caller's.
 * @throws KerbError KEY_INVALID for a recipient whose key is no X25519 public key.
 */
export const seal = (
	draft: LabelDraft,
	records: readonly CleanReading[],
	target: SealTarget,
	identity: Identity,
	p: Primitives,
): SealedEnvelope => {
	const batch = encodeColumns(records);
	if (batch.length > maxBatchBytes) throw tooLarge("batch", batch.length, maxBatchBytes);
	const payload = p.compress(batch);
	batch.fill(0);
	const unsummed = labelOf(draft, records, target, payload.length, "0".repeat(64));
	const encrypted = encrypt(payload, labelAad(encodeLabel(unsummed)), target, p);
	payload.fill(0);
	const label = { ...unsummed, checksum: toHex(p.sha256(encrypted)) };
	const header = new Map<number, CborValue>([
		[coseHeader.algorithm, coseAlgorithm.edDsa],
		[coseHeader.keyId, keyIdOf(identity.publicKey, p)],
		[labelHeader, encodeLabel(label)],
	]);
	const bytes = makeSign1(header, encrypted, (signed) => identity.sign(signed));
	if (bytes.length > maxEnvelopeBytes) throw tooLarge("envelope", bytes.length, maxEnvelopeBytes);
	return { bytes, label, sequence: label.sequence };
};

const tooLarge = (what: string, bytes: number, most: number): KerbError =>
	new KerbError("ENVELOPE_INVALID", `seal: expected a ${what} of at most ${most} bytes, got ${bytes}; seal fewer records at a time`);

const labelOf = (
	draft: LabelDraft,
	records: readonly CleanReading[],
	target: SealTarget,
	payloadBytes: number,
	checksum: string,
): Label => {
	const { unitId, sealedAtMs, transforms, ...rest } = draft;
	const sealed = Math.floor(sealedAtMs);
	const { datum, ...captured } = captureOf(records, sealed);
	return {
		...rest,
		...captured,
		...(datum === undefined ? undefined : { datum }),
		formatVersion: labelFormatVersion,
		provider: unitId,
		sender: unitId,
		receiver: target.id,
		receiverJurisdiction: target.jurisdiction,
		finalJurisdiction: target.finalJurisdiction,
		scale: { records: records.length, subjects: 1, payloadBytes },
		sealedAtMs: sealed,
		checksum,
		transforms: [...transforms],
	};
};

const encrypt = (payload: Uint8Array, aad: Uint8Array, target: SealTarget, p: Primitives): Uint8Array => {
	const publicKeys = [...new Set([...target.recipients, target.inspection].map((recipient) => recipient.x25519))];
	const contentKey = p.randomBytes(32);
	const recipients = publicKeys.map((hex) => {
		const publicKey = fromHex(hex);
		if (publicKey?.length !== 32)
			throw new KerbError("KEY_INVALID", `outlet ${target.id}: expected recipient keys of 64 hexadecimal digits`);
		return wrapToX25519(contentKey, publicKey, keyIdOf(publicKey, p), p);
	});
	const encrypted = makeEncrypt(payload, aad, contentKey, recipients, p);
	contentKey.fill(0);
	return encrypted;
};
