/**
 * The verdict on trained heads: each against both baselines, corrected for the number of heads.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import type { Baseline } from "./baselines.ts";
import { judgeDifferences, type Verdict } from "./bootstrap.ts";
import { bootstrapOf } from "./head_jobs.ts";
import type { HeadMetrics, ModelMetrics } from "./model_store.ts";
import { monotonicity } from "./monotonicity.ts";
import type { TrainPlan } from "./plan.ts";
import type { HeadResult } from "./train_head.ts";

/**
 * Metrics and verdicts of heads that were trained by one plan. A head whose rarer label occurs on too few test dates
 * is not tested: a resample of dates without it knows nothing of what it costs to be wrong about it.
 *
 * @param plan The plan.
 * @param results Its heads, in its order.
 * @param config Bootstrap and seed.
 */
export function judgeHeads(
  plan: TrainPlan,
  results: readonly HeadResult[],
  config: Pick<Config, "training">,
): ModelMetrics {
  const { minEventDates } = config.training.bootstrap;
  const judged = (name: Baseline) => {
    const found = results.map(({ score: { event_dates, against } }) =>
      event_dates < minEventDates ? { ...against[name], p: null, interval: null } : against[name]
    );
    return judgeDifferences(found, bootstrapOf(config));
  };
  const base = judged("base_rate"), volatility = judged("volatility");
  const heads = results.map(({ head, score }, k): [string, HeadMetrics] => [head, {
    ...score,
    against: { base_rate: base[k], volatility: volatility[k] },
    verdict: overall([base[k].verdict, volatility[k].verdict]),
  }]);
  return {
    weighted_by: "label_weight",
    heads: Object.fromEntries(heads),
    monotonicity: monotonicity(
      plan.heads.map(({ head }) => head),
      new Map(results.map((result) => [result.head, testPredictions(result)])),
    ),
  };
}

/** How many heads got each verdict. */
export function countVerdicts(metrics: Pick<ModelMetrics, "heads">): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { "beats": 0, "no different": 0, "worse": 0, "insufficient": 0 };
  for (const { verdict } of Object.values(metrics.heads)) counts[verdict]++;
  return counts;
}

/** A head beats only what both its baselines say it beats. */
function overall(verdicts: Verdict[]): Verdict {
  if (verdicts.includes("insufficient")) return "insufficient";
  if (verdicts.every((verdict) => verdict === "beats")) return "beats";
  return verdicts.includes("worse") ? "worse" : "no different";
}

function testPredictions({ predictions }: HeadResult): Map<number, number> {
  const { row, test, prediction } = predictions, found = new Map<number, number>();
  row.forEach((r, i) => {
    if (test[i] === 1) found.set(r, prediction[i]);
  });
  return found;
}
