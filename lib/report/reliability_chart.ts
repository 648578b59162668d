/**
 * Whether probabilities can be believed: what happened by what was said.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { ReliabilityBin } from "../ml/mod.ts";
import { type Chart, COLORS, drawPlot, HALF_WIDTH, percent } from "./plot.ts";

/** Reliability of one head. */
export interface Reliability {
  /** The head's name. */
  head: string;
  /** Curves by name: `raw`, and calibrated ones where there are any. */
  curves: Readonly<Record<string, { ece: number; curve: readonly ReliabilityBin[] }>>;
}

const CURVE_COLORS = [COLORS.accent, COLORS.warm, COLORS.good];

/**
 * Reliability curves of a head over quantile bins; a dot's area is its bin's weight.
 *
 * @param reliability The head's curves.
 */
export function reliabilityChart({ head, curves }: Reliability): Chart {
  const drawn = Object.entries(curves).map(([name, { ece, curve }], k) => ({
    name,
    ece,
    color: CURVE_COLORS[k % CURVE_COLORS.length],
    curve: curve.toSorted((a, b) => a.predicted - b.predicted),
  }));
  const most = Math.max(...drawn.flatMap((d) => d.curve.map((bin) => Math.max(bin.predicted, bin.observed))));
  const top = Math.min(1, Math.max(0.1, Math.ceil(most * 10.5) / 10));
  const axis = { domain: [0, top], label: null, ticks: 5, tickFormat: percent, grid: true };
  const svg = drawPlot({
    width: HALF_WIDTH,
    height: 290,
    marginLeft: 48,
    marginRight: 18,
    marginTop: 12,
    ariaLabel: `Reliability of ${head}`,
    x: axis,
    y: axis,
    r: { range: [0, 6] },
    marks: [
      Plot.line([[0, 0], [top, top]], { stroke: "currentColor", strokeOpacity: 0.4, strokeDasharray: "3 3" }),
      ...drawn.flatMap(({ curve, color, name }) => [
        Plot.line(curve, { x: "predicted", y: "observed", stroke: color, strokeWidth: 1.5 }),
        Plot.dot(curve, {
          x: "predicted",
          y: "observed",
          r: "weight",
          fill: color,
          title: (b: ReliabilityBin) =>
            `${name}: said ${percent(b.predicted)}, happened ${percent(b.observed)}, ${b.rows} rows`,
        }),
      ]),
    ],
  });
  return {
    title: head,
    unit: "share of label 1 by mean probability, in quantile bins of the test rows; dashed: to be believed",
    source: drawn.length > 1 ? "calibration.json" : "predictions.parquet",
    legend: drawn.map(({ name, ece, color }) => ({ label: `${name} ECE ${ece.toFixed(3)}`, color })),
    size: "half",
    svg,
  };
}
