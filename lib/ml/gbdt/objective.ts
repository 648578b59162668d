/**
 * The three losses: where a score starts, its gradients, its value, its link. Formulas are LightGBM's.
 *
 * @module
 */
import type { GbdtParams } from "./common.ts";

/** Labels and weights of the rows a loss is taken over. */
export interface Targets {
  /** Labels, (n). */
  labels: Float64Array;
  /** Weights, (n); all 1 when absent. */
  weights: Float64Array | undefined;
}

/** The constant score with the least loss: log odds, mean, or quantile. */
export function startScore(targets: Targets, params: GbdtParams): number {
  const { labels, weights } = targets;
  if (params.objective === "quantile") return quantileOf(labels, weights, params.alpha);
  let sum = 0, total = 0;
  for (let i = 0; i < labels.length; i++) {
    const weight = weights ? weights[i] : 1;
    sum += weight * labels[i];
    total += weight;
  }
  return params.objective === "binary" ? Math.log(sum / (total - sum)) : sum / total;
}

/**
 * First and second derivatives of the weighted loss by the score. The quantile loss has none of second order:
 * its hessian is the weight.
 *
 * @param scores Raw scores, (n), IN.
 * @param gradients (n), OUT.
 * @param hessians (n), OUT.
 */
export function fillGradients(
  targets: Targets,
  params: GbdtParams,
  scores: Float64Array,
  gradients: Float64Array,
  hessians: Float64Array,
): void {
  const { labels, weights } = targets;
  const n = labels.length, { objective, alpha } = params;
  if (objective === "binary") {
    for (let i = 0; i < n; i++) {
      const p = logistic(scores[i]);
      gradients[i] = p - labels[i];
      hessians[i] = p * (1 - p);
    }
  } else {
    for (let i = 0; i < n; i++) {
      const error = scores[i] - labels[i];
      gradients[i] = objective === "regression" ? error : error >= 0 ? 1 - alpha : -alpha;
      hessians[i] = 1;
    }
  }
  if (!weights) return;
  for (let i = 0; i < n; i++) {
    gradients[i] *= weights[i];
    hessians[i] *= weights[i];
  }
}

/** Weighted mean loss: log loss, squared error, or pinball. */
export function meanLoss(targets: Targets, params: GbdtParams, scores: Float64Array): number {
  const { labels, weights } = targets;
  let sum = 0, total = 0;
  for (let i = 0; i < labels.length; i++) {
    const weight = weights ? weights[i] : 1;
    const error = labels[i] - scores[i];
    let loss: number;
    if (params.objective === "binary") {
      const margin = labels[i] > 0 ? scores[i] : -scores[i];
      loss = margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
    } else if (params.objective === "regression") loss = error * error;
    else loss = error >= 0 ? params.alpha * error : (params.alpha - 1) * error;
    sum += weight * loss;
    total += weight;
  }
  return sum / total;
}

/**
 * The `alpha` quantile: between the two nearest values without weights, as LightGBM renews leaves; with
 * weights the first value at which their running sum exceeds `alpha` of the total.
 *
 * @param values At least one value.
 */
export function quantileOf(values: Float64Array, weights: Float64Array | undefined, alpha: number): number {
  if (!weights) {
    const sorted = values.slice().sort();
    const at = (sorted.length - 1) * alpha, low = Math.floor(at);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
  }
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
  let total = 0;
  for (const i of order) total += weights[i];
  let running = 0;
  for (const i of order) {
    running += weights[i];
    if (running > alpha * total) return values[i];
  }
  return values[order[order.length - 1]];
}

/** 1 / (1 + e⁻ˣ). */
export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
