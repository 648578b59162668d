/**
 * Which minutes of a session have rows of each table: where ES and options overlap.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { DayProfile } from "../schema/mod.ts";
import { type Chart, COLORS, drawPlot, easternTick, percent } from "./plot.ts";
import { minuteMs, regularBand, sessionAxis } from "./session_axis.ts";

/** Minutes of a step. */
const STEP = 10;

/**
 * Share of the minutes with rows by table, in steps of ten minutes; what is missing within the regular session shows.
 *
 * @param day The session.
 */
export function presenceChart(
  day: Pick<DayProfile, "date" | "startNs" | "minutes" | "regular" | "gaps" | "presence" | "overlap">,
): Chart {
  const steps = day.presence.flatMap(({ table, rows }) =>
    Array.from({ length: Math.ceil(day.minutes / STEP) }, (_, k) => {
      const minutes = rows.subarray(k * STEP, (k + 1) * STEP);
      const share = minutes.reduce((n, count) => n + (count > 0 ? 1 : 0), 0) / minutes.length;
      return { table, from: minuteMs(day, k * STEP), to: minuteMs(day, (k + 1) * STEP), share };
    })
  );
  type Step = typeof steps[number];
  const gaps = day.gaps.map((gap) => ({
    table: gap.table,
    from: minuteMs(day, gap.from),
    to: minuteMs(day, gap.to),
  }));
  const tables = day.presence.map(({ table }) => table), axis = sessionAxis(day);
  const svg = drawPlot({
    height: 40 * tables.length + 40,
    marginLeft: 106,
    marginRight: 12,
    marginTop: 4,
    marginBottom: 28,
    ariaLabel: `Minutes with rows on ${day.date}`,
    x: { ...axis, axis: null },
    y: { domain: [0, 1], axis: null },
    fy: { domain: tables, label: null, axis: "left", padding: 0.18, tickSize: 0 },
    marks: [
      // Plot would draw the axis below the last table that has rows, across the name of one without.
      Plot.axisX(axis.ticks as number[], { facetAnchor: "bottom", tickFormat: easternTick, label: null }),
      regularBand(day),
      Plot.rect(gaps, {
        x1: "from",
        x2: "to",
        fy: "table",
        fill: COLORS.bad,
        fillOpacity: 0.4,
        title: (gap: { table: string }) => `${gap.table} is silent`,
      }),
      Plot.rectY(steps.filter(({ share }) => share > 0), {
        x1: "from",
        x2: "to",
        y1: 0,
        y2: "share",
        fy: "table",
        fill: (step: Step) => step.table.startsWith("options") ? COLORS.warm : COLORS.accent,
      }),
      Plot.ruleY([0], { strokeOpacity: 0.3 }),
    ],
  });
  return {
    title: Number.isNaN(day.overlap)
      ? "Overlap: not both ES and options on the date"
      : `Overlap: ${percent(day.overlap)} of the regular minutes have both ES and options`,
    unit:
      "share of each ten minutes that have rows, by table and Eastern time; red what the audit reports as silent",
    source: "bronze",
    svg,
  };
}
