import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seal } from "../../agent/seal/seal.ts";
import type { CleanReading } from "../../shared/clean.ts";
import { openEnvelope, readLabel, verifyEnvelope } from "../../shared/envelope.ts";
import { isKerbError } from "../../shared/errors.ts";
import type { Reading } from "../../shared/reading.ts";
import type { KerbRecord } from "../../shared/record.ts";
import { bootMs } from "../../shared/units.ts";
import { clean, draft, identity, openerOf, primitives as p, recipientOf, target } from "../seal/sample-envelope.ts";
import { anyRecord } from "./records.ts";

const sensed = { sourceId: "can0", bootMs: bootMs(0) };

const asReading = (record: KerbRecord): Reading => {
	if (record.kind === "fix") return { ...record, mode: record.mode ?? 2, ...sensed };
	if (record.kind === "signal" || record.kind === "flow") return { ...record, ...sensed };
	throw new TypeError("what is a file of its own is sealed in a test of its own");
};

const anyClean: fc.Arbitrary<CleanReading> = anyRecord
	.filter(({ kind }) => ["signal", "fix", "flow"].includes(kind))
	.map((record) => clean(asReading(record)));

/** What opening came to: the code of the refusal, or undefined. */
const refusalOf = (work: () => unknown): string | undefined => {
	try {
		work();
		return undefined;
	} catch (error) {
		if (isKerbError(error)) return error.code;
		throw error;
	}
};

describe("seal and openEnvelope", () => {
	it("give back any clean readings to every recipient and to nobody else", () => {
		fc.assert(
			fc.property(
				fc.array(anyClean, { maxLength: 25 }),
				fc.uniqueArray(fc.integer({ min: 10, max: 30 }), { minLength: 1, maxLength: 5 }),
				fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
				(records, [inspector = 10, ...others], sequence) => {
					const recipients = (others.length === 0 ? [inspector] : others).map((secret) => recipientOf(`r${secret}`, secret));
					const to = { ...target, recipients, inspection: recipientOf("inspector", inspector) };
					const { bytes, label } = seal({ ...draft, sequence }, records, to, identity, p);
					for (const secret of [inspector, ...others]) {
						const opened = openEnvelope(bytes, openerOf(secret), p);
						expect(opened.records).toStrictEqual(records);
						expect(opened.label).toEqual(label);
					}
					expect(refusalOf(() => openEnvelope(bytes, openerOf(31), p))).toBe("ENVELOPE_NO_KEY");
					expect(verifyEnvelope(bytes, openerOf().unitKeys, p).label).toEqual(label);
				},
			),
			{ numRuns: 60 },
		);
	});
});

describe("openEnvelope", () => {
	const { bytes } = seal(draft, [], target, identity, p);

	it("refuses any change of any bytes, insertions and removals included", () => {
		const change = fc.record({ at: fc.nat(bytes.length), remove: fc.nat(40), insert: fc.uint8Array({ maxLength: 40 }) });
		fc.assert(
			fc.property(change, ({ at, remove, insert }) => {
				const changed = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
				fc.pre(!changed.equals(bytes));
				expect(refusalOf(() => openEnvelope(changed, openerOf(10), p))).toMatch(/^ENVELOPE_/);
			}),
			{ numRuns: 1_500 },
		);
	});

	it("refuses random bytes, and so do readLabel and verifyEnvelope", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 400 }), (random) => {
				expect(refusalOf(() => openEnvelope(random, openerOf(10), p))).toBe("ENVELOPE_INVALID");
				expect(refusalOf(() => verifyEnvelope(random, openerOf().unitKeys, p))).toBe("ENVELOPE_INVALID");
				expect(refusalOf(() => readLabel(random))).toBe("ENVELOPE_INVALID");
			}),
		);
	});
});
