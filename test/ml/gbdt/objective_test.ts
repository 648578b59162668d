import assert from "node:assert/strict";
import { Random } from "../../../lib/base/mod.ts";
import { GBDT_DEFAULTS, type GbdtParams } from "../../../lib/ml/gbdt/mod.ts";
import { fillGradients, logistic, meanLoss, quantileOf, startScore } from "../../../lib/ml/gbdt/objective.ts";

const OBJECTIVES = ["binary", "regression", "quantile"] as const;

function makeTargets(params: GbdtParams, seed: number, n = 40) {
  const random = new Random(seed);
  const make = (value: () => number) => Float64Array.from({ length: n }, value);
  return {
    labels: make(() => params.objective === "binary" ? random.int(2) : random.normal()),
    weights: make(() => 0.1 + random.uniform()),
    scores: make(() => random.normal()),
  };
}

Deno.test("fillGradients() gives the derivatives of meanLoss(), weights included", () => {
  for (const objective of OBJECTIVES) {
    const params = { ...GBDT_DEFAULTS, objective, alpha: 0.3 };
    const { labels, weights, scores } = makeTargets(params, 1), n = labels.length;
    const total = weights.reduce((a, b) => a + b, 0), targets = { labels, weights };
    const gradients = new Float64Array(n), hessians = new Float64Array(n);
    fillGradients(targets, params, scores, gradients, hessians);
    const loss = (i: number, step: number) =>
      total * meanLoss(targets, params, scores.with(i, scores[i] + step));
    // Squared error is halved in its gradient, as everywhere in boosting.
    const scale = objective === "regression" ? 2 : 1;
    for (let i = 0; i < n; i++) {
      const slope = (loss(i, 1e-4) - loss(i, -1e-4)) / 2e-4;
      assert(Math.abs(slope - scale * gradients[i]) < 1e-6, `${objective} ${slope} ${gradients[i]}`);
      if (objective === "quantile") {
        assert.equal(hessians[i], weights[i]);
        continue;
      }
      const curve = (loss(i, 1e-3) - 2 * loss(i, 0) + loss(i, -1e-3)) / 1e-6;
      assert(Math.abs(curve - scale * hessians[i]) < 1e-4, `${objective} ${curve} ${hessians[i]}`);
    }
  }
});

Deno.test("startScore() is the constant score of least loss", () => {
  for (const objective of OBJECTIVES) {
    const params = { ...GBDT_DEFAULTS, objective, alpha: 0.8 };
    const { labels, weights } = makeTargets(params, 2, 101);
    for (const targets of [{ labels, weights }, { labels, weights: undefined }]) {
      const start = startScore(targets, params);
      const lossAt = (score: number) => meanLoss(targets, params, new Float64Array(101).fill(score));
      for (const step of [-0.3, -0.05, 0.05, 0.3]) assert(lossAt(start) <= lossAt(start + step));
    }
  }
});

Deno.test("quantileOf() lies between neighbours, and with weights steps from value to value", () => {
  assert.equal(quantileOf(Float64Array.of(4, 1, 3, 2), undefined, 0.5), 2.5);
  assert.equal(quantileOf(Float64Array.of(10, 20, 30), undefined, 0.75), 25);
  assert.equal(quantileOf(Float64Array.of(7), undefined, 0.9), 7);
  const values = Float64Array.of(3, 1, 2);
  assert.equal(quantileOf(values, Float64Array.of(1, 1, 8), 0.5), 2);
  assert.equal(quantileOf(values, Float64Array.of(8, 1, 1), 0.5), 3);
  assert.equal(quantileOf(values, Float64Array.of(0, 0, 1), 0.01), 2);
});

Deno.test("meanLoss() is log loss, squared error or pinball, and stays finite far out", () => {
  const at = (objective: GbdtParams["objective"], label: number, score: number) =>
    meanLoss({ labels: Float64Array.of(label), weights: undefined }, {
      ...GBDT_DEFAULTS,
      objective,
      alpha: 0.9,
    }, Float64Array.of(score));
  assert.equal(at("binary", 1, 0), Math.log(2));
  assert.equal(at("binary", 0, 800), 800);
  assert.equal(at("binary", 1, -800), 800);
  assert.equal(at("regression", 3, 1), 4);
  assert.equal(at("quantile", 3, 1), 1.8);
  assert(Math.abs(at("quantile", 1, 3) - 0.2) < 1e-12);
  assert.equal(logistic(0), 0.5);
});
