/** Shapley values by their definition: every subset of features. */
import type { Tree } from "../../lib/ml/gbdt/mod.ts";
import { naiveGoesLeft } from "./gbdt_predict.ts";

/** Expected score of a row of which only the features in `known` are known, the rest split by training counts. */
export function naiveExpectation(tree: Tree, row: number[], known: Set<number>, node = 0): number {
  if (node < 0) return tree.leafValue[~node];
  const left = tree.leftChild[node], right = tree.rightChild[node];
  if (known.has(tree.splitFeature[node])) {
    return naiveExpectation(tree, row, known, naiveGoesLeft(tree, node, row) ? left : right);
  }
  const count = (child: number) => child < 0 ? tree.leafCount[~child] : tree.internalCount[child];
  const mean = count(left) * naiveExpectation(tree, row, known, left) +
    count(right) * naiveExpectation(tree, row, known, right);
  return mean / (count(left) + count(right));
}

/** Each feature's contribution to one row's score in one tree, over all subsets of the other features. */
export function naiveShap(tree: Tree, row: number[]): number[] {
  const m = row.length, factorial = (k: number): number => k <= 1 ? 1 : k * factorial(k - 1);
  return row.map((_, f) => {
    let sum = 0;
    for (let mask = 0; mask < 1 << m; mask++) {
      if (mask >> f & 1) continue;
      const known = new Set([...row.keys()].filter((other) => mask >> other & 1));
      const weight = factorial(known.size) * factorial(m - known.size - 1) / factorial(m);
      const without = naiveExpectation(tree, row, known);
      sum += weight * (naiveExpectation(tree, row, new Set([...known, f])) - without);
    }
    return sum;
  });
}
