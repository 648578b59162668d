import assert from "node:assert/strict";
import { ModelError } from "../../../lib/base/mod.ts";
import {
  checkModelFeatures,
  featureImportance,
  GBDT_DEFAULTS,
  type GbdtModel,
  predict,
  predictRaw,
  readLightGbmText,
  shapContributions,
  trainGbdt,
  writeLightGbmText,
} from "../../../lib/ml/gbdt/mod.ts";
import { meanLoss } from "../../../lib/ml/gbdt/objective.ts";
import { requires } from "../../helpers/requires.ts";
import { makeData } from "./_data.ts";
import { askLightGbm, type OracleResult } from "./_oracle.ts";

function trainOne(objective: "binary" | "regression" | "quantile", weighted = false, codes = 12) {
  const data = makeData({ n: 2000, seed: 5, binary: objective === "binary", weighted, codes });
  const options = { objective, numTrees: 25, alpha: 0.8, minDataPerGroup: 20, lambdaL2: 0.5 };
  return { data, model: trainGbdt(data, options) };
}

function assertClose(found: Float64Array, wanted: Float64Array, tolerance: number, what: string) {
  assert.equal(found.length, wanted.length);
  found.forEach((x, i) => {
    assert(
      Math.abs(x - wanted[i]) <= tolerance * Math.max(1, Math.abs(wanted[i])),
      `${what} ${i}: ${x} ${wanted[i]}`,
    );
  });
}

/** Rows as in training and rows with categories never seen, missing values and numbers far out. */
function strangeRows(): Float64Array[] {
  const { features } = makeData({ n: 1500, seed: 9, codes: 90, missing: 0.4 });
  features[0].set([NaN, 1e9, -1e9, 0, -0, 1e-40]);
  features[4].set([NaN, -1, 1e6, 0, 31, 32, 63, 64]);
  features[5].set([NaN, 5, 1.7]);
  return features;
}

Deno.test("writeLightGbmText() writes this text for this tree", () => {
  const x = Float64Array.of(1, 2, 3, 4, NaN, NaN), kind = Float64Array.of(0, 33, 0, 33, 0, 33);
  const data = {
    features: [x, kind],
    names: ["x", "kind"],
    categorical: new Set(["kind"]),
    labels: Float64Array.of(0, 4, 0, 4, 6, 10),
  };
  const options = {
    objective: "regression",
    numTrees: 1,
    minDataInLeaf: 1,
    learningRate: 0.5,
    numLeaves: 4,
  } as const;
  const text = writeLightGbmText(trainGbdt(data, options));
  const tree = text.slice(text.indexOf("Tree=0"), text.indexOf("end of trees"));
  assert.equal(
    tree,
    [
      "Tree=0",
      "num_leaves=4",
      "num_cat=2",
      "split_feature=0 1 1",
      "split_gain=48 16 8",
      "threshold=1e+300 0 1",
      "decision_type=8 1 1",
      "left_child=1 -1 -2",
      "right_child=2 -3 -4",
      "leaf_value=2 5 4 7",
      "leaf_weight=2 1 2 1",
      "leaf_count=2 1 2 1",
      "internal_value=4 3 6",
      "internal_weight=6 4 2",
      "internal_count=6 4 2",
      "cat_boundaries=0 1 2",
      "cat_threshold=1 1",
      "is_linear=0",
      "shrinkage=1",
      "",
      "",
      "",
    ].join("\n"),
  );
  assert(
    text.startsWith(
      "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\n",
    ),
  );
  assert(
    text.includes("\nobjective=regression\nfeature_names=x kind\nfeature_infos=[1:4] 0:33\ntree_sizes="),
  );
});

Deno.test("readLightGbmText() gives back the model that was written, to the bit", () => {
  for (const objective of ["binary", "regression", "quantile"] as const) {
    const { model } = trainOne(objective), text = writeLightGbmText(model);
    const read = readLightGbmText(text, "model.txt");
    assert.deepEqual({ ...read, validLoss: model.validLoss }, model);
    assert.equal(writeLightGbmText(read), text);
    assert.equal(writeLightGbmText(readLightGbmText(text.replaceAll("\n", "\r\n"), "model.txt")), text);
  }
});

Deno.test("readLightGbmText() keeps numbers C++ writes its own way", () => {
  const { model } = trainOne("regression");
  const text = withoutSizes(writeLightGbmText(model)).replace(/\nthreshold=\S+/, "\nthreshold=nan")
    .replace(/\nsplit_gain=\S+/, "\nsplit_gain=inf");
  const { trees } = readLightGbmText(text, "model.txt");
  assert.equal(trees[0].threshold[0], NaN);
  assert.equal(trees[0].splitGain[0], Infinity);
  assert(writeLightGbmText({ ...model, trees }).includes("\nsplit_gain=inf "));
});

/** LightGBM reads tree after tree where the sizes are not told. */
const withoutSizes = (text: string) => text.replace(/\ntree_sizes=.*/, "");

/** Tree text whose nodes have these children; the other numbers are all the same. */
function treeText(left: number[], right: number[]): string {
  const nodes = left.length, all = (x: number, n: number) => Array(n).fill(x).join(" ");
  return [
    `num_leaves=${nodes + 1}`,
    "num_cat=0",
    ...["split_feature", "split_gain", "threshold", "internal_value", "internal_weight", "internal_count"]
      .map((key) => `${key}=${all(0, nodes)}`),
    `decision_type=${all(2, nodes)}`,
    `left_child=${left.join(" ")}`,
    `right_child=${right.join(" ")}`,
    ...["leaf_value", "leaf_weight", "leaf_count"].map((key) => `${key}=${all(1, nodes + 1)}`),
  ].join("\n");
}

/** Two nodes, each the other's child. */
const circle = () => treeText([-1, 2, 1], [-2, -3, -4]);
/** Each node but the last below the one before it. */
const chain = (nodes: number) =>
  treeText(
    Array.from({ length: nodes }, (_, k) => k + 1 < nodes ? k + 1 : ~nodes),
    Array.from({ length: nodes }, (_, k) => ~k),
  );

Deno.test("a tree whose thousand nodes stand in a row is walked to its end", () => {
  const { model } = trainOne("binary");
  const text = withoutSizes(writeLightGbmText(model)).replace(
    /Tree=0\n[^]*?\n\n/,
    `Tree=0\n${chain(1000)}\n\n`,
  );
  const deep = readLightGbmText(text, "model.txt"), features = strangeRows();
  const rest = { ...deep, trees: deep.trees.slice(1) }, without = predictRaw(rest, features);
  assertClose(predictRaw(deep, features), without.map((x) => x + 1), 1e-12, "raw score");
  assert.equal(shapContributions(deep, features.map((column) => column.slice(0, 1))).length, 7);
});

Deno.test("readLightGbmText() refuses what is no such model, with file and line", () => {
  const text = writeLightGbmText(trainOne("binary").model);
  const cases: [string, RegExp][] = [
    ["", /near line 1: found "", wanted a LightGBM model's "tree"/],
    ['{"name": "x"}', /found "\{"name": "x"\}"/],
    [text.replace("version=v4", "version=v2"), /found version v2, wanted v3 or v4/],
    [
      text.replace("num_tree_per_iteration=1", "num_tree_per_iteration=3"),
      /found num_tree_per_iteration 3, wanted 1/,
    ],
    [text.replace("label_index=0", "label_index=0\naverage_output"), /averaged output/],
    [
      text.replace("objective=binary sigmoid:1", "objective=poisson"),
      /objective "poisson", wanted binary, regr/,
    ],
    [text.replace("feature_names=wide ", "feature_names="), /5 names and 6 infos of features, wanted 6/],
    [
      text.slice(0, text.indexOf("Tree=7")),
      /found "end of file", wanted "end of trees"; is the file whole\?/,
    ],
    [text.replace(/tree_sizes=\d+/, "tree_sizes=1"), /found \d+ bytes of tree 0, wanted the 1 of tree_sizes/],
    [text.replace("\nleaf_value=", "\nleaf_value= "), /found \d+ bytes of tree 0, wanted the \d+ of/],
    [text.slice(0, text.indexOf("leaf_value", text.indexOf("Tree=7"))), /no leaf_value/],
    [text.replace(/Tree=24[^]*end of trees/, "end of trees"), /found 25 numbers of tree_sizes, wanted 24/],
    [text.replace("is_linear=0", "is_linear=1"), /linear leaves/],
    [text.replace(/num_leaves=\d+/, "num_leaves=9"), /numbers of split_feature, wanted 8/],
    [text.replace(/leaf_value=\S+/, "leaf_value=abc"), /found "abc" in leaf_value, wanted a number/],
    [text.replace(/split_feature=\d+/, "split_feature=6"), /split_feature 6, wanted below 6/],
    [text.replace(/left_child=\S+/, "left_child=0"), /child 0 of node 0, wanted each node and leaf once/],
    [text.replace(/left_child=\S+/, "left_child=-900"), /child -900 of node 0/],
    [text.replace(/num_cat=[1-9]\d*/, "num_cat=0"), /categorical threshold 0, wanted below num_cat 0/],
    [text.replace("\nnum_cat=", "\nnum_bat="), /num_cat "", wanted a count/],
    [text.replace(/\nthreshold=(\S+) /, "\nthreshold=$1\n"), /found "[-\d. ]+, wanted a key and its value/],
    [text.replace("feature_infos=[", "feature_infos=\0"), /found a zero byte, wanted text/],
    [withoutSizes(text).replace("\n\nTree=0", "\nTree=0"), /found tree "1", wanted tree 0/],
    [text.replace("\nshrinkage=", "\n shrinkage="), /found " shrinkage=.*", wanted a key and its value/],
    [text.slice(0, text.indexOf("end of parameters")), /no end of parameters, wanted one; is the file whole/],
    [text.replace(/num_cat=\d+/, "num_cat=x"), /num_cat "x", wanted a count/],
    [text.replace(/num_leaves=\d+/, "num_leaves=1e9"), /num_leaves "1e9", wanted a count/],
    [text.replace(/num_leaves=\d+/, "num_leaves=999999999"), /numbers of split_feature, wanted 999999998/],
    [
      text.replace(/decision_type=\d+/, "decision_type=264"),
      /264 in decision_type, wanted a whole number in/,
    ],
    [text.replace(/decision_type=\d+/, "decision_type=16"), /decision_type 16, wanted 0 to 11/],
    [text.replace(/split_feature=\d+/, "split_feature=0.5"), /0\.5 in split_feature, wanted a whole number/],
    [text.replace(/split_feature=\d+/, "split_feature=4294967296"), /4294967296 in split_feature/],
    [text.replace(/leaf_value=\S+/, "leaf_value=0x10"), /"0x10" in leaf_value, wanted a number/],
    [text.replace(/leaf_value=\S+/, "leaf_value=1e400"), /"1e400" in leaf_value, wanted a number/],
    [text.replace(/leaf_value=\S+/, "leaf_value=nan"), /leaf_value NaN, wanted a finite number/],
    [text.replace(/cat_boundaries=0 \d+/, "cat_boundaries=0 -1"), /cat_boundaries 0 -1/],
    [text.replace("sigmoid:1", "sigmoid:abc"), /sigmoid abc, wanted a slope above 0/],
    [text.replace("sigmoid:1", "sigmoid:-1"), /sigmoid -1, wanted a slope above 0/],
    [text.replace("num_class=1", "num_class=3"), /num_class 3, wanted 1/],
    [text.replace("\nleaf_value", "\nnum_leaves=2\nleaf_value"), /a second num_leaves, wanted each key once/],
    [text.replace(/Tree=0\n[^]*?\n\n/, `Tree=0\n${circle()}\n\n`), /child 1 of node 2, .* behind its parent/],
    [text.replace(/Tree=0\n[^]*?\n\n/, `Tree=0\n${chain(50_000)}\n\n`), /a tree deeper than 1000/],
  ];
  for (const [bad, message] of cases) {
    assert.throws(
      () => readLightGbmText(bad, "heads/p_break.txt"),
      (error) =>
        error instanceof ModelError &&
          error.message.startsWith('Cannot read model "heads/p_break.txt" near line ') &&
          message.test(error.message) || assert.fail(`${message}: ${error}`),
    );
  }
});

Deno.test("checkModelFeatures() names the first feature that differs", () => {
  const { model, data } = trainOne("binary");
  checkModelFeatures(model, data.names, "model.txt");
  assert.throws(
    () => checkModelFeatures(model, data.names.slice(1), "model.txt"),
    /Cannot use "model.txt": it has 6 features, wanted 5/,
  );
  assert.throws(
    () => checkModelFeatures(model, data.names.with(3, "atr"), "model.txt"),
    /Cannot use "model.txt": feature 3 is "sparse", wanted "atr"/,
  );
});

Deno.test("LightGBM loads our models and agrees on scores, contributions and importances", () => {
  if (!requires("python:lightgbm", "LightGBM loads our models")) return;
  const features = strangeRows();
  const trained = [
    trainOne("binary"),
    trainOne("regression", true, 70),
    trainOne("quantile"),
    (({ data }) => ({ data, model: trainGbdt(data, { objective: "regression", minDataInLeaf: 1500 }) }))(
      trainOne("regression"),
    ),
  ];
  assert.equal(trained[3].model.trees[0].leafValue.length, 1);
  const theirs = askLightGbm(
    trained.map(({ data, model }) => ({ data, features, model: writeLightGbmText(model) })),
  );
  trained.forEach(({ model }, k) => assertSameResults(theirs[k], model, features));
});

Deno.test("readLightGbmText() loads LightGBM's models and agrees on scores, contributions and importances", () => {
  if (!requires("python:lightgbm", "readLightGbmText() loads LightGBM's models")) return;
  const features = strangeRows();
  const variants: [string, Record<string, unknown>][] = [
    ["binary", {}],
    ["binary", { zero_as_missing: true, sigmoid: 0.7 }],
    ["binary", { use_missing: false, is_unbalance: true, num_leaves: 4 }],
    ["regression", { boosting: "dart", drop_rate: 0.5 }],
    ["regression", { zero_as_missing: true, max_bin: 15 }],
    ["regression", { min_data_in_leaf: 1500 }],
    ["quantile", { alpha: 0.9, max_bin: 16, bagging_fraction: 0.5, bagging_freq: 1 }],
    ["quantile", { alpha: 0.2, max_cat_to_onehot: 100, use_missing: false }],
  ];
  const jobs = variants.map(([objective, change]) => {
    const data = makeData({ n: 1500, seed: 6, binary: objective === "binary", codes: 70 });
    const params = { objective, min_data_per_group: 20, cat_smooth: 1, ...change };
    return { data, features, params, rounds: 20 };
  });
  const kinds = new Set<string>();
  for (const theirs of askLightGbm(jobs)) {
    const model = readLightGbmText(theirs.text, "theirs.txt");
    assertSameResults(theirs, model, features);
    assert.deepEqual(readLightGbmText(writeLightGbmText(model), "ours.txt"), model);
    for (const type of model.trees.flatMap((tree) => [...tree.decisionType])) {
      kinds.add(type & 1 ? "category" : ["none", "zero", "nan"][type >> 2] + (type & 2));
    }
  }
  for (const kind of ["category", "none2", "zero0", "zero2", "nan0", "nan2"]) {
    assert(kinds.has(kind), `a node of kind ${kind} did not occur`);
  }
});

Deno.test("trainGbdt() trains as LightGBM does where bins and counts coincide", () => {
  if (!requires("python:lightgbm", "trainGbdt() trains as LightGBM does")) return;
  // Small integers without 0 fall in the same bins. LightGBM guesses row counts from hessians, so where those are
  // uneven the limits must not speak of counts, and only the first trees are the same. Its thresholds in gaps
  // differ: rows are those of training.
  const made = makeData({ n: 1500, seed: 7 });
  const features = made.features.map((column, f) =>
    f > 3 ? column : column.map((x) => Math.round(20 * x) + 200)
  );
  const cases = (["regression", "quantile", "binary"] as const).map((objective) => {
    const [count, limit, rounds] = objective === "binary" ? [4, 1, 8] : [6, 20, 30];
    const data = {
      features: features.slice(0, count),
      names: made.names.slice(0, count),
      categorical: new Set(objective === "binary" ? [] : ["kind", "pair"]),
      // Eighths are exact in the float32 that LightGBM keeps labels in.
      labels: made.labels.map((x) => objective === "binary" ? Number(x > 0.3) : Math.round(8 * x) / 8),
    };
    const ours = trainGbdt(data, {
      objective,
      alpha: 0.7,
      numTrees: rounds,
      numLeaves: 15,
      maxDepth: 6,
      lambdaL2: 1,
      minDataInLeaf: limit,
      minSumHessian: 2,
      minDataPerGroup: 10,
    });
    const params = {
      objective,
      alpha: 0.7,
      num_leaves: 15,
      max_depth: 6,
      lambda_l2: 1,
      min_data_in_leaf: limit,
      min_sum_hessian_in_leaf: 2,
      min_data_per_group: 10,
      min_data_in_bin: 1,
      feature_pre_filter: false,
    };
    return { objective, data, ours, job: { data, features: data.features, params, rounds } };
  });
  const answers = askLightGbm(cases.map(({ job }) => job));
  cases.forEach(({ objective, data, ours }, k) => {
    const found = predictRaw(ours, data.features), wanted = answers[k].raw;
    if (objective !== "quantile") return assertClose(found, wanted, 1e-5, objective);
    // Gradients of two values make many cuts equally good, and the two libraries choose differently among them.
    const loss = (scores: Float64Array) =>
      meanLoss(
        { labels: data.labels, weights: undefined },
        { ...GBDT_DEFAULTS, objective, alpha: 0.7 },
        scores,
      );
    assert(Math.abs(loss(found) / loss(wanted) - 1) < 0.01, `${loss(found)} ${loss(wanted)}`);
  });
});

function assertSameResults(theirs: OracleResult, model: GbdtModel, rows: Float64Array[]) {
  assertClose(predictRaw(model, rows), theirs.raw, 1e-12, "raw score");
  assertClose(predict(model, rows), theirs.prediction, 1e-12, "prediction");
  assertClose(featureImportance(model, "split"), theirs.split, 0, "splits");
  // LightGBM adds gains up in float32.
  assertClose(featureImportance(model, "gain"), theirs.gain, 1e-5, "gain");
  const columns = shapContributions(model, rows.map((column) => column.slice(0, 150)));
  columns.forEach((column, f) =>
    assertClose(column, theirs.contributions[f].slice(0, 150), 1e-9, `contribution ${f}`)
  );
}
