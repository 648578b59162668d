/**
 * Grows one tree, leaf by leaf: the leaf with the greatest gain is cut next.
 *
 * @module
 */
import { type BinnedMatrix } from "./binning.ts";
import { BIN_SLOTS, type GbdtParams, MISSING_BIN } from "./common.ts";
import { addRows, FEATURE_STRIDE, type GradientGrid, QUAD_STRIDE, subtractHistogram } from "./histogram.ts";
import { noSplit, scanCategorical, scanNumeric, type Split } from "./splitting.ts";
import { buildTree, type Cut, type GrownTree, type Leaf } from "./tree.ts";

/** Grows trees over one binned training set, keeping its buffers from tree to tree. */
export class Grower {
  readonly #matrix: BinnedMatrix;
  readonly #params: GbdtParams;
  readonly #agree: (splits: Split[]) => void;
  readonly #isMine: (word: number) => boolean;
  readonly #gradients: Float64Array;
  readonly #counted: Float64Array;
  readonly #right: Int32Array;
  readonly #goesLeft = new Uint8Array(BIN_SLOTS);
  readonly #scratch = new Float64Array(QUAD_STRIDE);
  readonly #pool: Float64Array[][] = [];

  /**
   * Makes room for trees over one training set.
   *
   * @param matrix The binned training set.
   * @param params Training parameters.
   * @param team Where several threads grow the same tree: which words this one scans, and how the threads
   * agree on the best splits of all (IN and OUT). Alone by default.
   */
  constructor(
    matrix: BinnedMatrix,
    params: GbdtParams,
    team: { isMine: (word: number) => boolean; agree: (splits: Split[]) => void } = {
      isMine: () => true,
      agree: () => {},
    },
  ) {
    this.#matrix = matrix;
    this.#params = params;
    this.#agree = team.agree;
    this.#isMine = team.isMine;
    this.#gradients = new Float64Array(matrix.n);
    this.#counted = new Float64Array(matrix.n);
    this.#right = new Int32Array(matrix.n);
  }

  /**
   * Grows a tree.
   *
   * @param grid Gradients of every row.
   * @param rows The rows to learn from, ascending, IN; permuted OUT.
   * @param usable Whether each slot's feature may be used, (4 · words): past the slots 0.
   */
  grow(grid: GradientGrid, rows: Int32Array, usable: Uint8Array): GrownTree {
    const params = this.#params;
    const leaves = [this.#root(grid, rows, usable)];
    const cuts: Cut[] = [];
    const parents = [{ node: -1, isLeft: false }];
    while (leaves.length < params.numLeaves) {
      let chosen = 0;
      for (let k = 1; k < leaves.length; k++) {
        if (leaves[k].split.gain > leaves[chosen].split.gain) chosen = k;
      }
      const parent = leaves[chosen];
      if (parent.split.slot < 0) break;
      const [left, right] = this.#cut(parent, rows);
      const at = parents[chosen];
      if (at.node >= 0) cuts[at.node][at.isLeft ? "left" : "right"] = cuts.length;
      parents[chosen] = { node: cuts.length, isLeft: true };
      parents.push({ node: cuts.length, isLeft: false });
      cuts.push({ split: parent.split, left: ~chosen, right: ~leaves.length });
      leaves[chosen] = left;
      leaves.push(right);
      this.#scanChildren(parent, left, right, leaves.length, grid, rows, usable);
    }
    for (const leaf of leaves) this.#release(leaf.histograms);
    return buildTree(leaves, cuts, this.#matrix, grid, rows, this.#params.lambdaL2);
  }

  #root(grid: GradientGrid, rows: Int32Array, usable: Uint8Array): Leaf {
    let gradient = 0, counted = 0;
    for (let i = 0; i < rows.length; i++) {
      gradient += grid.gradients[rows[i]];
      counted += grid.counted[rows[i]];
    }
    const root: Leaf = {
      begin: 0,
      end: rows.length,
      depth: 0,
      gradient,
      counted,
      split: noSplit(),
      histograms: undefined,
      lambda: this.#params.lambdaL2,
    };
    if (rows.length < 2 * this.#params.minDataInLeaf) return root;
    this.#gather(root, grid, rows);
    root.histograms = this.#histograms();
    for (let word = 0; word < this.#matrix.words.length; word++) {
      if (!this.#isUsed(word, usable)) continue;
      this.#build(word, root, rows, root.histograms[word]);
      this.#scan(word, root, root.histograms[word], grid, usable);
    }
    this.#agree([root.split]);
    return root;
  }

  /** Moves a leaf's rows to its two children, keeping their order, by a table from bin to side. */
  #cut(parent: Leaf, rows: Int32Array): [Leaf, Leaf] {
    const { split, begin, end, depth } = parent;
    const goesLeft = this.#goesLeft.fill(0), right = this.#right;
    goesLeft.fill(1, 0, split.bin + 1);
    for (const bin of split.leftBins) goesLeft[bin] = 1;
    goesLeft[MISSING_BIN] = split.missingLeft ? 1 : 0;
    const words = this.#matrix.words[split.slot >> 2], shift = 8 * (split.slot & 3);
    let numLeft = begin, numRight = 0;
    // Both sides are written every time and one counter moves: no branch to guess wrong.
    for (let i = begin; i < end; i++) {
      const row = rows[i], left = goesLeft[(words[row] >>> shift) & 255];
      rows[numLeft] = row;
      right[numRight] = row;
      numLeft += left;
      numRight += 1 - left;
    }
    rows.set(right.subarray(0, numRight), numLeft);
    const child = (begin: number, end: number, gradient: number, counted: number): Leaf => ({
      begin,
      end,
      depth: depth + 1,
      gradient,
      counted,
      split: noSplit(),
      histograms: undefined,
      lambda: split.lambda,
    });
    return [
      child(begin, numLeft, split.leftGradient, split.leftCounted),
      child(numLeft, end, parent.gradient - split.leftGradient, parent.counted - split.leftCounted),
    ];
  }

  /** Adds up the smaller child, gets the larger by subtraction, and finds the best splits of both. */
  #scanChildren(
    parent: Leaf,
    left: Leaf,
    right: Leaf,
    numLeaves: number,
    grid: GradientGrid,
    rows: Int32Array,
    usable: Uint8Array,
  ): void {
    const { numLeaves: mostLeaves, minDataInLeaf } = this.#params;
    const histograms = parent.histograms;
    parent.histograms = undefined;
    const [small, large] = left.end - left.begin <= right.end - right.begin ? [left, right] : [right, left];
    const isOpen = (leaf: Leaf) => this.#hasRoom(leaf.depth) && leaf.end - leaf.begin >= 2 * minDataInLeaf;
    if (!histograms || numLeaves >= mostLeaves || !isOpen(large)) {
      this.#release(histograms);
      return;
    }
    const scanSmall = isOpen(small), keep = this.#hasRoom(large.depth + 1);
    const kept = keep && scanSmall ? this.#histograms() : undefined;
    this.#gather(small, grid, rows);
    for (let word = 0; word < histograms.length; word++) {
      if (!this.#isUsed(word, usable)) continue;
      const out = kept ? kept[word] : this.#scratch;
      this.#build(word, small, rows, out);
      subtractHistogram(histograms[word], out);
      if (scanSmall) this.#scan(word, small, out, grid, usable);
      this.#scan(word, large, histograms[word], grid, usable);
    }
    this.#agree(scanSmall ? [small.split, large.split] : [large.split]);
    for (const [leaf, own] of [[small, kept], [large, histograms]] as const) {
      if (keep && leaf.split.slot >= 0) leaf.histograms = own;
      else this.#release(own);
    }
  }

  /** Whether a leaf at this depth may still be cut. */
  #hasRoom(depth: number): boolean {
    return this.#params.maxDepth <= 0 || depth < this.#params.maxDepth;
  }

  #isUsed(word: number, usable: Uint8Array): boolean {
    const first = 4 * word;
    return this.#isMine(word) &&
      (usable[first] | usable[first + 1] | usable[first + 2] | usable[first + 3]) !== 0;
  }

  /** Lays the gradients of a leaf's rows side by side, so that each word's pass reads them in order. */
  #gather(leaf: Leaf, grid: GradientGrid, rows: Int32Array): void {
    const gradients = this.#gradients, counted = this.#counted;
    for (let i = leaf.begin; i < leaf.end; i++) {
      const row = rows[i];
      gradients[i] = grid.gradients[row];
      counted[i] = grid.counted[row];
    }
  }

  #build(word: number, leaf: Leaf, rows: Int32Array, out: Float64Array): void {
    out.fill(0);
    addRows(this.#matrix.words[word], rows, leaf.begin, leaf.end, this.#gradients, this.#counted, out);
  }

  #scan(word: number, leaf: Leaf, hist: Float64Array, grid: GradientGrid, usable: Uint8Array): void {
    const { slots, bins } = this.#matrix;
    const limits = {
      gradient: leaf.gradient,
      counted: leaf.counted,
      params: this.#params,
      tick: grid.tick,
      rounder: grid.rounder,
    };
    for (let slot = 4 * word; slot < Math.min(4 * word + 4, slots.length); slot++) {
      if (usable[slot] === 0) continue;
      const feature = bins[slots[slot]];
      const scan = feature.categorical ? scanCategorical : scanNumeric;
      scan(hist, (slot & 3) * FEATURE_STRIDE, feature.numBins, slot, limits, leaf.split);
    }
  }

  #histograms(): Float64Array[] {
    return this.#pool.pop() ??
      this.#matrix.words.map((_, word) => new Float64Array(this.#isMine(word) ? QUAD_STRIDE : 0));
  }

  #release(histograms: Float64Array[] | undefined): void {
    if (histograms) this.#pool.push(histograms);
  }
}
