/**
 * What each feature contributed to each score (path-dependent TreeSHAP, Lundberg et al. 2018, algorithm 2, as
 * LightGBM's `pred_contrib`), and how much each feature was used.
 *
 * @module
 */
import type { GbdtModel, Tree } from "./common.ts";
import { checkColumns, goesLeft } from "./predictor.ts";

/** A walk down one tree with one row: level k of the arrays, each `width` long, is the path at depth k. */
interface Walk {
  tree: Tree;
  features: Float64Array[];
  row: number;
  /** Contributions, a column a feature, OUT. */
  out: Float64Array[];
  /** Numbers a level. */
  width: number;
  /** Features on the way, each once; the root's place is -1. */
  feature: Int32Array;
  /** Share of training rows that go this way where the feature is unknown. */
  zero: Float64Array;
  /** 1 where the row itself goes this way, else 0. */
  one: Float64Array;
  /** Summed weight of the subsets of each size. */
  weight: Float64Array;
}

/**
 * Shapley contributions of the features to the raw scores: their sum and the bias is the raw score.
 *
 * @param model The model.
 * @param features One column a feature in the model's order, n long; NaN is missing.
 * @returns A column a feature and a last one for the bias, each n long.
 * @throws {ModelError} If the columns are not as many as the model's features, or of unequal lengths.
 */
export function shapContributions(model: GbdtModel, features: Float64Array[]): Float64Array[] {
  const n = checkColumns(model, features);
  const out = Array.from({ length: features.length + 1 }, () => new Float64Array(n));
  for (const tree of model.trees) {
    out[features.length].forEach((value, i) => out[features.length][i] = value + expectedValue(tree));
    if (tree.leafValue.length === 1) continue;
    const walk = createWalk(tree, features, out);
    for (walk.row = 0; walk.row < n; walk.row++) visit(walk, 0, 0, 0, 1, 1, -1);
  }
  return out;
}

/**
 * How much the trees used each feature.
 *
 * @param model The model.
 * @param kind `gain`: the sum of its splits' gains; `split`: their number.
 * @returns One number a feature, in the model's order.
 */
export function featureImportance(model: GbdtModel, kind: "gain" | "split"): Float64Array {
  const out = new Float64Array(model.featureNames.length);
  for (const tree of model.trees) {
    // As LightGBM, which counts no split without a gain.
    tree.splitFeature.forEach((f, node) => {
      if (tree.splitGain[node] > 0) out[f] += kind === "gain" ? tree.splitGain[node] : 1;
    });
  }
  return out;
}

/** Mean leaf value over the training rows. */
function expectedValue(tree: Tree): number {
  const { leafValue, leafCount, internalCount } = tree;
  if (leafValue.length === 1) return leafValue[0];
  let sum = 0;
  for (let k = 0; k < leafValue.length; k++) sum += leafCount[k] / internalCount[0] * leafValue[k];
  return sum;
}

function depthOf(tree: Tree, node: number): number {
  if (node < 0) return 0;
  return 1 + Math.max(depthOf(tree, tree.leftChild[node]), depthOf(tree, tree.rightChild[node]));
}

function createWalk(tree: Tree, features: Float64Array[], out: Float64Array[]): Walk {
  const width = depthOf(tree, 0) + 2, size = width * width;
  return {
    tree,
    features,
    row: 0,
    out,
    width,
    feature: new Int32Array(size),
    zero: new Float64Array(size),
    one: new Float64Array(size),
    weight: new Float64Array(size),
  };
}

/**
 * Goes to a node and below. `last` is the path's length so far, `zero` and `one` the shares of the step here,
 * taken on `feature`.
 */
function visit(
  walk: Walk,
  node: number,
  depth: number,
  last: number,
  zero: number,
  one: number,
  feature: number,
): void {
  const { tree, features, row } = walk;
  const at = depth * walk.width;
  if (depth > 0) {
    const { width } = walk;
    for (const column of [walk.feature, walk.zero, walk.one, walk.weight]) {
      column.copyWithin(at, at - width, at - width + last);
    }
  }
  extend(walk, at, last, zero, one, feature);
  if (node < 0) {
    for (let d = 1; d <= last; d++) {
      walk.out[walk.feature[at + d]][row] += unwoundSum(walk, at, last, d) *
        (walk.one[at + d] - walk.zero[at + d]) * tree.leafValue[~node];
    }
    return;
  }
  const split = tree.splitFeature[node], left = goesLeft(tree, node, features[split][row]);
  const hot = left ? tree.leftChild[node] : tree.rightChild[node];
  const cold = left ? tree.rightChild[node] : tree.leftChild[node];
  let incomingZero = 1, incomingOne = 1, length = last;
  for (let d = 1; d <= last; d++) {
    if (walk.feature[at + d] !== split) continue;
    incomingZero = walk.zero[at + d];
    incomingOne = walk.one[at + d];
    unwind(walk, at, last, d);
    length--;
    break;
  }
  const rows = countAt(tree, node);
  visit(walk, hot, depth + 1, length + 1, incomingZero * countAt(tree, hot) / rows, incomingOne, split);
  visit(walk, cold, depth + 1, length + 1, incomingZero * countAt(tree, cold) / rows, 0, split);
}

function countAt(tree: Tree, node: number): number {
  return node < 0 ? tree.leafCount[~node] : tree.internalCount[node];
}

/** Appends a step to the path and spreads the subsets' weights over it. */
function extend(walk: Walk, at: number, last: number, zero: number, one: number, feature: number): void {
  const { weight } = walk;
  walk.feature[at + last] = feature;
  walk.zero[at + last] = zero;
  walk.one[at + last] = one;
  weight[at + last] = last === 0 ? 1 : 0;
  for (let i = last - 1; i >= 0; i--) {
    weight[at + i + 1] += one * weight[at + i] * (i + 1) / (last + 1);
    weight[at + i] = zero * weight[at + i] * (last - i) / (last + 1);
  }
}

/** Undoes {@linkcode extend} for the step at d, wherever it was taken. */
function unwind(walk: Walk, at: number, last: number, d: number): void {
  const { weight } = walk;
  const one = walk.one[at + d], zero = walk.zero[at + d];
  let next = weight[at + last];
  for (let i = last - 1; i >= 0; i--) {
    if (one !== 0) {
      const kept = weight[at + i];
      weight[at + i] = next * (last + 1) / ((i + 1) * one);
      next = kept - weight[at + i] * zero * (last - i) / (last + 1);
    } else {
      weight[at + i] = weight[at + i] * (last + 1) / (zero * (last - i));
    }
  }
  for (const column of [walk.feature, walk.zero, walk.one]) {
    column.copyWithin(at + d, at + d + 1, at + last + 1);
  }
}

/** Sum of the weights that {@linkcode unwind} would leave. */
function unwoundSum(walk: Walk, at: number, last: number, d: number): number {
  const { weight } = walk;
  const one = walk.one[at + d], zero = walk.zero[at + d];
  let next = weight[at + last], total = 0;
  for (let i = last - 1; i >= 0; i--) {
    if (one !== 0) {
      const share = next * (last + 1) / ((i + 1) * one);
      total += share;
      next = weight[at + i] - share * zero * (last - i) / (last + 1);
    } else {
      total += weight[at + i] * (last + 1) / (zero * (last - i));
    }
  }
  return total;
}
