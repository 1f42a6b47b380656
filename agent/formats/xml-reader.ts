/**
 * A strict, streaming XML 1.0 reader for map files, with bounds on all that a text can make grow.
 *
 * A document type declaration is refused as a whole: no entity is ever defined, so none can expand or reach for another file. The five entities
 * of XML and character references are read. Namespaces are not resolved; names are taken as they stand.
 */
import { SaxesParser } from "saxes";
import { KerbError } from "../../shared/errors.ts";

export interface XmlHandler {
	/** `attributes` has no prototype and is the handler's. */
	open(name: string, attributes: Readonly<Record<string, string>>): void;
	/** All text and CDATA of an element that is not white space only, in pieces. */
	text(text: string): void;
	close(name: string): void;
}

export const xmlLimits = {
	depth: 40,
	attributes: 64,
	nameLength: 200,
	attributeLength: 16_384,
	elements: 3_000_000,
	/** Characters that one construct (a text, a comment, a tag) may have. */
	constructLength: 262_144,
} as const;

const invalid = (problem: string): KerbError => new KerbError("FORMAT_INVALID", `XML: ${problem}`);

export class XmlReader {
	readonly #parser = new SaxesParser({ position: false, xmlns: false } as const);
	/** Characters since something was last recognised. */
	#quiet = 0;
	#depth = 0;
	#elements = 0;
	#attributes = 0;

	constructor(handler: XmlHandler) {
		const parser = this.#parser;
		const seen = (): void => {
			this.#quiet = 0;
		};
		const limit = (value: number, most: number, what: string): void => {
			if (value > most) throw invalid(`expected at most ${most} ${what}`);
		};
		parser.on("error", () => {
			throw invalid("expected a well-formed document");
		});
		parser.on("doctype", () => {
			throw invalid("expected no document type declaration");
		});
		parser.on("xmldecl", ({ encoding, version }) => {
			seen();
			if (version !== undefined && version !== "1.0") throw invalid("expected version 1.0");
			if (encoding !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(encoding)) throw invalid("expected the encoding UTF-8");
		});
		parser.on("comment", seen);
		parser.on("processinginstruction", seen);
		parser.on("opentagstart", () => {
			seen();
			this.#attributes = 0;
			this.#elements += 1;
			this.#depth += 1;
			limit(this.#elements, xmlLimits.elements, "elements");
			limit(this.#depth, xmlLimits.depth, "levels of elements");
		});
		parser.on("attribute", ({ name, value }) => {
			seen();
			this.#attributes += 1;
			limit(this.#attributes, xmlLimits.attributes, "attributes of an element");
			limit(name.length, xmlLimits.nameLength, "characters in a name");
			limit(value.length, xmlLimits.attributeLength, "characters in an attribute");
		});
		parser.on("opentag", ({ name, attributes }) => {
			seen();
			limit(name.length, xmlLimits.nameLength, "characters in a name");
			handler.open(name, attributes);
		});
		parser.on("closetag", ({ name }) => {
			seen();
			this.#depth -= 1;
			handler.close(name);
		});
		const text = (piece: string): void => {
			seen();
			limit(piece.length, xmlLimits.constructLength, "characters in a text");
			if (piece.trim() !== "") handler.text(piece);
		};
		parser.on("text", text);
		parser.on("cdata", text);
	}

	/**
	 * Takes the next piece of the document; the handler hears what is complete.
	 *
	 * @throws KerbError FORMAT_INVALID when the document is not well-formed, declares a document type, or is beyond a bound. Of no use after that.
	 */
	push(piece: string): void {
		for (let at = 0; at < piece.length; at += 32_768) {
			const part = piece.slice(at, at + 32_768);
			this.#quiet += part.length;
			if (this.#quiet > xmlLimits.constructLength)
				throw invalid(`expected at most ${xmlLimits.constructLength} characters in one construct`);
			this.#parser.write(part);
		}
	}

	/** @throws KerbError FORMAT_INVALID when the document is not complete. */
	end(): void {
		this.#parser.close();
	}
}
