/**
 * The verdict on the heads of a run: each against both baselines, corrected within its family over every set.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import type { Baseline } from "./baselines.ts";
import { type JudgedDifference, judgeDifferences, type Verdict } from "./bootstrap.ts";
import { bootstrapOf } from "./head_jobs.ts";
import type { Families, HeadMetrics, ModelMetrics } from "./model_store.ts";
import { type MonotonePair, monotonicity } from "./monotonicity.ts";
import type { TrainPlan } from "./plan.ts";
import type { HeadResult, HeadScore } from "./train_head.ts";

/** What is judged of a set of models. */
export interface ScoredSet {
  /** Name of the set, `b-full`. */
  set: string;
  /** Score of each head, in the plan's order. */
  scores: readonly (readonly [head: string, score: HeadScore])[];
  /** Whether its `reach` heads agree. */
  monotonicity: MonotonePair[];
}

/**
 * What is judged of trained heads.
 *
 * @param set Name of the set.
 * @param plan The plan they were trained by.
 * @param results The heads, in its order.
 */
export function scoredSet(set: string, plan: TrainPlan, results: readonly HeadResult[]): ScoredSet {
  return {
    set,
    scores: results.map(({ head, score }) => [head, score] as const),
    monotonicity: monotonicity(
      plan.heads.map(({ head }) => head),
      new Map(results.map((result) => [result.head, testPredictions(result)])),
    ),
  };
}

/**
 * Metrics and verdicts of every set of a run. There are two families, the declared primary one and all other heads;
 * each is corrected over its heads of all sets. A head that cannot be judged is left out of its family: one with too
 * few test dates, and one whose rarer label occurs on too few of them, since a resample of dates without it knows
 * nothing of what it costs to be wrong about it.
 *
 * @param sets The sets of the run.
 * @param config Primary family, bootstrap and seed.
 * @returns Metrics of each set, in the same order.
 */
export function judgeSets(sets: readonly ScoredSet[], config: Pick<Config, "training">): ModelMetrics[] {
  const { primaryFamily, bootstrap: { minEventDates } } = config.training;
  const all = sets.flatMap(({ set, scores }) =>
    scores.map(([head, score]) => ({
      set,
      head,
      score,
      family: primaryFamily.includes(head) ? "primary" as const : "other" as const,
    }))
  );
  type One = typeof all[number];
  const judge = (family: readonly One[], name: Baseline): [One, JudgedDifference][] => {
    const found = family.map(({ score: { event_dates, against } }) =>
      event_dates < minEventDates ? { ...against[name], p: null, interval: null } : against[name]
    );
    return judgeDifferences(found, bootstrapOf(config)).map((judged, k) => [family[k], judged]);
  };
  const families = { primary: [] as One[], other: [] as One[] };
  for (const one of all) families[one.family].push(one);
  const base = new Map(Object.values(families).flatMap((family) => judge(family, "base_rate")));
  const volatility = new Map(Object.values(families).flatMap((family) => judge(family, "volatility")));
  const metricsOf = (one: One): HeadMetrics => {
    const against = { base_rate: base.get(one)!, volatility: volatility.get(one)! };
    const verdict = overall([against.base_rate.verdict, against.volatility.verdict]);
    return { ...one.score, against, family: one.family, verdict };
  };
  const counted = (family: readonly One[]): Families["primary"] => ({
    heads: [...new Set(family.map(({ head }) => head))],
    sets: [...new Set(family.map(({ set }) => set))],
    asked: family.length,
    judged: family.filter((one) => base.get(one)!.p_holm !== null).length,
  });
  return sets.map(({ set, monotonicity }) => ({
    weighted_by: "uniqueness",
    families: { primary: counted(families.primary), other: counted(families.other) },
    heads: Object.fromEntries(
      all.filter((one) => one.set === set).map((one) => [one.head, metricsOf(one)]),
    ),
    monotonicity,
  }));
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
