/**
 * Trains a model: a round computes gradients, grows a tree, and moves the scores.
 *
 * @module
 */
import { ModelError, Random } from "../../base/mod.ts";
import { type BinnedMatrix, binTrainData } from "./binning.ts";
import {
  type GbdtModel,
  type GbdtOptions,
  type GbdtParams,
  resolveParams,
  type TrainData,
} from "./common.ts";
import { checkTrainData, checkValidData } from "./checks.ts";
import type { GrownTree } from "./tree.ts";
import { snapToGrid } from "./histogram.ts";
import { fillGradients, meanLoss, quantileOf, startScore, type Targets } from "./objective.ts";
import { addTree } from "./predictor.ts";
import { createSoloCrew, createTeam, type Crew } from "./team.ts";

/**
 * Trains a model. The same data, parameters and seed give the same model to the bit.
 *
 * @param train Rows to learn from.
 * @param options The objective, and whatever differs from the defaults.
 * @param valid Rows whose loss is recorded each round; with `earlyStoppingRounds` the trees after the best
 * round are dropped.
 * @throws {ModelError} If a parameter, label, weight or feature cannot be used.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { predict, trainGbdt } from "./mod.ts";
 *
 * const x = Float64Array.from({ length: 100 }, (_, i) => i);
 * const labels = x.map((value) => value > 49 ? 1 : 0);
 * const data = { features: [x], names: ["x"], categorical: new Set<string>(), labels };
 * const model = trainGbdt(data, { objective: "binary", numTrees: 10 });
 * assert(predict(model, [Float64Array.of(10, 90)])[1] > 0.6);
 * ```
 */
export function trainGbdt(train: TrainData, options: GbdtOptions, valid?: TrainData): GbdtModel {
  const params = resolveParams(options);
  checkTrainData(train, params);
  if (valid) checkValidData(valid, train, params);
  if (params.earlyStoppingRounds > 0 && !valid) {
    throw new ModelError("Cannot train: earlyStoppingRounds needs validation rows", "earlyStoppingRounds");
  }
  const matrix = binTrainData(train, params.maxBins, params.seed);
  const crew = params.threads > 1
    ? createTeam(matrix, params, params.threads)
    : createSoloCrew(matrix, params);
  try {
    return boost(train, matrix, params, valid, crew);
  } finally {
    crew.dismiss();
  }
}

function boost(
  train: TrainData,
  matrix: BinnedMatrix,
  params: GbdtParams,
  valid: TrainData | undefined,
  crew: Crew,
): GbdtModel {
  const targets = targetsOf(train), start = startScore(targets, params);
  const scores = new Float64Array(matrix.n).fill(start);
  const validScores = new Float64Array(valid ? valid.labels.length : 0).fill(start);
  const { grid } = crew;
  const model = emptyModel(train, matrix, params), losses: number[] = [];
  let best = 0;
  for (let round = 0; round < params.numTrees; round++) {
    fillGradients(targets, params, scores, grid.gradients, grid.hessians);
    snapToGrid(grid);
    const grown = crew.grow(sampleRows(matrix.n, params, round), sampleSlots(matrix, params, round));
    const { tree } = grown;
    if (tree.leafValue.length === 1 && round > 0) break;
    if (params.objective === "quantile") renewLeaves(grown, targets, scores, params.alpha);
    if (tree.leafValue.length === 1) tree.leafValue[0] = 0;
    for (const values of [tree.leafValue, tree.internalValue]) {
      values.forEach((value, k) => values[k] = value * params.learningRate);
    }
    tree.shrinkage = params.learningRate;
    if (params.baggingFraction < 1) addTree(tree, train.features, scores);
    else addLeaves(grown, scores);
    if (valid) {
      addTree(tree, valid.features, validScores);
      losses.push(meanLoss(targetsOf(valid), params, validScores));
      if (losses[round] < losses[best]) best = round;
    }
    model.trees.push(tree);
    if (params.earlyStoppingRounds > 0 && round - best >= params.earlyStoppingRounds) break;
  }
  if (params.earlyStoppingRounds > 0) model.trees.length = best + 1;
  const first = model.trees[0];
  for (const values of [first.leafValue, first.internalValue]) {
    values.forEach((value, k) => values[k] = value + start);
  }
  first.shrinkage = 1;
  return { ...model, validLoss: Float64Array.from(losses) };
}

function targetsOf(data: TrainData): Targets {
  return { labels: data.labels, weights: data.weights };
}

/** The quantile loss has no curvature: a leaf's value is the quantile of its rows' residuals. */
function renewLeaves(grown: GrownTree, targets: Targets, scores: Float64Array, alpha: number): void {
  const { tree, rows, ranges } = grown;
  for (let k = 0; k < tree.leafValue.length; k++) {
    const members = rows.subarray(ranges[2 * k], ranges[2 * k + 1]);
    const residuals = Float64Array.from(members, (row) => targets.labels[row] - scores[row]);
    const { weights } = targets;
    tree.leafValue[k] = quantileOf(
      residuals,
      weights && Float64Array.from(members, (row) => weights[row]),
      alpha,
    );
  }
}

function addLeaves(grown: GrownTree, scores: Float64Array): void {
  const { tree, rows, ranges } = grown;
  for (let k = 0; k < tree.leafValue.length; k++) {
    const value = tree.leafValue[k], end = ranges[2 * k + 1];
    for (let i = ranges[2 * k]; i < end; i++) scores[rows[i]] += value;
  }
}

/** The round's rows, ascending: all, or the share drawn without replacement. */
function sampleRows(n: number, params: GbdtParams, round: number): Int32Array {
  if (params.baggingFraction >= 1) {
    const all = new Int32Array(n);
    for (let i = 0; i < n; i++) all[i] = i;
    return all;
  }
  return drawSorted(n, params.baggingFraction, new Random(`${params.seed}/rows/${round}`));
}

/** Whether each slot's feature may be used this round, padded to whole words. */
function sampleSlots(matrix: BinnedMatrix, params: GbdtParams, round: number): Uint8Array {
  const usable = new Uint8Array(4 * matrix.words.length);
  if (params.featureFraction >= 1) return usable.fill(1, 0, matrix.slots.length);
  const random = new Random(`${params.seed}/features/${round}`);
  for (const slot of drawSorted(matrix.slots.length, params.featureFraction, random)) usable[slot] = 1;
  return usable;
}

/** Draws a share of 0 … n − 1 without replacement, at least one, in ascending order (Knuth's algorithm S). */
function drawSorted(n: number, fraction: number, random: Random): Int32Array {
  const out = new Int32Array(Math.min(n, Math.max(1, Math.round(n * fraction))));
  for (let i = 0, taken = 0; taken < out.length; i++) {
    if (random.uniform() * (n - i) < out.length - taken) out[taken++] = i;
  }
  return out;
}

function emptyModel(train: TrainData, matrix: BinnedMatrix, params: GbdtParams): GbdtModel {
  return {
    objective: params.objective,
    sigmoid: 1,
    featureNames: train.names.slice(),
    featureInfos: matrix.bins.map((bins) => bins.info),
    trees: [],
    parameters: describeParams(params),
    validLoss: new Float64Array(0),
  };
}

function describeParams(params: GbdtParams): Record<string, string> {
  const named = {
    boosting: "gbdt",
    objective: params.objective,
    num_iterations: params.numTrees,
    learning_rate: params.learningRate,
    num_leaves: params.numLeaves,
    max_depth: params.maxDepth,
    min_data_in_leaf: params.minDataInLeaf,
    min_sum_hessian_in_leaf: params.minSumHessian,
    bagging_fraction: params.baggingFraction,
    bagging_freq: params.baggingFraction < 1 ? 1 : 0,
    feature_fraction: params.featureFraction,
    early_stopping_round: params.earlyStoppingRounds,
    lambda_l2: params.lambdaL2,
    min_gain_to_split: params.minSplitGain,
    max_bin: params.maxBins,
    min_data_per_group: params.minDataPerGroup,
    max_cat_threshold: params.maxCatThreshold,
    cat_l2: params.catL2,
    cat_smooth: params.catSmooth,
    max_cat_to_onehot: params.maxCatToOnehot,
    seed: params.seed,
    alpha: params.alpha,
  };
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, String(value)]));
}
