/**
 * A parsed configuration into an agent: the only file that knows every stage. It opens the parts, puts the law in force, and wires sources,
 * pipeline, spool, uploaders and control together.
 */
import { join } from "node:path";
import { toHex } from "../shared/bytes.ts";
import type { AgentStatus } from "../shared/status.ts";
import { actEntry } from "./agent-entries.ts";
import { createCommit } from "./commit.ts";
import type { Config } from "./config.ts";
import { coreRoutes } from "./control/core-routes.ts";
import { readingsRoute } from "./control/readings-route.ts";
import { type ControlServer, startControlServer } from "./control/server.ts";
import { type Governed, govern } from "./govern.ts";
import type { Host } from "./host/host.ts";
import { createInlet } from "./host/inlet.ts";
import { createLifetime } from "./lifetime.ts";
import { LinkBook } from "./link-book.ts";
import { brokerOutbound, type Outbound } from "./outbound.ts";
import { openParts } from "./parts.ts";
import { Pipeline } from "./pipeline.ts";
import { readySources } from "./ready-sources.ts";
import type { Regime } from "./regime.ts";
import { createSourceDesk } from "./source-desk.ts";
import { statusMetrics, statusReport } from "./status-report.ts";
import { Totals } from "./totals.ts";
import { createUploaderDesk } from "./uploader-desk.ts";

export interface Agent {
	/** The unit as a collector has to know it: its id and its Ed25519 public key in hexadecimal. */
	readonly unit: { readonly unitId: string; readonly ed25519: string };
	/** Runs until the signal aborts or, when `untilDone`, until every source has ended and everything is delivered. Closes the agent. */
	run(signal: AbortSignal, options?: { readonly untilDone?: boolean }): Promise<void>;
	/** How it is now; after its end, how it was last. */
	status(): AgentStatus;
	/** The law in force, compiled. */
	regime(): Regime;
	/** Closes an agent that was not run. */
	close(): Promise<void>;
}

export interface ComposeOptions {
	/** Takes the place of uploading to the outlets' brokers; is given what it replaces. */
	readonly outbound?: (standard: Outbound) => Outbound;
	/** No control socket: for a replay. */
	readonly withoutControl?: boolean;
	/** Looks at the law's folder before the start, not as soon as the agent is ready: for a replay and for a check. */
	readonly looksFirst?: boolean;
	/** Envelopes that may wait before recordings are held; live sources are never held. */
	readonly holdAbove?: number;
}

/** @throws KerbError when the configuration, the law, a key or the data folder does not allow a start; nothing is left open then. */
export const compose = async (config: Config, givenHost: Host, options: ComposeOptions = {}): Promise<Agent> => {
	const sources = await readySources(config.sources);
	const links = new LinkBook();
	const host: Host = {
		...givenHost,
		emit: (event) => {
			links.hear(event);
			givenHost.emit(event);
		},
	};
	const parts = await openParts(config, host, options.looksFirst ?? false);
	const { clock } = host;
	const { state, spool, ledger, identity, lawSource } = parts;
	const startedAtMs = clock.bootMs();
	/** UTC that never falls behind what was once known to be good (regulations T-21). */
	const nowMs = (): number => Math.max(clock.nowMs(), state.get().lastGoodMs);
	const totals = new Totals();
	const uploaders = createUploaderDesk();
	const kinds = new Map(sources.map(({ id, kind }) => [id, kind]));
	const commit = createCommit({
		...{ unitId: config.unit.id, host, parts, nowMs },
		regime: () => pipeline.regime,
		sourceKind: (sourceId) => kinds.get(sourceId) ?? "socket",
		onLine: (line, level) => totals.add(line, level),
		onSpooled: (outletId) => uploaders.running.get(outletId)?.wake(),
	});
	let governed: Governed;
	try {
		governed = govern({
			...{ config, host, parts, uploaders, nowMs, isReplay: options.withoutControl === true },
			createPipeline: (regime) => new Pipeline(regime, { ...config.batch, commit }),
			guard: (work) => life.guard(work),
		});
	} catch (error) {
		parts.close();
		throw error;
	}
	const { pipeline, consents, lawWatch } = governed;

	const inlets = new Map(sources.filter(({ kind }) => kind === "socket").map(({ id }) => [id, createInlet()]));
	const { holdAbove } = options;
	const desk = createSourceDesk(sources, {
		host,
		inlets,
		accept: governed.accept,
		flush: (sourceId) => pipeline.flush(sourceId),
		room: async (signal) => {
			while (holdAbove !== undefined && !signal.aborted && pipeline.isSettling) {
				await clock.sleep(10, signal);
				pipeline.flushDue(nowMs(), clock.bootMs());
			}
			while (holdAbove !== undefined && !signal.aborted && spool.stat().outlets.some(({ pending }) => pending > holdAbove)) {
				await clock.sleep(20, signal);
			}
		},
	});
	let last: AgentStatus | undefined;
	const status = (): AgentStatus =>
		last ??
		statusReport({
			...{ unitId: config.unit.id, stopping: life.isStopping(), nowMs: clock.nowMs(), uptimeMs: clock.bootMs() - startedAtMs },
			...{ regime: pipeline.regime, sources: desk.status(), totals, links, parts, lawRefusal: lawWatch.refusal() },
			...{ stopped: [...governed.stopped()], refused: governed.redaction.refused() },
		});

	const startControl = async (stop: () => void): Promise<ControlServer | undefined> => {
		if (options.withoutControl === true) return undefined;
		return await startControlServer({
			socketPath: config.control.socket ?? join(config.dataDir, "control.sock"),
			routes: [...coreRoutes({ status, metrics: () => statusMetrics(status()), stop }), readingsRoute(inlets), ...governed.routes],
			clock,
			onAct: (act) => ledger.append([actEntry(act, config.unit.id, clock.nowMs())]),
		});
	};

	const life = createLifetime({
		...{ host, parts, ...governed, nowMs, startControl, desk, uploaders },
		reviewConsents: consents.review,
		startUploaders: () => {
			const standard = brokerOutbound(config, host, ledger, () => lawSource.current().law, governed.unitStatus);
			const outbound = options.outbound?.(standard) ?? standard;
			uploaders.start(lawSource.current().law.outlets.outlets, (outlet) => outbound(outlet, spool));
		},
		beforeClose: () => {
			last = status();
		},
		unitId: config.unit.id,
	});

	return {
		unit: { unitId: config.unit.id, ed25519: toHex(identity.publicKey) },
		run: life.run,
		status,
		regime: () => pipeline.regime,
		close: () => new Promise((resolve) => resolve(parts.close())),
	};
};
