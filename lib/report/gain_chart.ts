/**
 * Where heads are better than their baseline: by date and by kind of level.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { HEAD_COLORS } from "./model_heads.ts";
import { type Chart, drawPlot, HALF_WIDTH, legendOf } from "./plot.ts";
import { signedPercent } from "./skill_chart.ts";

/** Loss saved on a group of test rows. */
export interface GroupGain {
  /** The head's name. */
  head: string;
  /** The group: a date or a kind of level. */
  group: string;
  /** Rows. */
  rows: number;
  /** Share of the baseline's loss that the model saves. */
  gain: number;
}

/**
 * Gain of losses by group.
 *
 * @param head The head's name.
 * @param groups Group of each row, n.
 * @param weights Float64Array (n).
 * @param losses Float64Array (n): the model's and the baseline's.
 */
export function groupGains(
  head: string,
  groups: readonly string[],
  weights: Float64Array,
  losses: { model: Float64Array; baseline: Float64Array },
): GroupGain[] {
  const sums = new Map<string, { rows: number; model: number; baseline: number }>();
  groups.forEach((group, i) => {
    const sum = sums.get(group) ?? { rows: 0, model: 0, baseline: 0 };
    sum.rows++;
    sum.model += weights[i] * losses.model[i];
    sum.baseline += weights[i] * losses.baseline[i];
    sums.set(group, sum);
  });
  return [...sums].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([group, { rows, model, baseline }]) => ({ head, group, rows, gain: 1 - model / baseline }));
}

/** Gains worse or better than this are drawn at the edge. */
const WIDEST = 1;

/**
 * Gains by date, a line a head.
 *
 * @param gains Gains of a few heads; groups are dates.
 */
export function dateGainChart(gains: readonly GroupGain[]): Chart {
  const { heads, color, kept } = scaleOf(gains), dates = [...new Set(gains.map((g) => g.group))].sort();
  const every = Math.max(1, Math.ceil(dates.length / 6));
  const svg = drawPlot({
    width: HALF_WIDTH,
    height: 280,
    marginLeft: 52,
    marginTop: 12,
    ariaLabel: "Loss saved by test date",
    x: {
      type: "point",
      domain: dates,
      label: null,
      ticks: dates.filter((_, i) => i % every === 0),
      tickFormat: (d: string) => d.slice(5),
    },
    y: { label: null, grid: true, ticks: 5, tickFormat: signedPercent },
    marks: [
      Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
      ...heads.flatMap((head) => {
        const mine = gains.filter((g) => g.head === head);
        return [
          Plot.line(mine, { x: "group", y: kept, stroke: color(head), strokeWidth: 1.3, strokeOpacity: 0.7 }),
          Plot.dot(mine, { x: "group", y: kept, fill: color(head), r: 3, title: titleOf }),
        ];
      }),
    ],
  });
  return {
    title: "By test date",
    unit: "share of the harder baseline's loss saved on each date; above 0 the model is better",
    source: "predictions.parquet, test rows",
    legend: legendOf({ domain: heads, range: heads.map(color) }),
    size: "half",
    svg,
  };
}

/**
 * Gains by kind of level, a dot a head, with the rows of the first head.
 *
 * @param gains Gains of a few heads; groups are kinds of level.
 */
export function kindGainChart(gains: readonly GroupGain[]): Chart {
  const { heads, color, kept } = scaleOf(gains), most = new Map<string, number>();
  for (const { group, rows } of gains) most.set(group, Math.max(rows, most.get(group) ?? 0));
  const kinds = [...most.keys()].sort((a, b) => most.get(b)! - most.get(a)! || a.localeCompare(b));
  const svg = drawPlot({
    width: HALF_WIDTH,
    height: Math.max(120, kinds.length * 19 + 38),
    marginLeft: 104,
    marginRight: 48,
    marginTop: 6,
    marginBottom: 28,
    ariaLabel: "Loss saved by kind of level",
    x: { label: null, grid: true, ticks: 4, tickFormat: signedPercent },
    y: { domain: kinds, label: null, tickSize: 0 },
    marks: [
      Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
      ...heads.map((head) =>
        Plot.dot(gains.filter((g) => g.head === head), {
          x: kept,
          y: "group",
          fill: color(head),
          r: 3.4,
          title: titleOf,
        })
      ),
      Plot.text(kinds, {
        y: (kind: string) => kind,
        text: (kind: string) => most.get(kind)!.toLocaleString("en-US"),
        frameAnchor: "right",
        dx: 44,
        textAnchor: "end",
        fillOpacity: 0.75,
      }),
    ],
  });
  return {
    title: "By kind of level",
    unit:
      "share of the harder baseline's loss saved, with the rows of the head that has most; few rows say little",
    source: "predictions.parquet, test rows",
    legend: legendOf({ domain: heads, range: heads.map(color) }),
    size: "half",
    svg,
  };
}

function scaleOf(gains: readonly GroupGain[]) {
  const heads = [...new Set(gains.map((g) => g.head))];
  return {
    heads,
    color: (head: string) => HEAD_COLORS[heads.indexOf(head) % HEAD_COLORS.length],
    kept: ({ gain }: GroupGain) => Math.max(-WIDEST, Math.min(WIDEST, gain)),
  };
}

function titleOf({ head, group, gain, rows }: GroupGain): string {
  return `${head}, ${group}: ${signedPercent(gain)}, ${rows} rows`;
}
