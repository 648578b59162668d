/**
 * What the stages did: rows and seconds, from run manifests.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import type { Manifest, RowCounts } from "../lake/mod.ts";
import { type Chart, COLORS, compact, drawPlot, HALF_WIDTH, legendOf } from "./plot.ts";
import type { TableView } from "./page.ts";

/** A stage's runs together. */
export interface StageSummary {
  /** Name of the stage. */
  stage: string;
  /** Runs counted: the last completed one of each set of options. */
  runs: number;
  /** Runs that failed or were killed and were not made good by a later one with the same options. */
  failed: number;
  /** Seconds of the counted runs. */
  seconds: number;
  /** Row counts of the counted runs, where the stage moves rows. */
  rows?: RowCounts;
}

const ORDER = [
  "simulate",
  "backfill",
  "options",
  "audit",
  "dedup",
  "filter",
  "silver",
  "gold",
  "consolidate",
  "train",
];

/** Options that change how, not what: a run with them replaces one without. */
const MANNER = ["force", "explain", "clean"];

/**
 * One line a stage, in the order of the pipeline: of runs with the same options only the last counts.
 *
 * @param manifests All run manifests, oldest first.
 */
export function summariseStages(manifests: readonly Manifest[]): StageSummary[] {
  const last = new Map<string, { done?: Manifest; broken: boolean }>();
  for (const manifest of manifests) {
    const options = Object.entries(manifest.options).filter(([name]) => !MANNER.includes(name)).sort();
    const key = `${manifest.stage} ${JSON.stringify(options)}`, before = last.get(key);
    const completed = manifest.status === "completed";
    // A run that found its work done moves no rows and must not hide the one that did it.
    const idle = completed && before?.done?.rows?.in && !manifest.rows?.in;
    const done = completed && !idle ? manifest : before?.done;
    last.set(key, { ...(done ? { done } : {}), broken: !completed });
  }
  const stages = new Map<string, StageSummary>();
  for (const [key, { done, broken }] of last) {
    const stage = key.split(" ")[0];
    const sum = stages.get(stage) ?? { stage, runs: 0, failed: 0, seconds: 0 };
    stages.set(stage, sum);
    if (broken) sum.failed++;
    if (!done) continue;
    sum.runs++;
    sum.seconds += done.seconds ?? 0;
    if (done.rows) sum.rows = addRows(sum.rows, done.rows);
  }
  const place = (s: StageSummary) => (ORDER.indexOf(s.stage) + ORDER.length + 1) % (ORDER.length + 1);
  return [...stages.values()].sort((a, b) => place(a) - place(b) || a.stage.localeCompare(b.stage));
}

function addRows(a: RowCounts | undefined, b: RowCounts): RowCounts {
  return {
    in: (a?.in ?? 0) + b.in,
    out: (a?.out ?? 0) + b.out,
    filtered: (a?.filtered ?? 0) + b.filtered,
    quarantined: (a?.quarantined ?? 0) + b.quarantined,
    duplicates: (a?.duplicates ?? 0) + b.duplicates,
  };
}

const FATES = {
  domain: ["kept", "filtered", "quarantined", "duplicates"],
  range: [COLORS.accent, COLORS.warm, COLORS.bad, COLORS.chop],
} as const;

/** What became of each stage's rows: shares, with the numbers that went in and came out. */
export function stageRowsChart(stages: readonly StageSummary[]): Chart {
  const moving = stages.filter((s) => s.rows && s.rows.in > 0);
  const segments = moving.flatMap(({ stage, rows }) => {
    let at = 0;
    return [rows!.out, rows!.filtered, rows!.quarantined, rows!.duplicates].map((count, i) => {
      const from = at, to = at += count / rows!.in;
      return { stage, count, from, to, fate: FATES.domain[i], color: FATES.range[i] };
    });
  }).filter((s) => s.count > 0);
  return {
    title: "What became of the rows",
    unit: "share of the rows each stage read, with rows in → out",
    source: "run manifests",
    legend: legendOf(FATES),
    size: "half",
    svg: drawPlot({
      ...frame(moving.length, 108),
      ariaLabel: "Rows by stage",
      x: { domain: [0, 1], label: null, ticks: [0, 0.5, 1], tickFormat: "%" },
      y: { domain: moving.map((s) => s.stage), label: null, tickSize: 0, padding: 0.22 },
      marks: [
        Plot.barX(segments, {
          x1: "from",
          x2: "to",
          y: "stage",
          fill: "color",
          title: (s: typeof segments[number]) => `${s.stage}: ${s.count.toLocaleString("en-US")} ${s.fate}`,
        }),
        Plot.text(moving, {
          x: 1,
          y: "stage",
          text: (s: StageSummary) => `${compact(s.rows!.in)} → ${compact(s.rows!.out)}`,
          dx: 6,
          textAnchor: "start",
          fillOpacity: 0.75,
        }),
      ],
    }),
  };
}

/** Seconds each stage took. */
export function stageSecondsChart(stages: readonly StageSummary[]): Chart {
  const timed = stages.filter((s) => s.runs > 0);
  return {
    title: "How long the stages took",
    unit: "seconds, all counted runs of a stage",
    source: "run manifests",
    size: "half",
    svg: drawPlot({
      ...frame(timed.length, 60),
      ariaLabel: "Seconds by stage",
      x: { label: null, ticks: 4, grid: true, nice: true },
      y: { domain: timed.map((s) => s.stage), label: null, tickSize: 0, padding: 0.22 },
      marks: [
        Plot.barX(timed, { x: "seconds", y: "stage", fill: COLORS.accent }),
        Plot.text(timed, {
          x: "seconds",
          y: "stage",
          text: (s: StageSummary) => `${compact(s.seconds)} s`,
          dx: 6,
          textAnchor: "start",
          fillOpacity: 0.75,
        }),
      ],
    }),
  };
}

function frame(rows: number, marginRight: number) {
  return {
    width: HALF_WIDTH,
    height: rows * 26 + 34,
    marginLeft: 86,
    marginRight,
    marginTop: 4,
    marginBottom: 28,
  };
}

/** The same numbers, exact. */
export function stageTable(stages: readonly StageSummary[]): TableView {
  return {
    caption: "Rows and seconds by stage: in = out + filtered + quarantined + duplicates",
    head: [
      "stage",
      "runs",
      "failed",
      "rows in",
      "rows out",
      "filtered",
      "quarantined",
      "duplicates",
      "seconds",
    ],
    rows: stages.map(({ stage, runs, failed, rows, seconds }) => [
      stage,
      runs,
      failed,
      rows?.in ?? null,
      rows?.out ?? null,
      rows?.filtered ?? null,
      rows?.quarantined ?? null,
      rows?.duplicates ?? null,
      Math.round(seconds * 100) / 100,
    ]),
  };
}
