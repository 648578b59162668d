import assert from "node:assert/strict";
import { CONFIG, Random } from "../../lib/base/mod.ts";
import { compareLosses, holm, judgeDifferences, type LossDifference } from "../../lib/ml/mod.ts";
import { type LossRow, naiveCompare } from "../reference/bootstrap_naive.ts";

const OPTIONS = { ...CONFIG.training.bootstrap, resamples: 999, seed: 4 };

/** Rows whose dates share a shock, so that rows alone would look far more certain than dates. */
function clustered(dates: number, mean: number, seed: number, perDate = 8): LossRow[] {
  const random = new Random(seed);
  return Array.from({ length: dates }, (_, date) => {
    const shock = mean + random.normal();
    return Array.from({ length: 1 + random.int(perDate) }, () => ({
      difference: shock + 0.2 * random.normal(),
      weight: 0.2 + random.uniform(),
      date,
    }));
  }).flat();
}

function compare(rows: LossRow[], options = OPTIONS): LossDifference {
  return compareLosses(
    Float64Array.from(rows, (r) => r.difference),
    Float64Array.from(rows, (r) => r.weight),
    Int32Array.from(rows, (r) => r.date),
    options,
  );
}

Deno.test("compareLosses() equals the bootstrap of whole dates, row by row", () => {
  for (const [dates, mean] of [[2, 0.4], [20, 0], [31, 0.5], [25, -2]]) {
    const rows = clustered(dates, mean, dates), found = compare(rows), wanted = naiveCompare(rows, 999, 4);
    assert.ok(Math.abs(found.difference - wanted.difference) < 1e-12);
    assert.equal(found.p, wanted.p);
    assert.equal(found.dates, dates);
    // Two dates can be drawn alike, which leaves no error to speak of: no interval then.
    if (dates === 2) assert.equal(found.interval, null);
    else found.interval!.forEach((x, k) => assert.ok(Math.abs(x - wanted.interval[k]) < 1e-9));
  }
});

Deno.test("compareLosses() rejects a difference that is none about once in twenty, whatever dates share", () => {
  let rejected = 0;
  const trials = 400;
  for (let k = 0; k < trials; k++) if (compare(clustered(25, 0, 1000 + k)).p! < 0.05) rejected++;
  // Three standard errors about 5 %.
  assert.ok(rejected / trials > 0.017 && rejected / trials < 0.083, `${rejected} of ${trials}`);
});

Deno.test("compareLosses() calls an interval without zero just what p calls different", () => {
  let apart = 0;
  for (let k = 0; k < 60; k++) {
    const { interval, p } = compare(clustered(22, 0.45, k));
    const excludes = interval![0] > 0 || interval![1] < 0;
    // Of equal ranks p counts the sample itself, so that it may be the stricter by one resample.
    if (Math.abs(p! - 0.05) > 0.003) assert.equal(p! < 0.05, excludes, `${k}: ${p} ${interval}`);
    if (excludes) apart++;
  }
  assert.ok(apart > 15 && apart < 55, String(apart));
});

Deno.test("compareLosses() does not care for the order of a date's rows, and says nothing of one date", () => {
  const rows = clustered(21, 0.3, 7), again = new Random(1);
  const mixed = [...Map.groupBy(rows, (r) => r.date).values()].flatMap((date) => again.shuffle(date));
  const one = compare(rows), other = compare(mixed);
  assert.ok(Math.abs(one.difference - other.difference) < 1e-12);
  assert.equal(one.p, other.p);
  const single = compare(rows.filter((r) => r.date === 3));
  assert.deepEqual([single.interval, single.p, single.dates], [null, null, 1]);
});

Deno.test("compareLosses() of equal losses is no difference", () => {
  const rows = clustered(25, 0, 1).map((r) => ({ ...r, difference: 0 }));
  const { difference, p } = compare(rows);
  assert.deepEqual([difference, p], [0, 1]);
});

Deno.test("holm() is what a hand makes of four values, and leaves out what was not tested", () => {
  const found = holm([0.01, null, 0.04, 0.03, 0.005, null]).map((p) => p && Number(p.toFixed(12)));
  assert.deepEqual(found, [0.03, null, 0.06, 0.06, 0.02, null]);
  assert.deepEqual(holm([0.5, 0.9]), [1, 1]);
  assert.deepEqual(holm([]), []);
});

Deno.test("judgeDifferences() speaks only of enough dates, and of what survives all heads together", () => {
  const of = (difference: number, p: number | null, dates: number): LossDifference => ({
    difference,
    interval: null,
    p,
    dates,
  });
  const verdicts = (found: LossDifference[]) =>
    judgeDifferences(found, CONFIG.training.bootstrap).map((one) => one.verdict);
  assert.deepEqual(verdicts([of(1, 0.001, 19)]), ["insufficient"]);
  assert.deepEqual(verdicts([of(1, 0.001, 20), of(-1, 0.001, 20), of(1, 0.3, 90)]), [
    "beats",
    "worse",
    "no different",
  ]);
  assert.deepEqual(verdicts([of(1, null, 40)]), ["insufficient"]);
  // 0.03 would do alone; among 34 heads it is luck.
  assert.deepEqual(verdicts([of(1, 0.03, 40)]), ["beats"]);
  assert.deepEqual(
    new Set(verdicts(Array.from({ length: 34 }, () => of(1, 0.03, 40)))),
    new Set(["no different"]),
  );
});
