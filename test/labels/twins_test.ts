import assert from "node:assert/strict";
import { type Batch, Random } from "../../lib/base/mod.ts";
import type { Touch } from "../../lib/levels/mod.ts";
import { requires } from "../helpers/requires.ts";
import { play, randomDay, realDay } from "../levels/_play.ts";
import { type Mid, naiveLabel, naivePassage, naiveWeights, type Trade } from "../reference/labels_naive.ts";
import { BAR, cell, label, MINUTE, row, touch } from "./_rows.ts";

const HORIZONS = [2, 4, 8];

function sigmas(touches: readonly Touch[], seed: number): Float64Array {
  const random = new Random(seed);
  return Float64Array.from(touches, () => random.int(9) === 0 ? NaN : 0.3 * random.uniform());
}

function same(actual: unknown, expected: unknown, what: string): void {
  if (typeof expected === "number" && typeof actual === "number" && !Number.isInteger(expected)) {
    assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${what}: ${actual}`);
  } else if (typeof expected === "number" && typeof actual === "number") {
    assert.ok(Math.abs(actual - expected) <= 1e-9, `${what}: ${actual} is not ${expected}`);
  } else assert.equal(actual, expected, what);
}

/** Books half a tick beside some of the trades, none for minutes on end, some at whole minutes. */
function midsAround(trades: readonly Trade[], seed: number): Mid[] {
  const random = new Random(seed);
  return trades.filter(({ ts }) => Math.floor(ts / (7 * MINUTE)) % 3 > 0 && random.int(3) > 0)
    .map(({ ts, price }) => ({
      ts: random.int(20) === 0 ? Math.ceil(ts / MINUTE) * MINUTE : ts,
      mid: price + 0.125 * (random.int(3) - 1),
    }))
    .sort((a, b) => a.ts - b.ts);
}

/** Compares every label of every `step`-th row with its twin; returns how often each outcome came up. */
function assertTwins(touches: Touch[], trades: Trade[], known: number, step: number): Map<string, number> {
  const sigma = sigmas(touches, 7), mids = midsAround(trades, 8);
  const batch = label(touches, trades, { sigma, knownUntil: known, mids }), sources = new Set<unknown>();
  const outcomes = new Map<string, number>();
  for (let i = 0; i < touches.length; i += step) {
    for (const minutes of HORIZONS) {
      const twin = naiveLabel(touches[i], trades, mids, minutes, known);
      sources.add(twin.anchor_source);
      for (const [name, value] of Object.entries(twin)) {
        same(cell(batch, `${name}_${minutes}m`, i), value, `${name}_${minutes}m of row ${i}`);
        if (minutes === 4) same(cell(batch, name, i), value, `${name} of row ${i}`);
      }
      outcomes.set(String(twin.outcome), (outcomes.get(String(twin.outcome)) ?? 0) + 1);
    }
    for (const [name, value] of Object.entries(naivePassage(touches[i], trades, mids, sigma[i], known))) {
      same(cell(batch, name, i), value, `${name} of row ${i}`);
    }
  }
  const { label_end_ts_ns: end } = batch.columns;
  assert.ok(end instanceof BigInt64Array);
  const weights = naiveWeights(touches.map((t) => t.ts), touches.map((t) => t.ts + 16 * MINUTE), MINUTE);
  weights.forEach((w, i) => same(cell(batch, "label_weight", i), w, `weight of row ${i}`));
  assert.deepEqual(
    [...sources].sort(),
    ["mid", "trade", null].filter((x) => x !== null || sources.has(null)).sort(),
  );
  return outcomes;
}

Deno.test("labelTouches() equals its naive twin on random days", () => {
  for (const seed of [11, 12]) {
    const day = randomDay(seed, 3000, 0), { touches, state } = play(day, 0.1003);
    const wild = day.trades.map((t) => ({ ...t, price: 6000 + 8 * (t.price - 6000) }));
    const outcomes = assertTwins(touches, wild, state.at.close - 60 * MINUTE, 3);
    assert.deepEqual([...outcomes.keys()].sort(), ["BOUNCE", "BREAK", "CHOP", "UNDEFINED"]);
  }
});

Deno.test("labelTouches() equals its naive twin on the real ES trades", () => {
  if (!requires("shared", "labels on the real ES trades")) return;
  // A holiday night moves a few points: at $1 a point it has every outcome.
  const { trades } = realDay(), random = new Random(13);
  const from = trades[0].ts - trades[0].ts % MINUTE, minutes = Math.ceil((trades.at(-1)!.ts - from) / MINUTE);
  const touches = Array.from({ length: 150 }, () => random.int(minutes)).sort((a, b) => a - b)
    .map((m) => touch(from + m * MINUTE, random.int(2) === 1 ? 1 : -1, 1));
  const outcomes = assertTwins(touches, trades, trades.at(-1)!.ts, 1);
  assert.equal(outcomes.size, 4, `${[...outcomes]}`);
});

/** Rows that are there in both, without the columns named. */
function assertSameRows(a: Batch, b: Batch, rows: number, what: string): void {
  for (let i = 0; i < rows; i++) assert.deepEqual(row(b, i), row(a, i), `${what}, row ${i}`);
}

Deno.test("labelTouches() does not change when what follows the last window is cut off or altered", () => {
  const day = randomDay(15, 3000, 0), { touches } = play(day, 0.1), random = new Random(151);
  const sigma = sigmas(touches, 8), known = BAR + 400 * MINUTE;
  const whole = label(touches, day.trades, { sigma, knownUntil: known });
  for (let n = 0; n < 10; n++) {
    const last = random.int(touches.length), end = touches[last].ts + 16 * MINUTE;
    const rows = touches.findLastIndex((t) => t.ts + 16 * MINUTE <= end) + 1;
    // Rows up to the cut are known with their touches, those that share the window's time included.
    const seen = touches.filter((t) => t.ts + MINUTE <= end);
    const cut = day.trades.filter((t) => t.ts <= end);
    const altered = day.trades.map((t) => t.ts <= end ? t : { ...t, price: 1 });
    const options = { sigma: sigma.slice(0, seen.length) };
    assertSameRows(whole, label(seen, cut, { ...options, knownUntil: end + 1 }), rows, "cut");
    assertSameRows(whole, label(seen, altered, { ...options, knownUntil: known }), rows, "altered");
  }
});

Deno.test("labelTouches() uses nothing before t1 but the anchor", () => {
  const day = randomDay(16, 3000, 0), { touches } = play(day, 0.1), random = new Random(161);
  const whole = label(touches, day.trades);
  let compared = 0;
  for (let n = 0; n < 40; n++) {
    const i = random.int(touches.length), minutes = HORIZONS[n % 3];
    const t1 = touches[i].ts + minutes * MINUTE;
    const anchor = day.trades.findLastIndex((t) => t.ts <= t1);
    const noisy = day.trades.map((t, k) => k < anchor ? { ...t, price: 1 + random.int(9000) } : t);
    const gone = day.trades.slice(anchor);
    for (const trades of [noisy, gone]) {
      const batch = label(touches, trades);
      for (const name of Object.keys(whole.columns).filter((c) => c.endsWith(`_${minutes}m`))) {
        assert.equal(cell(batch, name, i), cell(whole, name, i), `${name} of row ${i}`);
        compared++;
      }
    }
  }
  assert.equal(compared, 40 * 2 * 13);
});

Deno.test("labelTouches() keeps its invariants", () => {
  const day = randomDay(17, 3000, 0), { touches } = play(day, 0.1);
  const wild = day.trades.map((t) => ({ ...t, price: 6000 + 8 * (t.price - 6000) }));
  const batch = label(touches, wild, { sigma: sigmas(touches, 9) });
  for (let i = 0; i < touches.length; i++) {
    for (const h of ["", "_2m", "_4m", "_8m"]) {
      const get = (name: string) => cell(batch, name + h, i);
      const time = get("time_to_threshold_2");
      if (get("outcome") === "UNDEFINED") {
        assert.deepEqual([time, get("tradeable_2"), get("strength_abs")], [null, null, null]);
        continue;
      }
      assert.equal(get("tradeable_2"), time !== null);
      assert.equal(get("tradeable_1"), get("time_to_threshold_1") !== null);
      assert.equal(get("outcome") !== "CHOP", get("tradeable_2"));
      assert.equal(get("strength_signed"), Number(get("excursion_with")) - Number(get("excursion_against")));
      assert.ok(Number(get("strength_abs")) >= Math.abs(Number(get("strength_signed"))));
      if (time !== null) assert.ok(Number(time) > 0 && Number(time) <= 480);
    }
    const weight = Number(cell(batch, "label_weight", i));
    assert.ok(weight > 0 && weight <= 1);
  }
});
