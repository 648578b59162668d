/**
 * Charts, tables and verdicts as cells of a notebook: values that Jupyter shows as HTML, in the look of the pages.
 *
 * @module
 */
import type { Verdict } from "../schema/mod.ts";
import { chartHtml, escapeHtml, type PageVerdict, tableHtml, type TableView, verdictHtml } from "./page.ts";
import type { Chart } from "./plot.ts";
import { NOTEBOOK_STYLE } from "./style.ts";

/** A value that a Jupyter kernel shows as HTML. */
export interface Shown {
  /** MIME bundle by Jupyter's display symbol. */
  [display: symbol]: () => Record<string, unknown>;
}

/** The MIME type under which a decision lies in an executed notebook, for the page made from it. */
export const DECISION_TYPE = "application/vnd.tidemark.decision+json";

/** The style sheet that comes with every value shown; a page has its own. */
export const SHOWN_STYLE = `<style>${NOTEBOOK_STYLE}</style>`;

function shown(html: string, more: Record<string, unknown> = {}): Shown {
  const bundle = { "text/html": `<div class="tidemark">${SHOWN_STYLE}${html}</div>`, ...more };
  return { [Symbol.for("Jupyter.display")]: () => bundle };
}

/** Charts one below the other, each with its title, unit and source; halves stand two in a row. */
export function showCharts(...charts: readonly Chart[]): Shown {
  return shown(`<div class="charts">${charts.map(chartHtml).join("\n")}</div>`);
}

/** A table with its caption. */
export function showTable(table: TableView): Shown {
  return shown(tableHtml(table));
}

/** A verdict and its findings, worst first. */
export function showVerdict({ status, checks, findings }: Verdict): Shown {
  const items = findings.map(({ severity, check, message, remedy }) =>
    `<li><b class="${severity}">${severity}</b> <code>${escapeHtml(check)}</code> ${
      escapeHtml(message)
    }<br><small>${escapeHtml(remedy)}</small></li>`
  );
  const list = items.length > 0 ? `<ul>${items.join("")}</ul>` : "";
  return shown(verdictHtml({ status, text: `${checks} checks, ${findings.length} findings` }) + list);
}

/** What a notebook comes to: its last cell, and the verdict of the page made from it. */
export function showDecision(decision: PageVerdict): Shown {
  return shown(verdictHtml(decision), { [DECISION_TYPE]: decision });
}
