/**
 * The tables that drive reading and writing of JSON by type: keys and names as bytes, found by a small hash and compared four bytes at a time.
 */

/** What a node holds; dense small numbers, so that the reader's switch is a jump table. */
export const jsonCode = {
	int: 0,
	real: 1,
	enum: 2,
	bool: 3,
	null: 4,
	bits: 5,
	octets: 6,
	text: 7,
	seq: 8,
	choice: 9,
	list: 10,
	open: 11,
} as const;
export type JsonCode = (typeof jsonCode)[keyof typeof jsonCode];

/** ASCII text as words of four bytes, to compare and to copy with few steps. */
export class JsonWord {
	readonly length: number;
	readonly words: Int32Array;
	/** The bytes behind the last whole word, zeros behind them. */
	readonly tail: number;
	readonly tailMask: number;

	constructor(text: string) {
		const view = new DataView(new ArrayBuffer(text.length + 4));
		for (let i = 0; i < text.length; i++) view.setUint8(i, text.charCodeAt(i));
		const rest = text.length % 4;
		this.length = text.length;
		this.words = new Int32Array((text.length - rest) / 4);
		for (let i = 0; i < this.words.length; i++) this.words[i] = view.getInt32(i * 4, true);
		this.tail = view.getInt32(this.words.length * 4, true);
		this.tailMask = rest === 0 ? 0 : (1 << (rest * 8)) - 1;
	}
}

const hashOf = (length: number, first: number, last: number): number => length * 7 + first * 31 + last * 13;

/** Keys or names, found by their length and their first and last byte. They are ASCII and need no escape: the notation has no others. */
export class JsonNames {
	readonly texts: readonly string[];
	/** Each with the quote behind it. */
	readonly words: readonly JsonWord[];
	readonly mask: number;
	/** Index into the list plus one; 0 is empty. A collision goes to the next slot. */
	readonly slots: Int16Array;
	readonly #byText: ReadonlyMap<string, number>;

	constructor(texts: readonly string[]) {
		let size = 4;
		while (size < texts.length * 4) size *= 2;
		this.texts = texts;
		this.words = texts.map((text) => new JsonWord(`${text}"`));
		this.mask = size - 1;
		this.slots = new Int16Array(size);
		this.#byText = new Map(texts.map((text, index) => [text, index]));
		texts.forEach((text, index) => {
			let slot = this.slotOf(text.length, text.charCodeAt(0), text.charCodeAt(text.length - 1));
			while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
			this.slots[slot] = index + 1;
		});
	}

	slotOf(length: number, first: number, last: number): number {
		return hashOf(length, first, last) & this.mask;
	}

	/** The index of a name; -1 when it is none of them. */
	indexOf(text: string): number {
		return this.#byText.get(text) ?? -1;
	}
}

export class JsonField {
	readonly name: string;
	readonly isRequired: boolean;
	/** `,"name":` as it stands behind another field. */
	readonly next: JsonWord;
	/** `{"name":` as it begins an object. */
	readonly first: JsonWord;
	readonly node: JsonNode;

	constructor(name: string, isRequired: boolean, node: JsonNode) {
		this.name = name;
		this.isRequired = isRequired;
		this.next = new JsonWord(`,"${name}":`);
		this.first = new JsonWord(`{"${name}":`);
		this.node = node;
	}
}

/** An open type among the fields of an object: which field, which field decides, and what it may decide. */
export interface OpenChoice {
	readonly field: number;
	readonly by: number;
	/** Alternatives (indices into the open node's fields) by the value of the deciding field. */
	readonly table: ReadonlyMap<number, number>;
}

const noNames = new JsonNames([]);
const noFields: readonly JsonField[] = [];
const noOpens: readonly OpenChoice[] = [];

/** Filled in two steps, for a type is compiled before its parts are. All have one shape, whatever they hold. */
export class JsonNode {
	readonly code: JsonCode;
	/** Range of numbers. */
	from = Number.NEGATIVE_INFINITY;
	to = Number.POSITIVE_INFINITY;
	/** Range of bits, octets, characters or elements. */
	sizeFrom = 0;
	sizeTo = Number.POSITIVE_INFINITY;
	/** A bit string of one fixed size is written as text alone, any other with its length. */
	isFixed = false;
	/** An open type whose content stands without the name of its type. */
	isBare = false;
	/** Per ASCII character 1 where it is permitted; undefined: any character. */
	permitted: Uint8Array | undefined = undefined;
	/** True when all printable ASCII is permitted, as it mostly is. */
	permitsPrintable = true;
	/** Keys of an object, a choice or an open type; names of an enumeration. */
	names: JsonNames = noNames;
	fields: readonly JsonField[] = noFields;
	requiredCount = 0;
	opens: readonly OpenChoice[] = noOpens;
	of: JsonNode | undefined = undefined;

	constructor(code: JsonCode) {
		this.code = code;
	}
}
