/**
 * Finds every position in a message: its own, those of objects and events, of paths and maps, and of whoever received it; stated outright, as an
 * offset in degrees, or as metres from somewhere.
 *
 * - An offset counts from the nearest position stated around it, else from the sender's own. In a list of offsets each may count from that reference or
 *   from the one before, which depends on the standard (see `chainingOf`).
 * - Metres in the sender's frame give a distance only, as long as nobody says how the frame is turned: such a position is a disc.
 * - What is unavailable, out of range, half missing, or counts from something unknown, is unknown. It is never taken from anywhere else.
 */
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { anchorsOf, findAnchor } from "./message-anchor.ts";
import { allFields, alternativesOf, isFields, type Pair, pairRoleOf, pairsOf } from "./message-pairs.ts";
import { distanceOf, nowhere, type Place, placeOf } from "./message-place.ts";
import type { MessageShape } from "./message-shape.ts";
import { type Field, type GroupRole, groupRoles, type MessageType, type SeqType } from "./message-type.ts";

/** One position, or that there is one of which nothing is known: then latDeg and lonDeg are NaN and radiusM is infinite. */
export interface MessagePosition {
	/** What it is the position of: the nearest group around it. Undefined: nobody said. */
	readonly group: GroupRole | undefined;
	/** The sender's own present position. */
	readonly isOwn: boolean;
	readonly isKnown: boolean;
	/** -90 to 90. */
	readonly latDeg: number;
	/** -180 to 180. */
	readonly lonDeg: number;
	/** It is somewhere within so many metres. Zero: there. */
	readonly radiusM: number;
	/** How it was stated. */
	readonly by: "degrees" | "offset" | "metres" | "half";
	/** The part of the message that states it, and the object or path that this belongs to, if any: parts of `content`, by identity. */
	readonly holder: MessageValue;
	readonly whole: MessageValue | undefined;
	readonly wholeType: MessageType | undefined;
}

export type VisitPosition = (position: MessagePosition) => void;

/** What names a shape, and its type; no form is as in bits. */
export type PositionShape = Pick<MessageShape, "path" | "type"> & Partial<Pick<MessageShape, "form">>;

/** Every position in the message, in the order in which they stand in it. */
export const positionsOf = (shape: PositionShape, content: MessageFields): readonly MessagePosition[] => {
	const found: MessagePosition[] = [];
	findPositions(shape)(content, (position) => found.push(position));
	return found;
};

/** The finder for a type, compiled once: calls `visit` for every position, in order. */
export const findPositions = ({ path, type }: PositionShape): ((content: MessageFields, visit: VisitPosition) => void) => {
	let find = finders.get(type);
	if (find === undefined) {
		find = compileFinder(type, chainingOf(path));
		finders.set(type, find);
	}
	return find;
};

const finders = new WeakMap<MessageType, (content: MessageFields, visit: VisitPosition) => void>();

type Chaining = "from-reference" | "from-previous" | "either";

/**
 * - T/CSAE 53: every PositionOffsetLL counts from the reference position of its message or participant.
 * - ETSI TS 102 894-2: of a path or an event history the first point counts from the reference, each other from the one before; so do lane nodes.
 * - SAE J2735: crumbs of a path history count from its anchor; nodes of lanes and regions from the node before.
 *
 * Where it is not known, both may hold: positions become discs that cover either.
 */
const chainingOf =
	(path: string) =>
	(within: readonly GroupRole[]): Chaining => {
		const nearest = within[0];
		if (nearest === undefined) return path.startsWith("V2X.TCSAE.") ? "from-reference" : "either";
		if (nearest === "object") return "from-reference";
		if (path.startsWith("V2X.TCSAE.")) return "from-reference";
		if (path.startsWith("V2X.ETSI.")) return "from-previous";
		if (path.startsWith("V2X.J2735.")) return nearest === "map-geometry" ? "from-previous" : "from-reference";
		return "either";
	};

interface Run {
	readonly visit: VisitPosition;
	/** Of the whole that is being walked. */
	wholeType: MessageType | undefined;
	/** The last relative position, and what states it. */
	last: Place;
	lastPair: Pair | undefined;
	lastHolder: MessageFields | undefined;
}

type Walk = (value: MessageValue, from: Place, whole: MessageValue | undefined, run: Run) => void;

const groupRoleNames: ReadonlySet<string> = new Set(groupRoles);
const isGroupRole = (role: string | undefined): role is GroupRole => role !== undefined && groupRoleNames.has(role);

/** These are judged, and erased, as wholes: what is left of a path tells where the rest of it was. */
const wholes: ReadonlySet<string> = new Set(["object", "path-history", "path-prediction"]);

const compileFinder = (root: MessageType, chainingOf: (within: readonly GroupRole[]) => Chaining) => {
	const walks = new Map<MessageType, Map<string, Walk | undefined>>();
	const walk = walkOf(root, [], true);
	return (content: MessageFields, visit: VisitPosition): void => {
		walk?.(content, nowhere, undefined, { visit, wholeType: undefined, last: nowhere, lastPair: undefined, lastHolder: undefined });
	};

	/** `isOutermost`: what is half a position in here finds no other half further out. */
	function walkOf(type: MessageType, within: readonly GroupRole[], isOutermost: boolean): Walk | undefined {
		const around = isGroupRole(type.role) ? [type.role, ...within] : within;
		const key = `${around.join(" ")} ${isOutermost}`;
		let known = walks.get(type);
		if (known === undefined) {
			known = new Map();
			walks.set(type, known);
		}
		if (known.has(key)) return known.get(key);
		const inner = compileWalk(type, around, isOutermost);
		const isWhole = type.role !== undefined && wholes.has(type.role);
		const walk: Walk | undefined =
			inner === undefined || !isWhole
				? inner
				: (value, from, _, run) => {
						const { wholeType } = run;
						run.wholeType = type;
						inner(value, from, value, run);
						run.wholeType = wholeType;
					};
		known.set(key, walk);
		return walk;
	}

	function compileWalk(type: MessageType, within: readonly GroupRole[], isOutermost: boolean): Walk | undefined {
		if (isOutermost && pairRoleOf(type) !== undefined) return sayHalf(within);
		switch (type.kind) {
			case "seq":
				return compileSeq(type, within, isOutermost);
			case "choice":
			case "open":
				return compileNamed(alternativesOf(type), within);
			case "list":
				return compileList(type.of, within);
			default:
				return undefined;
		}
	}

	function compileSeq(type: SeqType, within: readonly GroupRole[], isOutermost: boolean): Walk | undefined {
		const { pairs, halves } = pairsOf(type);
		const stated = pairs.map((pair) => sayPair(pair, within));
		const children: (readonly [name: string, walk: Walk])[] = [];
		for (const field of allFields(type)) {
			if (pairRoleOf(field.type) !== undefined) continue;
			const walk = walkOf(field.type, within, false);
			if (walk !== undefined) children.push([field.name, walk]);
		}
		const half = isOutermost && halves.length > 0 ? sayHalf(within) : undefined;
		if (half !== undefined)
			stated.push((value, from, whole, run) => {
				if (isFields(value) && halves.some((leaf) => leaf.read(value) !== undefined)) half(value, from, whole, run);
			});
		if (stated.length === 0 && children.length === 0) return undefined;
		const anchors = children.length === 0 ? undefined : anchorsOf(type);
		return (value, from, whole, run) => {
			if (!isFields(value)) return;
			for (const state of stated) state(value, from, whole, run);
			const anchor = anchors === undefined ? undefined : findAnchor(anchors, value, from);
			const around = anchor?.place ?? from;
			for (let at = 0; at < children.length; at += 1) {
				const child = children[at];
				const inner = child === undefined ? undefined : value[child[0]];
				// What states the anchor does not count from it.
				if (inner !== undefined) child?.[1](inner, child[0] === anchor?.field ? from : around, whole, run);
			}
		};
	}

	function compileNamed(fields: readonly Field[], within: readonly GroupRole[]): Walk | undefined {
		const table = new Map<string, readonly Walk[]>();
		for (const { name, type } of fields) {
			const walk = walkOf(type, within, true);
			if (walk !== undefined) table.set(name, [...(table.get(name) ?? []), walk]);
		}
		if (table.size === 0) return undefined;
		return (value, from, whole, run) => {
			if (!isFields(value)) return;
			for (const name in value) {
				const inner = value[name];
				if (inner !== undefined) for (const walk of table.get(name) ?? []) walk(inner, from, whole, run);
			}
		};
	}

	function compileList(of: MessageType, within: readonly GroupRole[]): Walk | undefined {
		const walk = walkOf(of, within, true);
		if (walk === undefined) return undefined;
		// The elements' own group decides: objects have no order. Without offsets of their own, nothing can count from them.
		const chaining = statesOffset(of) ? chainingOf(isGroupRole(of.role) ? [of.role, ...within] : within) : "from-reference";
		return (value, from, whole, run) => {
			if (!Array.isArray(value)) return;
			const { last, lastPair, lastHolder } = run;
			let reference = from;
			for (let at = 0; at < value.length; at += 1) {
				run.last = nowhere;
				run.lastPair = undefined;
				walk(value[at], reference, whole, run);
				if (chaining === "from-previous") reference = run.last;
				else if (chaining === "either") reference = { ...reference, radiusM: reference.radiusM + lastDistance(run) };
			}
			run.last = last;
			run.lastPair = lastPair;
			run.lastHolder = lastHolder;
		};
	}
};

/** Infinite when an element states nothing: then nobody knows how far it would have led. */
const lastDistance = ({ lastPair, lastHolder }: Run): number =>
	lastPair === undefined || lastHolder === undefined ? Number.POSITIVE_INFINITY : distanceOf(lastPair, lastHolder);

/** Whether an element of a list says itself where it is, relative to something. */
const statesOffset = (type: MessageType): boolean => {
	if (type.kind === "choice") return alternativesOf(type).some((field) => statesOffset(field.type));
	if (type.kind !== "seq") return false;
	return pairsOf(type).pairs.some(({ by }) => by !== "degrees") || allFields(type).some((field) => statesOffset(field.type));
};

const sayPair = (pair: Pair, within: readonly GroupRole[]): Walk => {
	const [group] = within;
	const isOwn = group === "own-position";
	const { by } = pair;
	return (value, from, whole, run) => {
		if (!isFields(value)) return;
		const place = placeOf(pair, value, from);
		if (place === undefined) return;
		const { isKnown, latDeg, lonDeg, radiusM } = place;
		const { visit, wholeType } = run;
		if (by !== "degrees") {
			run.last = place;
			run.lastPair = pair;
			run.lastHolder = value;
		}
		visit({ group, isOwn, isKnown, latDeg, lonDeg, radiusM, by, holder: value, whole, wholeType });
	};
};

const sayHalf =
	(within: readonly GroupRole[]): Walk =>
	(value, _from, whole, run) => {
		run.last = nowhere;
		run.lastPair = undefined;
		run.visit({
			...nowhere,
			group: within[0],
			isOwn: within[0] === "own-position",
			by: "half",
			holder: value,
			whole,
			wholeType: run.wholeType,
		});
	};
