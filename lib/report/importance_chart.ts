/**
 * Which features the trees used, and what they did to the scores.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { type Chart, COLORS, drawPlot, HALF_WIDTH, percent } from "./plot.ts";

/** What a head's model made of its features on some test rows. */
export interface Explained {
  /** The head's name. */
  head: string;
  /** Names of the features, m. */
  features: readonly string[];
  /** Float64Array (m): gain of each feature's splits. */
  gain: Float64Array;
  /** Float64Array (n) a feature: contribution to the raw score (log odds, or $) of each row. */
  contributions: readonly Float64Array[];
  /** Float64Array (n) a feature: its value in each row; NaN is unknown. */
  values: readonly Float64Array[];
}

/** Features shown. */
const SHOWN = 14;
const ROW_HEIGHT = 22;
/** Colours of a feature's lowest and highest values, and of unknown ones. */
const LOW = COLORS.accent, HIGH = COLORS.break, UNKNOWN = COLORS.chop;

/** Numbers of the largest, largest first; zeros are left out. */
function largest(sizes: Float64Array): number[] {
  return [...sizes.keys()].filter((i) => sizes[i] > 0).sort((a, b) => sizes[b] - sizes[a] || a - b).slice(
    0,
    SHOWN,
  );
}

/**
 * The features of most gain, as shares of all gain.
 *
 * @param explained A head's model.
 */
export function importanceChart({ head, features, gain }: Explained): Chart {
  const total = gain.reduce((sum, g) => sum + g, 0);
  const bars = largest(gain).map((i) => ({ feature: features[i], share: gain[i] / total }));
  const chart = {
    title: `${head}: features by gain`,
    unit: "share of the gain of all splits",
    source: `${head}.txt`,
    size: "half" as const,
  };
  if (bars.length === 0) {
    return { ...chart, svg: "<p>The model has no split: it says the same of every touch.</p>" };
  }
  const svg = drawPlot({
    ...frame(bars.map((b) => b.feature)),
    marginRight: 44,
    ariaLabel: chart.title,
    x: { label: null, grid: true, ticks: 3, tickFormat: percent },
    marks: [
      Plot.barX(bars, { x: "share", y: "feature", fill: COLORS.accent }),
      Plot.text(bars, {
        x: "share",
        y: "feature",
        text: (b: typeof bars[number]) => percent(b.share),
        dx: 6,
        textAnchor: "start",
        fillOpacity: 0.75,
      }),
    ],
  });
  return { ...chart, svg };
}

/**
 * Contributions of the features that moved the scores most: a dot a test row, piled where many agree, coloured by
 * the feature's value from low to high.
 *
 * @param explained A head's model.
 */
export function contributionChart({ head, features, contributions, values }: Explained): Chart {
  const sizes = Float64Array.from(features, (_, f) => meanSize(contributions[f]));
  const shown = largest(sizes), rows = contributions[0]?.length ?? 0;
  const chart = {
    title: `${head}: what moved its scores`,
    unit: `contribution to the log odds (TreeSHAP), a dot for each of ${rows} test rows`,
    source: `${head}.txt and gold signals`,
    size: "half" as const,
  };
  if (shown.length === 0) return { ...chart, svg: "<p>No feature moves any score.</p>" };
  const edge = (pick: (a: number, b: number) => number) =>
    shown.reduce((m, f) => contributions[f].reduce((n, c) => pick(n, c), m), 0);
  const low = edge(Math.min), high = edge(Math.max), margin = (high - low) * 0.03;
  const dots = shown.flatMap((f) => {
    const rank = ranks(values[f]), lift = pile(contributions[f], high - low);
    return Array.from(
      contributions[f],
      (x, i) => ({ feature: features[f], x, lift: lift[i], rank: rank[i] }),
    );
  });
  const svg = drawPlot({
    ...frame(shown.map((f) => features[f])),
    marginRight: 14,
    ariaLabel: chart.title,
    x: { label: null, grid: true, ticks: 4, domain: [low - margin, high + margin] },
    color: { type: "linear", domain: [0, 1], range: [LOW, HIGH], unknown: UNKNOWN },
    marks: [
      Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
      ...[-3, -2, -1, 0, 1, 2, 3].map((lift) =>
        Plot.dot(dots.filter((d) => d.lift === lift), {
          x: "x",
          y: "feature",
          dy: lift * 2.4,
          r: 1.7,
          fill: "rank",
          fillOpacity: 0.8,
        })
      ),
    ],
  });
  const legend = [
    { label: "low value", color: LOW },
    { label: "high value", color: HIGH },
    { label: "unknown", color: UNKNOWN },
  ];
  return { ...chart, legend, svg };
}

function frame(features: string[]) {
  return {
    width: HALF_WIDTH,
    height: features.length * ROW_HEIGHT + 34,
    marginLeft: 196,
    marginTop: 4,
    marginBottom: 28,
    y: { domain: features, label: null, tickSize: 0, padding: 0.2 },
  };
}

function meanSize(values: Float64Array): number {
  return values.reduce((sum, v) => sum + Math.abs(v), 0) / Math.max(1, values.length);
}

/** Place of each value among the known ones, 0 to 1, equal values equal; NaN where unknown. */
function ranks(values: Float64Array): Float64Array {
  const sorted = values.filter((v) => !Number.isNaN(v)).sort(), last = Math.max(1, sorted.length - 1);
  const first = new Map<number, number>(), end = new Map<number, number>();
  sorted.forEach((v, i) => {
    if (!first.has(v)) first.set(v, i);
    end.set(v, i);
  });
  return values.map((v) => Number.isNaN(v) ? NaN : (first.get(v)! + end.get(v)!) / 2 / last);
}

/** Steps up or down for dots that would cover each other, −3 to 3. */
function pile(x: Float64Array, span: number): Int8Array {
  const seen = new Map<number, number>();
  return Int8Array.from(x, (value) => {
    const slot = Math.round(value / span * 110), before = seen.get(slot) ?? 0;
    seen.set(slot, before + 1);
    const step = before % 7;
    return step % 2 === 0 ? step / 2 : -(step + 1) / 2;
  });
}
