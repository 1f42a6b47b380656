/**
 * HTML with everything from outside escaped: a template tag, so that forgetting it is not possible.
 */

/** Text that is HTML already. Only `html` makes one. */
export interface Markup {
	readonly markup: string;
}

type Part = string | number | Markup | readonly Markup[] | undefined;

/** Escapes every value but those that are markup; undefined is nothing. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
	markup: strings.map((text, index) => `${text}${render(parts[index])}`).join(""),
});

const render = (part: Part): string => {
	if (part === undefined) return "";
	if (typeof part === "string" || typeof part === "number") return escapeText(String(part));
	return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("");
};

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Control characters other than white space have no place in a document. */
const escapeText = (text: string): string =>
	text.replace(/[&<>"']/g, (char) => entities[char] ?? "").replace(/(?![\t\n\r])\p{Cc}/gu, "\ufffd");
