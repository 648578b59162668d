import assert from "node:assert/strict";
import {
  calendarContract,
  compact,
  impliedVol,
  isOutright,
  normalCdf,
  optionDelta,
  optionGamma,
  optionPrice,
  quarterlies,
  Random,
  terminalEffects,
} from "../../lib/base/mod.ts";

Deno.test("normalCdf() matches known values and is symmetric", () => {
  assert.ok(Math.abs(normalCdf(1) - 0.8413447460685429) < 1e-15);
  assert.ok(Math.abs(normalCdf(-3) - 0.0013498980316300933) < 1e-16);
  assert.ok(Math.abs(normalCdf(8) + normalCdf(-8) - 1) < 1e-15);
});

Deno.test("optionPrice() holds put–call parity and its derivatives match finite differences", () => {
  const years = 0.003, vol = 0.15;
  for (const strike of [590, 600, 612]) {
    const call = optionPrice(true, 601, strike, years, vol),
      put = optionPrice(false, 601, strike, years, vol);
    assert.ok(Math.abs(call - put - (601 - strike)) < 1e-10);
    const h = 1e-3;
    const delta =
      (optionPrice(true, 601 + h, strike, years, vol) - optionPrice(true, 601 - h, strike, years, vol)) /
      (2 * h);
    assert.ok(Math.abs(optionDelta(true, 601, strike, years, vol) - delta) < 1e-6);
    const gamma =
      (optionDelta(false, 601 + h, strike, years, vol) - optionDelta(false, 601 - h, strike, years, vol)) /
      (2 * h);
    assert.ok(Math.abs(optionGamma(601, strike, years, vol) - gamma) < 1e-6);
  }
});

Deno.test("impliedVol() inverts optionPrice() over the bounds and refuses prices outside them", () => {
  const bounds = { min: 0.01, max: 5 };
  const random = new Random(7);
  for (let i = 0; i < 2000; i++) {
    const strike = 600 + Math.round(20 * (random.uniform() - 0.5)), years = 0.0002 + random.uniform() * 0.004;
    const vol = 0.05 + random.uniform(), call = random.uniform() < 0.5;
    const price = optionPrice(call, 600, strike, years, vol);
    if (price - Math.max(0, call ? 600 - strike : strike - 600) < 0.01) continue;
    const found = impliedVol(call, price, 600, strike, years, bounds);
    assert.ok(
      Math.abs(optionPrice(call, 600, strike, years, found) - price) < 1e-9,
      `${strike} ${years} ${vol}`,
    );
  }
  assert.ok(Number.isNaN(impliedVol(true, 0.5, 610, 600, 0.001, bounds)));
  assert.ok(Number.isNaN(impliedVol(true, 700, 600, 600, 0.001, bounds)));
});

Deno.test("calendarContract() rolls on the Monday of expiry week", () => {
  const front = (date: string) => calendarContract("ES", date);
  assert.deepEqual(["2025-12-12", "2025-12-15", "2025-12-19", "2026-03-13", "2026-03-16"].map(front), [
    "ESZ5",
    "ESH6",
    "ESH6",
    "ESH6",
    "ESM6",
  ]);
  assert.deepEqual(quarterlies("ES", "2025-12-19", 2), [
    { name: "ESZ5", expiry: "2025-12-19" },
    { name: "ESH6", expiry: "2026-03-20" },
  ]);
  assert.deepEqual(["ESZ5", "ESZ5-ESH6", "ES_294973", "MESZ5"].map((n) => isOutright("ES", n)), [
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("Random repeats for a seed, differs between seeds and has the moments it promises", () => {
  const draw = (seed: number) =>
    Array.from({ length: 5 }, function (this: Random) {
      return this.uint32();
    }, new Random(seed));
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  const random = new Random("moments");
  let sum = 0, squares = 0, waits = 0, failures = 0;
  const n = 200_000;
  for (let i = 0; i < n; i++) {
    const x = random.normal();
    sum += x;
    squares += x * x;
    waits += random.exponential(3);
    failures += random.geometric(0.25);
  }
  assert.ok(Math.abs(sum / n) < 0.01 && Math.abs(squares / n - 1) < 0.02);
  assert.ok(Math.abs(waits / n - 3) < 0.03 && Math.abs(failures / n - 3) < 0.05);
  assert.deepEqual([...random.shuffle(new Int32Array([1, 2, 3, 4]))].sort(), [1, 2, 3, 4]);
});

Deno.test("terminalEffects() shows rate and ETA, and only for work over two seconds", () => {
  let now = 0;
  const lines: string[] = [];
  const effects = terminalEffects({ write: (t) => void lines.push(t), now: () => now, interactive: true });
  const progress = effects.progress("backfill", "rows", 1_000_000);
  now = 1900;
  progress.add(100_000);
  assert.deepEqual(lines, []);
  now = 4000;
  progress.add(300_000);
  assert.equal(lines.at(-1), "\r\x1b[Kbackfill: 400 k of 1.00 M (40 %) rows, 100 k/s, ETA 6 s");
  progress.done();
  effects.warn("thin");
  assert.equal(lines.at(-1), "warning: thin\n");
  assert.deepEqual([7, 12_345, 4_560_000, 2.5e9].map(compact), ["7", "12.3 k", "4.56 M", "2.50 G"]);
});
