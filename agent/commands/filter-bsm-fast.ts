/**
 * The short way to a verdict: most messages of a recording are made alike, so what was learnt from one serves for the others. A template
 * recognises the text of a message with one regular expression, hands the treatments the few values that they look at, and puts together what may
 * leave from parts of the text. No JSON is read, and no tree is made.
 *
 * What it does is what the long way does, by this: a pattern matches only what the reader accepts (filter-bsm-pattern.ts); the treatments are
 * the same steps, run over what the same erasing steps have left; and whatever a template does not know, it leaves to the long way. The first messages
 * of each template go both ways; one difference, and the template is never used again.
 */
import type { MessageFields, MessageValue } from "../../shared/message.ts";
import type { V2xMessage } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { type UtcMs, utcMs } from "../../shared/units.ts";
import type { Step } from "../../shared/verdict.ts";
import { stripUnspeakable } from "../formats/v2x/message-erase.ts";
import type { MessageShape } from "../formats/v2x/message-shape.ts";
import type { Role } from "../formats/v2x/message-type.ts";
import { type DirectStep, directStep, type OwnValues, ownValuesOf, withholds } from "./filter-bsm-direct.ts";
import { type Judge, type Judged, type JudgeInput, stampMs } from "./filter-bsm-judge.ts";
import { maxPatternText } from "./filter-bsm-pattern.ts";
import { readSkeleton } from "./filter-bsm-skeleton.ts";
import type { Fate } from "./filter-bsm-tally.ts";
import { type LiveLeaf, listsFit, makeTemplate, type Template } from "./filter-bsm-template.ts";

/** Treatments that erase the same of all messages of one make. They must come first. */
const erasing: ReadonlySet<string> = new Set(["strip-path", "drop-field"]);
/** The treatment that changes ids alone. */
const replacing = "rotate-id";
/** Treatments that look at values of some roles alone, and change nothing but ids, or withhold, or change what is then left to the long way. */
const looking: ReadonlyMap<string, readonly Role[]> = new Map<string, readonly Role[]>([
	["filter-speed", ["speed"]],
	["suppress-area", ["lat", "lon", "dlat", "dlon", "dx", "dy", "dz"]],
	[replacing, ["id", "object-id"]],
]);

const maxTemplates = 32;
/** Texts that templates are made of, at the most. */
const maxLearnt = 200;
/** A short recording is not worth learning from. */
const learnAfter = 8;
/** Epochs and ids of each of which pseudonyms are kept; others are asked for again. */
const maxEpochs = 4;
const maxPseudonyms = 65_536;
/** Kept messages of a template that go both ways before it is trusted. */
const bothWays = 8;
/** When so many messages have come and few of them fitted, they are not made alike. */
const reviewEvery = 4_096;

interface Known {
	readonly template: Template;
	/** What treatments are handed; its content is the template's. */
	readonly reading: Tagged<V2xMessage> & { takenAtMs: UtcMs };
	/** Undefined: the steps themselves must look. */
	readonly own: OwnValues | undefined;
	hits: number;
	/** Kept messages that went both ways so far. */
	compared: number;
}

/** A verdict on a message. What may leave is a line of Latin-1 text, its end with it. */
export interface FastVerdict {
	readonly fate: Fate;
	readonly text: string | undefined;
}

export class FastRoad {
	readonly #judge: Judge;
	readonly #types: readonly string[];
	readonly #nowMs: UtcMs;
	/** The most used first. */
	readonly #known: Known[] = [];
	/** How many steps erase. */
	readonly #erasing: number;
	/** Those after them; undefined where one cannot be done directly. */
	readonly #direct: readonly DirectStep[] | undefined;
	/** Roles that the steps after them look at. */
	readonly #liveRoles: ReadonlySet<Role>;
	readonly #pseudonyms = new Map<number, Map<string, string>>();
	#isUsed: boolean;
	#learnt = 0;
	#long = 0;
	#seen = 0;
	#fitted = 0;
	#lastSecond = "";
	#lastSecondMs: UtcMs | undefined;

	/** @param input What the judge was made of. */
	constructor(judge: Judge, { treatments, places, nowMs }: JudgeInput) {
		this.#judge = judge;
		this.#types = treatments.map(({ type }) => type);
		this.#nowMs = nowMs;
		const first = this.#types.findIndex((type) => !erasing.has(type));
		this.#erasing = first < 0 ? this.#types.length : first;
		const direct = treatments.slice(this.#erasing).map((options) => directStep(options, places));
		this.#direct = direct.every((step) => step !== undefined) ? direct : undefined;
		this.#isUsed = this.#types.slice(this.#erasing).every((type) => looking.has(type));
		this.#liveRoles = new Set(this.#types.slice(this.#erasing).flatMap((type) => looking.get(type) ?? []));
	}

	/** Undefined: the message takes the long way. */
	judge(text: string): FastVerdict | undefined {
		if (!this.#isUsed) return undefined;
		if (++this.#seen % reviewEvery === 0) {
			this.#isUsed = this.#fitted > reviewEvery / 4;
			this.#fitted = 0;
		}
		if (text.length > maxPatternText) return undefined;
		for (let at = 0; at < this.#known.length; at++) {
			const known = this.#known[at] as Known;
			const found = known.template.pattern.exec(text);
			if (found === null || !listsFit(known.template, found)) continue;
			known.hits++;
			const before = this.#known[at - 1];
			if (before !== undefined && before.hits < known.hits) {
				this.#known[at - 1] = known;
				this.#known[at] = before;
			}
			const verdict = this.#run(known, found);
			if (verdict !== undefined) this.#fitted++;
			return verdict === undefined || known.compared >= bothWays ? verdict : this.#compare(known, verdict, text);
		}
		return undefined;
	}

	#run(known: Known, found: RegExpExecArray): FastVerdict | undefined {
		const { own, template } = known;
		const takenAtMs = template.stampGroup === 0 ? this.#nowMs : this.#stamp(found[template.stampGroup] ?? "");
		if (own === undefined || this.#direct === undefined) return this.#runSteps(known, found, takenAtMs);
		let id = own.id === undefined ? "" : (found[own.id.group] ?? "");
		for (const [at, step] of this.#direct.entries()) {
			if (withholds(step, own, found)) return { fate: this.#judge.withheld[this.#erasing + at] as Fate, text: undefined };
			if (step.kind !== "ids") continue;
			const pseudonym = this.#pseudonymOf(known, found, id, takenAtMs, step.rotateMs);
			if (pseudonym === undefined) return undefined;
			id = pseudonym;
		}
		return { fate: this.#judge.kept, text: textOf(template, found, () => id) };
	}

	/** An id has one pseudonym as long as its epoch lasts. */
	#pseudonymOf(known: Known, found: RegExpExecArray, id: string, takenAtMs: UtcMs, rotateMs: number | undefined): string | undefined {
		const epoch = rotateMs === undefined ? 0 : Math.floor(takenAtMs / rotateMs);
		let pseudonyms = this.#pseudonyms.get(epoch);
		if (pseudonyms === undefined) {
			pseudonyms = new Map();
			const [oldest] = this.#pseudonyms.keys();
			if (this.#pseudonyms.size >= maxEpochs && oldest !== undefined) this.#pseudonyms.delete(oldest);
			this.#pseudonyms.set(epoch, pseudonyms);
		}
		const made = pseudonyms.get(id);
		if (made !== undefined) return made;
		this.#fill(known, found, takenAtMs);
		let lowered: Tagged | undefined = known.reading;
		for (const [at, step] of this.#judge.steps.entries())
			if (lowered !== undefined && this.#types[at] === replacing) lowered = step(lowered);
		const leaf = known.own?.id;
		const pseudonym = lowered?.kind === "message" && leaf !== undefined ? replacedText(leaf, lowered.content) : undefined;
		if (pseudonym === undefined) return undefined;
		if (pseudonyms.size >= maxPseudonyms) pseudonyms.clear();
		pseudonyms.set(id, pseudonym);
		return pseudonym;
	}

	/** Hands the live values to the reading; false when one is of a kind that no treatment looks at. */
	#fill({ template, reading }: Known, found: RegExpExecArray, takenAtMs: UtcMs): boolean {
		reading.takenAtMs = takenAtMs;
		for (const { holder, name, type, group } of template.live) {
			const value = liveValueOf(type.kind, found[group] ?? "");
			if (value === undefined) return false;
			holder[name] = value;
		}
		return true;
	}

	#runSteps(known: Known, found: RegExpExecArray, takenAtMs: UtcMs): FastVerdict | undefined {
		if (!this.#fill(known, found, takenAtMs)) return undefined;
		const { steps, withheld, kept } = this.#judge;
		let lowered: Tagged = known.reading;
		for (let at = this.#erasing; at < steps.length; at++) {
			const next = (steps[at] as Step)(lowered);
			if (next === undefined) return { fate: withheld[at] as Fate, text: undefined };
			if (next !== lowered && this.#types[at] !== replacing) return undefined;
			lowered = next;
		}
		if (lowered.kind !== "message") return undefined;
		const { content } = lowered;
		const text = textOf(known.template, found, (leaf) => replacedText(leaf, content));
		return text === undefined ? undefined : { fate: kept, text };
	}

	/** Of a text within quotes. Messages that follow each other mostly share the second. */
	#stamp(written: string): UtcMs {
		if (!usualStamp.test(written)) return stampMs(written.slice(1, -1)) ?? this.#nowMs;
		const second = written.slice(1, 20);
		if (second !== this.#lastSecond) {
			this.#lastSecond = second;
			this.#lastSecondMs = stampMs(`${second}Z`);
		}
		return this.#lastSecondMs === undefined ? this.#nowMs : utcMs(this.#lastSecondMs + Number(written.slice(21, 24)));
	}

	/** The long way's verdict, when both agree. */
	#compare(known: Known, verdict: FastVerdict, text: string): FastVerdict | undefined {
		const { fate, bytes } = this.#judge.judge(Buffer.from(text, "latin1"));
		const isSame =
			fate === verdict.fate && (bytes === undefined ? undefined : `${Buffer.from(bytes).toString("latin1")}\n`) === verdict.text;
		if (isSame) {
			if (bytes !== undefined) known.compared++;
			return verdict;
		}
		this.#known.splice(this.#known.indexOf(known), 1);
		// What was made of such a text once would be made of it again.
		this.#learnt = maxLearnt;
		return undefined;
	}

	/** Tells what became of a message on the long way, to learn from it. */
	learn(text: string, { fate }: Judged): void {
		const isWorth = this.#isUsed && ++this.#long > learnAfter && this.#learnt < maxLearnt && this.#known.length < maxTemplates;
		if (!isWorth || fate.disposition === "invalid" || text.length > maxPatternText) return;
		this.#learnt++;
		const known = this.#make(text);
		if (known?.template.pattern.test(text)) this.#known.push(known);
	}

	#make(text: string): Known | undefined {
		const decoded = this.#judge.decode(Buffer.from(text, "latin1"));
		const [dialect = ""] = Object.keys(decoded?.content ?? {});
		if (decoded === undefined || decoded.shape.type.kind !== "choice") return undefined;
		const root = decoded.shape.type.alternatives.find(({ name }) => name === dialect)?.type;
		const skeleton = root === undefined ? undefined : readSkeleton(text, root, this.#judge.fixedPaths);
		const marked = skeleton === undefined ? undefined : this.#judge.mark({ [dialect]: skeleton.tree });
		if (skeleton === undefined || marked === undefined) return undefined;
		const reading = this.#judge.readingOf({ shape: decoded.shape, content: marked });
		const left = this.#erase(reading, decoded.shape);
		if (left === undefined) return undefined;
		const template = makeTemplate(
			skeleton,
			decoded.shape.type,
			dialect,
			left,
			// A speed that was, or will be, or is somebody else's is not the sender's.
			(role, within) => this.#liveRoles.has(role) && (role !== "speed" || within.every((group) => group === "own-position")),
			this.#types.includes(replacing),
		);
		if (template === undefined) return undefined;
		return {
			template,
			reading: { ...reading, content: template.content },
			own: this.#direct === undefined ? undefined : ownValuesOf(template.live, this.#direct),
			hits: 0,
			compared: 0,
		};
	}

	/** What the first treatments leave, without what never leaves. */
	#erase(reading: Tagged<V2xMessage>, shape: MessageShape): MessageFields | undefined {
		let lowered: Tagged | undefined = reading;
		for (const step of this.#judge.steps.slice(0, this.#erasing)) lowered = lowered === undefined ? undefined : step(lowered);
		return lowered?.kind === "message" ? stripUnspeakable(shape, lowered.content) : undefined;
	}
}

/** To the millisecond, in UTC. */
const usualStamp = /^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"$/;

/** A value as the reader has it; undefined for kinds that no treatment looks at. */
const liveValueOf = (kind: string, written: string): MessageValue | undefined => {
	switch (kind) {
		case "int":
			return Number(written);
		case "real":
			return Number(written) + 0;
		case "octets":
			return written.slice(1, -1).toLowerCase();
		case "text":
		case "enum":
			return written.slice(1, -1);
		default:
			return undefined;
	}
};

const textOf = ({ pieces }: Template, found: RegExpExecArray, replaced: (leaf: LiveLeaf) => string | undefined): string | undefined => {
	let text = "";
	for (const piece of pieces) {
		if (typeof piece === "string") text += piece;
		else if (typeof piece === "number") text += found[piece];
		else if ("real" in piece) text += shortest(found[piece.real] ?? "");
		else {
			const value = replaced(piece.replaced);
			if (value === undefined) return undefined;
			text += value;
		}
	}
	return `${text}\n`;
};

/** A number as it is written again. Up to 15 digits the shortest form is the decimal itself, without zeros at its end. */
const shortest = (written: string): string => {
	const point = written.indexOf(".");
	const isLong = written.length > 16 || written.startsWith("-0") || written.startsWith("0.00000") || hasPower(written);
	if (isLong) return String(Number(written) + 0);
	if (point < 0) return written;
	let end = written.length;
	while (written.charCodeAt(end - 1) === zero) end--;
	return written.slice(0, end - 1 === point ? point : end);
};

const zero = 0x30;

const hasPower = (written: string): boolean => {
	for (let at = 0; at < written.length; at++) if ((written.charCodeAt(at) | 0x20) === 0x65) return true;
	return false;
};

/** What a treatment has put in the place of an id; undefined when it has taken the id away. */
const replacedText = ({ path, type }: LiveLeaf, content: MessageFields): string | undefined => {
	let value: MessageValue | undefined = content;
	for (const step of path) {
		if (typeof value !== "object" || value === null) return undefined;
		value = Array.isArray(value) ? value[step as number] : (value as MessageFields)[step];
	}
	if (type.kind === "int") return typeof value === "number" ? String(value) : undefined;
	if (typeof value !== "string") return undefined;
	if (type.kind === "octets") return `"${value.toUpperCase()}"`;
	return type.kind === "text" && /^[ !#-[\]-~]*$/.test(value) ? `"${value}"` : undefined;
};
