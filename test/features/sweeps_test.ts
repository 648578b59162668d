import assert from "node:assert/strict";
import { CONFIG, MINUTE_NS, Random } from "../../lib/base/mod.ts";
import { appendSweeps, barSweeps, newSweeps, tapeFeatures } from "../../lib/features/mod.ts";
import { type Print, randomPrints, tapeOf } from "../helpers/prints.ts";

/** Prints from [milliseconds, price, size, aggressor]. */
function printsFrom(...rows: [number, number, number, number][]): Print[] {
  return rows.map(([ms, price, size, aggressor]) => ({ ts: ms * 1e6, price, size, aggressor }));
}

function runsOf(prints: readonly Print[]) {
  const sweeps = newSweeps();
  appendSweeps(sweeps, tapeOf(prints), CONFIG);
  const { length, direction, size, prices } = sweeps;
  return Array.from({ length }, (_, i) => [direction[i], size[i], prices[i]]);
}

/** Sizes and directions of the sweeps of the bar at `minute`. */
function sweepsOf(prints: readonly Print[], minute = 0): number[][] {
  const sweeps = newSweeps();
  appendSweeps(sweeps, tapeOf(prints), CONFIG);
  return barSweeps(sweeps, minute * MINUTE_NS, CONFIG).map((
    run,
  ) => [sweeps.direction[run], sweeps.size[run]]);
}

Deno.test("appendSweeps() joins prints of one aggressor with gaps of at most 100 ms", () => {
  assert.deepEqual(runsOf(printsFrom([0, 5000, 1, 1], [100, 5000, 2, 1], [200, 5000.25, 3, 1])), [[1, 6, 2]]);
  assert.deepEqual(runsOf(printsFrom([0, 5000, 1, 1], [100.000001, 5000, 2, 1])), [[1, 1, 1], [1, 2, 1]]);
});

Deno.test("appendSweeps() breaks a run at an opposite print and at the minute's end, not at an unsigned one", () => {
  const opposite = printsFrom([0, 5000, 1, 1], [1, 4999.75, 2, -1], [2, 5000, 3, 1]);
  assert.deepEqual(runsOf(opposite), [[1, 1, 1], [-1, 2, 1], [1, 3, 1]]);
  const unsigned = printsFrom([0, 5000, 1, 1], [1, 4999.75, 2, 0], [2, 5000, 3, 1]);
  assert.deepEqual(runsOf(unsigned), [[1, 4, 1]]);
  const minute = printsFrom([59_990, 5000, 1, 1], [60_000, 5000.25, 2, 1]);
  assert.deepEqual(runsOf(minute), [[1, 1, 1], [1, 2, 1]]);
});

Deno.test("appendSweeps() counts a price only when it goes beyond all before it", () => {
  const up = printsFrom([0, 5000, 1, 1], [1, 5000.25, 1, 1], [2, 5000, 1, 1], [3, 5000.25, 1, 1], [
    4,
    5000.5,
    1,
    1,
  ]);
  assert.deepEqual(runsOf(up), [[1, 5, 3]]);
  const down = printsFrom([0, 5000, 1, -1], [1, 4999.5, 1, -1], [2, 4999.75, 1, -1], [3, 5001, 1, -1]);
  assert.deepEqual(runsOf(down), [[-1, 4, 2]]);
});

Deno.test("appendSweeps() gives the same runs however the tape grows", () => {
  const prints = randomPrints(new Random(4), 2000);
  const tape = tapeOf(prints), whole = newSweeps(), grown = newSweeps();
  appendSweeps(whole, tape, CONFIG);
  const random = new Random(5);
  for (let length = 0; length < tape.length;) {
    length = Math.min(tape.length, length + random.int(40));
    appendSweeps(grown, { ...tape, length }, CONFIG);
  }
  assert.equal(grown.length, whole.length);
  for (
    const name of ["start", "end", "direction", "size", "value", "prices", "firstRow", "lastRow"] as const
  ) {
    assert.deepEqual(grown[name].subarray(0, grown.length), whole[name].subarray(0, whole.length));
  }
});

Deno.test("barSweeps() wants three prices and twenty contracts", () => {
  const run = (...sizes: number[]) =>
    printsFrom(...sizes.map((size, k): [number, number, number, number] => [k, 5000 - k / 4, size, -1]));
  assert.deepEqual(sweepsOf(run(10, 5, 5)), [[-1, 20]]);
  assert.deepEqual(sweepsOf(run(10, 5, 4)), []);
  assert.deepEqual(sweepsOf(run(100, 100)), []);
});

Deno.test("barSweeps() wants the 99th percentile of the trailing 30 minutes' runs", () => {
  // The sweep of 30 in minute 30; others of one print, a second apart, from minute `from` on.
  const sweep = printsFrom([0, 5000, 10, 1], [1, 5000.25, 10, 1], [2, 5000.5, 10, 1])
    .map((p) => ({ ...p, ts: p.ts + 30 * MINUTE_NS }));
  const others = (count: number, larger: number, from: number): Print[] =>
    Array.from({ length: count }, (_, k) => ({
      ts: from * MINUTE_NS + k * 1e9,
      price: 5000,
      size: k < larger ? 50 : 1,
      aggressor: 1,
    }));
  // n = 100 with one larger run: the 99th smallest is the sweep's own 30.
  assert.deepEqual(sweepsOf([...others(99, 1, 1), ...sweep], 30), [[1, 30]]);
  // Two larger: the 99th smallest is 50.
  assert.deepEqual(sweepsOf([...others(99, 2, 1), ...sweep], 30), []);
  // n = 99 with one larger: the 99th smallest is the largest of all.
  assert.deepEqual(sweepsOf([...others(98, 1, 1), ...sweep], 30), []);
  // The bar's own end closes the window: minute 0 is out of it.
  assert.deepEqual(sweepsOf([...others(59, 1, 0), ...sweep], 30), [[1, 30]]);
  // Later runs do not count.
  assert.deepEqual(sweepsOf([...sweep, ...others(98, 98, 31)], 30), [[1, 30]]);
});

Deno.test("tapeFeatures() takes the largest sweep with a print in band, of equal ones the first", () => {
  const sweep = (ms: number, price: number, sizes: number[], way: number): Print[] =>
    printsFrom(
      ...sizes.map((size, k): [number, number, number, number] => [ms + k, price + way * k, size, way]),
    );
  // One bought 5003, 5004, 5005 (30), one sold 4993, 4992, 4991 (30), one bought far away (40). With three runs all
  // but the largest fall below the percentile, so 300 of them make the sample wide enough.
  const crowd = Array.from({ length: 300 }, (_, k) => printsFrom([1000 + k * 101, 6000, 1, 1])).flat();
  // An unsigned print amid the far run does not bring it into the band of 520.
  const prints = [
    ...crowd,
    ...sweep(40_000, 5003, [10, 10, 10], 1),
    ...sweep(41_000, 4993, [10, 10, 10], -1),
    ...sweep(42_000, 5100, [10, 10, 20], 1),
  ].toSpliced(-1, 0, { ts: 42_001e6, price: 5200, size: 1, aggressor: 0 });
  const at = (level: number) => {
    const tape = tapeOf(prints), sweeps = newSweeps();
    appendSweeps(sweeps, tape, CONFIG);
    const touch = { bar: 0, ts: 0, kind: 8, levelEs: level * 10, scale: 0.1, spot: level, crossed: false };
    const f = tapeFeatures({ tape }, { ...touch, level, direction: 1 }, sweeps, CONFIG);
    return [f.sweep_detected, f.sweep_direction, f.sweep_size, f.sweep_notional];
  };
  // 50 × (5003 + 5004 + 5005) × 10; the sold run's prints are in band from 499.8 down.
  assert.deepEqual(at(500.2), [1, 1, 30, 50 * 10 * (5003 + 5004 + 5005)]);
  assert.deepEqual(at(499.8), [1, 1, 30, 50 * 10 * (5003 + 5004 + 5005)]);
  assert.deepEqual(at(499.5), [1, -1, 30, 50 * 10 * (4993 + 4992 + 4991)]);
  assert.deepEqual(at(510), [1, 1, 40, 50 * (10 * 5100 + 10 * 5101 + 20 * 5102)]);
  assert.deepEqual(at(505), [0, 0, 0, 0]);
  assert.deepEqual(at(520), [0, 0, 0, 0]);
});
