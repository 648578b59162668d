/** Every way to cut a node at one feature, tried one after another. */
import type { GbdtParams } from "../../lib/ml/gbdt/mod.ts";
import { countOf } from "../../lib/ml/gbdt/histogram.ts";
import type { NaiveHistogram } from "./gbdt_histogram.ts";

/** A cut: which bins go left, and its gain. */
export interface NaiveSplit {
  gain: number;
  left: Set<number>;
  lambda: number;
}

const MISSING = 255;

/** The best cut of a numeric feature: every threshold, missing right then left. */
export function naiveNumericSplit(
  hist: NaiveHistogram,
  numBins: number,
  params: GbdtParams,
  grid: { tick: number; rounder: number },
): NaiveSplit | undefined {
  let best: NaiveSplit | undefined;
  for (const missing of hist.counted[MISSING] > 0 ? [[], [MISSING]] : [[]]) {
    for (let bin = 0; bin < numBins; bin++) {
      const left = new Set([...Array(bin + 1).keys(), ...missing]);
      best = better(best, tryCut(hist, left, params.lambdaL2, 1, params, grid));
    }
  }
  return best;
}

/** The best cut of a categorical feature: one against the rest, or both ends of the order by ratio. */
export function naiveCategoricalSplit(
  hist: NaiveHistogram,
  numBins: number,
  params: GbdtParams,
  grid: { tick: number; rounder: number },
): NaiveSplit | undefined {
  const bins = [...Array(numBins).keys()];
  let best: NaiveSplit | undefined;
  if (numBins <= params.maxCatToOnehot) {
    for (const bin of bins) {
      best = better(best, tryCut(hist, new Set([bin]), params.lambdaL2, 1, params, grid));
    }
    return best;
  }
  const rows = (bin: number) => countOf(hist.counted[bin], grid.tick, grid.rounder);
  const ratio = (bin: number) => hist.gradient[bin] / (hist.counted[bin] + params.catSmooth);
  const order = bins.filter((bin) => rows(bin) >= params.catSmooth).sort((a, b) =>
    ratio(a) - ratio(b) || a - b
  );
  const most = Math.min(params.maxCatThreshold, Math.floor((order.length + 1) / 2));
  for (const ordered of [order, [...order].reverse()]) {
    let lastRows = 0;
    for (let taken = 1; taken <= most; taken++) {
      const left = ordered.slice(0, taken), leftRows = left.reduce((sum, bin) => sum + rows(bin), 0);
      const cut = tryCut(
        hist,
        new Set(left),
        params.lambdaL2 + params.catL2,
        params.minDataPerGroup,
        params,
        grid,
      );
      if (!cut || leftRows - lastRows < params.minDataPerGroup) continue;
      lastRows = leftRows;
      best = better(best, cut);
    }
  }
  return best;
}

function better(best: NaiveSplit | undefined, cut: NaiveSplit | undefined): NaiveSplit | undefined {
  return cut && cut.gain > 0 && (!best || cut.gain > best.gain) ? cut : best;
}

function tryCut(
  hist: NaiveHistogram,
  left: Set<number>,
  lambda: number,
  minRight: number,
  params: GbdtParams,
  grid: { tick: number; rounder: number },
): NaiveSplit | undefined {
  let leftGradient = 0, leftCounted = 0, gradient = 0, counted = 0;
  for (let bin = 0; bin < 256; bin++) {
    gradient += hist.gradient[bin];
    counted += hist.counted[bin];
    if (!left.has(bin)) continue;
    leftGradient += hist.gradient[bin];
    leftCounted += hist.counted[bin];
  }
  const rows = (x: number) => countOf(x, grid.tick, grid.rounder);
  const hessian = (x: number) => x - rows(x) * grid.tick;
  const rightCounted = counted - leftCounted;
  if (rows(leftCounted) < params.minDataInLeaf || hessian(leftCounted) < params.minSumHessian) {
    return undefined;
  }
  if (rows(rightCounted) < Math.max(params.minDataInLeaf, minRight)) return undefined;
  if (hessian(rightCounted) < params.minSumHessian) return undefined;
  const gain = leftGradient ** 2 / (hessian(leftCounted) + lambda) +
    (gradient - leftGradient) ** 2 / (hessian(rightCounted) + lambda) -
    gradient ** 2 / (hessian(counted) + params.lambdaL2);
  return { gain, left, lambda };
}
