/**
 * From a plan to the jobs of its heads: what each learns from, on which rows, with which parameters.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import type { BootstrapOptions } from "./bootstrap.ts";
import { type Dataset, type FeatureMatrix, featureMatrix, featureNamed } from "./dataset.ts";
import { type Ablation, featureSet, type Stage } from "./feature_sets.ts";
import type { TrainPlan } from "./plan.ts";
import type { HeadJob } from "./train_head.ts";

/** What the heads learn from, and how. */
export interface HeadJobOptions {
  /** Stage of the features. */
  stage: Stage;
  /** Ablation of the features. */
  ablation: Ablation;
  /** Trees, seed, bootstrap. */
  config: Pick<Config, "training">;
}

/**
 * A job a head of the plan, in its order; all share one matrix of features.
 *
 * @param dataset The data set.
 * @param plan Heads, labels and folds.
 * @param options What they learn from.
 * @param shared Whether the columns lie in shared memory, for workers; defaults to false.
 */
export function headJobs(
  dataset: Dataset,
  plan: TrainPlan,
  options: HeadJobOptions,
  shared = false,
): HeadJob[] {
  const { training } = options.config;
  const columns = sharedFeatures(dataset, options, shared);
  return plan.heads.map(({ head, labels, weights, folds }) => ({
    head,
    labels,
    weights,
    dateIndex: dataset.dateIndex,
    ...columns,
    folds,
    boosting: training.boosting,
    seed: training.seed,
    bootstrap: bootstrapOf(options.config),
    bins: training.calibrationBins,
  }));
}

/** How losses are compared. */
export function bootstrapOf({ training }: Pick<Config, "training">): BootstrapOptions {
  return { ...training.bootstrap, seed: training.seed };
}

/** The set's features and the baseline's, each column once. */
function sharedFeatures(
  dataset: Dataset,
  { stage, ablation, config }: HeadJobOptions,
  shared: boolean,
): { matrix: FeatureMatrix; features: number[]; baseline: number[] } {
  const wanted = featureSet(stage, ablation);
  const simple = config.training.baselineFeatures.map(featureNamed);
  const all = [...wanted, ...simple.filter((feature) => !wanted.includes(feature))];
  return {
    matrix: featureMatrix(dataset.batch, all, shared),
    features: wanted.map((feature) => all.indexOf(feature)),
    baseline: simple.map((feature) => all.indexOf(feature)),
  };
}
