/** Isotonic regression by its max–min formula: the largest, over starts, of the least mean over ends. */
import type { Scored } from "../../lib/ml/mod.ts";

/** Fitted value at each distinct prediction, ascending. */
export function naiveIsotonic({ labels, predictions, weights }: Scored): { x: number; y: number }[] {
  const points = [...Map.groupBy([...predictions.keys()], (i) => predictions[i])].map(([x, rows]) => ({
    x,
    weight: rows.reduce((sum, i) => sum + weights[i], 0),
    sum: rows.reduce((sum, i) => sum + weights[i] * labels[i], 0),
  })).sort((a, b) => a.x - b.x);
  const mean = (from: number, to: number) => {
    const some = points.slice(from, to + 1);
    return some.reduce((s, p) => s + p.sum, 0) / some.reduce((s, p) => s + p.weight, 0);
  };
  return points.map(({ x }, i) => ({
    x,
    y: Math.max(
      ...points.slice(0, i + 1).map((_, from) =>
        Math.min(...points.slice(i).map((_, further) => mean(from, i + further)))
      ),
    ),
  }));
}
