/** A tree grown the plain way: every leaf's histograms from its rows, every split tried anew each time. */
import { type BinnedMatrix, binOf } from "../../lib/ml/gbdt/binning.ts";
import type { GbdtParams } from "../../lib/ml/gbdt/mod.ts";
import { countOf, type GradientGrid } from "../../lib/ml/gbdt/histogram.ts";
import { naiveHistogram } from "./gbdt_histogram.ts";
import { naiveCategoricalSplit, naiveNumericSplit, type NaiveSplit } from "./gbdt_split.ts";

/** A leaf of the naive tree: its rows and its value. */
export interface NaiveLeaf {
  rows: number[];
  depth: number;
  lambda: number;
  value: number;
}

/** A cut that was made, in order: which leaf, by which feature, and what went left. */
export interface NaiveCut {
  leaf: number;
  feature: number;
  gain: number;
  leftRows: number[];
}

/** Cuts the leaf with the greatest gain until none is left to cut. */
export function naiveGrow(
  features: Float64Array[],
  matrix: BinnedMatrix,
  grid: GradientGrid,
  params: GbdtParams,
): { leaves: NaiveLeaf[]; cuts: NaiveCut[] } {
  const all = Array.from({ length: matrix.n }, (_, row) => row);
  const leaves: NaiveLeaf[] = [{ rows: all, depth: 0, lambda: params.lambdaL2, value: 0 }];
  const cuts: NaiveCut[] = [];
  const binsOf = (f: number, row: number) => binOf(matrix.bins[f], features[f][row]);
  while (leaves.length < params.numLeaves) {
    let best: { leaf: number; feature: number; split: NaiveSplit } | undefined;
    leaves.forEach((leaf, k) => {
      if (params.maxDepth > 0 && leaf.depth >= params.maxDepth) return;
      features.forEach((_, f) => {
        const hist = naiveHistogram((row) => binsOf(f, row), leaf.rows, grid.gradients, grid.counted);
        const { categorical, numBins } = matrix.bins[f];
        const split = (categorical ? naiveCategoricalSplit : naiveNumericSplit)(hist, numBins, params, grid);
        if (split && (!best || split.gain > best.split.gain)) best = { leaf: k, feature: f, split };
      });
    });
    if (!best) break;
    const { leaf: k, feature, split } = best, parent = leaves[k];
    const seen = new Set(parent.rows.map((row) => binsOf(feature, row)));
    const goesLeft = (row: number) => split.left.has(binsOf(feature, row));
    const left = parent.rows.filter(goesLeft), right = parent.rows.filter((row) => !goesLeft(row));
    if (seen.size < 2) throw new Error("a cut of one bin");
    const child = (rows: number[]) => ({ rows, depth: parent.depth + 1, lambda: split.lambda, value: 0 });
    leaves[k] = child(left);
    leaves.push(child(right));
    cuts.push({ leaf: k, feature, gain: split.gain, leftRows: left });
  }
  for (const leaf of leaves) {
    let gradient = 0, hessian = 0;
    for (const row of leaf.rows) gradient += grid.gradients[row], hessian += grid.hessians[row];
    leaf.value = -gradient / (hessian + leaf.lambda);
    const counted = leaf.rows.reduce((sum, row) => sum + grid.counted[row], 0);
    if (countOf(counted, grid.tick, grid.rounder) !== leaf.rows.length) throw new Error("a count is off");
  }
  return { leaves, cuts };
}
