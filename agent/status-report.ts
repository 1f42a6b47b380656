/**
 * The status document of a running agent, and the same numbers as metrics. Ids, counts, codes and ages; nothing sensed.
 */
import type { AgentStatus, LawStatus, OutletStatus, SourceStatus } from "../shared/status.ts";
import type { Metric } from "./control/metrics-text.ts";
import type { LawRefusal } from "./law-watch.ts";
import type { LinkBook } from "./link-book.ts";
import type { Parts } from "./parts.ts";
import type { Regime } from "./regime.ts";
import type { Totals } from "./totals.ts";
import { version } from "./version.ts";

export interface StatusInput {
	readonly unitId: string;
	readonly stopping: boolean;
	/** UTC milliseconds. */
	readonly nowMs: number;
	readonly uptimeMs: number;
	readonly regime: Regime;
	readonly sources: readonly SourceStatus[];
	readonly totals: Totals;
	readonly links: LinkBook;
	readonly parts: Pick<Parts, "spool" | "ledger">;
	/** Why the newest law was not taken. */
	readonly lawRefusal?: LawRefusal | undefined;
	readonly stopped?: readonly string[] | undefined;
	/** Pictures that did not leave, by why. */
	readonly refused?: Readonly<Record<string, number>> | undefined;
}

export const statusReport = (input: StatusInput): AgentStatus => ({
	kind: "status",
	unitId: input.unitId,
	version,
	state: input.stopping ? "stopping" : "running",
	now: new Date(input.nowMs).toISOString(),
	uptimeMs: input.uptimeMs,
	law: lawStatus(input.regime),
	...(input.lawRefusal === undefined ? undefined : { lawProblem: `${input.lawRefusal.code}: ${input.lawRefusal.detail}`.slice(0, 500) }),
	sources: [...input.sources],
	categories: [...input.totals.list()],
	outlets: outletStatuses(input),
	...(input.stopped === undefined || input.stopped.length === 0 ? undefined : { stopped: [...input.stopped] }),
	...redactionStatus(input.refused),
	ledger: { entries: input.parts.ledger.stat().entries, headHash: input.parts.ledger.head().hash },
});

const redactionStatus = (refused: StatusInput["refused"] = {}): Pick<AgentStatus, "redaction"> => {
	if (Object.keys(refused).length === 0) return {};
	const hint = Object.keys(refused)
		.map((code) => redactionHints.get(code))
		.find((text) => text !== undefined);
	return { redaction: { refused: { ...refused }, ...(hint === undefined ? undefined : { hint }) } };
};

/** What to do where something can be done. */
const redactionHints: ReadonlyMap<string, string> = new Map([
	[
		"no-detector",
		"nothing here looks for both faces and plates: name detectors in the rule's redact-image (boxes delivered by the perception stack, a pinned model of the folder `redaction.models`, or builtin for a trial)",
	],
	["model-missing", "put the model that the policy pins into the folder `redaction.models` with: kerbstone model add FILE --models DIR"],
	["model-hash", "the model's file is not the one that the policy pins; see: kerbstone model verify --models DIR"],
	["model-unfit", "the model cannot be run here; see: kerbstone model verify --models DIR"],
	["self-test", "the model does not give what it gave when it was added; add it anew on this kind of machine"],
	["too-often", "frames come faster than the rule's maxRateHz"],
	["too-large", "frames are larger than the rule's maxWidthPx and maxHeightPx"],
	["boxes-missing", "the perception stack says nothing of some frames; see the source's `boxes`"],
]);

const lawStatus = ({ law, isStale }: Regime): LawStatus => ({
	hash: law.hash,
	policyId: law.policy.id,
	policyVersion: law.policy.version,
	notAfter: new Date(law.policy.notAfter).toISOString(),
	expired: isStale,
	catalogueId: law.catalogue.id,
	catalogueVersion: law.catalogue.version,
});

const outletStatuses = ({ regime, links, parts, nowMs }: StatusInput): OutletStatus[] => {
	const stats = new Map(parts.spool.stat().outlets.map((stat) => [stat.outletId, stat]));
	return regime.law.outlets.outlets.map(({ id }) => {
		const { link, detail, delivered } = links.get(id);
		const stat = stats.get(id);
		return {
			id,
			link,
			...(detail === undefined ? undefined : { detail }),
			pendingEnvelopes: stat?.pending ?? 0,
			pendingBytes: stat?.bytes ?? 0,
			...(stat?.oldestMs === undefined ? undefined : { oldestPendingAgeMs: Math.max(0, nowMs - stat.oldestMs) }),
			deliveredEnvelopes: delivered,
		};
	});
};

/** The same as Prometheus metrics. */
export const statusMetrics = (status: AgentStatus): readonly Metric[] => [
	{
		name: "kerbstone_readings_total",
		help: "Readings by category and fate.",
		type: "counter",
		samples: status.categories.flatMap(({ id, uploaded, coarsened, kept, dropped }) =>
			Object.entries({ uploaded, coarsened, kept, dropped }).map(([fate, value]) => ({ labels: { category: id, fate }, value })),
		),
	},
	{
		name: "kerbstone_input_rejected_total",
		help: "Input that a source could not read, by code.",
		type: "counter",
		samples: status.sources.flatMap(({ id, rejected }) =>
			Object.entries(rejected).map(([code, value]) => ({ labels: { source: id, code }, value })),
		),
	},
	{
		name: "kerbstone_envelopes_delivered_total",
		help: "Envelopes that the broker has acknowledged since the start.",
		type: "counter",
		samples: status.outlets.map(({ id, deliveredEnvelopes }) => ({ labels: { outlet: id }, value: deliveredEnvelopes })),
	},
	{
		name: "kerbstone_spool_pending_envelopes",
		help: "Envelopes that wait in the spool.",
		type: "gauge",
		samples: status.outlets.map(({ id, pendingEnvelopes }) => ({ labels: { outlet: id }, value: pendingEnvelopes })),
	},
	{
		name: "kerbstone_spool_pending_bytes",
		help: "Bytes of the envelopes that wait in the spool.",
		type: "gauge",
		samples: status.outlets.map(({ id, pendingBytes }) => ({ labels: { outlet: id }, value: pendingBytes })),
	},
	{
		name: "kerbstone_law_expired",
		help: "1 when the policy is past its term.",
		type: "gauge",
		samples: [{ value: status.law?.expired === true ? 1 : 0 }],
	},
	{ name: "kerbstone_ledger_entries", help: "Entries in the ledger.", type: "gauge", samples: [{ value: status.ledger.entries }] },
	{
		name: "kerbstone_uptime_seconds",
		help: "Seconds since the agent started.",
		type: "gauge",
		samples: [{ value: status.uptimeMs / 1_000 }],
	},
];
