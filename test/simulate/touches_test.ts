import assert from "node:assert/strict";
import { type Batch, f64, MINUTE_NS, strings } from "../../lib/base/mod.ts";
import { NULL_EFFECTS, simulateDay, type SimulatedEffects, type Truth } from "../../lib/simulate/mod.ts";
import { leaderRows, timesOf } from "./_day.ts";
import { correlation } from "./_facts.ts";

const DATES = [
  "2025-11-03",
  "2025-11-04",
  "2025-11-05",
  "2025-11-06",
  "2025-11-07",
  "2025-11-10",
  "2025-11-11",
];

/** Columns of the touches of some days. */
function touchesOf(effects: SimulatedEffects, names: string[]): number[][] {
  const truths = DATES.map((date): Truth => simulateDay({ date, scale: 0.2, effects }).truth);
  return names.map((name) => truths.flatMap((t) => [...f64(t.touches, name)]));
}

Deno.test("simulateDay() draws D of each kind, and in the null market nothing follows from it", () => {
  const [d, p, outcome] = touchesOf(NULL_EFFECTS, ["d", "p_break", "outcome"]);
  for (const value of [-1, 0, 1]) {
    const share = d.filter((x) => x === value).length / d.length;
    assert.ok(share > 0.2 && share < 0.45, `${value}: ${share}`);
  }
  assert.ok(p.every((x) => x === 0.5));
  assert.ok(Math.abs(correlation(d, outcome)) < 0.12, String(correlation(d, outcome)));
});

Deno.test("simulateDay() lets breaks follow D as strongly as beta says", () => {
  const effects = { beta: 4, gamma: 0, delta: 0 };
  const [d, p, outcome, direction, up] = touchesOf(effects, ["d", "p_break", "outcome", "direction", "p_up"]);
  assert.ok(correlation(d, outcome) > 0.5, String(correlation(d, outcome)));
  d.forEach((value, i) => {
    assert.ok(Math.abs(p[i] - 1 / (1 + Math.exp(-4 * value))) < 1e-12);
    assert.equal(up[i], direction[i] > 0 ? p[i] : 1 - p[i]);
  });
});

Deno.test("simulateDay() lets the book's imbalance and the dealers' gamma enter the hazard", () => {
  const effects = { beta: 0, gamma: 2, delta: 3 };
  const [p, imbalance, direction, dealer] = touchesOf(effects, [
    "p_break",
    "imbalance",
    "direction",
    "dealer_gamma",
  ]);
  p.forEach((value, i) => {
    const logit = 2 * imbalance[i] * direction[i] - 3 * (dealer[i] || 0);
    assert.ok(Math.abs(value - 1 / (1 + Math.exp(-logit))) < 1e-12);
  });
  assert.ok(dealer.filter((g) => Math.abs(g) > 0.1).length > 0.05 * dealer.length);
});

Deno.test("simulateDay() touches levels of every kind it knows, within reach of the bar's close", () => {
  const day = simulateDay({ date: "2025-11-05", scale: 0.2 }), { touches, minutes } = day.truth;
  const kinds = new Set(strings(touches, "kind").values);
  assert.ok(kinds.has("ROUND") && kinds.size >= 4, [...kinds].join());
  const trades = leaderRows(day, day.trades),
    price = f64(trades, "price"),
    closes = new Map<number, number>();
  timesOf(day, trades).forEach((t, i) => closes.set(Math.floor(t / MINUTE_NS), price[i]));
  const scales = new Map<number, number>();
  const minuteOf = (batch: Batch) =>
    timesOf(day, { ...batch, columns: { ts_event_ns: batch.columns.ts_ns } }).map((t) => t / MINUTE_NS);
  minuteOf(minutes).forEach((m, i) => scales.set(m, f64(minutes, "spy_per_es")[i]));
  minuteOf(touches).forEach((m, i) => {
    const gap = f64(touches, "level")[i] - closes.get(m)! * scales.get(m)!;
    assert.ok(Math.abs(gap) <= 0.25 + 1e-9, String(gap));
    if (Math.abs(gap) > 1e-9) assert.equal(f64(touches, "direction")[i], Math.sign(gap));
  });
});
