/**
 * Scores rows with trees. A block of rows goes down one tree together, node by node, as in training: columns
 * are read in order and no row waits for its own last step.
 *
 * @module
 */
import { ModelError } from "../../base/mod.ts";
import type { GbdtModel, Tree } from "./common.ts";
import { logistic } from "./objective.ts";

/** Rows that go down a tree together: their columns stay in the near cache. */
const BLOCK = 4096;

/** |x| up to which LightGBM's `zero_as_missing` takes a number for zero. */
const ZERO = 1e-35;

/** How a node decides, told from its decision type once a node and not once a row. */
const enum Rule {
  NanRight,
  NanLeft,
  Other,
}

/** Buffers of a descent, reused from tree to tree. */
interface Descent {
  near: Int32Array;
  far: Int32Array;
}

/**
 * Raw scores: log odds for `binary`, the value itself otherwise.
 *
 * @param model The model.
 * @param features One column a feature in the model's order, n long; NaN is missing.
 * @returns Scores, (n).
 * @throws {ModelError} If the columns are not as many as the model's features, or of unequal lengths.
 */
export function predictRaw(model: GbdtModel, features: Float64Array[]): Float64Array {
  const n = checkColumns(model, features);
  const out = new Float64Array(n);
  const descent = createDescent(n);
  for (let start = 0; start < n; start += BLOCK) {
    const end = Math.min(start + BLOCK, n);
    for (const tree of model.trees) descend(tree, features, start, end, out, descent);
  }
  return out;
}

/**
 * Predictions: the probability of label 1 for `binary`, the value itself otherwise.
 *
 * @param model The model.
 * @param features One column a feature in the model's order, n long; NaN is missing.
 * @returns Predictions, (n).
 * @throws {ModelError} As {@linkcode predictRaw}.
 */
export function predict(model: GbdtModel, features: Float64Array[]): Float64Array {
  const out = predictRaw(model, features);
  if (model.objective === "binary") {
    for (let i = 0; i < out.length; i++) out[i] = logistic(model.sigmoid * out[i]);
  }
  return out;
}

/** Adds one tree's leaf values to the scores of all rows: `scores` (n), IN and OUT. */
export function addTree(tree: Tree, features: Float64Array[], scores: Float64Array): void {
  const descent = createDescent(scores.length);
  for (let start = 0; start < scores.length; start += BLOCK) {
    descend(tree, features, start, Math.min(start + BLOCK, scores.length), scores, descent);
  }
}

/** Whether a value goes to a node's left child. The meaning of the decision type's bits is LightGBM's. */
export function goesLeft(tree: Tree, node: number, value: number): boolean {
  const type = tree.decisionType[node];
  if (type & 1) return hasCategory(tree, tree.threshold[node], value);
  const missing = type >> 2 & 3;
  const known = value !== value && missing !== 2 ? 0 : value;
  if (known !== known || (missing === 1 && Math.abs(known) <= ZERO)) return (type & 2) !== 0;
  return known <= tree.threshold[node];
}

/**
 * The number of rows of the columns.
 *
 * @throws {ModelError} If the columns are not as many as the model's features, or of unequal lengths.
 */
export function checkColumns(model: GbdtModel, features: Float64Array[]): number {
  const { featureNames } = model;
  if (features.length !== featureNames.length) {
    throw new ModelError(
      `Cannot predict: ${features.length} feature columns, wanted the model's ${featureNames.length}`,
      "features",
    );
  }
  const n = features.length > 0 ? features[0].length : 0;
  features.forEach((column, f) => {
    if (column.length === n) return;
    throw new ModelError(
      `Cannot predict: feature "${featureNames[f]}" has ${column.length} rows, wanted ${n} as "${
        featureNames[0]
      }"`,
      featureNames[f],
    );
  });
  return n;
}

/** NaN, negative and unknown codes are in no set; fractions are cut off, as a C cast does. */
function hasCategory(tree: Tree, set: number, value: number): boolean {
  const code = Math.trunc(value);
  const first = tree.catBoundaries[set], length = tree.catBoundaries[set + 1] - first;
  if (!(code >= 0 && code < 32 * length)) return false;
  return (tree.catThreshold[first + (code >> 5)] >>> (code & 31) & 1) !== 0;
}

function createDescent(rows: number): Descent {
  const length = Math.min(rows, BLOCK);
  return { near: new Int32Array(length), far: new Int32Array(length) };
}

function descend(
  tree: Tree,
  features: Float64Array[],
  start: number,
  end: number,
  scores: Float64Array,
  descent: Descent,
): void {
  if (tree.leafValue.length === 1) {
    for (let i = start; i < end; i++) scores[i] += tree.leafValue[0];
    return;
  }
  for (let i = start; i < end; i++) descent.near[i - start] = i;
  descendNode(tree, features, 0, descent.near, descent.far, 0, end - start, scores);
}

/** Sends rows [begin, end) of `near` below a node; `far` is the other buffer, free in the same range. */
function descendNode(
  tree: Tree,
  features: Float64Array[],
  node: number,
  near: Int32Array,
  far: Int32Array,
  begin: number,
  end: number,
  scores: Float64Array,
): void {
  const left = tree.leftChild[node], right = tree.rightChild[node];
  const column = features[tree.splitFeature[node]], rule = ruleOf(tree, node);
  const threshold = tree.threshold[node];
  if (left < 0 && right < 0 && rule !== Rule.Other) {
    addTwins(column, threshold, rule, near, begin, end, tree.leafValue, ~left, ~right, scores);
    return;
  }
  const middle = rule === Rule.Other
    ? splitOther(tree, node, column, near, far, begin, end)
    : splitRows(column, threshold, rule, near, far, begin, end);
  for (let side = 0; side < 2; side++) {
    const child = side === 0 ? left : right;
    const from = side === 0 ? begin : middle, to = side === 0 ? middle : end;
    if (from === to) continue;
    if (child >= 0) {
      descendNode(tree, features, child, far, near, from, to, scores);
    } else {
      const value = tree.leafValue[~child];
      for (let i = from; i < to; i++) scores[far[i]] += value;
    }
  }
}

/** NaN compares false: `x <= t` sends it right, `!(x > t)` left, so most nodes need no test for it. */
function ruleOf(tree: Tree, node: number): Rule {
  const type = tree.decisionType[node];
  const missing = type >> 2 & 3, threshold = tree.threshold[node];
  if (type & 1 || missing === 1 || threshold !== threshold) return Rule.Other;
  const nanLeft = missing === 2 ? (type & 2) !== 0 : 0 <= threshold;
  return nanLeft ? Rule.NanLeft : Rule.NanRight;
}

/** Fills the left rows from the front of `far` and the right ones from its back, without a branch. */
function splitRows(
  column: Float64Array,
  threshold: number,
  rule: Rule,
  near: Int32Array,
  far: Int32Array,
  begin: number,
  end: number,
): number {
  let front = begin, back = end - 1;
  if (rule === Rule.NanRight) {
    for (let i = begin; i < end; i++) {
      const row = near[i], left = Number(column[row] <= threshold);
      far[front] = row;
      far[back] = row;
      front += left;
      back -= 1 - left;
    }
  } else {
    for (let i = begin; i < end; i++) {
      const row = near[i], right = Number(column[row] > threshold);
      far[front] = row;
      far[back] = row;
      front += 1 - right;
      back -= right;
    }
  }
  return front;
}

function splitOther(
  tree: Tree,
  node: number,
  column: Float64Array,
  near: Int32Array,
  far: Int32Array,
  begin: number,
  end: number,
): number {
  let front = begin, back = end - 1;
  for (let i = begin; i < end; i++) {
    const row = near[i];
    if (goesLeft(tree, node, column[row])) far[front++] = row;
    else far[back--] = row;
  }
  return front;
}

/** A node of two leaves, half of all nodes: rows need not be sorted out, and the leaf's number is arithmetic. */
function addTwins(
  column: Float64Array,
  threshold: number,
  rule: Rule,
  near: Int32Array,
  begin: number,
  end: number,
  leafValue: Float64Array,
  left: number,
  right: number,
  scores: Float64Array,
): void {
  const toLeft = left - right;
  if (rule === Rule.NanRight) {
    for (let i = begin; i < end; i++) {
      const row = near[i];
      scores[row] += leafValue[right + toLeft * Number(column[row] <= threshold)];
    }
  } else {
    for (let i = begin; i < end; i++) {
      const row = near[i];
      scores[row] += leafValue[left - toLeft * Number(column[row] > threshold)];
    }
  }
}
