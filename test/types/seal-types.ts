/**
 * What must not compile (invariant 2): sealing anything that `treat` did not make. Checked by tsc: a line that begins to compile makes its
 * `@ts-expect-error` an error. Never run.
 */
import type { Identity } from "../../agent/seal/identity.ts";
import { type LabelDraft, type SealTarget, seal } from "../../agent/seal/seal.ts";
import { treat } from "../../agent/treat/treat.ts";
import type { CleanReading } from "../../shared/clean.ts";
import type { Primitives } from "../../shared/primitives.ts";
import type { Fix, Reading } from "../../shared/reading.ts";
import type { KerbRecord } from "../../shared/record.ts";
import type { Tagged } from "../../shared/tag.ts";

declare const draft: LabelDraft;
declare const target: SealTarget;
declare const identity: Identity;
declare const p: Primitives;
declare const reading: Reading;
declare const fix: Fix;
declare const tagged: Tagged;
declare const record: KerbRecord;
declare const clean: CleanReading;

export const sealed = (): unknown[] => {
	const treated = treat(tagged, []);
	return [
		seal(draft, [clean], target, identity, p),
		typeof treated === "string" ? undefined : seal(draft, [treated], target, identity, p),
		// @ts-expect-error a raw reading
		seal(draft, [reading], target, identity, p),
		// @ts-expect-error a raw position
		seal(draft, [fix], target, identity, p),
		// @ts-expect-error a tagged reading
		seal(draft, [tagged], target, identity, p),
		// @ts-expect-error a record that looks the same
		seal(draft, [record], target, identity, p),
		// @ts-expect-error a reading among clean ones
		seal(draft, [clean, reading], target, identity, p),
		// @ts-expect-error what treat returned, withheld or failed included
		seal(draft, [treated], target, identity, p),
		// @ts-expect-error a copy of a record with the fields of a clean reading written out
		seal(draft, [{ kind: "signal", takenAtMs: clean.takenAtMs, path: "a", value: 1 }], target, identity, p),
	];
};
