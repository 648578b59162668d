/**
 * One head: its models over the folds, their predictions out of sample, and how they compare with the baselines.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import { type Baseline, BASELINES, baseRate } from "./baselines.ts";
import { type BootstrapOptions, compareLosses, type LossDifference } from "./bootstrap.ts";
import type { FeatureMatrix } from "./dataset.ts";
import { type GbdtModel, type GbdtOptions, predict, trainGbdt, writeLightGbmText } from "./gbdt/mod.ts";
import type { Head } from "./heads.ts";
import { type Metrics, metricsOf, rowLogLoss } from "./metrics.ts";

/** Rows of a fold, by part. */
export interface FoldRows {
  /** Rows learned from. */
  train: Uint32Array;
  /** Rows early stopping looks at. */
  valid: Uint32Array;
  /** Rows judged on. */
  test: Uint32Array;
}

/** All a worker needs for one head. The arrays that every head shares lie in shared memory. */
export interface HeadJob {
  /** The head. */
  head: Head;
  /** Float64Array (n): labels; NaN where the question does not arise. */
  labels: Float64Array;
  /** Float64Array (n): row weights. */
  weights: Float64Array;
  /** Int32Array (n): number of each row's date. */
  dateIndex: Int32Array;
  /** Columns of all features, the baseline's among them. */
  matrix: FeatureMatrix;
  /** Columns the model learns from. */
  features: number[];
  /** Columns the volatility baseline learns from. */
  baseline: number[];
  /** Folds in time order. */
  folds: FoldRows[];
  /** Parameters of the trees. */
  boosting: Config["training"]["boosting"];
  /** Seed of row and feature sampling. */
  seed: number;
  /** How losses are compared. */
  bootstrap: BootstrapOptions;
  /** Quantile bins of the ECE. */
  bins: number;
}

/** What a fold came to. */
export interface FoldReport {
  /** Rows with a label. */
  rows: { train: number; valid: number; test: number };
  /** Weighted mean of the training labels. */
  base_rate: number;
  /** Trees kept by early stopping. */
  trees: number;
  /** Trees of the volatility baseline. */
  baseline_trees: number;
}

/** Out-of-sample predictions, validation then test rows of each fold; m rows in all. */
export interface HeadPredictions {
  /** Uint32Array (m): row of the data set. */
  row: Uint32Array;
  /** Int32Array (m): fold. */
  fold: Int32Array;
  /** Int8Array (m): 1 test, 0 validation. */
  test: Int8Array;
  /** Float64Array (m): the trees. */
  prediction: Float64Array;
  /** Float64Array (m): the base rate. */
  base_rate: Float64Array;
  /** Float64Array (m): the volatility baseline. */
  volatility: Float64Array;
}

/** How a head did on the test rows of all folds. */
export interface HeadScore {
  /** Test rows. */
  rows: number;
  /** Dates with test rows. */
  dates: number;
  /** Dates on which the rarer label occurs; of regressions all dates. */
  event_dates: number;
  /** The trees'. */
  model: Metrics;
  /** The baselines'. */
  baselines: Record<Baseline, Metrics>;
  /** Baseline − model, in log loss or squared error. */
  against: Record<Baseline, LossDifference>;
}

/** A trained head. */
export interface HeadResult {
  /** Name of the head. */
  head: string;
  /** The last fold's model as LightGBM text. */
  model: string;
  /** Folds in time order. */
  folds: FoldReport[];
  /** Predictions out of sample. */
  predictions: HeadPredictions;
  /** Metrics on test rows. */
  score: HeadScore;
}

/**
 * Trains a head on every fold and judges it.
 *
 * @param job Data, folds and parameters.
 * @throws {ModelError} If a fold's labels cannot be learned from.
 */
export function trainHead(job: HeadJob): HeadResult {
  const folds: FoldReport[] = [], total = job.folds.reduce((n, f) => n + f.valid.length + f.test.length, 0);
  const out: HeadPredictions = {
    row: new Uint32Array(total),
    fold: new Int32Array(total),
    test: new Int8Array(total),
    prediction: new Float64Array(total),
    base_rate: new Float64Array(total),
    volatility: new Float64Array(total),
  };
  let at = 0, model: GbdtModel | undefined;
  job.folds.forEach((fold, k) => {
    model = fit(job, job.features, fold);
    const simple = fit(job, job.baseline, fold), rate = baseRate(job.labels, job.weights, fold.train);
    for (const part of ["valid", "test"] as const) {
      const rows = fold[part], end = at + rows.length;
      out.row.set(rows, at);
      out.fold.fill(k, at, end);
      out.test.fill(part === "test" ? 1 : 0, at, end);
      out.base_rate.fill(rate, at, end);
      out.prediction.set(predict(model, columnsOf(job, job.features, rows)), at);
      out.volatility.set(predict(simple, columnsOf(job, job.baseline, rows)), at);
      at = end;
    }
    folds.push({
      rows: { train: fold.train.length, valid: fold.valid.length, test: fold.test.length },
      base_rate: rate,
      trees: model.trees.length,
      baseline_trees: simple.trees.length,
    });
  });
  return {
    head: job.head.name,
    model: writeLightGbmText(model!),
    folds,
    predictions: out,
    score: scoreHead(job, out),
  };
}

function fit(job: HeadJob, features: number[], fold: FoldRows): GbdtModel {
  const { boosting, head, seed } = job;
  const options: GbdtOptions = { ...boosting, objective: head.objective, seed };
  return trainGbdt(dataOf(job, features, fold.train), options, dataOf(job, features, fold.valid));
}

/** Weights are scaled to mean 1, so that the trees' penalties mean the same for every head. */
function dataOf(job: HeadJob, features: number[], rows: Uint32Array) {
  const weights = take(job.weights, rows);
  const scale = weights.length / weights.reduce((sum, w) => sum + w, 0);
  return {
    features: columnsOf(job, features, rows),
    names: features.map((f) => job.matrix.names[f]),
    categorical: features.map((f) => job.matrix.categorical[f]),
    labels: take(job.labels, rows),
    weights: weights.map((w) => w * scale),
    subject: job.head.name,
  };
}

function columnsOf(job: HeadJob, features: number[], rows: Uint32Array): Float64Array[] {
  return features.map((f) => take(job.matrix.columns[f], rows));
}

function take(values: Float64Array, rows: Uint32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]];
  return out;
}

function scoreHead(job: HeadJob, all: HeadPredictions): HeadScore {
  const places = Uint32Array.from(all.test.keys()).filter((i) => all.test[i] === 1);
  const rows = Uint32Array.from(places, (i) => all.row[i]);
  const labels = take(job.labels, rows), weights = take(job.weights, rows);
  const dates = Int32Array.from(rows, (row) => job.dateIndex[row]);
  const { objective } = job.head;
  const metrics = (predictions: Float64Array) =>
    metricsOf(objective, { labels, predictions, weights }, job.bins);
  const model = take(all.prediction, places), losses = rowLosses(objective, labels, model);
  const baselines = {} as HeadScore["baselines"], against = {} as HeadScore["against"];
  for (const name of BASELINES) {
    const simple = take(all[name], places);
    baselines[name] = metrics(simple);
    const differences = rowLosses(objective, labels, simple).map((loss, i) => loss - losses[i]);
    against[name] = compareLosses(differences, weights, dates, job.bootstrap);
  }
  return {
    rows: rows.length,
    dates: new Set(dates).size,
    event_dates: eventDates(objective, labels, dates),
    model: metrics(model),
    baselines,
    against,
  };
}

function eventDates(objective: "binary" | "regression", labels: Float64Array, dates: Int32Array): number {
  const datesWith = (wanted: (label: number) => boolean) =>
    new Set(dates.filter((_, i) => wanted(labels[i]))).size;
  if (objective === "regression") return datesWith(() => true);
  return Math.min(datesWith((label) => label > 0), datesWith((label) => label === 0));
}

/**
 * Loss of each row: log loss of probabilities, squared error of numbers.
 *
 * @param labels Float64Array (n).
 * @param predictions Float64Array (n).
 */
export function rowLosses(
  objective: "binary" | "regression",
  labels: Float64Array,
  predictions: Float64Array,
): Float64Array {
  return objective === "binary"
    ? labels.map((label, i) => rowLogLoss(label, predictions[i]))
    : labels.map((label, i) => (label - predictions[i]) ** 2);
}
