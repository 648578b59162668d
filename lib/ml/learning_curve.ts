/**
 * Learning curves: one head trained on more and more dates and judged on the same test dates.
 *
 * @module
 */
import { type Config, ModelError } from "../base/mod.ts";
import type { Dataset } from "./dataset.ts";
import type { Ablation, Stage } from "./feature_sets.ts";
import { headJobs } from "./head_jobs.ts";
import { weightedMean } from "./metrics.ts";
import { planTraining } from "./plan.ts";
import { type FoldRows, type HeadPredictions, rowLosses, trainHead } from "./train_head.ts";

/** Losses after training on some dates: log loss of probabilities, squared error ($²) of strength. */
export interface LearningPoint {
  /** Training dates, the latest before the embargo. */
  dates: number;
  /** Training rows with a label. */
  rows: number;
  /** Loss of the trees on the test rows. */
  model: number;
  /** Loss of the base rate of these training rows. */
  base_rate: number;
  /** Loss of the volatility baseline trained on these rows. */
  volatility: number;
}

/** Points of one head. */
export interface LearningCurve {
  /** The head's name. */
  head: string;
  /** What its loss is of. */
  objective: "binary" | "regression";
  /** By training dates, ascending. */
  points: LearningPoint[];
}

/** What to learn, on which splits. */
export interface LearningOptions {
  /** Stage of the features. */
  stage: Stage;
  /** Ablation of the features. */
  ablation: Ablation;
  /** Name of the head. */
  head: string;
  /** Validation dates. */
  valid: number;
  /** Test dates over all folds; those of the last fold are judged. */
  test: number;
  /** Points at most. */
  steps: number;
  /** Horizons, thresholds, splits, trees. */
  config: Pick<Config, "labels" | "training" | "market">;
}

/**
 * Trains a head on nested sets of the latest training dates of the last fold. A set whose rows are of one class gives
 * no point.
 *
 * @param dataset The data set.
 * @param options What to learn.
 * @throws {ModelError} If the head cannot be trained on all the dates.
 */
export function learningCurve(dataset: Dataset, options: LearningOptions): LearningCurve {
  const { stage, ablation, head: name, valid, test, steps, config } = options;
  const plan = planTraining(dataset, { heads: [name], valid, test, config });
  const [{ head, labels, weights, folds }] = plan.heads, last = folds[folds.length - 1];
  const dates = plan.folds[plan.folds.length - 1].train,
    index = (date: string) => dataset.dates.indexOf(date);
  const counts = [
    ...new Set(Array.from({ length: steps }, (_, k) => Math.ceil((k + 1) * dates.length / steps))),
  ];
  const nested = counts.map((count) => {
    const from = index(dates[dates.length - count]);
    return { count, fold: { ...last, train: last.train.filter((row) => dataset.dateIndex[row] >= from) } };
  }).filter(({ fold: { train } }) =>
    head.objective === "regression" ? train.length > 0 : train.some((row) => labels[row] !== labels[train[0]])
  );
  if (nested.length === 0) {
    throw new ModelError(`Cannot draw a learning curve of "${name}": no training rows`, name);
  }
  const [job] = headJobs(dataset, plan, { stage, ablation, config });
  const { predictions } = trainHead({ ...job, folds: nested.map(({ fold }) => fold) });
  const points = nested.map(({ count, fold }, k) => ({
    dates: count,
    rows: fold.train.length,
    ...lossesOf(k, fold, predictions, { objective: head.objective, labels, weights }),
  }));
  return { head: name, objective: head.objective, points };
}

function lossesOf(
  k: number,
  { test }: FoldRows,
  all: HeadPredictions,
  { objective, labels, weights }: Pick<LearningCurve, "objective"> & {
    labels: Float64Array;
    weights: Float64Array;
  },
): Record<"model" | "base_rate" | "volatility", number> {
  const places = Uint32Array.from(all.row.keys()).filter((i) => all.fold[i] === k && all.test[i] === 1);
  const known = Float64Array.from(test, (row) => labels[row]),
    w = Float64Array.from(test, (row) => weights[row]);
  const loss = (values: Float64Array) => {
    const losses = rowLosses(objective, known, Float64Array.from(places, (i) => values[i]));
    return weightedMean(w, (i) => losses[i]);
  };
  return { model: loss(all.prediction), base_rate: loss(all.base_rate), volatility: loss(all.volatility) };
}
