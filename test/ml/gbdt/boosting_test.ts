import assert from "node:assert/strict";
import { ModelError, Random } from "../../../lib/base/mod.ts";
import {
  GBDT_DEFAULTS,
  type GbdtOptions,
  predict,
  predictRaw,
  type TrainData,
  trainGbdt,
  writeLightGbmText,
} from "../../../lib/ml/gbdt/mod.ts";
import { meanLoss } from "../../../lib/ml/gbdt/objective.ts";
import { makeData, takeRows } from "./_data.ts";

function auc(labels: Float64Array, scores: Float64Array): number {
  const order = [...scores.keys()].sort((a, b) => scores[a] - scores[b]);
  let positives = 0, ranks = 0;
  order.forEach((i, rank) => {
    positives += labels[i];
    ranks += labels[i] * (rank + 1);
  });
  return (ranks - positives * (positives + 1) / 2) / (positives * (labels.length - positives));
}

Deno.test("trainGbdt() learns probabilities of unseen rows", () => {
  const train = makeData({ n: 4000, seed: 1, binary: true }),
    test = makeData({ n: 4000, seed: 2, binary: true });
  const model = trainGbdt(train, { objective: "binary", numTrees: 60 });
  const p = predict(model, test.features);
  assert(auc(test.labels, p) > 0.88, `${auc(test.labels, p)}`);
  const mean = p.reduce((a, b) => a + b, 0) / p.length,
    rate = test.labels.reduce((a, b) => a + b, 0) / p.length;
  assert(Math.abs(mean - rate) < 0.02);
});

Deno.test("trainGbdt() learns nothing of shuffled labels that holds for unseen rows", () => {
  const train = makeData({ n: 3000, seed: 3, binary: true }),
    test = makeData({ n: 3000, seed: 4, binary: true });
  const model = trainGbdt({ ...train, labels: new Random(5).shuffle(train.labels.slice()) }, {
    objective: "binary",
  });
  assert(Math.abs(auc(test.labels, predict(model, test.features)) - 0.5) < 0.05);
});

Deno.test("trainGbdt() lowers every loss round by round", () => {
  for (const objective of ["binary", "regression", "quantile"] as const) {
    const data = makeData({ n: 1500, seed: 6, binary: objective === "binary", weighted: true });
    const { validLoss } = trainGbdt(data, { objective, numTrees: 30, alpha: 0.25 }, data);
    assert.equal(validLoss.length, 30);
    for (let i = 1; i < 30; i++) assert(validLoss[i] < validLoss[i - 1], objective);
  }
});

Deno.test("trainGbdt() sends missing values to the side that fits them", () => {
  const x = Float64Array.from({ length: 400 }, (_, i) => i % 4 === 0 ? NaN : i);
  for (const missingLabel of [0, 1]) {
    const labels = x.map((value) => value !== value ? missingLabel : value > 200 ? 1 : 0);
    const data: TrainData = { features: [x], names: ["x"], categorical: new Set(), labels };
    const p = predict(trainGbdt(data, { objective: "binary", numTrees: 50 }), [
      Float64Array.of(NaN, 10, 390),
    ]);
    assert(Math.abs(p[0] - missingLabel) < 0.05 && p[1] < 0.05 && p[2] > 0.95, `${p}`);
  }
});

Deno.test("trainGbdt() finds scattered categories in one cut, and treats an unseen code as none of them", () => {
  const random = new Random(7);
  const kind = Float64Array.from({ length: 2000 }, () => random.int(30)), hot = new Set([3, 7, 11, 20, 29]);
  const data: TrainData = {
    features: [kind],
    names: ["kind"],
    categorical: [true],
    labels: kind.map((code) => hot.has(code) ? 5 : 1),
  };
  const model = trainGbdt(data, {
    objective: "regression",
    numTrees: 1,
    learningRate: 1,
    minDataPerGroup: 1,
    catL2: 0,
  });
  assert.equal(model.trees[0].splitFeature.length, 1);
  const p = predict(model, [Float64Array.of(7, 29, 8, 30, 500, NaN)]);
  [5, 5, 1, 1, 1, 1].forEach((value, i) => assert(Math.abs(p[i] - value) < 1e-9));
});

Deno.test("trainGbdt() gives the same bits for the same seed and others for another", () => {
  const data = makeData({ n: 1500, seed: 8, binary: true });
  const options: GbdtOptions = {
    objective: "binary",
    numTrees: 15,
    baggingFraction: 0.6,
    featureFraction: 0.6,
    seed: 4,
  };
  const text = writeLightGbmText(trainGbdt(data, options));
  assert.equal(writeLightGbmText(trainGbdt(data, options)), text);
  const other = trainGbdt(data, { ...options, seed: 5 });
  assert.notDeepEqual(
    other.trees.map((tree) => tree.splitFeature.join()),
    trainGbdt(data, options).trees.map((tree) => tree.splitFeature.join()),
  );
});

Deno.test("trainGbdt() gives the same bits in any order of rows", () => {
  const data = makeData({ n: 1500, seed: 9, binary: true });
  const text = writeLightGbmText(trainGbdt(data, { objective: "binary", numTrees: 20 }));
  const order = new Random(10).shuffle(Int32Array.from({ length: 1500 }, (_, i) => i));
  assert.equal(
    writeLightGbmText(trainGbdt(takeRows(data, order), { objective: "binary", numTrees: 20 })),
    text,
  );
});

Deno.test("trainGbdt() takes a weight of 2 for a row that is there twice, and of 0 for one that is not", () => {
  const data = makeData({ n: 900, seed: 11, binary: true }), random = new Random(12);
  const weights = Float64Array.from({ length: 900 }, () => random.int(3));
  const rows = [...weights.keys()].flatMap((i) => new Array(weights[i]).fill(i));
  // Rows are counted as they are there, whatever they weigh, so no limit may speak of counts; bins see zeros too.
  const options: GbdtOptions = {
    objective: "binary",
    numTrees: 8,
    minDataInLeaf: 1,
    minSumHessian: 5,
    catSmooth: 0,
    minDataPerGroup: 1,
  };
  const numeric = { ...data, features: data.features.slice(2, 3), names: ["few"] };
  const weighted = predictRaw(trainGbdt({ ...numeric, weights }, options), numeric.features);
  const repeated = predictRaw(trainGbdt(takeRows(numeric, rows), options), numeric.features);
  weighted.forEach((score, i) => assert(Math.abs(score - repeated[i]) < 1e-6));
});

Deno.test("trainGbdt() draws that share of rows and features for each tree", () => {
  const data = makeData({ n: 1000, seed: 13 });
  const model = trainGbdt(data, {
    objective: "regression",
    numTrees: 12,
    baggingFraction: 0.35,
    featureFraction: 0.5,
  });
  const used = model.trees.map((tree) => new Set(tree.splitFeature));
  for (const tree of model.trees) assert.equal(tree.internalCount[0], 350);
  for (const features of used) assert(features.size <= 3);
  assert(new Set(used.flatMap((features) => [...features])).size > 4);
});

Deno.test("trainGbdt() stops early and keeps the trees up to the best round on the validation rows", () => {
  const train = makeData({ n: 300, seed: 14, binary: true }),
    valid = makeData({ n: 2000, seed: 15, binary: true });
  const options: GbdtOptions = {
    objective: "binary",
    numTrees: 500,
    learningRate: 0.3,
    earlyStoppingRounds: 10,
  };
  const model = trainGbdt(train, options, valid);
  const best = model.validLoss.indexOf(Math.min(...model.validLoss));
  assert.equal(model.trees.length, best + 1);
  assert.equal(model.validLoss.length, best + 11);
  const targets = { labels: valid.labels, weights: undefined };
  const loss = meanLoss(targets, { ...GBDT_DEFAULTS, ...options }, predictRaw(model, valid.features));
  assert(Math.abs(loss - model.validLoss[best]) < 1e-12);
});

Deno.test("trainGbdt() puts that share of labels below a quantile", () => {
  const train = makeData({ n: 4000, seed: 16 }), test = makeData({ n: 4000, seed: 17 });
  for (const alpha of [0.1, 0.5, 0.9]) {
    const model = trainGbdt(train, { objective: "quantile", alpha, numTrees: 80, minDataInLeaf: 100 });
    const p = predict(model, test.features);
    const below = test.labels.filter((label, i) => label < p[i]).length / 4000;
    assert(Math.abs(below - alpha) < 0.05, `${alpha}: ${below}`);
  }
});

Deno.test("trainGbdt() makes one leaf of the start value where nothing can be cut", () => {
  const data = makeData({ n: 10, seed: 18 });
  const model = trainGbdt(data, { objective: "regression" });
  assert.equal(model.trees.length, 1);
  const mean = data.labels.reduce((a, b) => a + b, 0) / 10;
  assert.deepEqual([...predictRaw(model, data.features)], new Array(10).fill(mean));
});

Deno.test("trainGbdt() grows the same model on any number of threads", () => {
  for (const objective of ["binary", "quantile"] as const) {
    const data = makeData({ n: 1200, seed: 19, binary: objective === "binary", weighted: true });
    const options: GbdtOptions = {
      objective,
      numTrees: 12,
      baggingFraction: 0.8,
      featureFraction: 0.7,
      minDataPerGroup: 5,
    };
    const text = writeLightGbmText(trainGbdt(data, options));
    for (const threads of [2, 3, 5]) {
      assert.equal(writeLightGbmText(trainGbdt(data, { ...options, threads })), text, `${threads} threads`);
    }
  }
});

Deno.test("trainGbdt() refuses what it cannot learn from, by name", () => {
  const good = makeData({ n: 50, seed: 20, binary: true });
  const change = (index: number, value: number) => good.labels.with(index, value);
  const cases: [Partial<TrainData>, Partial<GbdtOptions>, RegExp][] = [
    [
      { labels: good.labels.map(() => 1), subject: "tradeable_2" },
      {},
      /^Cannot train on "tradeable_2": only class 1 in 50 rows/,
    ],
    [{ labels: good.labels.map(() => 0) }, {}, /only class 0 in 50 rows, wanted both/],
    [{ weights: good.labels.map((label) => 1 - label) }, {}, /only class 0/],
    [{ labels: change(7, NaN) }, {}, /label NaN in row 7, wanted a finite number/],
    [{ labels: change(7, Infinity) }, { objective: "regression" }, /label Infinity in row 7/],
    [{ labels: change(7, 2) }, {}, /label 2 in row 7, wanted 0 or 1/],
    [{ labels: good.labels.slice(1) }, {}, /feature "wide" has 50 rows, wanted 49 as there are labels/],
    [{ labels: new Float64Array(0) }, {}, /no rows/],
    [{ names: good.names.slice(1) }, {}, /5 names for 6 features/],
    [{ names: good.names.with(1, "wide") }, {}, /feature "wide" is there twice/],
    [{ names: good.names.with(1, "a b") }, {}, /feature name "a b" has a space/],
    [{ weights: new Float64Array(49) }, {}, /49 weights, wanted 50/],
    [{ weights: new Float64Array(50).fill(1).with(4, -1) }, {}, /weight -1 in row 4/],
    [{ weights: new Float64Array(50).fill(1).with(4, NaN) }, {}, /weight NaN in row 4/],
    [{ weights: new Float64Array(50) }, { objective: "regression" }, /no weight above 0/],
    [{}, { numLeaves: 1 }, /numLeaves is 1, wanted an integer from 2/],
    [{}, { maxBins: 256 }, /maxBins is 256, wanted an integer from 2 to 255/],
    [{}, { learningRate: NaN }, /learningRate is NaN/],
    [{}, { alpha: 1 }, /alpha is 1/],
    [{}, { earlyStoppingRounds: 5 }, /earlyStoppingRounds needs validation rows/],
    [
      {},
      { objective: "poisson" as "binary" },
      /objective is "poisson", wanted binary, regression or quantile/,
    ],
  ];
  for (const [data, options, message] of cases) {
    assert.throws(
      () => trainGbdt({ ...good, ...data }, { objective: "binary", ...options }),
      (error) => error instanceof ModelError && error.exitCode === 2 && message.test(error.message),
      `${message}`,
    );
  }
});

Deno.test("trainGbdt() refuses validation rows of other features, and takes ones of a single class", () => {
  const train = makeData({ n: 200, seed: 21, binary: true }),
    valid = makeData({ n: 50, seed: 22, binary: true });
  const refuse = (bad: TrainData, message: RegExp) =>
    assert.throws(() => trainGbdt(train, { objective: "binary" }, bad), message);
  refuse(
    { ...valid, features: valid.features.slice(1), names: valid.names.slice(1) },
    /it has 5 features, wanted 6/,
  );
  refuse({ ...valid, names: valid.names.with(2, "other") }, /feature 2 is "other", wanted "few"/);
  refuse({ ...valid, categorical: new Set(["kind"]) }, /feature "pair" is categorical in one set only/);
  refuse({ ...valid, labels: valid.labels.with(0, NaN) }, /Cannot validate on "labels": label NaN in row 0/);
  const oneClass = { ...valid, labels: valid.labels.map(() => 0) };
  assert.equal(trainGbdt(train, { objective: "binary", numTrees: 3 }, oneClass).validLoss.length, 3);
});
