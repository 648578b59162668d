/**
 * The page of a set of models: whether its heads beat both baselines, and everything that speaks for or against it.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import { countVerdicts, sayVerdict } from "../ml/mod.ts";
import { dateGainChart, kindGainChart } from "./gain_chart.ts";
import { contributionChart, importanceChart } from "./importance_chart.ts";
import { learningChart } from "./learning_chart.ts";
import { lossOf } from "./model_heads.ts";
import { ruleTable } from "./model_rule.ts";
import type { ModelSet, ModelView } from "./model_view.ts";
import { type PageHead, type PageVerdict, renderPage, type Section, type TableView } from "./page.ts";
import { reliabilityChart } from "./reliability_chart.ts";
import { rankCharts } from "./roc_chart.ts";
import { skillChart } from "./skill_chart.ts";

/** What the page shows. */
export interface ModelPageData {
  /** The set in detail. */
  view: ModelView;
  /** Every set of the lake, this one among them. */
  sets: readonly ModelSet[];
  /** Counts under which there is no verdict. */
  config: Pick<Config, "training">;
  /** Whether Gold has been built anew since the set was trained. */
  stale: boolean;
}

/** The one-line answer of the page: what the dates allow to say, and no more. */
export function modelVerdict({ view, config, stale }: ModelPageData): PageVerdict {
  const { metadata, metrics } = view, set = `${metadata.stage}-${metadata.ablation}`;
  const { status, text, family } = sayVerdict([{ set, metrics }], config);
  const dates = testDates(metadata).length;
  const old = stale ? " Gold has been built anew since: train again." : "";
  const left = metadata.skipped.length > 0 ? ` ${metadata.skipped.length} heads could not be trained.` : "";
  return {
    status: stale ? "warn" : status,
    text: `${text}; ${dates} test ${
      plural("date", dates)
    }, stage ${metadata.stage}, ${metadata.ablation}. ${family}.${left}${old}`,
  };
}

function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

function testDates({ splits }: ModelSet["metadata"]): string[] {
  return splits.folds.flatMap((fold) => fold.test);
}

/** Every head beside both baselines, with its verdict; losses are log loss, or squared error of strength. */
export function headsTable(
  { metrics }: Pick<ModelSet, "metrics">,
  config: Pick<Config, "training">,
): TableView {
  const rounded = (x: number | null, digits = 4) =>
    x === null || Number.isNaN(x) ? null : Number(x.toFixed(digits));
  return {
    caption:
      `Heads against both baselines on the test dates, weighted by uniqueness; p is corrected within its family. ${
        sayVerdict([{ set: "", metrics }], config).family
      }`,
    head: [
      "head",
      "rows",
      "AUC",
      "ECE",
      "loss",
      "base rate",
      "volatility",
      "p base",
      "p volatility",
      "family",
      "verdict",
    ],
    rows: Object.entries(metrics.heads).map((
      [name, { rows, model, baselines, against, family, verdict }],
    ) => [
      name,
      rows,
      rounded(model.roc_auc, 3),
      rounded(model.ece, 3),
      rounded(lossOf(model)),
      rounded(lossOf(baselines.base_rate)),
      rounded(lossOf(baselines.volatility)),
      rounded(against.base_rate.p_holm),
      rounded(against.volatility.p_holm),
      family,
      verdict,
    ]),
  };
}

/** Heads of the primary family that beat both baselines in a set. */
function primaryBeating({ heads }: ModelSet["metrics"]): number {
  return Object.values(heads).filter(({ family, verdict }) => family === "primary" && verdict === "beats")
    .length;
}

/** Every set beside the others. */
export function setsTable(sets: readonly ModelSet[], heads: readonly string[]): TableView {
  return {
    caption:
      "Sets of models: stage a does without the touched bar's order flow; a set's verdicts are corrected over the sets it was trained with",
    head: [
      "set",
      "features",
      "test dates",
      "primary beat both",
      "all beat both",
      "no different",
      "worse",
      "insufficient",
      ...heads.map((head) => `AUC ${head}`),
    ],
    rows: sets.map(({ metadata, metrics }) => {
      const counts = countVerdicts(metrics);
      return [
        `${metadata.stage}-${metadata.ablation}`,
        metadata.features.length,
        testDates(metadata).length,
        primaryBeating(metrics),
        counts.beats,
        counts["no different"],
        counts.worse,
        counts.insufficient,
        ...heads.map((head) => {
          const auc = metrics.heads[head]?.model.roc_auc ?? null;
          return auc === null ? null : Number(auc.toFixed(3));
        }),
      ];
    }),
  };
}

/**
 * The page of a set of models.
 *
 * @param head Lake, dates, commit, inputs.
 * @param data The set and its evidence.
 * @returns HTML.
 */
export function modelPage(head: PageHead, data: ModelPageData): string {
  const { view, sets } = data, { metadata, metrics } = view, { folds } = metadata.splits;
  const names = view.rows.map(({ head }) => head), tests = testDates(metadata);
  const sections: Section[] = [
    {
      stats: {
        "heads": Object.keys(metrics.heads).length,
        "of the primary family beat both": primaryBeating(metrics),
        "test dates": tests.length,
        "folds": folds.length,
        "training dates of the last": folds.at(-1)?.train.length ?? 0,
        "features": metadata.features.length,
      },
    },
    {
      title: "Against both baselines",
      text:
        "The base rate knows nothing of a touch; the second baseline knows volatility, time of day and the kind of level. A head beats a baseline when the 95 % interval of the loss it saves, resampled by date and corrected within the head's family over every set of the run, excludes zero; it must beat both. The primary family was declared beforehand and decides; with too few test dates, or too few on which the rarer label occurs, there is no verdict, and the others pay nothing for it.",
      charts: [skillChart(metrics.heads)],
      tables: [headsTable(view, data.config), ...skippedTable(metadata)],
    },
    ...(sets.length > 1
      ? [{
        title: "Stages and ablations",
        text: "The same heads from fewer features. If ta does as well as full, book and tape added nothing.",
        tables: [setsTable(sets, names.slice(0, 2))],
      }]
      : []),
    ...evidence(view),
    ...inside(data),
    ...monotone(view),
  ];
  return renderPage(head, modelVerdict(data), sections);
}

function skippedTable({ skipped }: ModelSet["metadata"]): TableView[] {
  if (skipped.length === 0) return [];
  const byReason = Map.groupBy(skipped, ({ reason }) => reason);
  return [{
    caption: "Heads that could not be trained",
    head: ["why", "heads"],
    rows: [...byReason].map(([reason, same]) => [reason, same.map(({ head }) => head).join(", ")]),
  }];
}

function evidence({ rows, reliability, byDate, byKind }: ModelView): Section[] {
  return [
    {
      title: "Ranking",
      text:
        "Heads are chosen by name, never by score. Ranking well is not enough for a head to beat volatility: that ranks too.",
      charts: rankCharts(rows),
    },
    {
      title: "Reliability",
      text:
        "What was said against what happened. Calibrators are fitted on validation dates and judged here on test dates.",
      charts: reliability.map(reliabilityChart),
    },
    {
      title: "Where",
      text: "A gain that comes from one date, or from one kind of level, is not yet a finding.",
      charts: [dateGainChart(byDate), kindGainChart(byKind)],
    },
  ];
}

function inside({ view, stale }: ModelPageData): Section[] {
  if (stale) {
    return [{
      title: "Features and rules",
      text:
        "Left out: Gold is not what these models were trained on. Run deno task train, then deno task report.",
    }];
  }
  const { explained, rules, ruleDates, learning } = view;
  return [
    {
      title: "Features",
      text:
        "Left: what splits gained in training. Right: how each feature moved the score of unseen touches. A planted or leaking feature would lead both.",
      charts: explained.flatMap((e) => [importanceChart(e), contributionChart(e)]),
    },
    ...(rules.length > 0
      ? [{
        title: "Economic sanity",
        text: `Every touch of ${ruleDates[0]} … ${ruleDates.at(-1)} (${ruleDates.length} ${
          plural("date", ruleDates.length)
        } the saved models have not seen), chosen by a fixed rule. A touch after which nothing happened is a miss. Excursions are best prices, not fills; touches that share their minutes count each.`,
        tables: [ruleTable(rules)],
      }]
      : []),
    ...(learning
      ? [{
        title: "Learning curve",
        text:
          "If the trees' line still falls at the right while the baselines lie flat, more dates would help.",
        charts: [learningChart(learning)],
      }]
      : []),
  ];
}

function monotone({ metrics: { monotonicity } }: ModelView): Section[] {
  if (monotonicity.length === 0) return [];
  return [{
    title: "Do the reach heads agree?",
    text:
      "More time, or less distance, can only make reaching likelier; each head is trained alone and may disagree.",
    tables: [{
      caption: "Neighbours among the reach heads",
      head: ["harder", "easier", "by", "rows", "violated, %", "mean excess"],
      rows: monotonicity.map(({ harder, easier, by, rows, violations, mean_excess }) => [
        harder,
        easier,
        by,
        rows,
        Number((violations * 100).toFixed(1)),
        Number(mean_excess.toFixed(4)),
      ]),
    }],
  }];
}
