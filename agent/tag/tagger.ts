/**
 * Reading to tagged reading. A path is looked up in the overlay and the catalogue when it is seen for the first time; after that a reading
 * costs one look-up in a map.
 *
 * A reading is never lost: what no row maps, and what an overlay's transform has no value for, goes on under the row `unknown` with the
 * source's own path and value.
 */
import type { Catalogue, CatalogueRow } from "../../shared/catalogue.ts";
import { compileCataloguePatterns } from "../../shared/catalogue-pattern.ts";
import { KerbError } from "../../shared/errors.ts";
import { type Reading, type ReadingKind, readingKinds, type Signal, type SignalValue } from "../../shared/reading.ts";
import {
	type CategoryIndex,
	compareLevels,
	type Level,
	type Tag,
	type Tagged,
	type TagIndex,
	unknownCategoryId,
} from "../../shared/tag.ts";
import { identifierIn, isIdentifier, isLabelText } from "./identifiers.ts";
import type { Overlay, OverlayTarget, Transform } from "./overlay.ts";

export interface Tagger {
	/**
	 * Appends one tagged reading to `out`, or one per path that the overlay gives it; a message once more as what flows are made of. Never throws. Owns neither
	 * argument.
	 */
	tag(reading: Reading, out: Tagged[]): void;
	/** Every tag given out so far; `tags[tag.index] === tag`. Grows, up to `maxPaths` and one for all that came later. */
	readonly tags: readonly Tag[];
}

export interface TaggerOptions {
	/** Distinct paths that get a tag of their own; later ones share a tag of the row `unknown`. */
	readonly maxPaths?: number;
	/** Facts of the fleet such as `fleet.vehicles-served`; a missing one counts as above every threshold (regulations G-13). */
	readonly facts?: ReadonlyMap<string, number>;
}

/** What is known of one path of a source: the tag, and where the overlay leads. */
interface Entry {
	/** For the reading under its own path: the catalogue's row, or `unknown` when only the overlay maps it. */
	readonly tag: Tag;
	readonly targets: readonly { readonly tag: Tag; readonly transform: Transform | undefined }[];
}

/** The path of the tag that all paths beyond the limits share. */
const overflowPath = "unknown";
const maxPathLength = 300;
/** A longer text is not searched for identifiers but held to be one that nobody can read. */
const maxTextLength = 16_384;

/**
 * Compiles a catalogue, and an overlay if there is one, into a tagger. Tags belong to this tagger and this catalogue only.
 *
 * @throws KerbError INTERNAL when the catalogue has no row `unknown`; a catalogue that passed `CatalogueSchema` has one.
 */
export const compileTagger = (catalogue: Catalogue, overlay: Overlay | undefined, options: TaggerOptions = {}): Tagger => {
	const { maxPaths = 20_000, facts = new Map() } = options;
	const rows = catalogue.rows.map((row, index) => ({
		row,
		index: index as CategoryIndex,
		level: levelOf(row, facts),
		matches: compileCataloguePatterns(row.match.paths),
	}));
	const byId = new Map(rows.map((compiled) => [compiled.row.id, compiled]));
	const unknownRow = byId.get(unknownCategoryId);
	if (unknownRow === undefined) throw new KerbError("INTERNAL", `catalogue "${catalogue.id}" has no row "${unknownCategoryId}"`);

	type CompiledRow = typeof unknownRow;
	const tags: Tag[] = [];
	const tagsByKey = new Map<string, Tag>();
	const entries = new Map<string, Entry>();
	const makeTag = ({ row, index, level }: CompiledRow, path: string): Tag => {
		const tag: Tag = {
			index: tags.length as TagIndex,
			category: index,
			categoryId: row.id,
			level,
			zone: row.zone,
			surveying: row.surveying,
			path,
		};
		tags.push(tag);
		return tag;
	};
	const overflow: Entry = { tag: makeTag(unknownRow, overflowPath), targets: [] };
	const kindTags = new Map<ReadingKind, Tag>(
		readingKinds.map((kind) => [kind, makeTag(rows.find(({ row }) => row.match.kinds.includes(kind)) ?? unknownRow, kind)]),
	);

	const tagFor = (row: CompiledRow, path: string): Tag => {
		const key = `${row.index} ${path}`;
		const known = tagsByKey.get(key);
		if (known !== undefined) return known;
		if (tagsByKey.size >= maxPaths || path.length > maxPathLength) return overflow.tag;
		const tag = makeTag(row, path);
		tagsByKey.set(key, tag);
		return tag;
	};
	const rowOfPath = (path: string): CompiledRow | undefined => rows.find((compiled) => compiled.matches(path));

	/** The first reading of a path: asks the overlay's exact keys, the catalogue, then the overlay's loose keys. */
	const learn = (path: string): Entry => {
		if (entries.size >= maxPaths || path.length > maxPathLength) return overflow;
		const exact = overlay?.exactTargets(path) ?? [];
		const row = exact.length > 0 ? undefined : rowOfPath(path);
		const found: readonly OverlayTarget[] = exact.length > 0 || row !== undefined ? exact : (overlay?.looseTargets(path) ?? []);
		const targets = found.map((target) => ({
			tag: tagFor(rowOfPath(target.path) ?? unknownRow, target.path),
			transform: target.transform,
		}));
		const entry: Entry = { tag: tagFor(row ?? unknownRow, path), targets };
		entries.set(path, entry);
		return entry;
	};

	/** The tag for a text that may identify somebody: the stricter of the path's row and the identifier's. */
	const tagOfText = (text: string, tag: Tag): Tag => {
		if (text.length > maxTextLength) return tagFor(unknownRow, tag.path);
		const identifier = identifierIn(text);
		if (identifier === undefined && isLabelText(text)) return tag;
		// What stays at home anyway, or is held to be an identifier already, is not made less strict by what its text says.
		const own = rows[tag.category]?.row;
		if (own === undefined || own.home.effect !== "upload" || isIdentifier(own.id)) return tag;
		return tagFor((identifier === undefined ? undefined : byId.get(identifier)) ?? unknownRow, tag.path);
	};

	const tagSignal = (signal: Signal, out: Tagged[]): void => {
		const { path, value } = signal;
		const entry = entries.get(path) ?? learn(path);
		const { targets } = entry;
		if (targets.length === 0) {
			out.push(typeof value === "string" ? withTag(signal, tagOfText(value, entry.tag)) : withTag(signal, entry.tag));
			return;
		}
		let hasNoValue = false;
		for (const { tag, transform } of targets) {
			const result = transform === undefined ? value : transform(value);
			if (result === undefined) hasNoValue = true;
			else out.push(asPath(signal, tag, result, typeof value === "string" ? tagOfText(value, tag) : tag));
		}
		if (hasNoValue) out.push(withTag(signal, entry.tag));
	};

	const flowTag = kindTags.get("flow");
	const flowIsMapped = rows.some(({ row }) => row.match.kinds.includes("flow"));

	/** By its own path where the catalogue has one, otherwise like every reading of its kind. */
	const tagOfPath = (kind: ReadingKind, path: string): Tag => {
		const known = entries.get(path)?.tag;
		if (known !== undefined) return known;
		const row = rowOfPath(path);
		if (row === undefined || entries.size >= maxPaths || path.length > maxPathLength) return kindTags.get(kind) ?? overflow.tag;
		const entry: Entry = { tag: tagFor(row, path), targets: [] };
		entries.set(path, entry);
		return entry.tag;
	};

	return {
		tags,
		tag: (reading, out) => {
			if (reading.kind === "signal") {
				tagSignal(reading, out);
				return;
			}
			const tag = "path" in reading ? tagOfPath(reading.kind, reading.path) : kindTags.get(reading.kind);
			out.push({ ...reading, tag: tag ?? overflow.tag });
			// What a count of road users can be made of is offered as that, too; `treat` lets nothing but a flow out under it.
			if (flowIsMapped && flowTag !== undefined && reading.kind === "message") out.push({ ...reading, tag: flowTag });
		},
	};
};

const withTag = (signal: Signal, tag: Tag): Tagged<Signal> => asPath(signal, { path: signal.path }, signal.value, tag);

/** Written out field by field: this runs for every reading, and a spread is several times slower. */
const asPath = (signal: Signal, { path }: { readonly path: string }, value: SignalValue, tag: Tag): Tagged<Signal> => ({
	kind: "signal",
	sourceId: signal.sourceId,
	takenAtMs: signal.takenAtMs,
	bootMs: signal.bootMs,
	path,
	value,
	tag,
});

/** The row's level, risen where the fact that could keep it down is not known to be low enough. */
const levelOf = (row: CatalogueRow, facts: ReadonlyMap<string, number>): Level => {
	const { raisedByFact, canRiseTo } = row;
	if (raisedByFact === undefined || canRiseTo === undefined || compareLevels(canRiseTo, row.level) <= 0) return row.level;
	const fact = facts.get(raisedByFact.fact);
	const limit = row.thresholds.find(({ id }) => id === raisedByFact.threshold)?.value ?? undefined;
	return fact !== undefined && limit !== undefined && fact <= limit ? row.level : canRiseTo;
};
