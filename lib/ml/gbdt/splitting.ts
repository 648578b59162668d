/**
 * The best way to cut a node in two, found on its histograms.
 *
 * @module
 */
import { type GbdtParams, MISSING_BIN } from "./common.ts";
import { countOf } from "./histogram.ts";

/** Offset of the missing bin's gradient in a feature's histogram. */
const MISSING = 2 * MISSING_BIN;

/** Hessian below which a side counts as empty, so that no quotient is 0 / 0. */
const LEAST_HESSIAN = 1e-15;

/** The least number above 1: keeps a quotient's rounding from letting an empty bin beat the one before it. */
const ABOVE_ONE = 1 + Number.EPSILON;

/** Share of the node's own gain that a cut must exceed: less is rounding, as in a leaf of equal labels. */
const NOISE = 1e-12;

/** A cut of a node: what goes left, and its sums. */
export interface Split {
  /** Twice the loss reduction, as LightGBM counts it; -Infinity while no cut is known. */
  gain: number;
  /** Slot of the feature. */
  slot: number;
  /** Numeric: last bin that goes left. Categorical: -1. */
  bin: number;
  /** Whether the missing bin goes left. */
  missingLeft: boolean;
  /** Categorical: the bins that go left. */
  leftBins: number[];
  /** Sum of gradients on the left. */
  leftGradient: number;
  /** Sum of counted hessians on the left. */
  leftCounted: number;
  /** L2 penalty of the two children's values. */
  lambda: number;
}

/** What a cut of a node must respect, and how sums are read. */
export interface SplitLimits {
  /** Sum of the node's gradients. */
  gradient: number;
  /** Sum of the node's counted hessians. */
  counted: number;
  /** Training parameters. */
  params: GbdtParams;
  /** The tick that counts a row. */
  tick: number;
  /** Rounder of counted hessians to the coarse grid. */
  rounder: number;
}

/** A split that any other beats. */
export function noSplit(): Split {
  return {
    gain: -Infinity,
    slot: -1,
    bin: -1,
    missingLeft: false,
    leftBins: [],
    leftGradient: 0,
    leftCounted: 0,
    lambda: 0,
  };
}

/** Twice the loss reduction of giving rows of these sums their best common value: G² / (H + λ). */
export function leafGain(gradient: number, hessian: number, lambda: number): number {
  return gradient * gradient / (hessian + lambda);
}

/**
 * Tries every threshold of a numeric feature, missing values right and, where the node has some, left.
 * O(bins). The counted hessian stands for the hessian: its ticks are below the hessian's own rounding.
 *
 * @param hist Histograms of a word's four features, IN.
 * @param base Offset of the feature's in `hist`.
 * @param numBins Value bins of the feature.
 * @param slot Slot of the feature.
 * @param limits The node.
 * @param best Best split so far, IN and OUT; on equal gain it stays.
 */
export function scanNumeric(
  hist: Float64Array,
  base: number,
  numBins: number,
  slot: number,
  limits: SplitLimits,
  best: Split,
): void {
  const gradient = hist[base + MISSING], counted = hist[base + MISSING + 1];
  scanThresholds(hist, base, numBins, slot, limits, 0, 0, counted, false, best);
  if (counted > 0) scanThresholds(hist, base, numBins, slot, limits, gradient, counted, 0, true, best);
}

// One long function: the inner loop wants its sums in locals. Maximises u² / (L·R), with L and R the sides'
// hessians + λ, D = L + R and u = GL − L·G/D; GL²/L + GR²/R equals D·u²/(L·R) + G²/D. Dividing only where a
// threshold is the best so far keeps the loop short.
function scanThresholds(
  hist: Float64Array,
  base: number,
  numBins: number,
  slot: number,
  limits: SplitLimits,
  startGradient: number,
  startCounted: number,
  endCounted: number,
  missingLeft: boolean,
  best: Split,
): void {
  const { gradient, counted, params, tick, rounder } = limits;
  const { minDataInLeaf, lambdaL2 } = params;
  const minHessian = Math.max(params.minSumHessian, LEAST_HESSIAN);
  const minTicks = minDataInLeaf * tick;
  let low = 0, leftGradient = startGradient, left = startCounted;
  for (; low < numBins; low++) {
    leftGradient += hist[base + 2 * low];
    left += hist[base + 2 * low + 1];
    if (left >= minHessian && left - ((left + rounder) - rounder) >= minTicks) break;
  }
  let high = numBins - 1;
  for (let right = endCounted; high >= low; high--) {
    if (right >= minHessian && right - ((right + rounder) - rounder) >= minTicks) break;
    right += hist[base + 2 * high + 1];
  }
  if (high < low) return;

  const total = counted + 2 * lambdaL2, mean = gradient / total;
  left += lambdaL2;
  let bestBin = -1, bestRatio = 0;
  for (let bin = low, k = base + 2 * low; bin <= high; bin++) {
    const u = leftGradient - left * mean, top = u * u, bottom = left * (total - left);
    if (top > bestRatio * bottom) {
      bestBin = bin;
      bestRatio = top / bottom * ABOVE_ONE;
    }
    k += 2;
    leftGradient += hist[k];
    left += hist[k + 1];
  }
  if (bestBin < 0) return;
  const nodeGain = leafGain(gradient, counted, lambdaL2);
  const gain = total * bestRatio + gradient * mean - nodeGain;
  if (gain <= best.gain || gain <= params.minSplitGain + NOISE * nodeGain) return;
  best.gain = gain;
  best.slot = slot;
  best.bin = bestBin;
  best.leftBins = [];
  best.lambda = lambdaL2;
  best.leftGradient = startGradient;
  best.leftCounted = startCounted;
  for (let bin = 0; bin <= bestBin; bin++) {
    best.leftGradient += hist[base + 2 * bin];
    best.leftCounted += hist[base + 2 * bin + 1];
  }
  // A node that met no missing value sends them to its larger child.
  const unseen = !missingLeft && endCounted === 0;
  best.missingLeft = unseen
    ? 2 * countOf(best.leftCounted, tick, rounder) > countOf(counted, tick, rounder)
    : missingLeft;
}

/**
 * Tries sets of categories: each alone where they are few, else the ends of their order by
 * gradient / (hessian + catSmooth) (Fisher's grouping, as in LightGBM). Missing and rare ones go right.
 *
 * @param hist Histograms of a word's four features, IN.
 * @param base Offset of the feature's in `hist`.
 * @param numBins Categories of the feature.
 * @param slot Slot of the feature.
 * @param limits The node.
 * @param best Best split so far, IN and OUT; on equal gain it stays.
 */
export function scanCategorical(
  hist: Float64Array,
  base: number,
  numBins: number,
  slot: number,
  limits: SplitLimits,
  best: Split,
): void {
  const { params, tick, rounder } = limits;
  const all = Array.from({ length: numBins }, (_, bin) => bin);
  if (numBins <= params.maxCatToOnehot) {
    for (const bin of all) scanSets(hist, base, [bin], 1, 1, params.lambdaL2, slot, limits, best);
    return;
  }
  const ratio = (bin: number) => hist[base + 2 * bin] / (hist[base + 2 * bin + 1] + params.catSmooth);
  const ordered = all
    .filter((bin) => countOf(hist[base + 2 * bin + 1], tick, rounder) >= params.catSmooth)
    .sort((a, b) => ratio(a) - ratio(b) || a - b);
  const most = Math.min(params.maxCatThreshold, (ordered.length + 1) >> 1);
  const lambda = params.lambdaL2 + params.catL2;
  scanSets(hist, base, ordered, most, params.minDataPerGroup, lambda, slot, limits, best);
  scanSets(hist, base, ordered.reverse(), most, params.minDataPerGroup, lambda, slot, limits, best);
}

/** Tries the first 1, 2, … `most` of `ordered` as the left side, `group` rows at least between two tries. */
function scanSets(
  hist: Float64Array,
  base: number,
  ordered: number[],
  most: number,
  group: number,
  lambda: number,
  slot: number,
  limits: SplitLimits,
  best: Split,
): void {
  const { gradient, counted, params, tick, rounder } = limits;
  const minHessian = Math.max(params.minSumHessian, LEAST_HESSIAN);
  const nodeGain = leafGain(gradient, counted, params.lambdaL2);
  const rows = countOf(counted, tick, rounder);
  let leftGradient = 0, left = 0, groupStart = 0;
  for (let i = 0; i < most; i++) {
    leftGradient += hist[base + 2 * ordered[i]];
    left += hist[base + 2 * ordered[i] + 1];
    const leftRows = countOf(left, tick, rounder);
    if (leftRows < params.minDataInLeaf || left < minHessian) continue;
    if (rows - leftRows < Math.max(params.minDataInLeaf, group) || counted - left < minHessian) break;
    if (leftRows - groupStart < group) continue;
    groupStart = leftRows;
    const gain = leafGain(leftGradient, left, lambda) +
      leafGain(gradient - leftGradient, counted - left, lambda) - nodeGain;
    if (gain <= best.gain || gain <= params.minSplitGain + NOISE * nodeGain) continue;
    best.gain = gain;
    best.slot = slot;
    best.bin = -1;
    best.missingLeft = false;
    best.leftBins = ordered.slice(0, i + 1);
    best.leftGradient = leftGradient;
    best.leftCounted = left;
    best.lambda = lambda;
  }
}
