import assert from "node:assert/strict";
import { type Batch, CONFIG, ModelError, stringsOf } from "../../lib/base/mod.ts";
import { allHeads, datasetOf, type Head, headLabels } from "../../lib/ml/mod.ts";
import { goldRows } from "../helpers/gold_rows.ts";

const HEADS = allHeads(CONFIG), THRESHOLD = { dollars: 2, slack: 1e-6 };
const head = (name: string): Head => HEADS.find((h) => h.name === name)!;
const labels = (name: string, batch: Batch) => [...headLabels(head(name), batch, THRESHOLD).labels];

/** Five touches at 4 minutes: break, bounce, chop, undefined, and one that reached both sides. */
function fiveTouches(): Batch {
  return {
    length: 5,
    columns: {
      event_id: stringsOf(["e0", "e1", "e2", "e3", "e4"]),
      outcome_4m: stringsOf(["BREAK", "BOUNCE", "CHOP", "UNDEFINED", "BREAK"]),
      excursion_with_4m: Float64Array.of(2.5, 0.1, 1.2, NaN, 3),
      excursion_against_4m: Float64Array.of(0.3, 2 - 1e-7, 0.9, NaN, 2.2),
      strength_signed_4m: Float64Array.of(2.2, -1.9, 0.3, NaN, 0.8),
      tradeable_2_4m: Int8Array.of(1, 1, 0, -128, 1),
      time_to_threshold_1_4m: Float64Array.of(30, 60, 400, NaN, 10),
      time_to_threshold_2_4m: Float64Array.of(180, 300, NaN, NaN, 90),
      fp_outcome: Int8Array.of(1, -1, 0, -128, 1),
    },
  };
}

Deno.test("allHeads() are 33 and the first passage", () => {
  assert.equal(HEADS.length, 34);
  assert.equal(new Set(HEADS.map((h) => h.name)).size, 34);
  assert.equal(HEADS.filter((h) => h.kind === "reach").length, 24);
  assert.deepEqual(HEADS.filter((h) => h.objective === "regression").map((h) => h.horizon), [2, 4, 8]);
});

Deno.test("headLabels() asks each question of the rows it arises for", () => {
  const batch = fiveTouches();
  assert.deepEqual(labels("tradeable_2_4m", batch), [1, 1, 0, NaN, 1]);
  assert.deepEqual(labels("direction_4m", batch), [1, 0, NaN, NaN, NaN]);
  assert.deepEqual(labels("strength_signed_4m", batch), [2.2, -1.9, 0.3, NaN, 0.8]);
  assert.deepEqual(labels("reach_1_60s_4m", batch), [1, 1, 0, NaN, 1]);
  assert.deepEqual(labels("reach_2_180s_4m", batch), [1, 0, 0, NaN, 1]);
  assert.deepEqual(labels("reach_2_300s_4m", batch), [1, 1, 0, NaN, 1]);
  assert.deepEqual(labels("fp_outcome", batch), [1, 0, NaN, NaN, 1]);
  assert.equal(headLabels(head("direction_4m"), batch, THRESHOLD).undecided, 1);
});

Deno.test("headLabels() of reach never fall with more time or less distance", () => {
  const batch = goldRows({ dates: 4, perDate: 100, seed: 2, signal: 1 });
  for (const harder of HEADS.filter((h) => h.kind === "reach")) {
    for (const easier of HEADS.filter((h) => h.kind === "reach" && h.horizon === harder.horizon)) {
      if (easier.seconds! < harder.seconds! || easier.dollars! > harder.dollars!) continue;
      const low = labels(harder.name, batch), high = labels(easier.name, batch);
      low.forEach((label, i) => assert.ok(!(label > high[i])));
    }
  }
});

Deno.test("headLabels() names a row that has an outcome and no label", () => {
  const batch = fiveTouches();
  (batch.columns.strength_signed_4m as Float64Array)[1] = NaN;
  (batch.columns.tradeable_2_4m as Int8Array)[2] = -128;
  assert.throws(
    () => headLabels(head("strength_signed_4m"), batch, THRESHOLD),
    (error) =>
      error instanceof ModelError && error.subject === "strength_signed_4m" &&
      /row 1 \(e1\) is NaN/.test(error.message),
  );
  assert.throws(
    () => headLabels(head("tradeable_2_4m"), batch, THRESHOLD),
    /"tradeable_2_4m" of row 2 \(e2\)/,
  );
});

Deno.test("datasetOf() refuses weights that are not positive and Gold without rows", () => {
  for (const bad of [NaN, 0, -1, Infinity]) {
    const batch = goldRows({ dates: 2, perDate: 5, seed: 1, signal: 0 });
    (batch.columns.label_weight as Float64Array)[7] = bad;
    assert.throws(() => datasetOf(batch, "h"), new RegExp(`label_weight of row 7 .* is ${bad}`));
  }
  assert.throws(() => datasetOf({ length: 0, columns: {} }, "h"), /Gold has no rows/);
});
