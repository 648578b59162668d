/**
 * Which columns are null on which dates.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { namedDates } from "./coverage_chart.ts";
import { type Chart, COLORS, drawPlot, ON_COLOR, percent } from "./plot.ts";

/** Nulls of one column. */
export interface NullRow {
  /** Column's name. */
  column: string;
  /** Share of nulls by date. */
  share: readonly number[];
}

/**
 * A heat map of null shares, columns by dates; columns without nulls are left out and counted in the title.
 *
 * @param rows Columns in file order.
 * @param dates Dates, ascending.
 */
export function nullMatrix(rows: readonly NullRow[], dates: readonly string[]): Chart {
  const shown = rows.filter((row) => row.share.some((s) => s > 0));
  const cells = shown.flatMap(({ column, share }) =>
    share.map((s, d) => ({ column, date: dates[d], share: s }))
  );
  const chart = {
    title: `Nulls: ${shown.length} of ${rows.length} columns have any`,
    unit: "share of the date's rows that are null; the stronger the more",
    source: "gold signals",
  };
  if (shown.length === 0) return { ...chart, svg: "<p>no nulls</p>" };
  const svg = drawPlot({
    height: shown.length * 17 + 44,
    marginLeft: 214,
    marginTop: 26,
    marginRight: 8,
    marginBottom: 8,
    ariaLabel: "Null shares by column and date",
    x: {
      type: "band",
      axis: "top",
      domain: dates,
      label: null,
      ticks: namedDates(dates, 12),
      tickFormat: (day: string) => day.slice(5),
      padding: dates.length > 60 ? 0 : 0.04,
    },
    y: { type: "band", domain: shown.map((row) => row.column), label: null, tickSize: 0, padding: 0.12 },
    marks: [
      Plot.cell(cells, { x: "date", y: "column", fill: "currentColor", fillOpacity: 0.05 }),
      Plot.cell(cells.filter((c) => c.share > 0), {
        x: "date",
        y: "column",
        fill: COLORS.warm,
        fillOpacity: (c: typeof cells[number]) => 0.15 + 0.85 * c.share,
        title: (c: typeof cells[number]) => `${c.column} on ${c.date}: ${percent(c.share)} null`,
      }),
      Plot.text(dates.length > 16 ? [] : cells.filter((c) => c.share > 0), {
        x: "date",
        y: "column",
        text: (c: typeof cells[number]) => percent(c.share),
        fontSize: 10.5,
        fill: (c: typeof cells[number]) => c.share > 0.5 ? ON_COLOR : "currentColor",
      }),
    ],
    opacity: { type: "identity" },
  });
  return { ...chart, svg };
}
