import assert from "node:assert/strict";
import { CONFIG, f64, MINUTE_NS, u32 } from "../../lib/base/mod.ts";
import type { Touch } from "../../lib/levels/mod.ts";
import { simulateDay, type SimulatedDay } from "../../lib/simulate/mod.ts";
import { volumeCurve } from "../../lib/simulate/volume_curve.ts";
import { bookRows } from "../helpers/books.ts";
import { printsOf } from "../helpers/prints.ts";
import { requires, shared } from "../helpers/requires.ts";
import { naiveBarrier, naiveEvents } from "../reference/barrier.ts";
import { naiveTape } from "../reference/tape.ts";
import { leaderRows, timesOf } from "./_day.ts";
import { type Facts, factsOf } from "./_facts.ts";

const DATES = ["2025-11-03", "2025-11-05", "2025-11-07", "2025-11-12", "2025-11-14"];
const days: { facts: Facts; minutes: Float64Array; day?: SimulatedDay }[] = [];

/** Five full days, made once; only the first is kept whole. */
function fullDays() {
  for (const date of DATES.slice(days.length)) {
    const day = simulateDay({ date });
    const kept = days.length === 0 ? { day } : {};
    days.push({ facts: factsOf(day), minutes: minuteVolume(day), ...kept });
  }
  return days;
}

/** Contracts traded in each minute from 18:00, every instrument. */
function minuteVolume(day: SimulatedDay): Float64Array {
  const volume = new Float64Array(1380), ts = timesOf(day, day.trades), size = u32(day.trades, "size");
  const start = Number(day.session.overnightNs - day.session.startNs);
  for (let i = 0; i < ts.length; i++) volume[Math.floor((ts[i] - start) / MINUTE_NS)] += size[i];
  return volume;
}

function mean(fact: keyof Facts): number {
  return fullDays().reduce((sum, d) => sum + d.facts[fact], 0) / DATES.length;
}

function within(fact: keyof Facts, low: number, high: number): void {
  const value = mean(fact);
  assert.ok(value >= low && value <= high, `${fact} is ${value.toFixed(3)}, wanted ${low} to ${high}`);
}

Deno.test("simulateDay() has a spread of one tick on at least nine records in ten, and never a crossed book", () => {
  within("oneTick", 0.9, 0.99);
  within("oneTickOvernight", 0.85, 0.99);
  assert.equal(mean("crossed"), 0);
});

Deno.test("simulateDay() trades as often and as small as the real market", () => {
  within("oneLots", 0.55, 0.65);
  within("tradeShare", 0.04, 0.1);
  within("signLag1", 0.3, 0.5);
  within("signLag10", 0.03, 0.2);
});

Deno.test("simulateDay() shows less at the best level than behind it", () => within("depthRatio", 0.5, 0.75));

Deno.test("simulateDay() moves with the order flow of the best quotes, not by it alone", () => {
  within("ofi10s", 0.3, 0.8);
  within("ofi60s", 0.3, 0.8);
});

Deno.test("simulateDay() returns are hardly correlated, their sizes are, and tails are fat", () => {
  within("returnLag1", -0.05, 0.05);
  within("absReturnLag1", 0.05, 0.3);
  within("kurtosis", 4, 10);
});

Deno.test("simulateDay() ranges over a few dollars a day", () => within("range", 50, 130));

Deno.test("simulateDay() makes the documented number of records", () => {
  const { day } = fullDays()[0];
  assert.ok(day!.books.length > 290_000 && day!.books.length < 400_000, String(day!.books.length));
  assert.ok(day!.trades.length > 24_000 && day!.trades.length < 31_000, String(day!.trades.length));
  assert.ok(day!.options.length > 19_000 && day!.options.length < 25_000, String(day!.options.length));
});

Deno.test("simulateDay() trades through the minutes of the day as the profile does", () => {
  const test = "volume against the profile of 14 real days";
  const profile = requires("shared", test) ? readProfile() : volumeCurve();
  const made = new Float64Array(1380).map((_, m) => fullDays().reduce((sum, d) => sum + d.minutes[m], 0));
  const share = (x: Float64Array, from: number, to: number) =>
    x.subarray(from, to).reduce((a, b) => a + b) / x.reduce((a, b) => a + b);
  const misses = (from: number, to: number, step: number) => {
    const far: string[] = [];
    for (let m = from; m < to; m += step) {
      const ratio = share(made, m, m + step) / share(profile, m, m + step);
      if (Math.abs(ratio - 1) > 0.2) far.push(`minute ${m}: ${ratio.toFixed(2)}`);
    }
    return far;
  };
  assert.deepEqual(misses(930, 1320, 5), []);
  // A sweep puts a tenth of five days' volume into its minute; a thin night is judged by the half hour.
  assert.ok(misses(930, 1320, 1).length <= 8, String(misses(930, 1320, 1)));
  assert.deepEqual(misses(0, 930, 30), []);
});

/** Mean volume by minute from 18:00; minutes that the profile's days had no market in take the curve's value. */
function readProfile(): Float64Array {
  const volume = new Float64Array(1380), curve = volumeCurve();
  const text = Deno.readTextFileSync(shared("profiles/es_minute_profile_et.csv"));
  for (const line of text.trimEnd().split("\n").slice(1)) {
    const [clock, contracts] = line.split(",");
    const minute = (Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3)) + 360) % 1440;
    if (minute < 1380) volume[minute] = Number(contracts);
  }
  return volume.map((v, m) => v || curve[m]);
}

Deno.test("simulateDay() brings every barrier state about", () => {
  const day = simulateDay({ date: "2025-11-05", scale: 0.15 });
  const open = Number(day.session.openNs - day.session.startNs);
  const rows = bookRows(leaderRows(day, day.books), day.session.startNs);
  const events = naiveEvents(rows.filter((r) => r.ts >= open - 30 * MINUTE_NS));
  const states = new Map<string | null, number>();
  for (const touch of touchesOf(day)) {
    const from = events.findIndex((e) => e.ts >= touch.ts - 30 * MINUTE_NS);
    const to = events.findIndex((e) => e.ts >= touch.ts + MINUTE_NS);
    const { barrier_state } = naiveBarrier(events.slice(from, to < 0 ? undefined : to), touch);
    states.set(barrier_state, (states.get(barrier_state) ?? 0) + 1);
  }
  for (const state of ["VACUUM", "CONSUMED", "WALL", "ABSORPTION", "WEAK", "NEUTRAL"]) {
    assert.ok((states.get(state) ?? 0) >= 2, `${state}: ${JSON.stringify([...states])}`);
  }
});

/** The true touches as the pipeline has them. */
function touchesOf(day: SimulatedDay): Touch[] {
  const { touches, minutes } = day.truth, start = day.session.startNs;
  const ts = timesOf(day, { ...touches, columns: { ts_event_ns: touches.columns.ts_ns } });
  const level = f64(touches, "level"), direction = f64(touches, "direction");
  const scales = new Map<number, number>();
  const minuteTs = minutes.columns.ts_ns as BigInt64Array, scale = f64(minutes, "spy_per_es");
  minuteTs.forEach((t, i) => scales.set(Number(t - start), scale[i]));
  return Array.from(ts, (t, i) => ({
    bar: 0,
    ts: t,
    kind: 0,
    level: level[i],
    levelEs: level[i] / scales.get(t)!,
    scale: scales.get(t)!,
    spot: level[i],
    direction: direction[i] > 0 ? 1 : -1,
    crossed: false,
  }));
}

Deno.test("simulateDay() sweeps in one to fifteen regular bars in a hundred", () => {
  const day = fullDays()[0].day!;
  const open = Number(day.session.openNs - day.session.startNs);
  const prints = printsOf(leaderRows(day, day.trades), day.session.startNs);
  const scale = 0.0994;
  let swept = 0, bars = 0;
  for (let ts = open; ts < open + 390 * MINUTE_NS; ts += MINUTE_NS) {
    const from = prints.findIndex((p) => p.ts >= ts - 30 * MINUTE_NS);
    const to = prints.findIndex((p) => p.ts >= ts + MINUTE_NS);
    const window = prints.slice(from, to < 0 ? undefined : to);
    const level = window.at(-1)!.price * scale;
    const touch: Touch = {
      bar: 0,
      ts,
      kind: 0,
      level,
      levelEs: level / scale,
      scale,
      spot: level,
      direction: 1,
      crossed: false,
    };
    swept += naiveTape(window, touch).sweep_detected;
    bars++;
  }
  assert.ok(swept >= 0.01 * bars && swept <= 0.15 * bars, `${swept} of ${bars}`);
  assert.equal(CONFIG.tape.sweepSize, 20);
});
