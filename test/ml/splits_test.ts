import assert from "node:assert/strict";
import { CONFIG, ModelError, Random, tradingDays } from "../../lib/base/mod.ts";
import { assertPurged, datasetOf, defaultSpans, planTraining, walkForward } from "../../lib/ml/mod.ts";
import { goldRows } from "../helpers/gold_rows.ts";

const DATES = tradingDays("2025-03-03", "2025-03-31");

Deno.test("walkForward() tests the last dates, an embargo apart from validation and training", () => {
  const folds = walkForward(DATES.slice(0, 10), { valid: 2, test: 3, foldDates: 5, embargo: 1 });
  assert.deepEqual(folds, [{
    train: ["2025-03-03", "2025-03-04", "2025-03-05"],
    valid: ["2025-03-07", "2025-03-10"],
    test: ["2025-03-12", "2025-03-13", "2025-03-14"],
  }]);
});

Deno.test("walkForward() expands the training dates from fold to fold", () => {
  const folds = walkForward(DATES, { valid: 3, test: 7, foldDates: 3, embargo: 1 });
  assert.deepEqual(folds.map((fold) => fold.test.length), [2, 3, 2]);
  assert.deepEqual(folds.flatMap((fold) => fold.test), DATES.slice(-7));
  assert.deepEqual(folds.map((fold) => fold.train.length), [9, 11, 14]);
  for (const fold of folds) assert.deepEqual(fold.train, DATES.slice(0, fold.train.length));
});

Deno.test("walkForward() refuses too few dates with the count it needs", () => {
  assert.throws(
    () => walkForward(DATES.slice(0, 5), { valid: 1, test: 2, foldDates: 5, embargo: 1 }),
    (error) => error instanceof ModelError && /Cannot split 5 dates: 2 test.*make 6/.test(error.message),
  );
  walkForward(DATES.slice(0, 6), { valid: 1, test: 2, foldDates: 5, embargo: 1 });
});

Deno.test("walkForward() never lets a training date reach the embargo, for any counts", () => {
  const random = new Random(3), all = tradingDays("2024-01-02", "2024-12-31");
  for (let trial = 0; trial < 200; trial++) {
    const dates = all.filter(() => random.uniform() < 0.5).slice(0, 10 + random.int(60));
    const options = {
      valid: 1 + random.int(4),
      test: 1 + random.int(8),
      foldDates: 1 + random.int(5),
      embargo: random.int(3),
    };
    if (dates.length < options.test + options.valid + 2 * options.embargo + 1) continue;
    const folds = walkForward(dates, options);
    assert.deepEqual(folds.flatMap((fold) => fold.test), dates.slice(-options.test));
    for (const { train, valid, test } of folds) {
      const at = (date: string) => dates.indexOf(date);
      assert.equal(at(valid[0]) - at(train[train.length - 1]), options.embargo + 1);
      assert.equal(at(test[0]) - at(valid[valid.length - 1]), options.embargo + 1);
      assert.equal(valid.length, options.valid);
      assert.ok(test.length <= options.foldDates && test.length > 0);
    }
  }
});

Deno.test("defaultSpans() tests the dates that a verdict wants from 44 dates on, and a fifth of many", () => {
  const spans = (dates: number) => Object.values(defaultSpans(dates, CONFIG));
  assert.deepEqual([6, 43, 44, 100, 150].map(spans), [[1, 1], [6, 9], [7, 20], [15, 20], [23, 30]]);
  const dataset = datasetOf(goldRows({ dates: 44, perDate: 8, seed: 5, signal: 1 }), "hash");
  const { folds } = planTraining(dataset, { config: CONFIG, heads: ["fp_outcome"] });
  assert.equal(folds.flatMap((fold) => fold.test).length, CONFIG.training.bootstrap.minDates);
});

Deno.test("planTraining() leaves no training label whose span meets a validation or test span", () => {
  const dataset = datasetOf(goldRows({ dates: 14, perDate: 25, seed: 5, signal: 1 }), "hash");
  const plan = planTraining(dataset, { config: CONFIG, valid: 2, test: 4, skip: true });
  const { startNs, endNs } = dataset;
  let pairs = 0;
  for (const { folds } of plan.heads.slice(0, 3)) {
    for (const { train, valid, test } of folds) {
      for (const row of train) {
        for (const other of [...valid, ...test]) {
          assert.ok(endNs[row] <= startNs[other] || endNs[other] <= startNs[row]);
          pairs++;
        }
      }
    }
  }
  assert.ok(pairs > 10_000);
});

Deno.test("assertPurged() names the row whose label reaches into the next set", () => {
  const startNs = BigInt64Array.of(0n, 10n, 20n), endNs = BigInt64Array.of(5n, 21n, 30n);
  const later = { rows: Uint32Array.of(2), startNs, endNs };
  assertPurged({ rows: Uint32Array.of(0), startNs, endNs }, later, "training");
  assert.throws(
    () => assertPurged({ rows: Uint32Array.of(0, 1), startNs, endNs }, later, "training"),
    /label of training row 1 ends at 21 ns, after 20 ns/,
  );
});

Deno.test("planTraining() refuses Gold whose labels last into the next set", () => {
  const batch = goldRows({ dates: 8, perDate: 20, seed: 5, signal: 1 });
  const ends = batch.columns.label_end_ts_ns as BigInt64Array;
  ends[3] += 20n * 86_400_000_000_000n;
  assert.throws(
    () => planTraining(datasetOf(batch, "hash"), { config: CONFIG, skip: true }),
    (error) => error instanceof ModelError && error.subject === "label_end_ts_ns",
  );
});
