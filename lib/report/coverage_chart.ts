/**
 * Which trading days have rows, and how many.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { tradingDays } from "../base/mod.ts";
import { type Chart, COLORS, drawPlot } from "./plot.ts";

/** At most so many dates are named on an axis. */
const LABELS = 14;

/** The dates that an axis names: all, or every n-th. */
export function namedDates(dates: readonly string[], most = LABELS): string[] {
  const step = Math.ceil(dates.length / most);
  return dates.filter((_, i) => i % step === 0);
}

/**
 * Rows by trading day from the first date to the last; days without rows are marked.
 *
 * @param dates Dates with rows, ascending.
 * @param rowsByDate Rows of each.
 */
export function coverageChart(dates: readonly string[], rowsByDate: readonly number[]): Chart {
  const days = dates.length ? tradingDays(dates[0], dates.at(-1)!) : [];
  const present = dates.map((date, i) => ({ date, rows: rowsByDate[i] }));
  const missing = days.filter((day) => !dates.includes(day));
  const median = rowsByDate.toSorted((a, b) => a - b)[Math.floor(dates.length / 2)] ?? 0;
  const svg = drawPlot({
    height: 220,
    marginLeft: 56,
    marginBottom: 30,
    marginRight: 88,
    marginTop: 16,
    ariaLabel: "Rows by trading day",
    x: {
      type: "band",
      domain: days,
      label: null,
      ticks: namedDates(days),
      tickFormat: (day: string) => day.slice(5),
      padding: days.length > 60 ? 0 : 0.15,
    },
    y: { label: null, grid: true, ticks: 5, zero: true },
    marks: [
      Plot.barY(present, {
        x: "date",
        y: "rows",
        fill: COLORS.accent,
        title: (d: { date: string; rows: number }) => `${d.date}: ${d.rows} rows`,
      }),
      Plot.ruleY([median], { stroke: "currentColor", strokeDasharray: "3 3", strokeOpacity: 0.6 }),
      Plot.text([median], {
        y: (v: number) => v,
        frameAnchor: "right",
        text: (v: number) => `median ${v}`,
        textAnchor: "start",
        dx: 6,
        fillOpacity: 0.75,
      }),
      Plot.text(missing, {
        x: (d: string) => d,
        y: 0,
        text: () => "✕",
        dy: -8,
        fill: COLORS.bad,
        fontWeight: 700,
        title: (d: string) => `${d}: no rows`,
      }),
      Plot.ruleY([0]),
    ],
  });
  return {
    title: missing.length
      ? `Coverage: ${missing.length} of ${days.length} trading days have no rows`
      : "Coverage: every trading day has rows",
    unit: "rows by trading day (month-day); ✕ a trading day without rows",
    source: "gold signals",
    svg,
  };
}
