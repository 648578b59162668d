import assert from "node:assert/strict";
import { type Batch, Random, stringsOf } from "../../lib/base/mod.ts";
import {
  applyIsotonic,
  applyPlatt,
  brierParts,
  calibrateHead,
  fitIsotonic,
  fitPlatt,
  indexPredictions,
  reliabilityCurve,
  type Scored,
  squaredError,
} from "../../lib/ml/mod.ts";
import { requires } from "../helpers/requires.ts";
import { naiveIsotonic } from "../reference/isotonic_naive.ts";
import { python } from "./_python.ts";

const logit = (p: number) => Math.log(p / (1 - p)), logistic = (z: number) => 1 / (1 + Math.exp(-z));

/** Probabilities that say 2·logit + 1 where they ought to say logit: too sure of themselves, and too high. */
function overconfident(n: number, seed: number, levels = 0): Scored {
  const random = new Random(seed);
  const truth = Float64Array.from({ length: n }, () => 0.05 + 0.9 * random.uniform());
  const said = truth.map((p) => logistic(2 * logit(p) + 1));
  return {
    predictions: levels ? said.map((p) => Math.round(p * levels) / levels) : said,
    labels: truth.map((p) => random.uniform() < p ? 1 : 0),
    weights: truth.map(() => 0.2 + random.uniform()),
  };
}

Deno.test("fitPlatt() undoes a known distortion", () => {
  const { slope, intercept } = fitPlatt(overconfident(40_000, 1));
  assert.ok(Math.abs(slope - 0.5) < 0.02, String(slope));
  assert.ok(Math.abs(intercept + 0.5) < 0.03, String(intercept));
});

Deno.test("fitPlatt() has a finite answer where one class is missing, classes part, or all is equal", () => {
  const rows = overconfident(50, 2);
  const cases: Scored[] = [
    { ...rows, labels: new Float64Array(50) },
    { ...rows, labels: rows.predictions.map((p) => p > 0.6 ? 1 : 0) },
    { ...rows, predictions: new Float64Array(50).fill(0.3) },
    { ...rows, predictions: rows.labels.slice() },
  ];
  for (const one of cases) {
    const fitted = fitPlatt(one), found = applyPlatt(fitted, one.predictions);
    assert.ok(Number.isFinite(fitted.slope) && Number.isFinite(fitted.intercept), JSON.stringify(fitted));
    assert.ok(found.every((p) => p > 0 && p < 1));
  }
  const equal = fitPlatt(cases[2]), [p] = applyPlatt(equal, Float64Array.of(0.3));
  const rate = rows.labels.reduce((s, y, i) => s + y * rows.weights[i], 0) /
    rows.weights.reduce((s, w) => s + w);
  assert.ok(Math.abs(p - rate) < 0.03);
});

Deno.test("fitIsotonic() equals the max–min formula, with ties and weights", () => {
  for (const levels of [0, 6, 40]) {
    const rows = overconfident(80, 3, levels), fitted = fitIsotonic(rows);
    for (const { x, y } of naiveIsotonic(rows)) {
      const [found] = applyIsotonic({ ...fitted, margin: 0 }, Float64Array.of(x));
      assert.ok(Math.abs(found - y) < 1e-12, `${levels} ${x}: ${found} ${y}`);
    }
  }
});

Deno.test("applyIsotonic() never falls, holds its ends, and is never certain", () => {
  const fitted = fitIsotonic(overconfident(200, 4)),
    grid = Float64Array.from({ length: 301 }, (_, k) => k / 300);
  const found = applyIsotonic(fitted, grid);
  found.forEach((p, k) => assert.ok(k === 0 || p >= found[k - 1]));
  assert.ok(found[0] >= 1 / 202 && found[300] <= 1 - 1 / 202);
});

Deno.test("both calibrators equal scikit-learn's", async () => {
  if (!requires("python:sklearn", "both calibrators equal scikit-learn's")) return;
  const rows = overconfident(300, 5, 60);
  const scale = 300 / rows.weights.reduce((s, w) => s + w);
  const input = {
    labels: [...rows.labels],
    p: [...rows.predictions.map((p) => Math.min(1 - 1e-12, Math.max(1e-12, p)))],
    weights: [...rows.weights.map((w) => w * scale)],
  };
  const theirs = await python<{ platt: [number, number]; isotonic: number[]; grid: number[] }>(
    `
import numpy as np
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression
y, p, w = (np.array(x[k]) for k in ("labels", "p", "weights"))
a, b = _sigmoid_calibration(np.log(p / (1 - p)), y, w, max_abs_prediction_threshold=1e9)
grid = np.linspace(0, 1, 101)
iso = IsotonicRegression(out_of_bounds="clip").fit(p, y, sample_weight=w)
print(json.dumps({"platt": [a, b], "isotonic": iso.predict(grid).tolist(), "grid": grid.tolist()}))`,
    input,
  );
  const { slope, intercept } = fitPlatt(rows);
  // Theirs is a quasi-Newton search that stops a little earlier.
  assert.ok(Math.abs(slope + theirs.platt[0]) < 1e-4, `${slope} ${theirs.platt[0]}`);
  assert.ok(Math.abs(intercept + theirs.platt[1]) < 1e-4);
  const found = applyIsotonic({ ...fitIsotonic(rows), margin: 0 }, Float64Array.from(theirs.grid));
  found.forEach((p, k) => assert.ok(Math.abs(p - theirs.isotonic[k]) < 1e-9, `${k}`));
});

/** Out-of-sample predictions of one head, two folds, each with validation and test rows. */
function predictions(
  seed: number,
): { batch: Batch; part: (fold: number, name: "valid" | "test") => number[] } {
  const rows = overconfident(800, seed), fold = Int32Array.from({ length: 800 }, (_, i) => i < 400 ? 0 : 1);
  const part = Array.from({ length: 800 }, (_, i) => i % 400 < 150 ? "valid" : "test");
  return {
    batch: {
      length: 800,
      columns: {
        head: stringsOf(new Array(800).fill("direction_4m")),
        fold,
        part: stringsOf(part),
        label: rows.labels,
        weight: rows.weights,
        prediction: rows.predictions,
        base_rate: new Float64Array(800).fill(0.5),
      },
    },
    part: (k, name) => [...fold.keys()].filter((i) => fold[i] === k && part[i] === name),
  };
}

const calibrated = (batch: Batch) => calibrateHead(indexPredictions(batch), "direction_4m", 2, 10);

Deno.test("calibrateHead() judges raw and calibrated on the same test rows, and its Brier parts add up", () => {
  const found = calibrated(predictions(6).batch);
  assert.deepEqual(found.rows, { valid: 300, test: 500 });
  for (const name of ["base_rate", "raw", "platt", "isotonic"] as const) {
    const { brier, reliability, resolution, uncertainty, within, curve } = found[name];
    assert.ok(Math.abs(reliability - resolution + uncertainty + within - brier) < 1e-12, name);
    assert.equal(curve.reduce((sum, bin) => sum + bin.rows, 0), 500);
  }
  assert.ok(found.platt.ece < found.raw.ece && found.isotonic.ece < found.raw.ece);
  assert.ok(found.platt.log_loss < found.raw.log_loss && found.platt.brier < found.raw.brier);
  const exact = overconfident(500, 9, 4);
  assert.ok(Math.abs(brierParts(exact, reliabilityCurve(exact, 500)).within) < 1e-12);
  assert.ok(squaredError(exact) > 0);
});

Deno.test("calibrateHead() fits on validation rows only, each fold on its own", () => {
  const { batch, part } = predictions(7), before = calibrated(batch);
  const flip = (rows: number[]): Batch => {
    const label = (batch.columns.label as Float64Array).slice();
    for (const row of rows) label[row] = 1 - label[row];
    return { ...batch, columns: { ...batch.columns, label } };
  };
  const otherTests = calibrated(flip([...part(0, "test"), ...part(1, "test")]));
  assert.deepEqual(otherTests.calibrators, before.calibrators);
  assert.notEqual(otherTests.platt.brier, before.platt.brier);
  const otherValid = calibrated(flip(part(1, "valid")));
  assert.deepEqual(otherValid.calibrators[0], before.calibrators[0]);
  assert.notDeepEqual(otherValid.calibrators[1], before.calibrators[1]);
});

Deno.test("calibrateHead() applies to a fold's test rows that fold's calibrator", () => {
  const { batch, part } = predictions(8), { calibrators, platt } = calibrated(batch);
  const label = batch.columns.label as Float64Array, weight = batch.columns.weight as Float64Array;
  const said = batch.columns.prediction as Float64Array;
  let loss = 0, total = 0;
  for (const fold of [0, 1]) {
    for (const row of part(fold, "test")) {
      const [p] = applyPlatt(calibrators[fold].platt, Float64Array.of(said[row]));
      loss += weight[row] * (p - label[row]) ** 2;
      total += weight[row];
    }
  }
  assert.ok(Math.abs(loss / total - platt.brier) < 1e-12);
});
