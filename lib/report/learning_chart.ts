/**
 * Would more dates help: loss by the number of training dates.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { LearningCurve, LearningPoint } from "../ml/mod.ts";
import { type Chart, COLORS, drawPlot, FULL_WIDTH } from "./plot.ts";

const LINES = [
  { key: "model", label: "trees", color: COLORS.accent },
  { key: "volatility", label: "volatility alone", color: COLORS.warm },
  { key: "base_rate", label: "base rate", color: COLORS.chop },
] as const;

/**
 * Loss on the same test dates after training on more and more of the latest dates.
 *
 * @param curve One head's points.
 */
export function learningChart({ head, objective, points }: LearningCurve): Chart {
  const svg = drawPlot({
    width: FULL_WIDTH,
    height: 260,
    marginLeft: 56,
    marginTop: 12,
    marginBottom: 34,
    ariaLabel: `Learning curve of ${head}`,
    x: { label: null, ticks: points.map((p) => p.dates), tickFormat: "d" },
    y: { label: null, grid: true, ticks: 5, zero: false },
    marks: LINES.flatMap(({ key, color, label }) => [
      Plot.line(points, { x: "dates", y: key, stroke: color, strokeWidth: 1.8 }),
      Plot.dot(points, {
        x: "dates",
        y: key,
        fill: color,
        r: 3.2,
        title: (p: LearningPoint) => `${label}: ${p[key].toFixed(4)} after ${p.dates} dates, ${p.rows} rows`,
      }),
    ]),
  });
  return {
    title: `${head}: would more dates help?`,
    unit: `${
      objective === "binary" ? "log loss" : "squared error, $²"
    } on the same test dates by training dates, the latest ones; lower is better`,
    source: "gold signals, trained anew",
    legend: LINES.map(({ label, color }) => ({ label, color })),
    svg,
  };
}
