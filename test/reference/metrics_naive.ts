/** Metrics as their definitions read, for comparison. */
import type { Scored } from "../../lib/ml/mod.ts";

/** Every pair of a positive and a negative row, weighted. */
export function naiveAuc({ labels, predictions, weights }: Scored): number {
  let won = 0, pairs = 0;
  for (let i = 0; i < labels.length; i++) {
    for (let j = 0; j < labels.length; j++) {
      if (labels[i] !== 1 || labels[j] !== 0) continue;
      const weight = weights[i] * weights[j];
      pairs += weight;
      if (predictions[i] > predictions[j]) won += weight;
      if (predictions[i] === predictions[j]) won += weight / 2;
    }
  }
  return won / pairs;
}

/** The best monotone fit, by its minimax formula: max over starts of the min over ends of the mean between. */
export function naiveIsotonic({ labels, predictions, weights }: Scored): Map<number, number> {
  const xs = [...new Set(predictions)].sort((a, b) => a - b);
  const mean = (from: number, to: number) => {
    let sum = 0, total = 0;
    for (let i = 0; i < labels.length; i++) {
      if (predictions[i] < xs[from] || predictions[i] > xs[to]) continue;
      sum += weights[i] * labels[i];
      total += weights[i];
    }
    return sum / total;
  };
  return new Map(xs.map((x, k) => {
    let best = -Infinity;
    for (let from = 0; from <= k; from++) {
      let least = Infinity;
      for (let to = k; to < xs.length; to++) least = Math.min(least, mean(from, to));
      best = Math.max(best, least);
    }
    return [x, best];
  }));
}
