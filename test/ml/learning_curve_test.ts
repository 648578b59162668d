import assert from "node:assert/strict";
import { type Batch, CONFIG, ModelError } from "../../lib/base/mod.ts";
import { datasetOf, headJobs, learningCurve, planTraining, trainHead } from "../../lib/ml/mod.ts";
import { goldRows } from "../helpers/gold_rows.ts";

const GOLD = goldRows({ dates: 24, perDate: 40, seed: 8, signal: 3 });
const OPTIONS = {
  stage: "b",
  ablation: "full",
  head: "fp_outcome",
  valid: 3,
  test: 5,
  steps: 4,
  config: CONFIG,
} as const;

Deno.test("learningCurve() trains on more and more of the latest dates, and ends where training does", () => {
  const dataset = datasetOf(GOLD, "hash"), { points, objective } = learningCurve(dataset, OPTIONS);
  // 24 dates less 5 test, 3 validation and twice one embargoed.
  assert.deepEqual([objective, points.map((point) => point.dates)], ["binary", [4, 7, 11, 14]]);
  points.forEach(({ rows }, k) => assert.ok(k === 0 || rows > points[k - 1].rows));
  const plan = planTraining(dataset, { config: CONFIG, heads: ["fp_outcome"], valid: 3, test: 5 });
  const [{ score, folds }] = headJobs(dataset, plan, OPTIONS).map(trainHead), last = points[3];
  assert.equal(last.rows, folds[0].rows.train);
  assert.ok(Math.abs(last.model - score.model.log_loss!) < 1e-12);
  assert.ok(Math.abs(last.base_rate - score.baselines.base_rate.log_loss!) < 1e-12);
  assert.ok(Math.abs(last.volatility - score.baselines.volatility.log_loss!) < 1e-12);
  assert.ok(last.model < 0.95 * last.base_rate, `what was planted is learned: ${JSON.stringify(points)}`);
});

Deno.test("learningCurve() gives no point of dates with one class, and refuses a head without any", () => {
  const quiet = (from: number): Batch => {
    const outcome = (GOLD.columns.fp_outcome as Int8Array).slice();
    // Dates of the training part, latest first: only breaks.
    for (let i = from * 40; i < 14 * 40; i++) if (outcome[i] === -1) outcome[i] = 0;
    return { ...GOLD, columns: { ...GOLD.columns, fp_outcome: outcome } };
  };
  const { points } = learningCurve(datasetOf(quiet(8), "hash"), OPTIONS);
  assert.deepEqual(points.map((point) => point.dates), [7, 11, 14]);
  assert.throws(
    () => learningCurve(datasetOf(quiet(0), "hash"), OPTIONS),
    (error) => error instanceof ModelError && error.subject === "fp_outcome",
  );
});

Deno.test("learningCurve() of strength is in squared dollars", () => {
  const { points, objective } = learningCurve(datasetOf(GOLD, "hash"), {
    ...OPTIONS,
    head: "strength_signed_4m",
    steps: 1,
  });
  assert.deepEqual([objective, points.length], ["regression", 1]);
  assert.ok(points[0].model < points[0].base_rate);
});
