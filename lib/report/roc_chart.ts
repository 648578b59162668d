/**
 * How well heads rank touches: ROC and precision-recall on test rows.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { rocAuc, type Scored, weightedMean } from "../ml/mod.ts";
import { HEAD_COLORS } from "./model_heads.ts";
import { type Chart, drawPlot, HALF_WIDTH, percent } from "./plot.ts";

/** A head's test rows. */
export interface HeadRows {
  /** The head's name. */
  head: string;
  /** Labels 0 and 1, probabilities and weights of its test rows. */
  scored: Scored;
}

/** Shares of weight caught at one threshold; rates are NaN where their class is missing. */
export interface RankPoint {
  /** Of label 0, called 1. */
  falsePositives: number;
  /** Of label 1, called 1: the recall. */
  truePositives: number;
  /** Of those called 1, label 1. */
  precision: number;
}

/** Points drawn of a curve at most. */
const POINTS = 160;

/**
 * The curve over all thresholds, from calling nothing 1 to calling everything 1; rows of equal probability together.
 *
 * @param scored Rows; at least one.
 */
export function rankCurve({ labels, predictions, weights }: Scored): RankPoint[] {
  const order = Uint32Array.from(labels.keys()).sort((a, b) => predictions[b] - predictions[a]);
  let positives = 0, negatives = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] > 0) positives += weights[i];
    else negatives += weights[i];
  }
  const points: RankPoint[] = [{ falsePositives: 0, truePositives: 0, precision: 1 }];
  let caught = 0, wrong = 0;
  order.forEach((row, k) => {
    if (labels[row] > 0) caught += weights[row];
    else wrong += weights[row];
    if (k + 1 < order.length && predictions[order[k + 1]] === predictions[row]) return;
    points.push({
      falsePositives: wrong / negatives,
      truePositives: caught / positives,
      precision: caught / (caught + wrong),
    });
  });
  return points;
}

/**
 * ROC and precision-recall of a few heads, side by side.
 *
 * @param heads Heads with both labels among their test rows; others are left out.
 */
export function rankCharts(heads: readonly HeadRows[]): Chart[] {
  const drawn = heads.map(({ head, scored }, k) => ({
    head,
    color: HEAD_COLORS[k % HEAD_COLORS.length],
    auc: rocAuc(scored),
    base: weightedMean(scored.weights, (i) => scored.labels[i]),
    points: thin(rankCurve(scored)),
  })).filter(({ auc }) => !Number.isNaN(auc));
  if (drawn.length === 0) return [];
  const curve = (x: keyof RankPoint, y: keyof RankPoint) =>
    drawn.map(({ points, color }) =>
      Plot.line(y === "precision" ? points.slice(1) : points, { x, y, stroke: color, strokeWidth: 2 })
    );
  const roc = square("ROC", [
    Plot.line([[0, 0], [1, 1]], { stroke: "currentColor", strokeOpacity: 0.4, strokeDasharray: "3 3" }),
    ...curve("falsePositives", "truePositives"),
  ]);
  const pr = square("Precision and recall", [
    ...drawn.map(({ base, color }) =>
      Plot.ruleY([base], { stroke: color, strokeOpacity: 0.6, strokeDasharray: "3 3" })
    ),
    ...curve("truePositives", "precision"),
  ]);
  const legend = (value: (d: typeof drawn[number]) => string) =>
    drawn.map((d) => ({ label: `${d.head} ${value(d)}`, color: d.color }));
  const common = { source: "predictions.parquet, test rows", size: "half" as const };
  return [
    {
      ...common,
      title: "ROC: label 1 found against label 0 mistaken for it",
      unit: "share of label 1 called 1 by share of label 0 called 1; dashed: guessing",
      legend: legend(({ auc }) => `AUC ${auc.toFixed(3)}`),
      svg: roc,
    },
    {
      ...common,
      title: "Precision and recall",
      unit: "share of calls that are right by share of label 1 called; dashed: the base rate",
      legend: legend(({ base }) => `base ${percent(base)}`),
      svg: pr,
    },
  ];
}

function square(label: string, marks: Plot.Markish[]): string {
  const axis = { domain: [0, 1], label: null, ticks: 5, tickFormat: percent, grid: true };
  return drawPlot({
    width: HALF_WIDTH,
    height: 330,
    marginLeft: 48,
    marginRight: 18,
    marginTop: 12,
    ariaLabel: label,
    x: axis,
    y: axis,
    marks,
  });
}

function thin(points: readonly RankPoint[]): RankPoint[] {
  const step = Math.max(1, points.length / POINTS);
  const kept = points.filter((_, i) => i === 0 || Math.floor(i / step) !== Math.floor((i - 1) / step));
  return kept.at(-1) === points.at(-1) ? kept : [...kept, points[points.length - 1]];
}
