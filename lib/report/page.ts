/**
 * The one look of every report page: header, verdict first, then evidence; light and dark; self-contained.
 *
 * @module
 */
import type { Chart } from "./plot.ts";
import { CELL_STYLE, STYLE } from "./style.ts";

/** What a page is about. */
export interface PageHead {
  /** Title, such as `Gold: touches and outcomes`. */
  title: string;
  /** Folder of the lake. */
  lake: string;
  /** Dates it covers, ascending. */
  dates: readonly string[];
  /** Commit of the code, short, or `unknown`. */
  commit: string;
  /** Short hashes of what it was made from, by name. */
  inputs: Record<string, string>;
  /** When it was made, ISO 8601. */
  made: string;
  /** Links to sibling pages: file name by title. */
  links?: Record<string, string>;
}

/** The answer at the top. */
export interface PageVerdict {
  /** Colour and word. */
  status: "pass" | "warn" | "fail" | "info";
  /** One sentence. */
  text: string;
}

/** A page as the index knows it. */
export interface PageCard extends PageVerdict {
  /** File below `reports/`. */
  file: string;
  /** Title of the page. */
  title: string;
  /** When it was made, ISO 8601. */
  made: string;
}

/** A part of a page: a heading, a paragraph, charts, tables. */
export interface Section {
  /** Heading; none for a part right below the verdict. */
  title?: string;
  /** What a reader should look for; plain text. */
  text?: string;
  /** A few numbers in large type: value by what it is. */
  stats?: Record<string, string | number>;
  /** Links to other pages. */
  cards?: readonly PageCard[];
  /** Charts, full width or two in a row. */
  charts?: readonly Chart[];
  /** Tables. */
  tables?: readonly TableView[];
  /** The cells of an executed notebook: HTML that goes in as it is. */
  notebook?: string;
}

/** A table to show. */
export interface TableView {
  /** Caption. */
  caption: string;
  /** Column heads. */
  head: readonly string[];
  /** Cells: numbers are set right, a status word in its colour. */
  rows: readonly (readonly (string | number | null)[])[];
}

/** Escapes text for HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
}

/** A relative path as a link, whatever is in its name: never a scheme, a query or a part of the page. */
function hrefOf(file: string): string {
  return file.split("/").map(encodeURIComponent).join("/");
}

const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 4 });

function cell(value: string | number | null): string {
  if (typeof value === "number") {
    return `<td class="n">${Number.isFinite(value) ? NUMBER.format(value) : "–"}</td>`;
  }
  if (value === null) return "<td>–</td>";
  if (/^(pass|warn|fail|info)$/.test(value)) return `<td><span class="${value}">${value}</span></td>`;
  // Ids and dates must not break in narrow columns, nor sentences be squeezed to a word a line.
  const isName = value.split("\n").every((line) => /^\S{1,32}$/.test(line));
  const kind = isName ? ' class="k"' : value.length > 32 ? ' class="t"' : "";
  return `<td${kind}>${escapeHtml(value)}</td>`;
}

/** HTML of a table. */
export function tableHtml(table: TableView): string {
  const numeric = table.head.map((_, i) => table.rows.some((row) => typeof row[i] === "number"));
  const head = table.head.map((h, i) => `<th${numeric[i] ? ' class="n"' : ""}>${escapeHtml(h)}</th>`);
  const rows = table.rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`);
  return `<div class="scroll"><table><caption>${escapeHtml(table.caption)}</caption>
<thead><tr>${head.join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div>`;
}

/** HTML of a chart with its title, unit, source and legend. */
export function chartHtml(chart: Chart): string {
  const { title, unit, source, svg, legend = [], size = "full" } = chart;
  const entries = legend.map(({ label, color }) =>
    `<li><i style="--c:${escapeHtml(color)}"></i>${escapeHtml(label)}</li>`
  );
  return `<figure class="chart ${size}"><h3>${escapeHtml(title)}</h3><small>${escapeHtml(unit)} · source: ${
    escapeHtml(source)
  }</small>
${entries.length ? `<ul class="legend">${entries.join("")}</ul>\n` : ""}<div class="drawing${
    size === "full" ? ' wide" tabindex="0' : ""
  }">${svg}</div></figure>`;
}

/** HTML of a verdict: its word in its colour, and the sentence. */
export function verdictHtml({ status, text }: PageVerdict): string {
  return `<div class="verdict" style="--v:var(--${status})"><b>${status}</b>${escapeHtml(text)}</div>`;
}

function statsHtml(stats: Record<string, string | number>): string {
  const tiles = Object.entries(stats).map(([name, value]) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${
      escapeHtml(typeof value === "number" ? NUMBER.format(value) : value)
    }</dd></div>`
  );
  return `<dl class="stats">${tiles.join("")}</dl>`;
}

function cardsHtml(cards: readonly PageCard[]): string {
  const items = cards.map((card) =>
    `<li><a href="${hrefOf(card.file)}" style="--v:var(--${card.status})"><em>${card.status}</em><h3>${
      escapeHtml(card.title)
    }</h3><p>${escapeHtml(card.text)}</p><small>${
      escapeHtml([card.file, card.made].filter(Boolean).join(" · "))
    }</small></a></li>`
  );
  return `<ul class="cards">\n${items.join("\n")}\n</ul>`;
}

function sectionHtml(section: Section): string {
  return [
    "<section>",
    section.title ? `<h2>${escapeHtml(section.title)}</h2>` : "",
    section.text ? `<p>${escapeHtml(section.text)}</p>` : "",
    section.stats ? statsHtml(section.stats) : "",
    section.cards ? cardsHtml(section.cards) : "",
    section.charts?.length ? `<div class="charts">${section.charts.map(chartHtml).join("\n")}</div>` : "",
    ...(section.tables ?? []).map(tableHtml),
    section.notebook ? `<div class="notebook">${section.notebook}</div>` : "",
    "</section>",
  ].filter(Boolean).join("\n");
}

function metaHtml(head: PageHead): string {
  const { dates } = head;
  const span = dates.length === 0
    ? "none"
    : dates.length === 1
    ? dates[0]
    : `${dates[0]} … ${dates.at(-1)} (${dates.length})`;
  const facts: [string, string][] = [
    ["lake", head.lake],
    ["dates", span],
    ["commit", head.commit],
    ...Object.entries(head.inputs),
    ["made", head.made],
  ];
  return facts.map(([name, value]) => `<span>${escapeHtml(name)} <b>${escapeHtml(value)}</b></span>`).join(
    "",
  );
}

/**
 * A whole page as one HTML text: no script, no network, opens from disk.
 *
 * @param head Title, lake, dates, commit, inputs.
 * @param verdict The answer, first.
 * @param sections The evidence.
 */
export function renderPage(head: PageHead, verdict: PageVerdict, sections: readonly Section[]): string {
  const links = Object.entries(head.links ?? {}).map(([title, file]) =>
    `<a href="${hrefOf(file)}">${escapeHtml(title)}</a>`
  );
  const title = escapeHtml(head.title);
  const style = sections.some((section) => section.notebook) ? STYLE + CELL_STYLE : STYLE;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Tidemark</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body><main>
${links.length ? `<nav>${links.join("")}</nav>\n` : ""}<h1>${title}</h1>
<div class="meta">${metaHtml(head)}</div>
${verdictHtml(verdict)}
${sections.map(sectionHtml).join("\n")}
</main></body></html>
`;
}
