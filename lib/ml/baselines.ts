/**
 * What a model must be better than: the base rate, and trees that know volatility, time of day and kind of level alone.
 *
 * @module
 */

/** The two baselines. */
export const BASELINES = ["base_rate", "volatility"] as const;

/** A baseline's name. */
export type Baseline = typeof BASELINES[number];

/**
 * Base rate: the weighted mean of training labels, the constant of least log loss and least squared error.
 *
 * @param labels Float64Array (n): labels of the data set.
 * @param weights Float64Array (n): row weights.
 * @param rows Training rows; at least one.
 */
export function baseRate(labels: Float64Array, weights: Float64Array, rows: Uint32Array): number {
  let sum = 0, total = 0;
  for (const row of rows) {
    sum += weights[row] * labels[row];
    total += weights[row];
  }
  return sum / total;
}
