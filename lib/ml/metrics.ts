/**
 * Metrics of predictions, each weighted by row. Probabilities are of label 1; labels are 0 or 1, or numbers for
 * regressions. All arrays have the same length n; weights are positive.
 *
 * @module
 */

/** Rows to be judged. */
export interface Scored {
  /** Float64Array (n): what happened. */
  labels: Float64Array;
  /** Float64Array (n): what was predicted. */
  predictions: Float64Array;
  /** Float64Array (n): row weights. */
  weights: Float64Array;
}

/** Probabilities are kept this far from 0 and 1 in logarithms, as scikit-learn does. */
const EPSILON = 2 ** -52;

/** Weighted mean of `value(i)` over the rows. */
export function weightedMean(weights: Float64Array, value: (row: number) => number): number {
  let sum = 0, total = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i] * value(i);
    total += weights[i];
  }
  return sum / total;
}

/** Share of rows whose probability is on the label's side of one half; 0.5 counts as 1. */
export function accuracy({ labels, predictions, weights }: Scored): number {
  return weightedMean(weights, (i) => (predictions[i] >= 0.5 ? 1 : 0) === labels[i] ? 1 : 0);
}

/** Chance that a row of label 1 is ranked above one of label 0, ties half; NaN when a class is missing. */
export function rocAuc({ labels, predictions, weights }: Scored): number {
  const order = Uint32Array.from(labels.keys()).sort((a, b) => predictions[a] - predictions[b]);
  let below = 0, pairs = 0, positive = 0;
  for (let start = 0; start < order.length;) {
    let end = start, tiedNegative = 0, tiedPositive = 0;
    while (end < order.length && predictions[order[end]] === predictions[order[start]]) {
      const row = order[end++];
      if (labels[row] > 0) tiedPositive += weights[row];
      else tiedNegative += weights[row];
    }
    pairs += tiedPositive * (below + tiedNegative / 2);
    below += tiedNegative;
    positive += tiedPositive;
    start = end;
  }
  return pairs / (positive * below);
}

/** Mean squared distance of probability and label: the Brier score; of a regression the mean squared error. */
export function squaredError({ labels, predictions, weights }: Scored): number {
  return weightedMean(weights, (i) => (predictions[i] - labels[i]) ** 2);
}

/** Mean absolute error. */
export function absoluteError({ labels, predictions, weights }: Scored): number {
  return weightedMean(weights, (i) => Math.abs(predictions[i] - labels[i]));
}

/** Mean −ln of the probability given to what happened. */
export function logLoss(scored: Scored): number {
  return weightedMean(scored.weights, (i) => rowLogLoss(scored.labels[i], scored.predictions[i]));
}

/** −ln of the probability given to what happened to one row. */
export function rowLogLoss(label: number, prediction: number): number {
  const p = Math.min(1 - EPSILON, Math.max(EPSILON, prediction));
  return label > 0 ? -Math.log(p) : -Math.log1p(-p);
}

/** A point of a reliability curve. */
export interface ReliabilityBin {
  /** Mean probability. */
  predicted: number;
  /** Share of label 1. */
  observed: number;
  /** Sum of weights. */
  weight: number;
  /** Rows. */
  rows: number;
}

/**
 * Reliability curve over quantile bins: edges are the quantiles of the probabilities (linear between rows), a
 * value on an edge belongs to the bin below, equal probabilities share a bin; empty bins are left out.
 *
 * @param scored Rows.
 * @param bins Bins at most.
 */
export function reliabilityCurve(scored: Scored, bins: number): ReliabilityBin[] {
  const { labels, predictions, weights } = scored, n = labels.length;
  const sorted = predictions.slice().sort();
  const edges = Array.from({ length: bins - 1 }, (_, k) => quantile(sorted, (k + 1) / bins));
  const sums = Array.from({ length: bins }, () => ({ predicted: 0, observed: 0, weight: 0, rows: 0 }));
  for (let i = 0; i < n; i++) {
    let bin = 0;
    while (bin < edges.length && edges[bin] < predictions[i]) bin++;
    const sum = sums[bin];
    sum.predicted += weights[i] * predictions[i];
    sum.observed += weights[i] * labels[i];
    sum.weight += weights[i];
    sum.rows++;
  }
  return sums.filter((sum) => sum.rows > 0).map((sum) => ({
    ...sum,
    predicted: sum.predicted / sum.weight,
    observed: sum.observed / sum.weight,
  }));
}

/** Quantile `q` of ascending values, linear between the two nearest. */
function quantile(sorted: Float64Array, q: number): number {
  const at = (sorted.length - 1) * q, low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** Expected calibration error of a curve: mean distance of predicted and observed, by weight. */
export function calibrationError(curve: readonly ReliabilityBin[]): number {
  let sum = 0, total = 0;
  for (const bin of curve) {
    sum += bin.weight * Math.abs(bin.predicted - bin.observed);
    total += bin.weight;
  }
  return sum / total;
}

/** Brier score = reliability − resolution + uncertainty + within. */
export interface BrierParts {
  /** Squared distance of predicted and observed, over bins: less is better. */
  reliability: number;
  /** Squared distance of observed and the base rate, over bins: more is better. */
  resolution: number;
  /** Base rate × (1 − base rate). */
  uncertainty: number;
  /** What binning hides: variance of the probabilities within bins less twice their covariance with the labels. */
  within: number;
}

/**
 * Murphy's decomposition of the Brier score over the bins of a curve, exact with its last part.
 *
 * Source: Stephenson, Coelho, Jolliffe, "Two extra components in the Brier score decomposition" (2008).
 *
 * @param scored Rows.
 * @param curve Their reliability curve.
 */
export function brierParts(scored: Scored, curve: readonly ReliabilityBin[]): BrierParts {
  const base = weightedMean(scored.weights, (i) => scored.labels[i]);
  let reliability = 0, resolution = 0, total = 0;
  for (const { predicted, observed, weight } of curve) {
    reliability += weight * (predicted - observed) ** 2;
    resolution += weight * (observed - base) ** 2;
    total += weight;
  }
  reliability /= total;
  resolution /= total;
  const uncertainty = base * (1 - base);
  return {
    reliability,
    resolution,
    uncertainty,
    within: squaredError(scored) - (reliability - resolution + uncertainty),
  };
}

/** Metrics of one set of predictions; null where a metric is not defined. */
export interface Metrics {
  /** Share on the right side of one half, of probabilities. */
  accuracy: number | null;
  /** Area under the ROC curve, of probabilities with both labels present. */
  roc_auc: number | null;
  /** Brier score, of probabilities. */
  brier: number | null;
  /** Log loss, of probabilities. */
  log_loss: number | null;
  /** Expected calibration error over quantile bins, of probabilities. */
  ece: number | null;
  /** Mean absolute error, of regressions. */
  mae: number | null;
  /** Mean squared error, of regressions. */
  mse: number | null;
}

/**
 * Every metric of an objective.
 *
 * @param objective Probabilities or numbers.
 * @param scored Rows; at least one.
 * @param bins Quantile bins of the ECE.
 */
export function metricsOf(objective: "binary" | "regression", scored: Scored, bins: number): Metrics {
  const none: Metrics = {
    accuracy: null,
    roc_auc: null,
    brier: null,
    log_loss: null,
    ece: null,
    mae: null,
    mse: null,
  };
  if (objective === "regression") {
    return { ...none, mae: absoluteError(scored), mse: squaredError(scored) };
  }
  const auc = rocAuc(scored);
  return {
    ...none,
    accuracy: accuracy(scored),
    roc_auc: Number.isNaN(auc) ? null : auc,
    brier: squaredError(scored),
    log_loss: logLoss(scored),
    ece: calibrationError(reliabilityCurve(scored, bins)),
  };
}
