import assert from "node:assert/strict";
import { ModelError } from "../../../lib/base/mod.ts";
import { featureImportance, predictRaw, shapContributions, trainGbdt } from "../../../lib/ml/gbdt/mod.ts";
import { naiveExpectation, naiveShap } from "../../reference/gbdt_shap.ts";
import { makeData } from "./_data.ts";

Deno.test("shapContributions() and the bias sum to the raw score", () => {
  for (const objective of ["binary", "regression", "quantile"] as const) {
    const data = makeData({ n: 800, seed: 1, binary: objective === "binary" });
    const model = trainGbdt(data, { objective, numTrees: 20, alpha: 0.7, minDataPerGroup: 10 });
    const test = makeData({ n: 100, seed: 2, codes: 20 });
    const columns = shapContributions(model, test.features);
    assert.equal(columns.length, 7);
    predictRaw(model, test.features).forEach((score, row) => {
      const sum = columns.reduce((total, column) => total + column[row], 0);
      assert(Math.abs(sum - score) < 1e-9);
    });
  }
});

Deno.test("shapContributions() equals Shapley's definition over all subsets", () => {
  const data = makeData({ n: 500, seed: 3 });
  const model = trainGbdt(data, { objective: "regression", numTrees: 3, numLeaves: 12, minDataPerGroup: 10 });
  const test = makeData({ n: 12, seed: 4, codes: 20 });
  const columns = shapContributions(model, test.features);
  for (let row = 0; row < 12; row++) {
    const values = test.features.map((column) => column[row]);
    const expected = new Array(7).fill(0);
    for (const tree of model.trees) {
      naiveShap(tree, values).forEach((value, f) => expected[f] += value);
      expected[6] += naiveExpectation(tree, values, new Set());
    }
    expected.forEach((value, f) => assert(Math.abs(columns[f][row] - value) < 1e-9));
  }
});

Deno.test("shapContributions() gives nothing to features without a split, and all to the bias of a constant", () => {
  const data = makeData({ n: 400, seed: 5 });
  data.features[2].fill(7);
  const columns = shapContributions(trainGbdt(data, { objective: "regression", numTrees: 5 }), data.features);
  assert(columns[2].every((value) => value === 0));
  const constant = trainGbdt(data, { objective: "regression", minDataInLeaf: 300 });
  assert.deepEqual(
    shapContributions(constant, data.features).map((column) => column[9]),
    [0, 0, 0, 0, 0, 0, constant.trees[0].leafValue[0]],
  );
});

Deno.test("featureImportance() counts splits, sums gains, and is led by the feature that matters", () => {
  const data = makeData({ n: 1000, seed: 6 });
  data.labels.forEach((_, i) => data.labels[i] = 5 * data.features[3][i] + data.features[0][i]);
  const model = trainGbdt(data, { objective: "regression", numTrees: 10 });
  const split = featureImportance(model, "split"), gain = featureImportance(model, "gain");
  const nodes = model.trees.reduce((sum, tree) => sum + tree.splitFeature.length, 0);
  assert.equal(split.reduce((a, b) => a + b, 0), nodes);
  const sum = model.trees.reduce((total, tree) => total + tree.splitGain.reduce((a, b) => a + b, 0), 0);
  assert(Math.abs(gain.reduce((a, b) => a + b, 0) - sum) < 1e-9 * sum);
  assert.equal(gain.indexOf(Math.max(...gain)), 3);
});

Deno.test("shapContributions() refuses columns that are not the model's", () => {
  const data = makeData({ n: 100, seed: 7 });
  const model = trainGbdt(data, { objective: "regression", numTrees: 1 });
  assert.throws(() => shapContributions(model, data.features.slice(1)), ModelError);
});
