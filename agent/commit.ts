/**
 * Seals batches, makes them durable and accounts for them: the step after which a reading is accepted. What leaves under an authorisation is
 * taken from its lease before all else; then the spool for what leaves, then the ledger for what was decided. Where spool or ledger throws the
 * agent ends, rather than lose something in silence.
 */
import { isKerbError } from "../shared/errors.ts";
import type { NewLedgerEntry } from "../shared/ledger-entry.ts";
import { type Level, levels, unknownCategoryId } from "../shared/tag.ts";
import { datumMixedEntry, unsealedEntry } from "./agent-entries.ts";
import type { Host } from "./host/host.ts";
import type { Parts } from "./parts.ts";
import type { Batch } from "./pipeline.ts";
import type { Regime } from "./regime.ts";
import { seal } from "./seal/seal.ts";
import type { ShedItem, SpoolItem } from "./spool/spool-types.ts";
import type { TallyLine } from "./tally.ts";

export interface CommitOptions {
	readonly unitId: string;
	readonly host: Host;
	/** UTC milliseconds that never fall behind what was once known to be good. */
	readonly nowMs: () => number;
	readonly parts: Pick<Parts, "areas" | "identity" | "leases" | "ledger" | "spool">;
	readonly regime: () => Regime;
	/** The kind of a configured source, for the label. */
	readonly sourceKind: (sourceId: string) => string;
	/** Hears of each line once it is in the ledger. */
	readonly onLine: (line: TallyLine, level: Level) => void;
	/** The outlet has something new in the spool. */
	readonly onSpooled: (outletId: string) => void;
}

/** A ledger entry holds at most so many lines. */
const maxLines = 500;
/** Statutory flows are shed last of all (regulations N-01, C-06). */
const statutoryPriority = 200;

/** Makes the pipeline's `commit`. It throws what seal, spool and ledger throw. */
export const createCommit = (options: CommitOptions): ((batches: readonly Batch[], lines: readonly TallyLine[]) => void) => {
	const { host, parts, unitId } = options;
	let sinceMs: number = host.clock.nowMs();
	/** Outlets for which the alarm was raised. */
	const mixed = new Set<string>();

	/** The batches as far as the leases of their authorisations go; what goes beyond stays inside and is accounted for. */
	const withinLeases = (batches: readonly Batch[]): readonly Batch[] => {
		const requests = batches.flatMap(({ route: { authorisation }, records }) =>
			authorisation === undefined ? [] : [{ authorisation, records: records.length }],
		);
		if (requests.length === 0) return batches;
		const granted = parts.leases.take(requests).values();
		return batches.flatMap((batch) => {
			if (batch.route.authorisation === undefined) return [batch];
			const most = granted.next().value ?? 0;
			const surplus = batch.records.length - most;
			if (surplus > 0) parts.ledger.append([unsealedEntry(batch, surplus, "quota-used-up", host.clock.nowMs())]);
			return most === 0 ? [] : [{ ...batch, records: batch.records.slice(0, most) }];
		});
	};

	/** The batches as far as their recipients may be shown the ground; what goes beyond stays inside and is accounted for. */
	const withinAreas = (batches: readonly Batch[]): readonly Batch[] =>
		batches.flatMap((batch) => {
			const { shown, records, regime, route } = batch;
			const outlet = regime.law.outlets.outlets.find(({ id }) => id === route.outletId);
			if (shown === undefined || outlet === undefined) return [batch];
			const recipients = [...outlet.recipients, outlet.inspection].map(({ x25519 }) => x25519);
			const allowed = parts.areas.take({ shown, recipients });
			const left = records.filter((_, at) => allowed[at] === true);
			if (left.length === records.length) return [batch];
			parts.ledger.append([unsealedEntry(batch, records.length - left.length, "area-limit", host.clock.nowMs())]);
			return left.length === 0 ? [] : [{ ...batch, records: left }];
		});

	/** Seals a batch; one that makes too large an envelope is cut in two, and a single record that does is given up and accounted for. */
	const sealBatch = (batch: Batch, items: SpoolItem[]): void => {
		const { outletId } = batch.route;
		const sequence = parts.spool.nextSequence(outletId);
		try {
			items.push(sealOne(batch, sequence));
		} catch (error) {
			if (!isKerbError(error, "ENVELOPE_INVALID")) throw error;
			// The numbers before this one are in use; only what is appended keeps them.
			append(items.splice(0));
			parts.spool.release(outletId);
			const middle = Math.floor(batch.records.length / 2);
			if (middle === 0) {
				giveUp(batch);
				return;
			}
			sealBatch({ ...batch, records: batch.records.slice(0, middle) }, items);
			sealBatch({ ...batch, records: batch.records.slice(middle) }, items);
		}
	};

	const sealOne = (batch: Batch, sequence: number): SpoolItem => {
		const { route, regime, level, records } = batch;
		const { law } = regime;
		const outlet = law.outlets.outlets.find(({ id }) => id === route.outletId);
		const row = law.catalogue.rows.find(({ id }) => id === route.categoryId);
		if (outlet === undefined || row === undefined) throw new TypeError("a route of a law that does not name its outlet or category");
		const sealedAtMs = host.clock.nowMs();
		const { bytes } = seal(
			{
				unitId,
				sources: [...new Set([...batch.sourceIds].map(options.sourceKind))].sort(),
				handler: law.policy.handler.legalEntityId,
				category: route.categoryId,
				level,
				surveying: batch.surveying,
				policy: { id: law.policy.id, version: law.policy.version, lawHash: law.hash },
				ruleId: route.ruleId,
				...(route.authorisation === undefined ? undefined : { authorisation: route.authorisation.id }),
				...route.evidence,
				purpose: route.purpose,
				retentionDays: route.retentionDays,
				transforms: route.transforms,
				sequence,
				sealedAtMs,
			},
			records,
			outlet,
			parts.identity,
			host.primitives,
		);
		host.emit({
			event: "envelope_sealed",
			outlet: route.outletId,
			category: route.categoryId,
			sequence,
			records: records.length,
			bytes: bytes.length,
		});
		const priority = row.statutory ? statutoryPriority : levels.indexOf(level);
		return {
			outletId: route.outletId,
			sequence,
			categoryId: route.categoryId,
			purpose: route.purpose,
			level,
			priority,
			records: records.length,
			// What the spool counts the age from: no earlier than the law that it was sealed under, whatever a box without a clock says.
			sealedAtMs: Math.max(options.nowMs(), Date.parse(law.policy.issuedAt)),
			bytes,
		};
	};

	const giveUp = ({ route, level }: Batch): void => {
		const line: TallyLine = {
			categoryId: route.categoryId,
			effect: "drop",
			reason: "too-large",
			outletId: route.outletId,
			ruleId: route.ruleId,
			count: 1,
		};
		parts.ledger.append([decisionEntry([line], () => level)]);
		options.onLine(line, level);
	};

	const append = (items: readonly SpoolItem[]): void => {
		if (items.length === 0) return;
		const shed = parts.spool.append(items);
		if (shed.length > 0) parts.ledger.append(shed.map((item) => shedEntry(item, host.clock.nowMs())));
		for (const { outletId, categoryId } of shed) host.emit({ event: "spool_shed", outlet: outletId, category: categoryId, envelopes: 1 });
		for (const outletId of new Set(items.map((item) => item.outletId))) options.onSpooled(outletId);
	};

	const decisionEntry = (lines: readonly TallyLine[], levelOf: (categoryId: string) => Level): NewLedgerEntry => ({
		kind: "decision",
		atMs: host.clock.nowMs(),
		sinceMs,
		lawHash: options.regime().law.hash,
		counts: lines.map((line) => ({
			category: line.categoryId,
			level: levelOf(line.categoryId),
			outlet: line.outletId ?? null,
			effect: line.effect,
			rule: line.ruleId ?? null,
			reasons: [line.reason],
			readings: line.count,
		})),
	});

	return (batches, lines) => {
		const items: SpoolItem[] = [];
		for (const batch of withinLeases(withinAreas(batches))) sealBatch(batch, items);
		append(items);
		const levelsById = new Map(options.regime().law.catalogue.rows.map(({ id, level }) => [id, level]));
		const levelOf = (categoryId: string): Level => levelsById.get(categoryId) ?? levelsById.get(unknownCategoryId) ?? "important";
		for (let at = 0; at < lines.length; at += maxLines) parts.ledger.append([decisionEntry(lines.slice(at, at + maxLines), levelOf)]);
		for (const { reason, outletId = "" } of lines) {
			if (reason !== "datum-mixed" || mixed.has(outletId)) continue;
			mixed.add(outletId);
			parts.ledger.append([datumMixedEntry(outletId, host.clock.nowMs())]);
		}
		for (const line of lines) options.onLine(line, levelOf(line.categoryId));
		sinceMs = host.clock.nowMs();
	};
};

const shedEntry = (item: ShedItem, atMs: number): NewLedgerEntry => ({
	kind: "shed",
	atMs,
	outlet: item.outletId,
	category: item.categoryId,
	level: item.level,
	reason: item.reason,
	envelopes: 1,
	records: item.records,
	bytes: item.byteLength,
	firstSequence: item.sequence,
	lastSequence: item.sequence,
});
