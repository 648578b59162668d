import assert from "node:assert/strict";
import { Random, uniqueness } from "../../lib/base/mod.ts";
import { naiveWeights } from "../reference/labels_naive.ts";

Deno.test("uniqueness() shares each moment among the rows that hold it", () => {
  // Spans [0, 4), [2, 6), [2, 6), [10, 11): shares 1, 1, then 1/3, 1/3, then 1/2, 1/2.
  const weights = uniqueness(Float64Array.of(0, 2, 2, 10), Float64Array.of(4, 6, 6, 11));
  assert.deepEqual([...weights], [(2 + 2 / 3) / 4, (2 / 3 + 1) / 4, (2 / 3 + 1) / 4, 1]);
  assert.equal(uniqueness(new Float64Array(0), new Float64Array(0)).length, 0);
});

Deno.test("uniqueness() equals its naive twin on random spans and sums to the time covered", () => {
  const random = new Random(14);
  const start = Float64Array.from({ length: 200 }, () => random.int(400));
  const end = start.map((s) => s + 1 + random.int(60));
  const weights = uniqueness(start, end);
  naiveWeights(start, end, 1).forEach((w, i) => assert.ok(Math.abs(weights[i] - w) < 1e-12));
  const covered = new Set<number>();
  start.forEach((s, i) => {
    for (let t = s; t < end[i]; t++) covered.add(t);
  });
  const total = weights.reduce((sum, w, i) => sum + w * (end[i] - start[i]), 0);
  assert.ok(Math.abs(total - covered.size) < 1e-9);
});
