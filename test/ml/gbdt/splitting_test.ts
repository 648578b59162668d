import assert from "node:assert/strict";
import { Random } from "../../../lib/base/mod.ts";
import { GBDT_DEFAULTS, type GbdtParams } from "../../../lib/ml/gbdt/mod.ts";
import { addRows, createGradientGrid, QUAD_STRIDE, snapToGrid } from "../../../lib/ml/gbdt/histogram.ts";
import { noSplit, scanCategorical, scanNumeric, type Split } from "../../../lib/ml/gbdt/splitting.ts";
import { type NaiveHistogram, naiveHistogram } from "../../reference/gbdt_histogram.ts";
import { naiveCategoricalSplit, naiveNumericSplit } from "../../reference/gbdt_split.ts";

const DEFAULTS: GbdtParams = { ...GBDT_DEFAULTS, objective: "binary" };

/** A node of one feature whose rows fall in `bins`; hessians uneven unless given. */
function makeNode(bins: number[], gradients: number[], params: GbdtParams, hessians?: number[]) {
  const n = bins.length, grid = createGradientGrid(n);
  grid.gradients.set(gradients);
  grid.hessians.set(hessians ?? bins.map((_, i) => 0.05 + (i * 7919 % 100) / 500));
  snapToGrid(grid);
  const rows = Int32Array.from({ length: n }, (_, i) => i), hist = new Float64Array(QUAD_STRIDE);
  addRows(Int32Array.from(bins), rows, 0, n, grid.gradients, grid.counted, hist);
  const sum = (column: Float64Array) => column.reduce((a, b) => a + b, 0);
  const limits = {
    gradient: sum(grid.gradients),
    counted: sum(grid.counted),
    params,
    tick: grid.tick,
    rounder: grid.rounder,
  };
  return { hist, limits, naive: naiveHistogram((row) => bins[row], rows, grid.gradients, grid.counted) };
}

/** The rows a split sends left, by the naive histogram's counted hessians. */
function leftBinsOf(split: Split, numBins: number): Set<number> {
  const numeric = split.bin < 0 ? [] : [...Array(Math.min(split.bin + 1, numBins)).keys()];
  return new Set([...numeric, ...split.leftBins, ...(split.missingLeft ? [255] : [])]);
}

/** Bins that hold rows, of a set: empty ones make no difference. */
function filled(hist: NaiveHistogram, bins: Set<number>): number[] {
  return [...bins].filter((bin) => hist.counted[bin] > 0).sort((a, b) => a - b);
}

function assertSameSplit(
  split: Split,
  slow: ReturnType<typeof naiveNumericSplit>,
  hist: NaiveHistogram,
  n: number,
) {
  if (!slow) return assert.equal(split.gain, -Infinity);
  assert(Math.abs(split.gain - slow.gain) <= 1e-6 * slow.gain, `${split.gain} ${slow.gain}`);
  assert.deepEqual(filled(hist, leftBinsOf(split, n)), filled(hist, slow.left));
  const sum = (column: Float64Array) => [...slow.left].reduce((total, bin) => total + column[bin], 0);
  assert.equal(split.leftGradient, sum(hist.gradient));
  assert.equal(split.leftCounted, sum(hist.counted));
  assert.equal(split.lambda, slow.lambda);
}

Deno.test("scanNumeric() finds the cut worked out by hand", () => {
  const params = { ...DEFAULTS, minDataInLeaf: 1, minSumHessian: 0 };
  const { hist, limits } = makeNode([0, 1, 2, 3], [1, 1, -3, -3], params, [1, 1, 1, 1]);
  const best = noSplit();
  scanNumeric(hist, 0, 4, 5, limits, best);
  assert.equal(best.bin, 1);
  assert.equal(best.slot, 5);
  // 2²/2 + (−6)²/2 − (−4)²/4 = 2 + 18 − 4; the cuts beside it gain 1 + 25/3 − 4 and 1/3 + 9 − 4.
  assert(Math.abs(best.gain - 16) < 1e-9);
  assert.equal(best.leftGradient, 2);
});

Deno.test("scanNumeric() equals the naive search, with and without missing values", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed), n = 50 + random.int(600), numBins = 2 + random.int(254);
    const missing = [0, 0.1, 0.5][seed % 3];
    const params = {
      ...DEFAULTS,
      lambdaL2: [0, 1, 10][seed % 3],
      minDataInLeaf: 1 + random.int(30),
      minSumHessian: random.uniform(),
    };
    const bins = Array.from({ length: n }, () => random.uniform() < missing ? 255 : random.int(numBins));
    const gradients = bins.map((bin) => random.normal() + (bin === 255 ? 1 : bin > numBins / 3 ? 0.3 : 0));
    const { hist, limits, naive } = makeNode(bins, gradients, params);
    const best = noSplit();
    scanNumeric(hist, 0, numBins, 0, limits, best);
    assertSameSplit(best, naiveNumericSplit(naive, numBins, params, limits), naive, numBins);
  }
});

Deno.test("scanNumeric() sends missing values to the better side, or to the larger child where there are none", () => {
  const params = { ...DEFAULTS, minDataInLeaf: 1 };
  const at = (bins: number[], gradients: number[]) => {
    const { hist, limits } = makeNode(bins, gradients, params, bins.map(() => 1));
    const best = noSplit();
    scanNumeric(hist, 0, 2, 0, limits, best);
    return best.missingLeft;
  };
  assert.equal(at([0, 0, 1, 1, 255, 255], [1, 1, -1, -1, 1, 1]), true);
  assert.equal(at([0, 0, 1, 1, 255, 255], [1, 1, -1, -1, -1, -1]), false);
  assert.equal(at([0, 0, 0, 1], [1, 1, 1, -1]), true);
  assert.equal(at([0, 1, 1, 1], [1, -1, -1, -1]), false);
});

Deno.test("scanNumeric() can part missing values from all others", () => {
  const params = { ...DEFAULTS, minDataInLeaf: 1 };
  const { hist, limits } = makeNode([0, 1, 2, 255, 255], [1, 1, 1, -1, -1], params);
  const best = noSplit();
  scanNumeric(hist, 0, 3, 0, limits, best);
  assert.deepEqual([best.bin, best.missingLeft], [2, false]);
});

Deno.test("scanNumeric() finds nothing where a limit forbids every cut, or no cut gains", () => {
  const bins = [0, 0, 1, 1], gradients = [1, 1, -1, -1], ones = [1, 1, 1, 1];
  const refused: [Partial<GbdtParams>, number[]][] = [
    [{ minDataInLeaf: 3 }, gradients],
    [{ minDataInLeaf: 1, minSumHessian: 2.5 }, gradients],
    [{ minDataInLeaf: 1, minSplitGain: 4 }, gradients],
    [{ minDataInLeaf: 1 }, ones],
  ];
  for (const [change, column] of refused) {
    const { hist, limits } = makeNode(bins, column, { ...DEFAULTS, ...change }, ones);
    const best = noSplit();
    scanNumeric(hist, 0, 2, 0, limits, best);
    assert.equal(best.slot, -1, JSON.stringify(change));
  }
});

Deno.test("scanCategorical() equals the naive search, one against the rest and many against many", () => {
  let many = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed), n = 300 + random.int(900), numBins = 2 + random.int(seed % 2 ? 40 : 3);
    const params = {
      ...DEFAULTS,
      lambdaL2: seed % 4,
      minDataInLeaf: 1 + random.int(20),
      minDataPerGroup: 1 + random.int(60),
      catSmooth: random.int(12),
      maxCatThreshold: 1 + random.int(32),
    };
    const bins = Array.from({ length: n }, () => random.uniform() < 0.1 ? 255 : random.int(numBins));
    const gradients = bins.map((bin) => random.normal() + (bin % 3 === 1 ? 0.6 : 0));
    const { hist, limits, naive } = makeNode(bins, gradients, params);
    const best = noSplit();
    scanCategorical(hist, 0, numBins, 0, limits, best);
    assertSameSplit(best, naiveCategoricalSplit(naive, numBins, params, limits), naive, numBins);
    if (best.leftBins.length > 1) many++;
  }
  assert(many > 5, `${many} splits of several categories`);
});

Deno.test("scanCategorical() and scanNumeric() leave a better split of another feature alone", () => {
  const params = { ...DEFAULTS, minDataInLeaf: 1 };
  const { hist, limits } = makeNode([0, 0, 1, 1], [1, 1, -1, -1], params, [1, 1, 1, 1]);
  const best = { ...noSplit(), gain: 4, slot: 0 };
  scanNumeric(hist, 0, 2, 1, limits, best);
  scanCategorical(hist, 0, 2, 1, limits, best);
  assert.equal(best.slot, 0);
});
