/**
 * The law of a folder made ready for one outlet and a recording: the stages of a unit with nobody's keys, in memory only.
 */
import { createHmac, randomBytes } from "node:crypto";
import { KerbError } from "../../shared/errors.ts";
import type { RedactionRefusal } from "../../shared/frame.ts";
import type { Law } from "../../shared/law.ts";
import type { Reading } from "../../shared/reading.ts";
import type { ImageRedactor } from "../../shared/redactor.ts";
import { Pipeline, type PipelineOptions } from "../pipeline.ts";
import { compileRegime, type Regime } from "../regime.ts";
import { createWhereabouts } from "../whereabouts.ts";

/** The law as far as one outlet is concerned, and one purpose if it is given. Its hash is the whole law's. */
export const narrowLaw = (law: Law, outletId: string | undefined, purpose: string | undefined): Law => {
	const { outlets } = law.outlets;
	const ids = outlets.map(({ id }) => id).join(", ");
	if (outletId === undefined && outlets.length !== 1) throw new KerbError("USAGE", `--outlet is missing: the law has ${ids || "none"}`);
	const outlet = outletId === undefined ? outlets[0] : outlets.find(({ id }) => id === outletId);
	if (outlet === undefined) throw new KerbError("USAGE", `--outlet: the law has no outlet "${outletId}"; it has ${ids || "none"}`);
	const release = law.policy.release.filter((rule) => rule.outlet === outlet.id && (purpose === undefined || rule.purpose === purpose));
	return { ...law, policy: { ...law.policy, release }, outlets: { ...law.outlets, outlets: [outlet] } };
};

export interface BagJudgeInput {
	/** As `narrowLaw` gives it. */
	readonly law: Law;
	/** Of the box: terms, consents and hours are those of now, since it is now that something leaves. */
	readonly nowMs: () => number;
	readonly redactor: ImageRedactor;
	readonly onRefusal: (code: RedactionRefusal) => void;
	readonly commit: PipelineOptions["commit"];
}

export interface BagJudge {
	readonly regime: Regime;
	/** Takes one reading; what leaves of it at once is committed before this returns, each record in a batch of its own. */
	accept(reading: Reading): void;
	/** Commits what has become ready since. */
	settle(): void;
	/** What is held back then never leaves. */
	close(): void;
}

/** @throws KerbError LAW_INVALID or TREATMENT_INVALID as `compileRegime` does. */
export const createBagJudge = ({ law, nowMs, redactor, onRefusal, commit }: BagJudgeInput): BagJudge => {
	// Forgotten with the process: pseudonyms of two runs cannot be linked.
	const secret = randomBytes(32);
	const where = createWhereabouts();
	let places = where.states(nowMs());
	let [lastMs, lastBootMs] = [0, 0];
	const compile = (previous?: Regime): Regime =>
		compileRegime({
			law,
			overlay: undefined,
			home: law.catalogue.jurisdiction,
			nowMs: nowMs(),
			clockMs: nowMs,
			pseudonymKey: (purpose, epoch) =>
				createHmac("sha256", secret)
					.update(JSON.stringify([purpose, epoch]))
					.digest(),
			random: () => randomBytes(4).readUInt32LE() / 2 ** 32,
			...{ redactor, onRefusal, way: where.way, circumstances: { places }, previous },
		});
	const pipeline = new Pipeline(compile(), { maxRecords: 1, maxAgeMs: 0, commit });
	where.follow(law.policy, pipeline.regime.places);
	const move = (atMs: number): void => {
		const next = where.states(atMs);
		if (next === places) return;
		places = next;
		pipeline.apply(compile(pipeline.regime));
	};
	return {
		get regime() {
			return pipeline.regime;
		},
		accept: (reading) => {
			lastMs = reading.takenAtMs;
			lastBootMs = Math.max(lastBootMs, reading.bootMs);
			for (const piece of where.pieces([reading], move)) pipeline.accept(piece, lastBootMs);
			if (nowMs() >= pipeline.regime.validUntilMs) pipeline.apply(compile(pipeline.regime));
		},
		settle: () => pipeline.flushDue(lastMs, lastBootMs),
		close: () => pipeline.close(),
	};
};
