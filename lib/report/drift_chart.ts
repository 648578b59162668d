/**
 * Features whose distribution moved most between the halves of the dates.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { type Chart, COLORS, drawPlot, FULL_WIDTH } from "./plot.ts";

/** Stability of one column. */
export interface Drift {
  /** Column's name. */
  column: string;
  /** Population stability index; NaN where it was not computed. */
  psi: number;
  /** Whether validation reports it. */
  reported: boolean;
}

/** Customary marks of the index: a slight and a large move. */
const MARKS = [0.1, 0.25];

/**
 * The largest stability indices.
 *
 * @param drifts All columns.
 * @param most How many to show; defaults to 15.
 */
export function driftChart(drifts: readonly Drift[], most = 15): Chart {
  const known = drifts.filter((d) => !Number.isNaN(d.psi));
  const shown = known.toSorted((a, b) => b.psi - a.psi).slice(0, most);
  const above = known.filter((d) => d.reported).length;
  const chart = {
    title: known.length === 0
      ? "Drift: too few rows or dates to compare"
      : `Drift: ${above} of ${known.length} features moved enough to report`,
    unit:
      "population stability index, first against second half of the dates; the largest; marks at 0.1 (slight) and 0.25 (large), orange is reported",
    source: "gold signals",
  };
  if (shown.length === 0) return { ...chart, svg: "<p>needs two dates and 100 known rows in each half</p>" };
  const svg = drawPlot({
    width: FULL_WIDTH,
    height: shown.length * 21 + 34,
    marginLeft: 214,
    marginRight: 56,
    marginTop: 4,
    marginBottom: 28,
    ariaLabel: "Population stability index by feature",
    x: { label: null, grid: true, domain: [0, Math.max(0.3, shown[0].psi * 1.02)] },
    y: { domain: shown.map((d) => d.column), label: null, tickSize: 0, padding: 0.22 },
    marks: [
      Plot.barX(shown, {
        x: "psi",
        y: "column",
        fill: (d: Drift) => d.reported ? COLORS.warm : COLORS.accent,
      }),
      Plot.ruleX(MARKS, { stroke: "currentColor", strokeDasharray: "3 3", strokeOpacity: 0.7 }),
      Plot.text(shown, {
        x: "psi",
        y: "column",
        text: (d: Drift) => d.psi.toFixed(2),
        dx: 6,
        textAnchor: "start",
        fillOpacity: 0.75,
      }),
    ],
  });
  return { ...chart, svg };
}
