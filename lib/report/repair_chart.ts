/**
 * Rows before and after a repair.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { namedDates } from "./coverage_chart.ts";
import type { ColorScale } from "./contract_colors.ts";
import { type Chart, compact, drawPlot, legendOf } from "./plot.ts";

/** Rows of one group of one table on a date. */
export interface RepairRow {
  /** Trade date. */
  date: string;
  /** What tells the rows apart: a contract, or whether another ingest has them too. */
  group: string;
  /** Rows as they came. */
  came: number;
  /** Rows that stand now. */
  stands: number;
}

const PANELS = ["as it came", "as it stands"];

/**
 * Stacked rows by date, as they came on the left and as they stand on the right.
 *
 * @param rows Rows of one table.
 * @param options `table`, its name; `colors` of the groups.
 */
export function repairChart(
  rows: readonly RepairRow[],
  { table, colors }: { table: string; colors: ColorScale },
): Chart {
  const dates = [...new Set(rows.map(({ date }) => date))].sort();
  const color = (group: string) => colors.range[colors.domain.indexOf(group)] ?? "#9a9a9a";
  const sum = (of: (row: RepairRow) => number, date?: string) =>
    rows.filter((row) => date === undefined || row.date === date).reduce((n, row) => n + of(row), 0);
  const bars = PANELS.flatMap((panel, p) =>
    dates.flatMap((date) => {
      let at = 0;
      return colors.domain.flatMap((group) => {
        const mine = rows.filter((row) => row.date === date && row.group === group);
        const count = mine.reduce((n, row) => n + (p === 0 ? row.came : row.stands), 0), from = at;
        return count > 0 ? [{ panel, date, group, count, from, to: at += count }] : [];
      });
    })
  );
  const totals = PANELS.flatMap((panel, p) =>
    dates.map((date) => ({ panel, date, count: sum((row) => p === 0 ? row.came : row.stands, date) }))
  );
  const most = Math.max(1, ...totals.map(({ count }) => count)), height = dates.length > 40 ? 9 : 22;
  const came = sum((row) => row.came), gone = came - sum((row) => row.stands);
  const svg = dates.length === 0 ? "<p>no rows</p>" : drawPlot({
    height: dates.length * height + 56,
    marginLeft: 78,
    marginRight: 40,
    marginTop: 26,
    marginBottom: 26,
    ariaLabel: `Rows of ${table} before and after`,
    fx: { domain: PANELS, label: null, padding: 0.08 },
    x: { domain: [0, 1.12 * most], label: null, ticks: 4, tickFormat: compact, grid: true },
    y: { type: "band", domain: dates, label: null, tickSize: 0, ticks: namedDates(dates, 40), padding: 0.16 },
    marks: [
      Plot.barX(bars, {
        x1: "from",
        x2: "to",
        y: "date",
        fx: "panel",
        fill: (bar: typeof bars[number]) => color(bar.group),
        title: (bar: typeof bars[number]) =>
          `${bar.date} ${bar.group}: ${bar.count.toLocaleString("en-US")} rows ${bar.panel}`,
      }),
      Plot.text(height < 20 ? [] : totals, {
        x: "count",
        y: "date",
        fx: "panel",
        text: (total: typeof totals[number]) => compact(total.count),
        dx: 5,
        textAnchor: "start",
        fillOpacity: 0.75,
      }),
    ],
  });
  return {
    title: gone === 0
      ? `${table}: all ${compact(came)} rows stand as they came`
      : `${table}: ${compact(gone)} of ${compact(came)} rows are set aside`,
    unit: "rows by trade date, before and after",
    source: "bronze and quarantine",
    legend: legendOf(colors),
    svg,
  };
}
