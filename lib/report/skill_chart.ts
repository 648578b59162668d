/**
 * Every head against both baselines: how much less it loses, with the interval of the dates.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { type Baseline, BASELINES, type HeadMetrics, type Verdict } from "../ml/mod.ts";
import { lossOf, VERDICT_COLORS } from "./model_heads.ts";
import { type Chart, drawPlot, FULL_WIDTH } from "./plot.ts";

/** A head against one baseline, all in shares of the baseline's loss. */
interface Skill {
  head: string;
  against: string;
  gain: number;
  low: number;
  high: number;
  verdict: Verdict;
}

const NAMES: Record<Baseline, string> = {
  base_rate: "against the base rate",
  volatility: "against volatility alone",
};

/** Gains beyond this are drawn at the edge: one short head must not flatten the others. */
const WIDEST = 0.6;

/**
 * Loss saved by each head against each baseline, with its interval where the dates give one.
 *
 * @param heads Metrics by head, in their order.
 */
export function skillChart(heads: Readonly<Record<string, HeadMetrics>>): Chart {
  const skills = Object.entries(heads).flatMap(([head, metrics]) =>
    BASELINES.map((name) => skillOf(head, metrics, name))
  );
  const reach = Math.max(
    0.01,
    ...skills.flatMap((s) => [s.gain, s.low, s.high]).filter(Number.isFinite).map(Math.abs),
  );
  const edge = Math.min(WIDEST, reach * 1.05), kept = (x: number) => Math.max(-edge, Math.min(edge, x));
  const names = Object.keys(heads), verdicts = [...new Set(skills.map((s) => s.verdict))];
  const svg = drawPlot({
    width: FULL_WIDTH,
    height: names.length * 17 + 62,
    marginLeft: 140,
    marginTop: 34,
    marginBottom: 30,
    ariaLabel: "Loss saved by each head against both baselines",
    x: { domain: [-edge, edge], grid: true, label: null, ticks: 5, tickFormat: signedPercent },
    fx: { domain: BASELINES.map((name) => NAMES[name]), label: null, padding: 0.12 },
    y: { domain: names, label: null, tickSize: 0 },
    marks: [
      Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
      Plot.ruleY(skills.filter((s) => !Number.isNaN(s.low)), {
        fx: "against",
        y: "head",
        x1: (s: Skill) => kept(s.low),
        x2: (s: Skill) => kept(s.high),
        stroke: (s: Skill) => VERDICT_COLORS[s.verdict],
        strokeWidth: 1.5,
      }),
      Plot.dot(skills.filter((s) => !Number.isNaN(s.gain)), {
        fx: "against",
        x: (s: Skill) => kept(s.gain),
        y: "head",
        r: 3.6,
        fill: (s: Skill) => VERDICT_COLORS[s.verdict],
        title: (s: Skill) => `${s.head} ${s.against}: ${signedPercent(s.gain)} of its loss, ${s.verdict}`,
      }),
    ],
  });
  return {
    title: "How much less each head loses than its baselines",
    unit:
      "share of the baseline's loss saved (log loss; squared error of strength); right of 0 the model is better; line: 95 % interval over test dates",
    source: "metrics.json",
    legend: verdicts.map((verdict) => ({ label: verdict, color: VERDICT_COLORS[verdict] })),
    svg,
  };
}

function skillOf(head: string, metrics: HeadMetrics, name: Baseline): Skill {
  const { difference, interval, verdict } = metrics.against[name], loss = lossOf(metrics.baselines[name]);
  const [low, high] = interval ?? [NaN, NaN];
  return { head, against: NAMES[name], gain: difference / loss, low: low / loss, high: high / loss, verdict };
}

/** `+3 %`, `−0.4 %`. */
export function signedPercent(share: number): string {
  const digits = Math.abs(share) < 0.0995 && share !== 0 ? 1 : 0,
    text = (Math.abs(share) * 100).toFixed(digits);
  return `${Number(text) === 0 ? "" : share < 0 ? "−" : "+"}${text} %`;
}
