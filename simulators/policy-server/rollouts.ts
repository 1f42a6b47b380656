/**
 * Roll-outs: a cleared draft reaches the fleet by stages and stops by itself when units refuse it. One at a time; meanwhile only the kill
 * switch can be released beside it.
 */
import { contentOf, documentOf, type LawDocument } from "./documents.ts";
import type { Drafts } from "./drafts.ts";
import type { Office } from "./office.ts";
import { conflict, notFound } from "./refused.ts";
import type { Release, Releases } from "./releases.ts";
import { asNewest, changedKinds, isStaged, type Stage, stageDocuments } from "./staging.ts";
import { serialId } from "./store.ts";
import { percentileOf, type Unit, type UnitReport } from "./units.ts";

/** A roll-out stops when either is exceeded. */
export interface StopRule {
	/** Units that refused. */
	readonly refusals: number;
	/** Of the units of the stage that said anything, from 0 to 1; counts only from `minReports` of them on. */
	readonly share: number;
	readonly minReports: number;
}

export interface Rollout {
	readonly id: string;
	readonly draft: string;
	readonly by: string;
	readonly createdAtMs: number;
	readonly stages: readonly Stage[];
	/** Index of the stage that is published; -1 before the first. */
	readonly stage: number;
	readonly stageSinceMs?: number;
	/** signing: a release waits for signatures. running: the stage is out. */
	readonly state: "signing" | "running" | "paused" | "stopped" | "completed" | "rolled-back" | "cancelled";
	/** Why it is paused or stopped. */
	readonly reason?: string;
	readonly stopAt: StopRule;
	/** The new law. */
	readonly documents: readonly LawDocument[];
	readonly release?: string;
	/** What it was before it began to wait for signatures. */
	readonly was?: "running" | "paused" | "stopped";
}

export interface RolloutProgress {
	readonly applied: number;
	readonly refused: number;
	readonly refusals: readonly { readonly unit: string; readonly code: string }[];
}

export interface Rollouts {
	start(who: string, draftId: string, stages: readonly Stage[], stopAt: StopRule): Rollout;
	get(id: string): Rollout;
	list(limit: number): readonly Rollout[];
	/** Units of the stages so far that obey it, and that refused it. */
	progress(id: string): RolloutProgress;
	/** The next stage; after the last one the law is everybody's. */
	advance(who: string, id: string): Rollout;
	pause(id: string, reason: string): Rollout;
	/** Also after an automatic stop, when a person has looked. */
	resume(id: string): Rollout;
	/** Gives everybody the law from before, under higher versions. */
	rollback(who: string, id: string, reason: string): Rollout;
	/** The one that is under way. */
	active(): Rollout | undefined;
	/** What to publish when the law for everybody becomes `documents`, with the kill switch in the roll-out's documents too. @throws Refused 409. */
	beside(documents: readonly LawDocument[]): readonly LawDocument[];
	/** After a crash: a roll-out that waits for a release which was never made goes back to where it was. */
	recover(): void;
	/** Hooks for `Releases` and `Units`. */
	published(release: Release): void;
	cancelled(release: Release): void;
	heard(unit: Unit, obeys: boolean, refusal: UnitReport["refusal"]): void;
}

const isActive = ({ state }: Rollout): boolean => ["signing", "running", "paused", "stopped"].includes(state);

/** `releases` and `units` are asked for when they are needed: they call back here. */
export const openRollouts = (
	office: Office,
	drafts: Drafts,
	releases: () => Releases,
	units: () => readonly Unit[],
	onStopped: (rollout: Rollout) => void,
): Rollouts => {
	const { store, crypto, clock } = office;
	const rollouts = store.collection<Rollout>("rollout");
	/** The one that is under way, since every report of a unit asks for it. */
	const pointers = store.collection<{ readonly id: string }>("pointer");
	const note = store.db.prepare(
		"INSERT INTO stage_reports (rollout, unit, refused) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET refused = excluded.refused",
	);
	const counted = store.db.prepare("SELECT count(*) AS reports, count(refused) AS refused FROM stage_reports WHERE rollout = ?");

	const get = (id: string): Rollout => {
		const rollout = rollouts.get(id);
		if (rollout === undefined) throw notFound("roll-out");
		return rollout;
	};
	const save = (rollout: Rollout): Rollout => {
		rollouts.put(rollout.id, rollout);
		if (isActive(rollout)) pointers.put("rollout", { id: rollout.id });
		else if (pointers.get("rollout")?.id === rollout.id) pointers.remove("rollout");
		return rollout;
	};
	const active = (): Rollout | undefined => {
		const id = pointers.get("rollout")?.id;
		const rollout = id === undefined ? undefined : rollouts.get(id);
		return rollout !== undefined && isActive(rollout) ? rollout : undefined;
	};
	const isIn = (stage: Stage, { unitId, cohorts }: Unit): boolean =>
		(stage.cohorts === undefined || stage.cohorts.some((cohort) => cohorts.includes(cohort))) &&
		percentileOf(unitId, crypto) < stage.percent;
	const staged = (rollout: Rollout, law: readonly LawDocument[], index: number): readonly LawDocument[] => {
		const stages = rollout.stages.slice(0, index + 1);
		const chosen = units().filter((unit) => stages.some((stage) => isIn(stage, unit)));
		return stages.length === 0 ? law : stageDocuments(law, rollout.documents, stages, chosen);
	};
	/** The kill switch is released beside a roll-out and must not be undone by its next stage. */
	const withHalts = (rollout: Rollout, law: readonly LawDocument[]): Rollout => {
		const halts = law.filter(({ kind }) => kind === "halt");
		return { ...rollout, documents: [...rollout.documents.filter(({ kind }) => kind !== "halt"), ...halts] };
	};
	const remade = (document: LawDocument, value: Record<string, unknown>): LawDocument => {
		const { path, kind, for: audience } = document;
		return documentOf({ path, ...(audience === undefined ? {} : { for: audience }), document: { ...value, kind } }, crypto);
	};
	/** Makes the release of a step. It may be published before this returns; then `published` has changed the roll-out already. */
	const release = (who: string, rollout: Rollout, step: "stage" | "complete" | "rollback", why: string): Rollout => {
		const law = office.law().documents;
		const next = step === "complete" ? rollout.documents : step === "rollback" ? asNewest(law, rollout.documents, remade) : law;
		const documents = step === "stage" ? staged(rollout, law, rollout.stage + 1) : next;
		const before = releases().waiting();
		if (before !== undefined) throw conflict("release_waits", `release ${before.id} waits for signatures; sign or cancel it first`);
		const was: Pick<Rollout, "was"> =
			rollout.state === "running" || rollout.state === "paused" || rollout.state === "stopped" ? { was: rollout.state } : {};
		save({ ...rollout, ...was, state: "signing" });
		try {
			releases().create({ by: who, why, documents, law: next, draft: rollout.draft, rollout: rollout.id, step });
		} catch (error) {
			save({ ...rollout, state: was.was ?? "cancelled" });
			throw error;
		}
		return get(rollout.id);
	};
	const require = (rollout: Rollout, ...states: readonly Rollout["state"][]): void => {
		if (!states.includes(rollout.state))
			throw conflict("rollout_state", `the roll-out is ${rollout.state}; this needs it to be ${states.join(" or ")}`);
	};

	return {
		start(who, draftId, stages, stopAt) {
			const before = active();
			if (before !== undefined)
				throw conflict("rollout_active", `roll-out ${before.id} is ${before.state}; complete it or roll it back first`);
			const draft = drafts.cleared(draftId);
			if (office.law().documents.length === 0) throw conflict("no_law", "there is no law in force yet; release the first one at once");
			const rollout: Rollout = {
				...{ id: serialId("o", store.next("rollout")), draft: draftId, by: who, createdAtMs: clock.nowMs(), stages, stage: -1 },
				...{ state: "signing", stopAt, documents: draft.documents },
			};
			const begun = release(who, rollout, "stage", `stage 1 of draft ${draftId}`);
			drafts.markReleased(draftId);
			return begun;
		},
		get,
		list: (limit) => rollouts.newest(limit),
		progress(id) {
			const counts = counted.get(id);
			const refusals = store.db
				.prepare("SELECT unit, refused FROM stage_reports WHERE rollout = ? AND refused IS NOT NULL ORDER BY unit LIMIT 100")
				.all(id)
				.map((row) => ({ unit: String(row.unit), code: String(row.refused) }));
			const refused = Number(counts?.refused ?? 0);
			return { applied: Number(counts?.reports ?? 0) - refused, refused, refusals };
		},
		advance(who, id) {
			const rollout = get(id);
			require(rollout, "running");
			const isLast = rollout.stage + 1 >= rollout.stages.length;
			return release(
				who,
				rollout,
				isLast ? "complete" : "stage",
				isLast ? `all of draft ${rollout.draft}` : `stage ${rollout.stage + 2} of draft ${rollout.draft}`,
			);
		},
		pause(id, reason) {
			const rollout = get(id);
			require(rollout, "running");
			return save({ ...rollout, state: "paused", reason });
		},
		resume(id) {
			const rollout = get(id);
			require(rollout, "paused", "stopped");
			// What made it stop was looked at; from now on it counts anew.
			if (rollout.state === "stopped") store.db.prepare("DELETE FROM stage_reports WHERE rollout = ? AND refused IS NOT NULL").run(id);
			const { reason: _past, ...rest } = rollout;
			return save({ ...rest, state: "running" });
		},
		rollback(who, id, reason) {
			const rollout = get(id);
			require(rollout, "running", "paused", "stopped");
			return release(who, { ...rollout, reason }, "rollback", `back from draft ${rollout.draft}: ${reason}`);
		},
		active,
		beside(documents) {
			const rollout = active();
			if (rollout === undefined) return documents;
			const changed = changedKinds(office.law().documents, documents);
			if ([...changed].some((kind) => kind !== "halt"))
				throw conflict(
					"rollout_active",
					`roll-out ${rollout.id} is ${rollout.state}; until it is over only the kill switch can be released`,
				);
			return staged(withHalts(rollout, documents), documents, rollout.stage);
		},
		published({ id, rollout: rolloutId, step, law }) {
			const under = active();
			if (rolloutId === undefined || step === undefined) return void (under && save(withHalts(under, law)));
			const { was: _was, ...rollout } = get(rolloutId);
			const stage = step === "stage" ? rollout.stage + 1 : rollout.stage;
			const state = step === "stage" ? "running" : step === "complete" ? "completed" : "rolled-back";
			save({ ...rollout, state, stage, stageSinceMs: clock.nowMs(), release: id });
		},
		cancelled({ rollout: rolloutId }) {
			if (rolloutId === undefined) return;
			const { was, ...rollout } = get(rolloutId);
			save({ ...rollout, state: was ?? "cancelled" });
			if (was === undefined) drafts.reopen(rollout.draft);
		},
		recover() {
			const rollout = active();
			if (rollout?.state !== "signing" || releases().waiting()?.rollout === rollout.id) return;
			const { was, ...rest } = rollout;
			save({ ...rest, state: was ?? "cancelled" });
			if (was === undefined) drafts.reopen(rollout.draft);
		},
		heard(unit, obeys, refusal) {
			const rollout = active();
			if (rollout === undefined || rollout.stage < 0) return;
			if (!isStaged(office.repository.published()?.documents ?? [], unit)) return;
			// A refusal of what was published before the stage says nothing of the stage.
			const since = rollout.release === undefined ? 0 : (releases().get(rollout.release).snapshotVersion ?? 0);
			if (refusal?.snapshotVersion !== undefined && refusal.snapshotVersion < since) return;
			if (refusal !== undefined) note.run(rollout.id, unit.unitId, refusal.code);
			else if (obeys) note.run(rollout.id, unit.unitId, null);
			else return;
			if (rollout.state !== "running" && rollout.state !== "paused") return;
			const row = counted.get(rollout.id);
			const [reports, refused] = [Number(row?.reports ?? 0), Number(row?.refused ?? 0)];
			const { refusals, share, minReports } = rollout.stopAt;
			const tooMany = refused > refusals;
			const tooLarge = reports >= minReports && refused / reports > share;
			if (refused === 0 || (!tooMany && !tooLarge)) return;
			const codes = store.db
				.prepare(
					"SELECT refused AS code, count(*) AS n FROM stage_reports WHERE rollout = ? AND refused IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
				)
				.all(rollout.id)
				.map(({ code, n }) => `${code} (${n})`);
			const limit = tooMany ? `more than ${refusals}` : `more than ${Math.round(share * 100)} % of ${reports}`;
			const stopped = save({ ...rollout, state: "stopped", reason: `${refused} units refused, ${limit}: ${codes.join(", ")}` });
			onStopped(stopped);
		},
	};
};

/** The JSON inside each document with its address: what a client can send back in a new draft. */
export const inputsOf = (documents: readonly LawDocument[]) =>
	documents.map((document) => ({
		path: document.path,
		...(document.for === undefined ? {} : { for: document.for }),
		document: { ...contentOf(document), kind: document.kind },
	}));
