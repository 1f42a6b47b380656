/**
 * Real envelopes for tests of the way they take: sealed by one unit for one outlet, a few records each.
 */

import { identityOf } from "../../agent/seal/identity.ts";
import { type LabelDraft, seal } from "../../agent/seal/seal.ts";
import type { OutboxItem } from "../../agent/upload/outbox.ts";
import type { Opener } from "../../shared/envelope.ts";
import { cleanSpeeds, draft, primitives, secretOf, target } from "../seal/sample-envelope.ts";

export const unitId = "unit-7f3a";
export const outletId = "cn-cloud";

/** The unit's identity, from a secret of its own. */
export const unitIdentity = identityOf({ ed25519Seed: secretOf(21), pseudonymRoot: secretOf(22) }, primitives);

/** Opens what `sealed` makes. */
export const opener: Opener = {
	unitKeys: (unit, keyId) => (unit === unitId && keyId === unitIdentity.keyId ? unitIdentity.publicKey : undefined),
	recipientSecrets: [secretOf(10)],
};

/** One envelope of 3 records, with anything of its label or its signer changed. */
export const sealed = (sequence: number, over: Partial<LabelDraft> = {}, identity = unitIdentity): OutboxItem => {
	const label = { ...draft, unitId, sequence, ...over };
	const { bytes } = seal(label, cleanSpeeds(3), { ...target, id: outletId }, identity, primitives);
	return { sequence, categoryId: label.category, bytes };
};

/** Envelopes with the sequences `from` to `to`. */
export const someSealed = (from: number, to: number): OutboxItem[] => Array.from({ length: to - from + 1 }, (_, at) => sealed(from + at));
