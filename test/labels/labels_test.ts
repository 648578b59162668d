import assert from "node:assert/strict";
import features from "../../features.json" with { type: "json" };
import { isStrings, STORAGE } from "../../lib/base/mod.ts";
import { BAR, cell, label, midsAt, MINUTE, row, touch, tradesAt } from "./_rows.ts";

const T1 = 240; // seconds from the bar's open to the primary t1
const UP = touch(BAR, 1), DOWN = touch(BAR, -1);
const close = (a: unknown, b: number) => assert.ok(Math.abs(Number(a) - b) < 1e-9, `${a} is not ${b}`);

/** Primary labels of an UP and a DOWN touch: a trade at t1 − 1 s, then those given by seconds after t1. */
function primary(after: [number, number][], knownAfter = 481) {
  const trades = tradesAt([
    [T1 - 1, 6000],
    ...after.map(([s, p]): [number, number] => [T1 + s, p]),
  ]);
  const batch = label([UP, DOWN], trades, { knownUntil: BAR + (T1 + knownAfter) * 1e9 });
  return [row(batch, 0), row(batch, 1)];
}

Deno.test("labelTouches() has the label columns of features.json, in order, with their dtypes", () => {
  const wanted = features.columns.filter((c) => c.group === "label");
  const batch = label([UP], []);
  assert.deepEqual(Object.keys(batch.columns), wanted.map((c) => c.name));
  for (const { name, dtype } of wanted) {
    const column = batch.columns[name]!;
    assert.equal(isStrings(column), dtype === "utf8", name);
    const storage = isStrings(column) ? column.codes : column;
    assert.ok(storage instanceof STORAGE[dtype as keyof typeof STORAGE], `${name} is ${dtype}`);
    assert.equal(storage.length, 1, name);
  }
});

Deno.test("labelTouches() works out a break by hand", () => {
  const [up, down] = primary([[30, 6004], [60, 5991], [100.5, 6010], [200, 6025], [400, 6012], [481, 7000]]);
  // Scale 0.1: moves +0.4, −0.9, +1.0, +2.5, +1.2 dollars; what is later than 480 s does not count.
  assert.equal(up!.outcome, "BREAK");
  close(up!.anchor_spot, 600);
  close(up!.excursion_with, 2.5);
  close(up!.excursion_against, 0.9);
  close(up!.strength_signed, 1.6);
  close(up!.strength_abs, 2.5);
  assert.deepEqual([up!.tradeable_1, up!.tradeable_2], [true, true]);
  assert.deepEqual([up!.time_to_threshold_1, up!.time_to_threshold_2], [100.5, 200]);
  close(up!.future_price, 601.2);
  assert.equal(up!.confirm_ts_ns, BAR + 4 * MINUTE);
  assert.equal(up!.label_end_ts_ns, BAR + 16 * MINUTE);
  assert.equal(down!.outcome, "BOUNCE");
  close(down!.strength_signed, -1.6);
  close(down!.excursion_with, 0.9);
  assert.deepEqual([down!.time_to_threshold_1, down!.time_to_threshold_2], [100.5, 200]);
});

Deno.test("labelTouches() names outcomes by the larger excursion, and by first passage when equal", () => {
  const outcome = (...prices: number[]) => {
    const rows = primary(prices.map((p, i): [number, number] => [10 * (i + 1), p]));
    return rows.map((r) => r.outcome);
  };
  assert.deepEqual(outcome(6019.75, 5980.25), ["CHOP", "CHOP"]);
  assert.deepEqual(outcome(), ["CHOP", "CHOP"]);
  assert.deepEqual(outcome(6020), ["BREAK", "BOUNCE"]);
  assert.deepEqual(outcome(5980), ["BOUNCE", "BREAK"]);
  assert.deepEqual(outcome(6020, 5979), ["BOUNCE", "BREAK"]);
  assert.deepEqual(outcome(6022, 5979), ["BREAK", "BOUNCE"]);
  assert.deepEqual(outcome(6020, 5980), ["BREAK", "BOUNCE"]);
  assert.deepEqual(outcome(5980, 6020), ["BOUNCE", "BREAK"]);
  // Equal in the end, though the other side was further for a while: the first to reach $2 decides.
  assert.deepEqual(outcome(5980, 6025, 5975), ["BOUNCE", "BREAK"]);
  // $2 less the slack counts as $2: 19.999995 points are $1.9999995.
  assert.deepEqual(outcome(6019.999995), ["BREAK", "BOUNCE"]);
  assert.deepEqual(outcome(6019.99998), ["CHOP", "CHOP"]);
  assert.deepEqual(primary([[10, 6009.999995], [20, 6019.999995]]).map((r) => r.time_to_threshold_2), [
    20,
    20,
  ]);
  assert.equal(primary([[10, 6009.999995], [20, 6019.999995]])[0].time_to_threshold_1, 10);
});

Deno.test("labelTouches() looks at trades in (t1, t1 + 480 s] only", () => {
  const batch = label([UP], tradesAt([[T1, 6000], [T1 + 480, 6020], [T1 + 480.000000001, 6050], [2000, 1]]));
  assert.equal(cell(batch, "outcome", 0), "BREAK");
  close(cell(batch, "excursion_with", 0), 2);
  close(cell(batch, "future_price", 0), 602);
  assert.equal(cell(batch, "time_to_threshold_2", 0), 480);
  // The trade at t1 itself is the anchor, not part of the window; of equal times the last in feed order.
  const tie = label([UP], tradesAt([[T1, 6030], [T1, 6000], [T1 + 1, 6001], [2000, 1]]));
  close(cell(tie, "anchor_spot", 0), 600);
  close(cell(tie, "excursion_with", 0), 0.1);
});

Deno.test("labelTouches() is UNDEFINED, and null but for its times, without an anchor within 60 s", () => {
  const at = (second: number) => label([UP], tradesAt([[second, 6000], [T1 + 5, 6030], [2000, 6000]]));
  assert.equal(cell(at(T1 - 60), "outcome", 0), "BREAK");
  const stale = row(at(T1 - 60.000000001), 0);
  assert.equal(stale.outcome, "UNDEFINED");
  for (
    const name of ["anchor_spot", "excursion_with", "strength_abs", "tradeable_1", "time_to_threshold_2"]
  ) {
    assert.equal(stale[name], null, name);
  }
  assert.equal(stale.confirm_ts_ns, BAR + 4 * MINUTE);
  assert.equal(stale.outcome_4m, "UNDEFINED");
  assert.equal(cell(label([UP], []), "outcome_8m", 0), "UNDEFINED");
});

Deno.test("labelTouches() is UNDEFINED when input ends before the window does", () => {
  assert.equal(primary([[5, 6030]], 480)[0]!.outcome, "UNDEFINED");
  assert.equal(primary([[5, 6030]], 480.000000001)[0]!.outcome, "BREAK");
  // Without being told, what is known ends with the last trade.
  const trades = tradesAt([[T1 - 1, 6000], [T1 + 5, 6030], [T1 + 480, 6000]]);
  assert.equal(cell(label([UP], trades), "outcome", 0), "UNDEFINED");
  assert.equal(cell(label([UP], [...trades, { ts: BAR + 721e9, price: 6000 }]), "outcome", 0), "BREAK");
});

Deno.test("labelTouches() anchors each horizon at its own t1", () => {
  const trades = tradesAt([[119, 6000], [239, 6010], [479, 6020], [900, 6031], [961, 6000]]);
  const one = row(label([UP], trades), 0);
  close(one.anchor_spot_2m, 600);
  close(one.anchor_spot_4m, 601);
  close(one.anchor_spot_8m, 602);
  close(one.excursion_with_2m, 2);
  close(one.excursion_with_4m, 1);
  close(one.excursion_with_8m, 1.1);
  assert.deepEqual([one.outcome_2m, one.outcome_4m, one.outcome_8m], ["BREAK", "CHOP", "CHOP"]);
  assert.deepEqual([one.time_to_threshold_2_2m, one.time_to_threshold_1_4m, one.time_to_threshold_1_8m], [
    359,
    239,
    420,
  ]);
});

Deno.test("labelTouches() converts with the row's own scale", () => {
  const trades = tradesAt([[T1 - 1, 6000], [T1 + 5, 6020], [2000, 6000]]);
  const batch = label([touch(BAR, 1, 0.1), touch(BAR, 1, 0.05), touch(BAR, 1, 0.2)], trades);
  assert.deepEqual([0, 1, 2].map((i) => cell(batch, "outcome", i)), ["BREAK", "CHOP", "BREAK"]);
  assert.deepEqual([0, 1, 2].map((i) => cell(batch, "anchor_spot", i)), [600, 300, 1200]);
  assert.deepEqual([0, 1, 2].map((i) => cell(batch, "tradeable_1", i)), [true, true, true]);
});

Deno.test("labelTouches() takes the first passage of max($0.30, 1σ√8) from the bar's close", () => {
  // σ 0.2: U = 0.2·√8 = 0.5657 dollars, 5.657 points from the last trade at or before 60 s.
  const trades = tradesAt([[60, 6000], [90, 6005.5], [120, 5994.25], [150, 6010], [2000, 6000]]);
  const of = (direction: 1 | -1, sigma: number, knownUntil?: number) => {
    const options = knownUntil === undefined ? { sigma } : { sigma, knownUntil };
    const r = row(label([touch(BAR, direction)], trades, options), 0);
    return [r.fp_outcome, r.fp_time_s, r.fp_barrier];
  };
  assert.deepEqual(of(1, 0.2), [-1, 60, 0.2 * Math.sqrt(8)]);
  assert.deepEqual(of(-1, 0.2), [1, 60, 0.2 * Math.sqrt(8)]);
  assert.deepEqual(of(1, 0), [1, 30, 0.3]);
  assert.deepEqual(of(1, 2), [0, null, 2 * Math.sqrt(8)]);
  assert.deepEqual(of(1, NaN), [null, null, null]);
  assert.deepEqual(of(1, 0.2, BAR + 540e9), [null, null, 0.2 * Math.sqrt(8)]);
  assert.deepEqual(of(1, 0.2, BAR + 540e9 + 1), [-1, 60, 0.2 * Math.sqrt(8)]);
});

Deno.test("labelTouches() anchors at the mid of the last sound book, not at the side that traded last", () => {
  // The last trade hit the ask, half a tick above the mid; the price then goes nowhere but back and forth.
  const trades = tradesAt([[59, 6000.25], [T1 - 1, 6000.25], [T1 + 5, 6000], [T1 + 9, 6020], [2000, 6000]]);
  const one = row(label([UP], trades, { mids: midsAt([[58, 6000.125], [T1 - 2, 6000.125]]), sigma: 0 }), 0);
  close(one.anchor_spot, 600.0125);
  assert.deepEqual([one.anchor_source, one.fp_anchor_source], ["mid", "mid"]);
  close(one.excursion_with, 1.9875);
  assert.equal(one.outcome, "CHOP");
  // The book at the moment itself counts, one after it does not; 60 s old is not too old.
  const at = (...books: [number, number][]) => {
    const r = row(label([UP], trades, { mids: midsAt(books) }), 0);
    return [r.anchor_spot === null ? null : Math.round(Number(r.anchor_spot) * 1e5) / 1e5, r.anchor_source];
  };
  assert.deepEqual(at([T1 - 5, 5990], [T1, 6001]), [600.1, "mid"]);
  assert.deepEqual(at([T1 - 5, 5990], [T1 + 0.001, 6001]), [599, "mid"]);
  assert.deepEqual(at([T1 - 60, 5990]), [599, "mid"]);
  assert.deepEqual(at([T1 - 60.001, 5990]), [600.025, "trade"]);
  assert.deepEqual(at(), [600.025, "trade"]);
  const nothing = row(
    label([UP], tradesAt([[T1 - 61, 6000], [T1 + 5, 6030], [2000, 6000]]), { sigma: 0.2 }),
    0,
  );
  assert.deepEqual([nothing.outcome, nothing.anchor_source, nothing.anchor_spot], ["UNDEFINED", null, null]);
  // First passage too: an old last trade anchors nothing.
  assert.deepEqual([nothing.fp_outcome, nothing.fp_anchor_source], [null, null]);
});

Deno.test("labelTouches() does not follow the bounce between bid and ask", () => {
  const mids = midsAt(Array.from({ length: 1400 }, (_, s) => [s - 60, 6000]));
  const bounce = (first: number) =>
    tradesAt(Array.from({ length: 1400 }, (_, s) => [s - 60, 6000 + (s % 2 === first ? 0.125 : -0.125)]));
  const [a, b] = [0, 1].map((first) => row(label([UP, DOWN], bounce(first), { mids, sigma: 0.1 }), 0));
  for (const name of ["outcome", "anchor_spot", "fp_outcome", "anchor_spot_2m", "anchor_spot_8m"]) {
    assert.equal(a[name], b[name], name);
  }
  close(a.anchor_spot, 600);
});
