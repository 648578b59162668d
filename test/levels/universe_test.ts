import assert from "node:assert/strict";
import { CONFIG, Random } from "../../lib/base/mod.ts";
import {
  averageTrueRange,
  kindCode,
  type Level,
  LEVEL_KINDS,
  levelsAt,
  newBoard,
} from "../../lib/levels/mod.ts";
import { requires } from "../helpers/requires.ts";
import {
  naiveAtr,
  naiveBars,
  naiveCloses,
  type NaiveDay,
  naiveLevels,
  naiveTouches,
} from "../reference/levels_naive.ts";
import { clock, MINUTE, play, type Played, randomDay, realDay } from "./_play.ts";

const SCALE = 0.1003;

function history(seed: number) {
  const random = new Random(seed);
  return {
    closes: Float64Array.from({ length: 330 }, () => 6000 + random.int(80) / 4),
    previous: { high: 6012.25, low: 5990.5, close: 6001 },
  };
}

function close(actual: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.abs(expected),
    `${what}: ${actual} is not ${expected}`,
  );
}

function assertLevels(actual: readonly Level[], expected: readonly Level[], ts: number): void {
  const names = (levels: readonly Level[]) => levels.map((l) => LEVEL_KINDS[l.kind]);
  assert.deepEqual(names(actual), names(expected), `kinds at ${ts}`);
  for (const [i, level] of actual.entries()) {
    close(level.level, expected[i].level, `${LEVEL_KINDS[level.kind]} at ${ts}`);
    close(level.levelEs, expected[i].levelEs, `${LEVEL_KINDS[level.kind]} at ${ts}, ES`);
  }
}

function assertTwins(day: NaiveDay, played: Played, scale: number, step: number): number {
  let compared = 0;
  for (const [ts, levels] of [...played.offered].filter((_, i) => i % step === 0)) {
    assertLevels(levels, naiveLevels(day, ts, scale), ts);
    compared += levels.length;
    const bars = naiveBars(day.trades, ts + MINUTE);
    const expected = bars.at(-1)?.ts === ts && ts + 16 * MINUTE <= played.state.at.close
      ? naiveTouches(bars, levels, scale)
      : [];
    const touches = played.touches.filter((t) => t.ts === ts);
    assert.deepEqual(touches.map((t) => [t.kind, t.level, t.direction, t.crossed]), expected, `at ${ts}`);
  }
  return compared;
}

Deno.test("levelsAt() and touchesOf() equal their naive twins on random days", () => {
  for (const seed of [1, 2, 3]) {
    const day = { ...randomDay(seed, 3000, 1200), history: history(seed) };
    const played = play(day, SCALE);
    assert.ok(assertTwins(day, played, SCALE, 5) > 1000);
    assert.ok(played.touches.length > 50, `${played.touches.length} touches`);
    const kinds = new Set([...played.offered.values()].flat().map((l) => l.kind));
    assert.equal(kinds.size, LEVEL_KINDS.length, "every kind was offered");
  }
});

Deno.test("closeBar() equals its naive twin on random days", () => {
  const day = randomDay(4, 4000, 0);
  const { state: { bars, closes } } = play(day, SCALE);
  const expected = naiveBars(day.trades, Infinity);
  assert.equal(bars.length, expected.length);
  for (const name of ["ts", "open", "high", "low", "close", "volume", "trades"] as const) {
    assert.deepEqual([...bars[name].subarray(0, bars.length)], expected.map((b) => b[name]), name);
  }
  assert.deepEqual(
    [...closes.close.subarray(0, closes.length)],
    naiveCloses(day.trades, day.session, Infinity),
  );
  for (let bar = 0; bar < bars.length; bar++) {
    const atr = averageTrueRange(bars, bar, 14), twin = naiveAtr(expected.slice(0, bar + 1));
    if (Number.isNaN(twin)) assert.ok(Number.isNaN(atr));
    else close(atr, twin, `ATR of bar ${bar}`);
  }
});

Deno.test("levelsAt() and touchesOf() equal their naive twins on the real ES trades", () => {
  if (!requires("shared", "levels on the real ES trades")) return;
  const day = { ...realDay(), prints: [], history: { ...history(9), closes: new Float64Array(0) } };
  const played = play(day, 0.1);
  assert.equal(played.state.tape.length, day.trades.length);
  assert.ok(day.trades.length > 2000);
  assert.ok(assertTwins(day, played, 0.1, 7) > 500);
  assert.ok(played.touches.length > 0);
});

Deno.test("levelsAt() gives the same levels when everything from the bar's open on is cut off", () => {
  const day = { ...randomDay(5, 3000, 1500), history: history(5) };
  const whole = play(day, SCALE), random = new Random(55);
  for (let cut = 0; cut < 25; cut++) {
    const ts = whole.state.at.open + random.int(390) * MINUTE;
    assert.deepEqual(play(day, SCALE, ts).offered.get(ts), whole.offered.get(ts), `cut at ${ts}`);
  }
});

Deno.test("levelsAt() does not look at what the state holds from the bar's open on", () => {
  const day = { ...randomDay(6, 3000, 1500), history: history(6) };
  const whole = play(day, SCALE);
  for (const hours of [9.5, 9.75, 11 + 7 / 60, 15.9]) {
    const ts = clock(day.session, hours);
    assert.deepEqual(levelsAt(whole.state, newBoard(), ts, SCALE, CONFIG), whole.offered.get(ts));
  }
  assert.throws(() => levelsAt(whole.state, whole.board, clock(day.session, 10), SCALE, CONFIG), RangeError);
});

Deno.test("levelsAt() would change if a level read its own bar", () => {
  const day = randomDay(7, 3000, 0);
  const ts = clock(day.session, 11), own = day.trades.filter((t) => t.ts >= ts && t.ts < ts + MINUTE);
  assert.ok(own.length > 0);
  const spiked = day.trades.map((t) => own.includes(t) ? { ...t, price: t.price + 100 } : t);
  const before = play(day, SCALE), after = play({ ...day, trades: spiked }, SCALE);
  assert.deepEqual(after.offered.get(ts), before.offered.get(ts));
  const high = (p: Played) =>
    p.offered.get(ts + MINUTE)!.find((l) => l.kind === kindCode("SESSION_HIGH"))!.levelEs;
  assert.ok(high(after) > high(before) + 50);
});

Deno.test("levelsAt() depends on the feed order of equal-time trades only through closes", () => {
  const day = randomDay(8, 6000, 0), random = new Random(88);
  const ties = [...Map.groupBy(day.trades, (t) => t.ts).values()];
  assert.ok(ties.some((group) => group.length > 1));
  const shuffled = ties.flatMap((group) => {
    const order = group.map((t) => ({ t, key: random.uniform() })).sort((a, b) => a.key - b.key);
    return order.map(({ t }) => t);
  });
  const fixed = new Set(
    LEVEL_KINDS.filter((k) => !k.startsWith("SMA") && k !== "ROUND").map((k) => kindCode(k)),
  );
  const a = play(day, SCALE), b = play({ ...day, trades: shuffled }, SCALE);
  for (const [ts, levels] of a.offered) {
    const keep = (all: Level[]) => all.filter((l) => fixed.has(l.kind));
    assert.deepEqual(keep(b.offered.get(ts)!), keep(levels));
  }
  for (const name of ["high", "low", "volume", "trades"] as const) {
    assert.deepEqual(b.state.bars[name], a.state.bars[name]);
  }
});

Deno.test("levelsAt() offers nothing that needs a scale, a price or history when there is none", () => {
  const day = { ...randomDay(9, 0, 0), trades: [] };
  const { offered, state } = play(day, SCALE);
  assert.deepEqual(offered.get(state.at.open), []);
  const priced = play(randomDay(9, 500, 0), NaN);
  assert.deepEqual(priced.offered.get(priced.state.at.open + 60 * MINUTE), []);
});
