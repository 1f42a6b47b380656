/**
 * The matrix as one HTML page that needs nothing else: no request leaves it, it prints, and it follows the reader's light or dark setting.
 */
import { certainties } from "../../shared/catalogue.ts";
import type { Outlet } from "../../shared/outlet.ts";
import { compareLevels, levels } from "../../shared/tag.ts";
import { effects, type Verdict } from "../../shared/verdict.ts";
import type { Cell } from "./cell.ts";
import { certaintyWords, citationText } from "./certainty-words.ts";
import { categoryChinese, effectChinese, flagChinese, levelChinese } from "./chinese-words.ts";
import { type ContextFlag, flagWords } from "./context.ts";
import { html, type Markup } from "./html.ts";
import { effectWords, type Matrix, type MatrixRow } from "./matrix.ts";
import { pageScript, pageStyle } from "./matrix-page-assets.ts";

/**
 * @param madeAt When the page was made, for its foot: ISO 8601.
 */
export const matrixPage = (matrix: Matrix, madeAt: string): string => {
	const { law, home, outlets, rows, cases } = matrix;
	const title = `Law matrix: policy ${law.policy} version ${law.policyVersion}`;
	return `<!doctype html>\n${
		html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${{ markup: pageStyle }}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<dl class="facts">
<div><dt>Law</dt><dd><code>${law.hash.slice(0, 16)}</code></dd></div>
<div><dt>Catalogue</dt><dd>${law.catalogue} version ${law.catalogueVersion}</dd></div>
<div><dt>Home</dt><dd>${home}</dd></div>
<div><dt>Cases gone through</dt><dd>${cases}</dd></div>
<div><dt>Made</dt><dd>${madeAt}</dd></div>
</dl>
${legend()}
</header>
<main>
${controls()}
<div class="scroll" role="region" aria-label="Matrix of categories and outlets" tabindex="0">
<table id="matrix">
<caption>What may happen to each category of data at each outlet. Every cell opens to its reasons and their sources.</caption>
<thead><tr>
<th scope="col" aria-sort="none"><button type="button" data-sort="0">Category <span lang="zh">数据类别</span></button></th>
<th scope="col" aria-sort="none"><button type="button" data-sort="1">Level <span lang="zh">级别</span></button></th>
${outlets.map((outlet, index) => outletHead(outlet, index + 2, home))}
</tr></thead>
<tbody>
${rows.map(bodyRow)}
</tbody>
</table>
</div>
<p id="none" hidden>No category fits the filter.</p>
</main>
<footer><p>This page says what the law in it makes a unit do. Whether that law is what the land asks for is for people to judge; marks show how sure each source is.</p></footer>
<script>${{ markup: pageScript }}</script>
</body>
</html>`.markup
	}\n`;
};

const legend = (): Markup => html`<details class="legend"><summary>How to read this page</summary>
<div class="columns">
<section><h2>In a cell</h2><ul>
${effects.map((effect) => html`<li><span class="effect ${effect}">${effectWords[effect]}</span> <span lang="zh">${effectChinese[effect]}</span>: ${effectMeanings[effect]}</li>`)}
<li><span class="needs">consent &rarr; upload</span>: what would make it leave</li>
<li><span class="quiet">not asked for</span>: the floor could let it out, but no rule of the policy asks</li>
</ul></section>
<section><h2>Circumstances</h2><p>The word in a cell is for an ordinary day: a policy in its term, nothing halted, the rules' conditions of time, network and place met, and no consent or authorisation but those that are in the law.</p></section>
<section><h2>Certainty of sources</h2><dl class="marks">
${certainties.map((mark) => html`<div><dt><span class="mark">${mark}</span></dt><dd>${certaintyWords[mark]}</dd></div>`)}
</dl></section>
</div></details>`;

const effectMeanings = {
	upload: "leaves by this outlet, after the treatments of its rule",
	vault: "stays in the unit, encrypted",
	drop: "is forgotten at once",
} as const;

const controls = (): Markup => html`<form class="controls" id="controls">
<label>Find <input type="search" id="find" placeholder="category, rule or source" autocomplete="off"></label>
<label>Level <select id="level"><option value="">all</option>${levels.map((level) => html`<option value="${level}">${level} ${levelChinese[level]}</option>`)}</select></label>
<label>Shows <select id="effect"><option value="">all</option>${effects.map((effect) => html`<option value="${effect}">${effectWords[effect]} ${effectChinese[effect]}</option>`)}<option value="opens">can be opened</option></select></label>
<button type="button" id="open">Open all</button>
<button type="button" id="close">Close all</button>
<output id="count"></output>
</form>`;

const outletHead = (outlet: Outlet, column: number, home: string): Markup => {
	const isRelay = outlet.jurisdiction === home && outlet.finalJurisdiction !== home;
	const where = isRelay ? `${outlet.jurisdiction}, read in ${outlet.finalJurisdiction}` : outlet.finalJurisdiction;
	const notes = [where, ...(isRelay ? ["relay to abroad"] : []), ...(outlet.qualifiedSurveying ? ["qualified for surveying"] : [])];
	return html`<th scope="col" aria-sort="none"><button type="button" data-sort="${column}">${outlet.id}</button><small>${notes.join(", ")}</small></th>`;
};

const bodyRow = ({ row, cells }: MatrixRow): Markup => {
	const chinese = categoryChinese.get(row.id);
	const rise = row.canRiseTo !== undefined && compareLevels(row.canRiseTo, row.level) > 0 ? row.canRiseTo : undefined;
	return html`<tr data-level="${row.level}" data-effects="${[...new Set(cells.flatMap(effectsOf))].join(" ")}">
<th scope="row" data-key="${row.id}"><code>${row.id}</code><br>${row.title}${chinese === undefined ? undefined : html` <span lang="zh">${chinese}</span>`}</th>
<td data-key="${levels.indexOf(row.level)}"><span class="level ${row.level}">${row.level}</span> <span lang="zh">${levelChinese[row.level]}</span>${rise === undefined ? undefined : html`<small>can rise to ${rise}</small>`}</td>
${cells.map((cell) => bodyCell(cell, row.home.text, row.abroad.text))}
</tr>`;
};

const effectsOf = (cell: Cell): readonly string[] => [cell.effect, ...(cell.opensWith.length > 0 ? ["opens"] : [])];

/** What leaves first, then what can be opened, then what stays. */
const sortKey = ({ effect, opensWith }: Cell): number => effects.indexOf(effect) * 2 - (opensWith.length > 0 ? 1 : 0) + 1;

const bodyCell = (cell: Cell, home: string, abroad: string): Markup => html`<td data-key="${sortKey(cell)}"><details>
<summary><span class="effect ${cell.effect}">${effectWords[cell.effect]}</span> <span lang="zh">${effectChinese[cell.effect]}</span>${cell.opensWith.map(
	(flags) => html`<span class="needs">${flags.map((flag) => flagWords[flag]).join(" + ")} &rarr; upload</span>`,
)}${cell.isAskedFor ? undefined : html`<span class="quiet">not asked for</span>`}</summary>
<div class="more">
${cell.verdicts.map(verdictPart)}
${cell.opened.length === 0 ? undefined : html`<p><b>With ${circumstances(cell.opensWith[0] ?? [])}</b></p>${cell.opened.map(verdictPart)}`}
${cell.closesWith.length === 0 ? undefined : html`<p><b>Stays inside with</b> ${cell.closesWith.map((flag) => flagWords[flag]).join(", ")}</p>`}
<p><b>Floor</b> at home: ${home}; abroad: ${abroad}</p>
</div></details></td>`;

const circumstances = (flags: readonly ContextFlag[]): string => flags.map((flag) => `${flagWords[flag]} ${flagChinese[flag]}`).join(" + ");

const verdictPart = ({
	effect,
	ruleId,
	reasons,
}: Verdict): Markup => html`<p><b>${effectWords[effect]}</b>${ruleId === undefined ? " without a rule" : ` by rule ${ruleId}`}</p><ul>
${reasons.map(({ text, citations }) => html`<li>${text} <cite>${citationText(citations)}</cite></li>`)}
</ul>`;
