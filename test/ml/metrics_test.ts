import assert from "node:assert/strict";
import { Random } from "../../lib/base/mod.ts";
import {
  absoluteError,
  accuracy,
  brierParts,
  calibrationError,
  logLoss,
  metricsOf,
  reliabilityCurve,
  rocAuc,
  type Scored,
  squaredError,
} from "../../lib/ml/mod.ts";
import { requires } from "../helpers/requires.ts";
import { naiveAuc } from "../reference/metrics_naive.ts";
import { python } from "./_python.ts";

const near = (a: number, b: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} ≠ ${b}`);

/** Four rows of weights 1, 1, 2, 2. */
const HAND: Scored = {
  labels: Float64Array.of(0, 1, 1, 0),
  predictions: Float64Array.of(0.2, 0.6, 0.4, 0.5),
  weights: Float64Array.of(1, 1, 2, 2),
};

function randomRows(n: number, seed: number, levels = 0): Scored {
  const random = new Random(seed);
  const predictions = Float64Array.from({ length: n }, () => {
    const p = random.uniform();
    return levels ? Math.round(p * levels) / levels : p;
  });
  return {
    predictions,
    labels: predictions.map((p) => random.uniform() < p * p ? 1 : 0),
    weights: predictions.map(() => 0.1 + random.uniform()),
  };
}

Deno.test("metrics are what a hand makes of four rows", () => {
  // 0.2 and 0.6 are on the right side; 0.4 of a 1 and 0.5 of a 0 are not.
  near(accuracy(HAND), 2 / 6);
  // Positives 0.6 (weight 1) and 0.4 (2) against negatives 0.2 (1) and 0.5 (2): 1·1 + 1·2 + 2·1 of 9.
  near(rocAuc(HAND), 5 / 9);
  near(squaredError(HAND), (0.04 + 0.16 + 2 * 0.36 + 2 * 0.25) / 6);
  near(absoluteError(HAND), (0.2 + 0.4 + 2 * 0.6 + 2 * 0.5) / 6);
  near(logLoss(HAND), -(Math.log(0.8) + Math.log(0.6) + 2 * Math.log(0.4) + 2 * Math.log(0.5)) / 6);
});

Deno.test("reliabilityCurve() and calibrationError() are what a hand makes of two bins", () => {
  const curve = reliabilityCurve(HAND, 2);
  // The median is 0.45: {0.2, 0.4} below, {0.5, 0.6} above.
  assert.equal(curve.length, 2);
  near(curve[0].predicted, (0.2 + 2 * 0.4) / 3);
  near(curve[0].observed, 2 / 3);
  near(curve[1].predicted, (0.6 + 2 * 0.5) / 3);
  near(curve[1].observed, 1 / 3);
  near(calibrationError(curve), (Math.abs(1 / 3 - 2 / 3) + Math.abs(1.6 / 3 - 1 / 3)) / 2);
});

Deno.test("rocAuc() equals all pairs, with ties and weights, in any order of rows", () => {
  for (const levels of [0, 4, 1]) {
    const rows = randomRows(200, 7, levels);
    near(rocAuc(rows), naiveAuc(rows));
    const order = new Random(1).shuffle(Uint32Array.from(rows.labels.keys()));
    const take = (values: Float64Array) => Float64Array.from(order, (i) => values[i]);
    near(
      rocAuc({ labels: take(rows.labels), predictions: take(rows.predictions), weights: take(rows.weights) }),
      rocAuc(rows),
    );
  }
  assert.ok(Number.isNaN(rocAuc({ ...HAND, labels: new Float64Array(4) })));
});

Deno.test("brierParts() add up to the Brier score and miss nothing without spread inside bins", () => {
  const rows = randomRows(500, 3), parts = brierParts(rows, reliabilityCurve(rows, 10));
  near(parts.reliability - parts.resolution + parts.uncertainty + parts.within, squaredError(rows));
  const stepped = randomRows(500, 3, 4), exact = brierParts(stepped, reliabilityCurve(stepped, 500));
  near(exact.within, 0);
});

Deno.test("a constant prediction has one bin, no resolution and an AUC of a half", () => {
  const rows = randomRows(100, 9);
  const constant = { ...rows, predictions: new Float64Array(100).fill(0.3) };
  const curve = reliabilityCurve(constant, 10);
  assert.equal(curve.length, 1);
  near(brierParts(constant, curve).resolution, 0);
  near(rocAuc(constant), 0.5);
});

Deno.test("metricsOf() gives each objective its own and null where a class is missing", () => {
  const regression = metricsOf("regression", HAND, 10);
  assert.equal(regression.roc_auc, null);
  assert.equal(regression.log_loss, null);
  assert.ok(regression.mae! > 0 && regression.mse! > 0);
  const one = metricsOf("binary", { ...HAND, labels: new Float64Array(4) }, 10);
  assert.equal(one.roc_auc, null);
  assert.ok(Number.isFinite(one.log_loss) && one.mae === null);
});

Deno.test("logLoss() of certainty is finite", () => {
  const sure = { ...HAND, predictions: Float64Array.of(1, 0, 1, 0) };
  assert.ok(Number.isFinite(logLoss(sure)) && logLoss(sure) > 10);
});

Deno.test("metrics equal scikit-learn's", async () => {
  if (!requires("python:sklearn", "metrics equal scikit-learn's")) return;
  for (const levels of [0, 5]) {
    const rows = randomRows(400, 11, levels);
    const theirs = await python<Record<string, number> & { curve: number[][] }>(
      `
import numpy as np
from sklearn.metrics import roc_auc_score, brier_score_loss, log_loss, accuracy_score, mean_absolute_error
from sklearn.calibration import calibration_curve
y, p, w = (np.array(x[k]) for k in ("labels", "predictions", "weights"))
observed, predicted = calibration_curve(y, p, n_bins=10, strategy="quantile")
print(json.dumps({
  "auc": roc_auc_score(y, p, sample_weight=w), "brier": brier_score_loss(y, p, sample_weight=w),
  "log_loss": log_loss(y, p, sample_weight=w), "accuracy": accuracy_score(y, p >= 0.5, sample_weight=w),
  "mae": mean_absolute_error(y, p, sample_weight=w), "curve": [observed.tolist(), predicted.tolist()]}))`,
      Object.fromEntries(Object.entries(rows).map(([key, values]) => [key, [...values]])),
    );
    near(rocAuc(rows), theirs.auc, 1e-12);
    near(squaredError(rows), theirs.brier, 1e-12);
    near(logLoss(rows), theirs.log_loss, 1e-12);
    near(accuracy(rows), theirs.accuracy, 1e-12);
    near(absoluteError(rows), theirs.mae, 1e-12);
    // Their curve takes no weights.
    const curve = reliabilityCurve({ ...rows, weights: new Float64Array(400).fill(1) }, 10);
    assert.equal(curve.length, theirs.curve[0].length);
    curve.forEach(({ observed, predicted }, k) => {
      near(observed, theirs.curve[0][k], 1e-12);
      near(predicted, theirs.curve[1][k], 1e-12);
    });
  }
});
