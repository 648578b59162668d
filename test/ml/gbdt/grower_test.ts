import assert from "node:assert/strict";
import { Random } from "../../../lib/base/mod.ts";
import { binTrainData } from "../../../lib/ml/gbdt/binning.ts";
import { GBDT_DEFAULTS, type GbdtParams, type TrainData } from "../../../lib/ml/gbdt/mod.ts";
import { Grower } from "../../../lib/ml/gbdt/grower.ts";
import type { GrownTree } from "../../../lib/ml/gbdt/tree.ts";
import { createGradientGrid, type GradientGrid, snapToGrid } from "../../../lib/ml/gbdt/histogram.ts";
import { goesLeft } from "../../../lib/ml/gbdt/predictor.ts";
import { naiveGrow } from "../../reference/gbdt_grow.ts";
import { makeData, takeRows } from "./_data.ts";

const DEFAULTS: GbdtParams = { ...GBDT_DEFAULTS, objective: "binary", minDataInLeaf: 5, minDataPerGroup: 10 };

/** Gradients that lean on the labels, with uneven hessians that belong to the row's values. */
function gridOf(data: TrainData): GradientGrid {
  const grid = createGradientGrid(data.labels.length);
  data.labels.forEach((label, i) => {
    grid.gradients[i] = -label;
    grid.hessians[i] = 0.05 + Math.abs(Math.sin(1e4 * data.features[0][i])) / 4;
  });
  snapToGrid(grid);
  return grid;
}

function growOnce(data: TrainData, params: GbdtParams): GrownTree {
  const matrix = binTrainData(data, params.maxBins, 1);
  const rows = Int32Array.from({ length: matrix.n }, (_, i) => i);
  return new Grower(matrix, params).grow(gridOf(data), rows, new Uint8Array(4 * matrix.words.length).fill(1));
}

function depths(tree: GrownTree["tree"]): number[] {
  const out = new Array(tree.leafValue.length).fill(0);
  const walk = (node: number, depth: number) => {
    if (node < 0) out[~node] = depth;
    else walk(tree.leftChild[node], depth + 1), walk(tree.rightChild[node], depth + 1);
  };
  walk(out.length > 1 ? 0 : -1, 0);
  return out;
}

Deno.test("Grower.grow() grows the naive tree, cut by cut and leaf by leaf", () => {
  for (let seed = 1; seed <= 9; seed++) {
    const data = makeData({ n: 120 + 30 * seed, seed, missing: seed % 3 / 5 });
    const params = {
      ...DEFAULTS,
      numLeaves: 4 + seed,
      maxDepth: [-1, 3, 5][seed % 3],
      lambdaL2: seed % 2,
      maxBins: [255, 40][seed % 2],
    };
    const { tree, rows, ranges } = growOnce(data, params);
    const matrix = binTrainData(data, params.maxBins, 1);
    const { leaves, cuts } = naiveGrow(data.features, matrix, gridOf(data), params);
    assert.deepEqual([...tree.splitFeature], cuts.map((cut) => cut.feature), `seed ${seed}`);
    cuts.forEach((cut, i) => assert(Math.abs(tree.splitGain[i] - cut.gain) < 1e-5 * cut.gain));
    leaves.forEach((leaf, k) => {
      assert.deepEqual([...rows.subarray(ranges[2 * k], ranges[2 * k + 1])], leaf.rows);
      assert.equal(tree.leafValue[k], leaf.value);
      assert.equal(tree.leafCount[k], leaf.rows.length);
    });
  }
});

Deno.test("Grower.grow() writes nodes that send each row to the leaf it was counted in", () => {
  const data = makeData({ n: 1500, seed: 20 });
  const { tree, rows, ranges } = growOnce(data, { ...DEFAULTS, numLeaves: 40 });
  for (let k = 0; k < tree.leafValue.length; k++) {
    for (const row of rows.subarray(ranges[2 * k], ranges[2 * k + 1])) {
      let node = 0;
      while (node >= 0) {
        const left = goesLeft(tree, node, data.features[tree.splitFeature[node]][row]);
        node = left ? tree.leftChild[node] : tree.rightChild[node];
      }
      assert.equal(~node, k);
    }
  }
});

Deno.test("Grower.grow() gives the same tree in any order of rows", () => {
  const data = makeData({ n: 1200, seed: 21 });
  const { tree } = growOnce(data, { ...DEFAULTS, numLeaves: 31 });
  for (let seed = 0; seed < 4; seed++) {
    const order = new Random(seed).shuffle(Int32Array.from({ length: 1200 }, (_, i) => i));
    assert.deepEqual(growOnce(takeRows(data, order), { ...DEFAULTS, numLeaves: 31 }).tree, tree);
  }
});

Deno.test("Grower.grow() keeps to leaves, depth, rows and hessian", () => {
  const data = makeData({ n: 2000, seed: 22 });
  const cases: [Partial<GbdtParams>, (grown: GrownTree) => void][] = [
    [{ numLeaves: 7 }, ({ tree }) => assert.equal(tree.leafValue.length, 7)],
    [{ numLeaves: 500, maxDepth: 4 }, ({ tree }) => assert.equal(Math.max(...depths(tree)), 4)],
    [{ numLeaves: 500, maxDepth: 1 }, ({ tree }) => assert.equal(tree.leafValue.length, 2)],
    [{ numLeaves: 500, minDataInLeaf: 150 }, ({ tree }) => assert(Math.min(...tree.leafCount) >= 150)],
    [{ numLeaves: 500, minSumHessian: 20 }, ({ tree }) => assert(Math.min(...tree.leafWeight) >= 19.99)],
    [{ minDataInLeaf: 1001 }, ({ tree }) => assert.equal(tree.leafValue.length, 1)],
  ];
  for (const [change, check] of cases) check(growOnce(data, { ...DEFAULTS, ...change }));
});

Deno.test("Grower.grow() cuts the leaf of the greatest gain next: a smaller tree is the start of a larger", () => {
  const data = makeData({ n: 2000, seed: 23 });
  const large = growOnce(data, { ...DEFAULTS, numLeaves: 30 }).tree;
  const small = growOnce(data, { ...DEFAULTS, numLeaves: 12 }).tree;
  assert.deepEqual(small.splitFeature, large.splitFeature.slice(0, 11));
  assert.deepEqual(small.threshold, large.threshold.slice(0, 11));
});

Deno.test("Grower.grow() uses only the rows and slots it is given, and leaves no trace for the next tree", () => {
  const data = makeData({ n: 1000, seed: 24 });
  const matrix = binTrainData(data, 255, 1), grid = gridOf(data);
  const grower = new Grower(matrix, DEFAULTS);
  const all = () => Int32Array.from({ length: 1000 }, (_, i) => i);
  const slots = new Uint8Array(4 * matrix.words.length).fill(1);
  const first = grower.grow(grid, all(), slots).tree;
  const some = grower.grow(grid, all().filter((row) => row % 3 === 0), Uint8Array.of(0, 1, 0, 0, 1, 0, 0, 0));
  assert.deepEqual([...new Set(some.tree.splitFeature)].sort(), [1, 4]);
  assert.equal(some.tree.internalCount[0], 334);
  assert(some.rows.every((row) => row % 3 === 0));
  assert.deepEqual(grower.grow(grid, all(), slots).tree, first);
});

Deno.test("Grower.grow() counts and weighs every node as the sum of its children", () => {
  const data = makeData({ n: 900, seed: 25 });
  const { tree } = growOnce(data, DEFAULTS);
  assert.equal(tree.internalCount[0], 900);
  tree.leftChild.forEach((left, node) => {
    const right = tree.rightChild[node];
    const count = (child: number) => child < 0 ? tree.leafCount[~child] : tree.internalCount[child];
    const weight = (child: number) => child < 0 ? tree.leafWeight[~child] : tree.internalWeight[child];
    assert.equal(tree.internalCount[node], count(left) + count(right));
    assert.equal(tree.internalWeight[node], weight(left) + weight(right));
  });
});
