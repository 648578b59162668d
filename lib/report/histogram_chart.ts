/**
 * Distributions of sizes and delays over any magnitude.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { boundOf, type Histogram } from "../base/mod.ts";
import { type Chart, COLORS, compact, drawPlot, HALF_WIDTH, legendOf } from "./plot.ts";

/** One of the distributions of a chart. */
export interface HistogramSeries {
  /** What was counted. */
  name: string;
  /** The counts; all of a chart have the same bins. */
  histogram: Histogram;
}

/** What is shown of {@linkcode histogramChart}. */
export interface HistogramOptions {
  /** Title. */
  title: string;
  /** Unit and what the axes say. */
  unit: string;
  /** Table. */
  source: string;
}

const SERIES = [COLORS.accent, COLORS.warm, "#3f9e92"];

/**
 * Shares by value on a logarithmic axis, a stepped line a distribution.
 *
 * @param series At least one; those without values are left out.
 * @param options Title, unit, source.
 */
export function histogramChart(series: readonly HistogramSeries[], options: HistogramOptions): Chart {
  const filled = series.map((one, i) => ({ ...one, color: SERIES[i % SERIES.length] }))
    .filter(({ histogram }) => histogram.counts.some((n) => n > 0));
  const first = Math.min(...filled.map(({ histogram: { counts } }) => counts.findIndex((n) => n > 0)));
  const last = Math.max(...filled.map(({ histogram: { counts } }) => counts.findLastIndex((n) => n > 0)));
  const bars = filled.flatMap(({ name, color, histogram }) => {
    const all = histogram.counts.reduce((a, b) => a + b, 0);
    return Array.from({ length: last - first + 1 }, (_, k) => ({
      name,
      color,
      from: boundOf(histogram, first + k),
      to: boundOf(histogram, first + k + 1),
      share: histogram.counts[first + k] / all,
    }));
  });
  type Bar = typeof bars[number];
  const svg = filled.length === 0 ? "" : drawPlot({
    width: HALF_WIDTH,
    height: 190,
    marginLeft: 44,
    marginRight: 12,
    marginTop: 8,
    marginBottom: 28,
    ariaLabel: options.title,
    x: { type: "log", label: null, ticks: 5, tickFormat: compact },
    y: { label: null, ticks: 4, tickFormat: "%", grid: true, zero: true },
    marks: [
      Plot.rectY(bars.filter(({ share }) => share > 0), {
        x1: "from",
        x2: "to",
        y1: 0,
        y2: "share",
        fill: "color",
        fillOpacity: filled.length > 1 ? 0.55 : 0.85,
        insetLeft: 0.5,
        insetRight: 0.5,
        title: (b: Bar) =>
          `${b.name}, ${compact(b.from)} to ${compact(b.to)}: ${(100 * b.share).toFixed(1)} %`,
      }),
      Plot.ruleY([0]),
    ],
  });
  const { title, unit, source } = options;
  const legend = legendOf({ domain: filled.map((s) => s.name), range: filled.map((s) => s.color) });
  return {
    title,
    unit,
    source,
    size: "half",
    ...(series.length > 1 ? { legend } : {}),
    svg: svg || "<p>nothing to count</p>",
  };
}
