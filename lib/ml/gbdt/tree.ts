/**
 * From the leaves and cuts of a finished tree to the arrays it is kept, read and saved as.
 *
 * @module
 */
import type { BinnedMatrix } from "./binning.ts";
import type { Tree } from "./common.ts";
import type { GradientGrid } from "./histogram.ts";
import { leafGain, type Split } from "./splitting.ts";

/** Decision type of a numeric node: NaN is missing; with {@linkcode MISSING_LEFT} it goes left. */
const NUMERIC_NODE = 8;

/** Bit of a decision type: what is missing goes left. */
const MISSING_LEFT = 2;

/** A leaf while its tree grows. */
export interface Leaf {
  /** Its rows are [begin, end) of the tree's rows. */
  begin: number;
  /** End of its rows, exclusive. */
  end: number;
  /** Cuts above it. */
  depth: number;
  /** Sum of gradients. */
  gradient: number;
  /** Sum of counted hessians. */
  counted: number;
  /** Its best cut so far. */
  split: Split;
  /** A histogram a word, while children may be worth scanning. */
  histograms: Float64Array[] | undefined;
  /** L2 penalty of the leaf's value: that of the split that made it. */
  lambda: number;
}

/** A cut that was made: an inner node. A child is a node when not negative, else leaf `~child`. */
export interface Cut {
  /** How rows were parted. */
  split: Split;
  /** Left child. */
  left: number;
  /** Right child. */
  right: number;
}

/** A grown tree and which rows are in which leaf. */
export interface GrownTree {
  /** The tree; leaf values without shrinkage. */
  tree: Tree;
  /** The tree's rows, leaf by leaf, ascending within one. */
  rows: Int32Array;
  /** Range of {@linkcode rows} of each leaf: leaf k is [2k], [2k + 1]. */
  ranges: Int32Array;
}

/**
 * Writes a grown tree into arrays. Leaf values are −G / (H + λ), from sums over the leaf's own rows.
 *
 * @param leaves The leaves, by number.
 * @param cuts The inner nodes, a parent before its children.
 * @param rows The tree's rows, leaf by leaf.
 * @param lambdaL2 L2 penalty of inner nodes' values.
 */
export function buildTree(
  leaves: Leaf[],
  cuts: Cut[],
  matrix: BinnedMatrix,
  grid: GradientGrid,
  rows: Int32Array,
  lambdaL2: number,
): GrownTree {
  const tree = emptyTree(leaves.length);
  const ranges = new Int32Array(2 * leaves.length), gradients = new Float64Array(leaves.length);
  leaves.forEach((leaf, k) => {
    ranges.set([leaf.begin, leaf.end], 2 * k);
    for (let i = leaf.begin; i < leaf.end; i++) {
      gradients[k] += grid.gradients[rows[i]];
      tree.leafWeight[k] += grid.hessians[rows[i]];
    }
    tree.leafCount[k] = leaf.end - leaf.begin;
    tree.leafValue[k] = bestValue(gradients[k], tree.leafWeight[k] + leaf.lambda);
  });
  const sums = new Float64Array(cuts.length);
  const gainOf = (child: number, lambda: number) =>
    child < 0
      ? leafGain(gradients[~child], tree.leafWeight[~child], lambda)
      : leafGain(sums[child], tree.internalWeight[child], lambda);
  // Backwards, so that a child's sums are ready before its parent's.
  for (let i = cuts.length - 1; i >= 0; i--) {
    const { split, left, right } = cuts[i];
    for (const child of [left, right]) {
      sums[i] += child < 0 ? gradients[~child] : sums[child];
      tree.internalWeight[i] += child < 0 ? tree.leafWeight[~child] : tree.internalWeight[child];
      tree.internalCount[i] += child < 0 ? tree.leafCount[~child] : tree.internalCount[child];
    }
    tree.internalValue[i] = bestValue(sums[i], tree.internalWeight[i] + lambdaL2);
    tree.leftChild[i] = left;
    tree.rightChild[i] = right;
    tree.splitGain[i] = gainOf(left, split.lambda) + gainOf(right, split.lambda) - gainOf(i, lambdaL2);
  }
  writeRules(tree, cuts, matrix);
  return { tree, rows, ranges };
}

/** A tree of `numLeaves` leaves with every number 0. */
export function emptyTree(numLeaves: number): Tree {
  const nodes = numLeaves - 1;
  return {
    splitFeature: new Int32Array(nodes),
    splitGain: new Float64Array(nodes),
    threshold: new Float64Array(nodes),
    decisionType: new Uint8Array(nodes),
    leftChild: new Int32Array(nodes),
    rightChild: new Int32Array(nodes),
    internalValue: new Float64Array(nodes),
    internalWeight: new Float64Array(nodes),
    internalCount: new Int32Array(nodes),
    leafValue: new Float64Array(numLeaves),
    leafWeight: new Float64Array(numLeaves),
    leafCount: new Int32Array(numLeaves),
    catBoundaries: new Int32Array(1),
    catThreshold: new Uint32Array(0),
    shrinkage: 1,
  };
}

function bestValue(gradient: number, penalised: number): number {
  return penalised > 0 ? -gradient / penalised : 0;
}

/** Writes each node's feature and rule; categories become bit sets of their codes. */
function writeRules(tree: Tree, cuts: Cut[], matrix: BinnedMatrix): void {
  const boundaries = [0], words: number[] = [];
  cuts.forEach(({ split }, i) => {
    const feature = matrix.slots[split.slot], bins = matrix.bins[feature];
    tree.splitFeature[i] = feature;
    if (!bins.categorical) {
      tree.decisionType[i] = NUMERIC_NODE | (split.missingLeft ? MISSING_LEFT : 0);
      tree.threshold[i] = bins.thresholds[split.bin];
      return;
    }
    tree.decisionType[i] = 1;
    tree.threshold[i] = boundaries.length - 1;
    const codes = split.leftBins.map((bin) => bins.categories[bin]), first = words.length;
    for (let w = Math.max(...codes) >> 5; w >= 0; w--) words.push(0);
    for (const code of codes) words[first + (code >> 5)] |= 1 << (code & 31);
    boundaries.push(words.length);
  });
  tree.catBoundaries = Int32Array.from(boundaries);
  tree.catThreshold = Uint32Array.from(words);
}
