/**
 * The data road in one place: a chunk of readings is tagged, decided, treated and gathered into batches; a batch is sealed, spooled and
 * accounted for. All of it is synchronous, so a change of law falls between two chunks and no reading is judged by half of one.
 *
 * A reading is accepted when `flush` has returned: the spool has it on disk, or the ledger says why it stayed inside.
 */
import type { CleanReading } from "../shared/clean.ts";
import type { Reading } from "../shared/reading.ts";
import type { Tagged } from "../shared/tag.ts";
import { bootMs as asBootMs, utcMs } from "../shared/units.ts";
import type { Route } from "../shared/verdict.ts";
import type { Shown } from "./area-book.ts";
import { createDatumGuard } from "./place/datum-guard.ts";
import type { Regime } from "./regime.ts";
import { shownBy } from "./shown.ts";
import { Tally, type TallyLine } from "./tally.ts";
import { forgetHeld, releaseDue, type TreatSink, treatOverTime } from "./treat/treat.ts";

/** Readings of one route on their way into one envelope. */
export interface Batch {
	readonly route: Route;
	readonly level: Tagged["tag"]["level"];
	readonly surveying: boolean;
	/** Ids of the sources that the records came from. */
	readonly sourceIds: ReadonlySet<string>;
	readonly records: readonly CleanReading[];
	/** What each record shows of the ground; undefined where the outlet's recipients may be shown any amount of it. */
	readonly shown: readonly (Shown | undefined)[] | undefined;
	/** The regime that released them; its policy is the one on the label. */
	readonly regime: Regime;
}

/** What `Pipeline.forget` took out: readings that were released and will not be sealed. */
export interface ForgottenBatch extends Pick<Batch, "route" | "level"> {
	readonly records: number;
}

export interface PipelineOptions {
	/** Readings in one envelope at the most. */
	readonly maxRecords: number;
	/** How long a reading waits for company, in boot time. */
	readonly maxAgeMs: number;
	/**
	 * Seals the batches, makes them durable and accounts for them and for the lines, in this order. Must either do all of it or throw; what it
	 * throws ends the agent, since nothing may be lost in silence.
	 */
	readonly commit: (batches: readonly Batch[], lines: readonly TallyLine[]) => void;
}

interface OpenBatch {
	readonly level: Batch["level"];
	readonly surveying: boolean;
	readonly sourceIds: Set<string>;
	readonly records: CleanReading[];
	readonly shown: (Shown | undefined)[] | undefined;
	readonly openedAtMs: number;
}

export class Pipeline {
	readonly #options: PipelineOptions;
	readonly #tally = new Tally();
	readonly #open = new Map<Route, OpenBatch>();
	readonly #full: Batch[] = [];
	readonly #tagged: Tagged[] = [];
	/** Routes whose treatments hold readings back. */
	readonly #holding = new Map<Route, TreatSink>();
	readonly #sinks = new Map<Route, TreatSink>();
	readonly #datums = createDatumGuard();
	#regime: Regime;
	#uncounted = 0;
	#bootMs = 0;

	constructor(regime: Regime, options: PipelineOptions) {
		this.#regime = regime;
		this.#options = options;
	}

	/** Takes one chunk. What is full is committed before this returns; the rest waits for company. */
	accept(chunk: readonly Reading[], bootMs: number): void {
		for (const reading of chunk) {
			this.#tagged.length = 0;
			this.#regime.tagger.tag(reading, this.#tagged);
			for (const tagged of this.#tagged) this.#take(tagged, bootMs);
		}
		// What was not yet redacted exists nowhere any more but in the worker that redacts it (GB/T 44464-2024 5.6.1.2).
		for (const reading of chunk) if (reading.kind === "frame") reading.jpeg.fill(0);
		this.#uncounted += chunk.length;
		if (this.#full.length > 0) this.#commit(this.#full.splice(0));
	}

	/** Releases what treatments held back long enough, and commits what has waited long enough. Called on a timer. */
	flushDue(nowMs: number, bootMs: number): void {
		this.#bootMs = bootMs;
		for (const [route, sink] of this.#holding) releaseDue(route.steps, utcMs(nowMs), asBootMs(bootMs), sink);
		const due = [...this.#full.splice(0), ...this.#close((_route, { openedAtMs }) => bootMs - openedAtMs >= this.#options.maxAgeMs)];
		if (due.length > 0 || this.#uncounted > 0) this.#commit(due);
	}

	/**
	 * Commits everything. After this all that was accepted so far is durable or accounted for: what waited for an event is forgotten. For one
	 * source, what others have waiting goes on waiting, so that a source that settles often does not take the past from all events.
	 */
	flush(sourceId?: string): void {
		this.#regime.collector?.forget(sourceId);
		const all = [...this.#full.splice(0), ...this.#close(() => true)];
		if (all.length > 0 || this.#uncounted > 0) this.#commit(all);
	}

	/** True while a worker has readings of treatments in hand that it will give back within moments. */
	get isSettling(): boolean {
		return [...this.#holding.keys()].some(({ steps }) =>
			steps.some((step) => typeof step !== "function" && step.settles === true && step.held > 0),
		);
	}

	/** As `flush`, at the end: what treatments still hold back never leaves. */
	close(): void {
		for (const [route, sink] of this.#holding) forgetHeld(route.steps, sink);
		this.#holding.clear();
		this.flush();
	}

	/**
	 * Forgets what waits for company on the given routes, and says how much that was; the readings were counted as released, so the caller
	 * accounts for them anew.
	 */
	forget(which: (route: Route) => boolean): readonly ForgottenBatch[] {
		for (const [route, sink] of this.#holding) if (which(route)) forgetHeld(route.steps, sink);
		return this.#close(which).map(({ route, level, records }) => ({ route, level, records: records.length }));
	}

	/** Puts another regime in force. What the old one released is committed under the old one's name first. */
	apply(regime: Regime): void {
		const goOn = new Set(regime.plan.routes.values());
		for (const [route, sink] of this.#holding) {
			if (goOn.has(route)) continue;
			forgetHeld(route.steps, sink);
			this.#holding.delete(route);
		}
		this.flush();
		for (const route of this.#sinks.keys()) if (!goOn.has(route)) this.#sinks.delete(route);
		this.#regime = regime;
	}

	get regime(): Regime {
		return this.#regime;
	}

	#take(tagged: Tagged, bootMs: number): void {
		const { tag } = tagged;
		const { collector, plan } = this.#regime;
		collector?.observe(tagged, (route, held) => this.#release(route, held, bootMs));
		const decision = plan.decisionFor(tag);
		if (decision.routes.length === 0) this.#tally.stayed(tag, decision);
		for (const route of decision.routes) {
			const offered = route.collect === undefined ? "passes" : (collector?.offer(route, tagged) ?? "not-collected");
			if (offered === "passes") this.#release(route, tagged, bootMs);
			else if (offered === "not-collected") this.#tally.route(route).notCollected += 1;
		}
	}

	#release(route: Route, tagged: Tagged, bootMs: number): void {
		this.#bootMs = bootMs;
		treatOverTime(tagged, route.steps, this.#sinks.get(route) ?? this.#sinkOf(route));
	}

	#sinkOf(route: Route): TreatSink {
		const counts = (): ReturnType<Tally["route"]> => this.#tally.route(route);
		const sink: TreatSink = {
			released: (reading, record) => {
				if (this.#datums.admits(route.outletId, reading)) {
					counts().released += 1;
					this.#gather(route, reading, record, this.#bootMs);
				} else counts().datumMixed += 1;
			},
			withheld: (count) => {
				counts().withheld += count;
				this.#uncounted += count;
			},
			failed: () => {
				counts().failed += 1;
			},
			heldBack: (count) => {
				counts().heldBack += count;
			},
		};
		this.#sinks.set(route, sink);
		if (route.steps.some((step) => typeof step !== "function")) this.#holding.set(route, sink);
		return sink;
	}

	#gather(route: Route, reading: Tagged, record: CleanReading, bootMs: number): void {
		let batch = this.#open.get(route);
		if (batch === undefined) {
			const { level, surveying } = reading.tag;
			const shown = this.#regime.areaLimited.has(route.outletId) ? [] : undefined;
			batch = { level, surveying, sourceIds: new Set(), records: [], shown, openedAtMs: bootMs };
			this.#open.set(route, batch);
		}
		batch.sourceIds.add(reading.sourceId);
		batch.records.push(record);
		batch.shown?.push(shownBy(reading, route.precisionM));
		if (batch.records.length >= this.#options.maxRecords) this.#full.push(...this.#close((key) => key === route));
	}

	/** Takes the open batches of the given routes out. */
	#close(which: (route: Route, batch: OpenBatch) => boolean): readonly Batch[] {
		const closed: Batch[] = [];
		for (const [route, batch] of this.#open) {
			if (!which(route, batch)) continue;
			this.#open.delete(route);
			const { level, surveying, sourceIds, records, shown } = batch;
			closed.push({ route, level, surveying, sourceIds, records, shown, regime: this.#regime });
		}
		return closed;
	}

	#commit(batches: readonly Batch[]): void {
		this.#uncounted = 0;
		this.#regime.collector?.drainForgotten((route, forgotten) => {
			this.#tally.route(route).notCollected += forgotten;
		});
		this.#options.commit(batches, this.#tally.drain());
	}
}
