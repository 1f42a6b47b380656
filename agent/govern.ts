/**
 * Keeps the pipeline under the law in force: compiles it with the consents of now, and switches to another one when the repository has a newer
 * law or a person changes their mind.
 */
import type { Law } from "../shared/law.ts";
import type { Reading } from "../shared/reading.ts";
import type { Zone } from "../shared/tag.ts";
import { unsealedEntry } from "./agent-entries.ts";
import { createCollectionDesk } from "./collection-desk.ts";
import type { Config } from "./config.ts";
import { GrantSchema } from "./consent/consent-rules.ts";
import { type ConsentDesk, createConsentDesk } from "./consent-desk.ts";
import { circumstancesRoute } from "./control/circumstances-route.ts";
import { collectionRoute } from "./control/collection-route.ts";
import { consentRoutes } from "./control/consent-routes.ts";
import type { Route } from "./control/route.ts";
import { createGeoLink } from "./geo-link.ts";
import { chanceFrom } from "./host/chance.ts";
import type { Host } from "./host/host.ts";
import { createLawWatch, type LawWatch } from "./law-watch.ts";
import type { UnitStatusReport } from "./outbound.ts";
import type { Parts } from "./parts.ts";
import type { Pipeline } from "./pipeline.ts";
import { createRedaction, type Redaction } from "./redaction.ts";
import { compileRegime, type Regime } from "./regime.ts";
import { createRegimeSwitch, type RegimeSwitch } from "./regime-switch.ts";
import { unitStatus } from "./unit-status.ts";
import type { UploaderDesk } from "./uploader-desk.ts";
import { createWhereabouts } from "./whereabouts.ts";

export interface GovernOptions {
	readonly config: Config;
	readonly host: Host;
	readonly parts: Parts;
	readonly uploaders: Pick<UploaderDesk, "running" | "follow">;
	/** UTC that never falls behind what was once known to be good. */
	readonly nowMs: () => number;
	/** A replay takes the consents of the law as they are. */
	readonly isReplay: boolean;
	/** Makes the pipeline under its first regime. */
	readonly createPipeline: (regime: Regime) => Pipeline;
	/** What throws in it ends the agent. */
	readonly guard: <T>(work: () => T) => T;
}

export interface Governed {
	readonly pipeline: Pipeline;
	readonly consents: ConsentDesk;
	readonly regimes: RegimeSwitch;
	readonly lawWatch: LawWatch;
	/** What the unit says of itself at its outlets. */
	readonly unitStatus: UnitStatusReport;
	/** What pictures did not leave, and which zones are stopped: for status. */
	readonly redaction: Redaction;
	readonly stopped: () => ReadonlySet<Zone>;
	/** By which people and the box say what the decision rests on. */
	readonly routes: readonly Route[];
	/** Takes a chunk under the law of that moment. What it throws ends the agent. */
	accept(chunk: readonly Reading[]): void;
	/**
	 * Compiles the law anew when the time of the regime is over or a lease is used up. Called between two chunks, and on a timer.
	 * What it throws ends the agent.
	 */
	renew(): void;
	/** Takes back what has waited longer than the policy allows. What it throws ends the agent. */
	expire(): void;
}

/** @throws KerbError LAW_INVALID or TREATMENT_INVALID when the law in force does not compile, STATE_INVALID for the register of consents. */
export const govern = (options: GovernOptions): Governed => {
	const { config, host, parts, uploaders, nowMs, guard } = options;
	const { ledger, identity, lawSource, leases } = parts;
	const { id: unitId } = config.unit;
	const { home, refreshMs } = config.law;
	const lawNow = (): Law => lawSource.current().law;
	let network = config.circumstances.network;
	const where = createWhereabouts();
	let places = where.states(nowMs());
	const geo = config.geoProcessor === undefined ? undefined : createGeoLink(config.geoProcessor.socket, host.clock);
	const redaction = createRedaction(config, host.clock);
	const collection = createCollectionDesk({
		state: parts.state,
		obey: (zone, isStopped) => guard(() => stopOrStart(zone, isStopped)),
	});
	const compile = (law: Law, previous?: Regime): Regime =>
		compileRegime({
			law: consents.withConsents(law),
			overlay: parts.overlay,
			home,
			nowMs: nowMs(),
			pseudonymKey: identity.pseudonymKey,
			random: chanceFrom(host.primitives),
			geo,
			redactor: redaction.redactor,
			onRefusal: redaction.onRefusal,
			stopped: collection.stopped(),
			leaseAllows: leases.allows,
			clockMs: nowMs,
			way: where.way,
			circumstances: { network, places },
			previous,
		});
	const consents = createConsentDesk({
		...{ unitId, dataDir: config.dataDir, host, ledger, nowMs, law: lawNow },
		isReplay: options.isReplay,
		obey: (withdrawnNow) => guard(() => regimes.apply(compile(lawNow(), pipeline.regime), withdrawnNow)),
	});
	const pipeline = options.createPipeline(compile(lawNow()));
	where.follow(lawNow().policy, pipeline.regime.places);
	const { endedByWithdrawal } = consents;
	const regimes = createRegimeSwitch({ host, parts, pipeline, uploaders: uploaders.running, home, endedByWithdrawal });
	const watch = createLawWatch({
		...{ unitId, host, ledger, source: lawSource, refreshMs, lookFirst: true },
		obey: (taken) => {
			// Of the areas of another law nothing is known before they were asked.
			places = new Map();
			const next = compile(taken.law);
			lawSource.take(taken);
			guard(() => regimes.apply(next));
			where.follow(taken.law.policy, next.places);
			if (!options.isReplay) guard(() => move(nowMs()));
			uploaders.follow(taken.law.outlets.outlets);
		},
		onChange: () => {
			for (const uploader of uploaders.running.values()) uploader.tellStatus();
		},
	});
	const lawWatch: LawWatch = {
		...watch,
		run: async (signal) => {
			await Promise.all([watch.run(signal), parts.lawBroker?.watch(watch.wake, signal), geo?.run(signal)]);
		},
	};
	const status = unitStatus({ unitId, host, parts, refusal: watch.refusal });
	const renew = (): void => {
		// A fix that is too old says nothing any more.
		if (!options.isReplay) move(nowMs());
		if (!leases.takeChange() && nowMs() < pipeline.regime.validUntilMs) return;
		regimes.apply(compile(lawNow(), pipeline.regime));
		if (pipeline.regime.isStale) host.emit({ event: "law_expired", policy: pipeline.regime.law.policy.id });
	};
	/** Rules that hold in some places only are compiled anew when the unit has come to another one. */
	const move = (atMs: number): void => {
		const next = where.states(atMs);
		if (next === places) return;
		places = next;
		regimes.apply(compile(lawNow(), pipeline.regime));
	};
	const accept = (chunk: readonly Reading[]): void => {
		// A recording is at another time than the box.
		const moved = (fixMs: number): void => move(options.isReplay ? fixMs : nowMs());
		for (const piece of where.pieces(chunk, moved)) pipeline.accept(piece, host.clock.bootMs());
		renew();
	};
	/** What was in hand of a stopped zone is forgotten; what is sealed was collected before. */
	const stopOrStart = (zone: Zone, isStopped: boolean): void => {
		regimes.apply(compile(lawNow(), pipeline.regime));
		if (!isStopped) return;
		const { rows } = lawNow().catalogue;
		const ofZone = new Set(rows.filter((row) => row.zone === zone).map(({ id }) => id));
		const forgotten = pipeline.forget(({ categoryId }) => ofZone.has(categoryId));
		if (forgotten.length === 0) return;
		ledger.append(forgotten.map((batch) => unsealedEntry(batch, batch.records, "collection-stopped", host.clock.nowMs())));
	};
	const setNetwork = (next: typeof network): void => {
		if (next === network) return;
		network = next;
		guard(() => regimes.apply(compile(lawNow(), pipeline.regime)));
	};
	const expire = (): void => {
		const { spoolDays } = lawNow().policy.retention ?? {};
		if (spoolDays !== undefined) regimes.expire(nowMs() - spoolDays * 86_400_000, nowMs());
	};
	const routes = [
		...consentRoutes({ grantSchema: GrantSchema, ...consents }),
		circumstancesRoute({ setNetwork }),
		collectionRoute({ setStopped: collection.set }),
	];
	return {
		pipeline,
		consents,
		regimes,
		lawWatch,
		unitStatus: status,
		redaction,
		stopped: collection.stopped,
		routes,
		accept,
		renew,
		expire,
	};
};
