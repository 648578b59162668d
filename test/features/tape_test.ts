import assert from "node:assert/strict";
import { CONFIG, MINUTE_NS, Random } from "../../lib/base/mod.ts";
import { appendSweeps, newSweeps, tapeFeatures } from "../../lib/features/mod.ts";
import type { Touch } from "../../lib/levels/mod.ts";
import { readTable } from "../helpers/books.ts";
import { type Print, printsOf, randomPrints, tapeOf } from "../helpers/prints.ts";
import { requires, shared } from "../helpers/requires.ts";
import { naiveTape } from "../reference/tape.ts";

function touchAt(minute: number, level: number, scale = 0.1): Touch {
  return {
    bar: 0,
    ts: minute * MINUTE_NS,
    kind: 8,
    level,
    levelEs: level / scale,
    scale,
    spot: level,
    direction: 1,
    crossed: false,
  };
}

function featuresOf(prints: readonly Print[], touch: Touch) {
  const tape = tapeOf(prints), sweeps = newSweeps();
  appendSweeps(sweeps, tape, CONFIG);
  return tapeFeatures({ tape }, touch, sweeps, CONFIG);
}

Deno.test("tapeFeatures() gives the values worked out by hand", () => {
  const print = (seconds: number, price: number, size: number, aggressor: number): Print => ({
    ts: seconds * 1e9,
    price,
    size,
    aggressor,
  });
  const features = featuresOf([
    print(59.9, 5000, 100, 1), // before the bar
    print(60, 5000, 2, 1), // in band: 500.00
    print(70, 5005, 3, -1), // on the band's edge, 500.50
    print(80, 5005.25, 50, 1), // out: 500.525
    print(90, 4995, 4, 0), // on the other edge, nobody's
    print(120, 5000, 100, 1), // of the next bar
  ], touchAt(1, 500));
  // Three prints in band; buy 2, sell 3. Slope: t − 15 = −15, −5, 5, 15; p = 5000, 5005, 5005.25, 4995, mean
  // 5001.3125: Σ = 19.6875 − 18.4375 + 19.6875 − 94.6875 = −73.75; Σt² = 500; −0.1475 ES/s, −0.01475 $/s.
  assert.deepEqual({ ...features, tape_price_velocity: 0 }, {
    tape_buy_vol: 2,
    tape_sell_vol: 3,
    tape_imbalance: -1 / 5,
    tape_velocity: 3 / 60,
    tape_price_velocity: 0,
    sweep_detected: 0,
    sweep_direction: 0,
    sweep_size: 0,
    sweep_notional: 0,
  });
  assert.ok(Math.abs(features.tape_price_velocity + 0.01475) < 1e-15);
});

Deno.test("tapeFeatures() is null where nothing can be said", () => {
  const print = (ts: number, aggressor: number): Print => ({ ts, price: 5000, size: 1, aggressor });
  assert.deepEqual(featuresOf([], touchAt(0, 500)), {
    tape_buy_vol: 0,
    tape_sell_vol: 0,
    tape_imbalance: NaN,
    tape_velocity: 0,
    tape_price_velocity: NaN,
    sweep_detected: 0,
    sweep_direction: 0,
    sweep_size: 0,
    sweep_notional: 0,
  });
  const sameTime = featuresOf([print(5, 0), print(5, 0)], touchAt(0, 500));
  assert.deepEqual([sameTime.tape_imbalance, sameTime.tape_price_velocity], [NaN, NaN]);
  assert.equal(featuresOf([print(5, 1), print(6, 1)], touchAt(0, 500)).tape_price_velocity, 0);
});

function assertLikeTwin(prints: readonly Print[], touches: readonly Touch[]): number {
  const tape = tapeOf(prints), sweeps = newSweeps();
  appendSweeps(sweeps, tape, CONFIG);
  let detected = 0;
  for (const touch of touches) {
    const found: Record<string, number> = { ...tapeFeatures({ tape }, touch, sweeps, CONFIG) };
    const wanted: Record<string, number> = naiveTape(prints, touch);
    assert.deepEqual(Object.keys(found), Object.keys(wanted));
    detected += wanted.sweep_detected;
    for (const [name, value] of Object.entries(wanted)) {
      const at = `${name} of ${touch.level} at ${touch.ts / MINUTE_NS}`;
      if (name !== "tape_price_velocity" || Number.isNaN(value)) assert.equal(found[name], value, at);
      // The twin's slope is exact; an exact 0 may be 1e-17 here.
      else {assert.ok(
          Math.abs(found[name] - value) <= 1e-9 * Math.abs(value) + 1e-15,
          `${at}: ${found[name]}`,
        );}
    }
  }
  return detected;
}

function touchesNear(prints: readonly Print[], scale: number): Touch[] {
  const minutes = Math.floor(prints.at(-1)!.ts / MINUTE_NS) + 2;
  return Array.from({ length: minutes }, (_, minute) => {
    const near = prints.findLast((p) => p.ts < (minute + 1) * MINUTE_NS)?.price ?? prints[0].price;
    return [-0.5, 0, 0.03, 1].map((away) => touchAt(minute, near * scale + away, scale));
  }).flat();
}

Deno.test("tapeFeatures() equals its naive twin on random prints", () => {
  for (const [seed, scale] of [[1, 0.1], [2, 0.0998], [3, 0.1]]) {
    const prints = randomPrints(new Random(seed), 4000);
    const touches = touchesNear(prints, scale);
    const detected = assertLikeTwin(prints, touches);
    assert.ok(detected > 10 && detected < touches.length / 2, `${detected} of ${touches.length}`);
  }
});

Deno.test("tapeFeatures() equals its naive twin on the real ES trades", async () => {
  if (!requires("shared", "tapeFeatures() on the real ES trades")) return;
  const originNs = 1_703_541_600_000_000_000n; // 22:00 UTC
  const batches = await readTable(shared("real/esh4-20231225.trades.dbn.zst"), "trades");
  const prints = batches.flatMap((batch) => printsOf(batch, originNs));
  assert.equal(prints.length, 2973);
  assertLikeTwin(prints, touchesNear(prints, 0.1));
});

Deno.test("tapeFeatures() does not change with what follows the bar", () => {
  const prints = randomPrints(new Random(9), 3000);
  const all = tapeOf(prints), allSweeps = newSweeps(), grown = newSweeps();
  appendSweeps(allSweeps, all, CONFIG);
  const touches = Map.groupBy(touchesNear(prints, 0.1), (touch) => touch.ts);
  let detected = 0;
  for (const [ts, group] of touches) {
    const past = tapeOf(prints.filter((p) => p.ts < ts + MINUTE_NS));
    const fresh = newSweeps();
    appendSweeps(fresh, past, CONFIG);
    appendSweeps(grown, past, CONFIG);
    for (const touch of group) {
      const wanted = tapeFeatures({ tape: past }, touch, fresh, CONFIG);
      assert.deepEqual(tapeFeatures({ tape: past }, touch, grown, CONFIG), wanted);
      assert.deepEqual(tapeFeatures({ tape: all }, touch, allSweeps, CONFIG), wanted);
      detected += wanted.sweep_detected;
    }
  }
  assert.ok(detected > 5);
});

Deno.test("tapeFeatures() refuses runs that lack prints of the bar", () => {
  const tape = tapeOf([{ ts: 1, price: 5000, size: 1, aggressor: 1 }]);
  assert.throws(
    () => tapeFeatures({ tape }, touchAt(0, 500), newSweeps(), CONFIG),
    /call appendSweeps first/,
  );
});
