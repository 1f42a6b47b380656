import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { XmlReader, xmlLimits } from "../../agent/formats/xml-reader.ts";
import { isKerbError } from "../../shared/errors.ts";

/** What a document says, as a list of events. */
const read = (text: string, pieceLength = Number.POSITIVE_INFINITY): string[] => {
	const said: string[] = [];
	const reader = new XmlReader({
		open: (name, attributes) => said.push(`<${name}${Object.entries(attributes).map(([key, value]) => ` ${key}=${value}`)}`),
		text: (piece) => said.push(piece.trim()),
		close: (name) => said.push(`/${name}`),
	});
	for (let at = 0; at < text.length; at += pieceLength) reader.push(text.slice(at, at + pieceLength));
	reader.end();
	return said;
};

const refused = expect.objectContaining({ code: "FORMAT_INVALID" });

describe("XmlReader", () => {
	it("says elements, attributes and text, however the document is cut", () => {
		const text = '<?xml version="1.0" encoding="UTF-8"?><!-- c --><a b="1 &lt; 2"><c/>hi &amp; <![CDATA[<raw>]]></a>';
		const whole = read(text);
		expect(whole).toEqual(["<a b=1 < 2", "<c", "/c", "hi &", "<raw>", "/a"]);
		expect(read(text, 3).join("").replaceAll(" ", "")).toBe(whole.join("").replaceAll(" ", ""));
	});

	const laughs = `<!DOCTYPE x [<!ENTITY a "ha">${Array.from({ length: 9 }, (_, at) => `<!ENTITY a${at} "&a${at === 0 ? "" : at - 1};&a;">`).join("")}]><x>&a8;</x>`;

	it.each([
		["entities that multiply", laughs],
		["an entity that is a file", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>'],
		["an external document type", '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>'],
		["an entity that nobody defined", "<x>&nbsp;</x>"],
		["deep nesting", "<a>".repeat(1_000_000)],
		["a huge attribute", `<a b="${"x".repeat(xmlLimits.attributeLength + 1)}"/>`],
		["an attribute that never ends", `<a b="${"x".repeat(20_000_000)}`],
		["a comment that never ends", `<a><!--${"x".repeat(20_000_000)}`],
		["a text that never ends", `<a>${"x".repeat(20_000_000)}`],
		["a name that never ends", `<${"x".repeat(20_000_000)}`],
		["a document type that never ends", `<!DOCTYPE ${"x".repeat(20_000_000)}`],
		["many attributes", `<a ${Array.from({ length: 100 }, (_, at) => `b${at}="1"`).join(" ")}/>`],
		["one attribute twice", '<a b="1" b="2"/>'],
		["elements that cross", "<a><b></a></b>"],
		["an end that is missing", "<a><b></b>"],
		["two roots", "<a/><b/>"],
		["no root", ""],
		["another encoding", '<?xml version="1.0" encoding="UTF-16"?><a/>'],
		["XML 1.1", '<?xml version="1.1"?><a/>'],
		["a control character", "<a>\u0001</a>"],
	])("refuses %s", (_what, text) => {
		expect(() => read(text)).toThrow(refused);
	});

	it("throws nothing but FORMAT_INVALID, whatever it is given", () => {
		const piece = fc.constantFrom(
			"<a>",
			"</a>",
			"<a b='1'/>",
			"<!--",
			"-->",
			"<![CDATA[",
			"]]>",
			"&amp;",
			"&#x10FFFF;",
			"&#0;",
			"<?x y?>",
			"text",
			"<!DOCTYPE a>",
			"\uD800",
		);
		fc.assert(
			fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 20 }), (pieces) => {
				try {
					read(pieces.join(""), 7);
				} catch (error) {
					expect(isKerbError(error, "FORMAT_INVALID")).toBe(true);
				}
			}),
		);
	});
});
