/**
 * Style and script of the matrix page. The script only sorts, filters, opens and closes what is there already; without it the page reads the
 * same.
 */
export const pageStyle = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1d21; --soft: #59626d; --line: #d5dae0; --shade: #f3f5f7;
  --upload: #14683a; --upload-bg: #dff3e6; --vault: #7a4b00; --vault-bg: #fdf0d3; --drop: #454c55; --drop-bg: #e6e9ed; --needs: #1f4f9e; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e7eaee; --soft: #a3adb8; --line: #343b44; --shade: #1e2329;
  --upload: #8fdcae; --upload-bg: #123a24; --vault: #f1c878; --vault-bg: #40300c; --drop: #c3cad2; --drop-bg: #30363e; --needs: #9dc0f7; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.25rem clamp(0.75rem, 2vw, 2rem); background: var(--paper); color: var(--ink);
  font: 14px/1.45 system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.35rem; margin: 0 0 0.6rem; }
h2 { font-size: 1rem; margin: 0 0 0.3rem; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 0.92em; overflow-wrap: anywhere; }
small { display: block; color: var(--soft); font-weight: normal; }
[lang="zh"] { color: var(--soft); white-space: nowrap; }
#find { width: 17rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0 0 0.8rem; }
.facts div, .marks div { display: flex; gap: 0.4rem; }
.facts dt, .marks dt { color: var(--soft); }
dd { margin: 0; }
.marks { margin: 0; }
.marks dt { min-width: 2.6rem; }
.legend { border: 1px solid var(--line); border-radius: 6px; padding: 0.5rem 0.8rem; margin-bottom: 0.9rem; }
.legend summary { cursor: pointer; font-weight: 600; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem 2rem; padding: 0.8rem 0 0.3rem; }
.columns ul { margin: 0; padding-left: 1.1rem; }
.columns p { margin: 0; }
.controls { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin-bottom: 0.7rem; }
.controls input, .controls select, .controls button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
  border-radius: 5px; padding: 0.25rem 0.5rem; }
.controls button { cursor: pointer; }
output { color: var(--soft); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: 0.5rem 0.7rem; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.7rem; border-top: 1px solid var(--line); }
thead th { background: var(--shade); white-space: nowrap; }
thead button { all: unset; cursor: pointer; font-weight: 600; }
thead button:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--needs); outline-offset: 2px; }
thead [aria-sort="ascending"] button::after { content: " \\2191"; }
thead [aria-sort="descending"] button::after { content: " \\2193"; }
tbody th { font-weight: normal; min-width: 15rem; max-width: 26rem; }
tbody tr:nth-child(even) > * { background: color-mix(in srgb, var(--shade) 55%, transparent); }
td { min-width: 11rem; }
td summary { cursor: pointer; list-style: none; }
td summary::-webkit-details-marker { display: none; }
td summary::before { content: "+"; display: inline-block; width: 1em; color: var(--soft); }
td details[open] summary::before { content: "\\2212"; }
td .needs, td .quiet { padding-left: 1.1em; }
.effect { display: inline-block; border-radius: 4px; padding: 0 0.45em; font-weight: 600; }
.effect.upload { color: var(--upload); background: var(--upload-bg); }
.effect.vault { color: var(--vault); background: var(--vault-bg); }
.effect.drop { color: var(--drop); background: var(--drop-bg); }
.needs, .quiet { display: block; font-size: 0.9em; }
li .needs, li .quiet { display: inline; }
.needs { color: var(--needs); }
.quiet { color: var(--soft); }
.level.important, .level.core { font-weight: 600; }
.mark { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
.more { max-width: 30rem; padding: 0.3rem 0 0.2rem; }
.more p { margin: 0.35rem 0 0.1rem; }
.more ul { margin: 0; padding-left: 1.1rem; }
cite { font-style: normal; color: var(--soft); white-space: normal; }
footer { color: var(--soft); max-width: 60rem; }
@media print { :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --line: #999; --shade: #eee; --upload: #14683a; --upload-bg: #fff;
  --vault: #7a4b00; --vault-bg: #fff; --drop: #333; --drop-bg: #fff; --needs: #1f4f9e; }
  @page { size: A4 landscape; margin: 10mm; }
  body { font-size: 9px; padding: 0; } .controls { display: none; } .scroll { overflow: visible; border: 0; }
  thead { display: table-header-group; } tr { break-inside: avoid; } td summary::before { content: none !important; } .effect { border: 1px solid currentColor; } }
`;

export const pageScript = `
"use strict";
const table = document.getElementById("matrix");
const body = table.tBodies[0];
const rows = [...body.rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));
const control = (id) => document.getElementById(id);
const filter = () => {
  const words = control("find").value.toLowerCase().split(/\\s+/).filter(Boolean);
  const level = control("level").value, effect = control("effect").value;
  let shown = 0;
  for (const { row, text } of rows) {
    row.hidden = !(words.every((word) => text.includes(word)) && (level === "" || row.dataset.level === level)
      && (effect === "" || row.dataset.effects.split(" ").includes(effect)));
    if (!row.hidden) shown += 1;
  }
  control("count").textContent = shown + " of " + rows.length + " categories";
  control("none").hidden = shown > 0;
};
for (const button of table.tHead.querySelectorAll("button")) button.addEventListener("click", () => {
  const head = button.closest("th"), column = Number(button.dataset.sort);
  const turn = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", turn === 1 ? "ascending" : "descending");
  const key = ({ row }) => row.cells[column].dataset.key;
  rows.sort((a, b) => turn * key(a).localeCompare(key(b), "en", { numeric: true }));
  body.append(...rows.map(({ row }) => row));
});
for (const id of ["find", "level", "effect"]) control(id).addEventListener("input", filter);
control("controls").addEventListener("submit", (event) => event.preventDefault());
const openAll = (open) => { for (const { row } of rows) if (!row.hidden) for (const each of row.querySelectorAll("details")) each.open = open; };
control("open").addEventListener("click", () => openAll(true));
control("close").addEventListener("click", () => openAll(false));
filter();
`;
