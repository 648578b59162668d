import assert from "node:assert/strict";
import { NULL_I32, NULL_I8, Random, stringsOf } from "../../lib/base/mod.ts";
import { dodge } from "../../lib/report/dodge.ts";
import {
  binValues,
  compact,
  distributionOf,
  drawPlot,
  easternTick,
  namedDates,
  percent,
} from "../../lib/report/mod.ts";
import { FEATURES } from "../../lib/schema/mod.ts";

Deno.test("easternTick() reads New York in winter and in summer", () => {
  assert.equal(easternTick(Date.parse("2025-12-16T14:30:00Z")), "09:30");
  assert.equal(easternTick(Date.parse("2025-07-08T13:30:00Z")), "09:30");
});

Deno.test("compact() keeps what can be told apart", () => {
  assert.deepEqual([0, 1234567, 17.44, -0.004512, 0.00001234, -2].map(compact), [
    "0",
    "1.23M",
    "17.4",
    "−0.0045",
    "1.2e−5",
    "−2",
  ]);
});

Deno.test("percent() never rounds something to nothing, nor nearly all to all", () => {
  assert.deepEqual([0, 0.001, 0.5, 0.999, 1].map(percent), ["0 %", "<1 %", "50 %", ">99 %", "100 %"]);
});

Deno.test("namedDates() names all of a few and an even part of many", () => {
  const days = Array.from({ length: 100 }, (_, i) => String(i));
  assert.deepEqual(namedDates(days.slice(0, 5)), days.slice(0, 5));
  const named = namedDates(days, 10);
  assert.ok(named.length <= 10 && named[0] === "0" && named[1] === "10");
});

Deno.test("drawPlot() gives one SVG with short numbers and no ids, the same every time", () => {
  const draw = () => drawPlot({ x: { domain: [0, 1 / 3] }, y: { domain: [0, 1 / 7], grid: true } });
  assert.match(draw(), /^<svg[^]*<\/svg>$/);
  assert.doesNotMatch(draw(), /\d\.\d{3}| id="/);
  assert.equal(draw(), draw());
});

Deno.test("dodge() leaves alone what is apart and spreads what is not about its middle", () => {
  assert.deepEqual(dodge([5, 1, 9], 2, 0, 10), [5, 1, 9]);
  assert.deepEqual(dodge([5, 5], 2, 0, 10), [4, 6]);
  assert.deepEqual(dodge([0, 0, 0], 2, 0, 10), [0, 2, 4]);
  assert.deepEqual(dodge([], 2, 0, 10), []);
});

Deno.test("dodge() keeps order, gaps and bounds wherever the labels fit", () => {
  const random = new Random(7);
  for (let trial = 0; trial < 300; trial++) {
    const values = Array.from({ length: 1 + random.int(15) }, () => random.uniform() * 100), gap = 6;
    const placed = dodge(values, gap, 0, 100);
    const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b] || a - b);
    order.forEach((at, k) => {
      assert.ok(placed[at] >= -1e-9 && placed[at] <= 100 + 1e-9);
      if (k > 0) assert.ok(placed[at] - placed[order[k - 1]] >= gap - 1e-9);
    });
  }
});

Deno.test("binValues() counts every value once, those beyond the edges in the outer bins", () => {
  const random = new Random(3);
  const values = Float64Array.from({ length: 2000 }, () => random.normal());
  const bins = binValues(values);
  assert.equal(bins.counts.reduce((a, b) => a + b), 2000);
  assert.equal(bins.counts.length, 32);
  assert.equal(bins.beyond, values.filter((v) => v < bins.low || v > bins.high).length);
  assert.ok(bins.beyond >= 30 && bins.beyond <= 42);
  const width = (bins.high - bins.low) / 32, [from, to] = [bins.low + 15 * width, bins.low + 16 * width];
  assert.equal(bins.counts[15], values.filter((v) => v >= from && v < to).length);
  assert.deepEqual(bins.quantiles, [Math.min(...values), values.toSorted()[1000], Math.max(...values)]);
});

Deno.test("binValues() gives whole numbers a bin each, and a constant the middle", () => {
  const whole = binValues(Float64Array.of(1, 1, 2, 4), { whole: true });
  assert.deepEqual([whole.low, whole.high, whole.counts], [0.5, 4.5, [2, 1, 0, 1]]);
  const constant = binValues(Float64Array.of(0, 0, 0));
  assert.equal(constant.counts[16], 3);
  assert.equal(constant.beyond, 0);
});

Deno.test("distributionOf() leaves nulls out, whatever the column's type", () => {
  const feature = (name: string) => FEATURES.find((f) => f.name === name)!;
  const rows = {
    length: 4,
    columns: {
      atr: Float64Array.of(1, NaN, 2, 3),
      confluence_count: Int32Array.of(1, NULL_I32, 1, 2),
      tradeable_2: Int8Array.of(1, 0, NULL_I8, 0),
      fuel_effect: stringsOf(["AMPLIFY", null, "NEUTRAL", "NEUTRAL"]),
      gamma_norm: new Float64Array(4).fill(NaN),
      label_end_ts_ns: new BigInt64Array(4),
    },
  };
  const of = (name: string) => distributionOf(rows, feature(name));
  for (const name of ["atr", "confluence_count", "tradeable_2", "fuel_effect"]) {
    assert.deepEqual([of(name).known, of(name).nulls], [3, 1], name);
  }
  assert.deepEqual(of("confluence_count").bins!.counts, [2, 1]);
  assert.deepEqual(of("tradeable_2").words, [{ word: "no", rows: 2 }, { word: "yes", rows: 1 }]);
  assert.deepEqual(of("fuel_effect").words, [{ word: "NEUTRAL", rows: 2 }, { word: "AMPLIFY", rows: 1 }]);
  assert.deepEqual([of("gamma_norm").known, of("gamma_norm").bins], [0, undefined]);
  assert.throws(() => of("label_end_ts_ns"), TypeError);
});
