import assert from "node:assert/strict";
import { ModelError, Random } from "../../../lib/base/mod.ts";
import { type GbdtModel, predict, predictRaw, type Tree } from "../../../lib/ml/gbdt/mod.ts";
import { emptyTree } from "../../../lib/ml/gbdt/tree.ts";
import { naiveLeaf } from "../../reference/gbdt_predict.ts";

const FEATURES = 5;

/** A random tree with every kind of node LightGBM writes. */
function randomTree(random: Random, leaves: number): Tree {
  const tree = { ...emptyTree(leaves) };
  const open = [{ node: -1, left: false }];
  for (let node = 0; node < leaves - 1; node++) {
    const at = open.splice(random.int(open.length), 1)[0];
    if (at.node >= 0) (at.left ? tree.leftChild : tree.rightChild)[at.node] = node;
    open.push({ node, left: true }, { node, left: false });
    tree.splitFeature[node] = random.int(FEATURES);
    tree.decisionType[node] = random.int(6) === 0 ? 1 : 4 * random.int(3) + 2 * random.int(2);
    tree.threshold[node] = [0, 1e-36, NaN, random.normal(), random.normal(), random.normal()][random.int(6)];
  }
  open.forEach(({ node, left }, leaf) => {
    if (node >= 0) (left ? tree.leftChild : tree.rightChild)[node] = ~leaf;
    tree.leafValue[leaf] = random.normal();
  });
  const boundaries = [0], words: number[] = [];
  for (let node = 0; node < leaves - 1; node++) {
    if (tree.decisionType[node] !== 1) continue;
    tree.threshold[node] = boundaries.length - 1;
    for (let w = random.int(3); w >= 0; w--) words.push(random.uint32());
    boundaries.push(words.length);
  }
  tree.catBoundaries = Int32Array.from(boundaries);
  tree.catThreshold = Uint32Array.from(words);
  return tree;
}

function randomModel(seed: number, trees: number): GbdtModel {
  const random = new Random(seed);
  return {
    objective: "binary",
    sigmoid: 1.5,
    featureNames: ["a", "b", "c", "d", "e"],
    featureInfos: new Array(FEATURES).fill("none"),
    trees: Array.from({ length: trees }, () => randomTree(random, 1 + random.int(40))),
    parameters: {},
    validLoss: new Float64Array(0),
  };
}

/** Columns of normal numbers, codes, zeros, missing values and oddities. */
function randomColumns(seed: number, n: number): Float64Array[] {
  const random = new Random(seed),
    odd = [NaN, 0, -0, 1e-36, -1e-35, 1e300, -Infinity, Infinity, -1, -0.5, 3.7, 1e9];
  return Array.from(
    { length: FEATURES },
    () =>
      Float64Array.from(
        { length: n },
        () => [random.normal(), random.int(100), odd[random.int(12)]][random.int(3)],
      ),
  );
}

Deno.test("predictRaw() walks as the naive reader does, for every kind of node, value and block", () => {
  for (const [seed, n] of [[1, 1], [2, 700], [3, 4096], [4, 9001]]) {
    const model = randomModel(seed, 12), columns = randomColumns(seed, n);
    const raw = predictRaw(model, columns);
    for (let row = 0; row < n; row += n > 1000 ? 7 : 1) {
      const values = columns.map((column) => column[row]);
      const expected = model.trees.reduce((sum, tree) => sum + tree.leafValue[naiveLeaf(tree, values)], 0);
      assert.equal(raw[row], expected);
    }
  }
});

Deno.test("predictRaw() scores a row the same alone and among others", () => {
  const model = randomModel(5, 10), columns = randomColumns(6, 300);
  const raw = predictRaw(model, columns);
  for (let row = 0; row < 300; row++) {
    assert.equal(predictRaw(model, columns.map((column) => column.slice(row, row + 1)))[0], raw[row]);
  }
});

Deno.test("predict() links raw scores: a logistic of steepness sigmoid, or nothing", () => {
  const model = randomModel(7, 3), columns = randomColumns(8, 50), raw = predictRaw(model, columns);
  predict(model, columns).forEach((p, i) => assert.equal(p, 1 / (1 + Math.exp(-1.5 * raw[i]))));
  assert.deepEqual(predict({ ...model, objective: "quantile" }, columns), raw);
});

Deno.test("predictRaw() takes no rows, and refuses columns that are not the model's", () => {
  const model = randomModel(9, 2), columns = randomColumns(10, 20);
  assert.equal(predictRaw(model, columns.map(() => new Float64Array(0))).length, 0);
  assert.throws(
    () => predictRaw(model, columns.slice(1)),
    (error) =>
      error instanceof ModelError && error.message.includes("4 feature columns, wanted the model's 5"),
  );
  assert.throws(
    () => predictRaw(model, columns.with(2, new Float64Array(19))),
    (error) => error instanceof ModelError && error.message.includes('feature "c" has 19 rows, wanted 20'),
  );
});
