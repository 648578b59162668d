import assert from "node:assert/strict";
import { CONFIG, sessionOf } from "../../lib/base/mod.ts";
import {
  averageTrueRange,
  closeBar,
  movingAverage,
  newSession,
  premarketHigh,
  type SessionState,
  vwap,
} from "../../lib/levels/mod.ts";
import { appendTrades, clock, MINUTE, NO_HISTORY, play } from "./_play.ts";

const session = sessionOf("2025-12-16");
const open = clock(session, 9.5);

function stateOf(trades: [minute: number, second: number, price: number, size: number][]): SessionState {
  const state = newSession(session, NO_HISTORY);
  const rows = trades.map(([m, s, price, size]) => ({ ts: open + m * MINUTE + s * 1e9, price, size }));
  appendTrades(state, rows);
  return state;
}

Deno.test("closeBar() builds open, high, low, close, volume and trades of a half-open minute", () => {
  const state = stateOf([[0, 0, 6000, 2], [0, 10, 6001.5, 1], [0, 59, 5999.25, 4], [1, 0, 6010, 9]]);
  assert.equal(closeBar(state, open), 0);
  const { bars } = state;
  const bar = [bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume, bars.trades].map((c) =>
    c[0]
  );
  assert.deepEqual(bar, [open, 6000, 6001.5, 5999.25, 5999.25, 7, 3]);
  assert.equal(closeBar(state, open + MINUTE), 1);
  assert.equal(bars.open[1], 6010);
});

Deno.test("closeBar() makes no bar of a minute without trades and refuses to go back", () => {
  const state = stateOf([[0, 0, 6000, 2], [2, 0, 6001, 1]]);
  assert.equal(closeBar(state, open), 0);
  assert.equal(closeBar(state, open + MINUTE), -1);
  assert.equal(closeBar(state, open + 2 * MINUTE), 1);
  assert.throws(() => closeBar(state, open + MINUTE), RangeError);
  assert.throws(() => closeBar(state, open + 3 * MINUTE + 1), RangeError);
});

Deno.test("closeBar() closes two minutes when both have passed, with one of them empty too", () => {
  const state = stateOf([[0, 1, 1, 1], [1, 1, 2, 1], [2, 1, 3, 1], [5, 1, 4, 1], [8, 1, 5, 1]]);
  const seen: number[][] = [];
  for (let m = 0; m < 9; m++) {
    closeBar(state, open + m * MINUTE);
    seen.push([...state.closes.close.subarray(0, state.closes.length)]);
  }
  assert.deepEqual(seen, [[], [2], [2], [2, 3], [2, 3], [2, 3, 4], [2, 3, 4], [2, 3, 4], [2, 3, 4]]);
  assert.deepEqual([...state.closes.end.subarray(0, 3)].map((e) => (e - open) / MINUTE), [2, 4, 6]);
});

Deno.test("closeBar() takes regular two-minute closes only, and catches up when empty minutes were not closed", () => {
  const state = stateOf([[-3, 0, 9, 1], [-1, 0, 9, 1], [0, 0, 1, 1], [7, 0, 2, 1], [390, 0, 9, 1]]);
  for (const m of [-3, -1, 0, 7, 390, 391]) closeBar(state, open + m * MINUTE);
  assert.deepEqual([...state.closes.close.subarray(0, state.closes.length)], [1, 2]);
});

Deno.test("averageTrueRange() is the mean of the last n true ranges, gaps included", () => {
  const state = stateOf([[-5, 0, 10, 1], [-5, 1, 12, 1], [-2, 0, 15, 1], [-2, 1, 14, 1], [0, 0, 13, 1]]);
  for (const m of [-5, -2, 0]) closeBar(state, open + m * MINUTE);
  // True ranges by hand: 12 − 10; from close 12 up to 15; from close 14 down to 13.
  assert.equal(averageTrueRange(state.bars, 2, 3), (2 + 3 + 1) / 3);
  assert.equal(averageTrueRange(state.bars, 2, 2), (3 + 1) / 2);
  assert.equal(averageTrueRange(state.bars, 1, 3), NaN);
});

Deno.test("vwap() is volume-weighted over regular trades and null at the open", () => {
  const state = stateOf([[-1, 0, 5000, 100], [0, 0, 6000, 1], [0, 1, 6002, 3], [3, 0, 6010, 4]]);
  for (const m of [-1, 0, 3]) closeBar(state, open + m * MINUTE);
  assert.equal(vwap(state, open), NaN);
  assert.equal(vwap(state, open + MINUTE), (6000 + 3 * 6002) / 4);
  assert.equal(vwap(state, open + 3 * MINUTE), (6000 + 3 * 6002) / 4);
  assert.equal(vwap(state, open + 4 * MINUTE), (6000 + 3 * 6002 + 4 * 6010) / 8);
});

Deno.test("movingAverage() counts back from the last complete close and is null below n", () => {
  const closes = {
    length: 5,
    close: Float64Array.of(1, 2, 4, 8, 16, 99),
    end: Float64Array.of(-Infinity, -Infinity, 120, 240, 360, 0),
    history: 2,
  };
  assert.equal(movingAverage(closes, 2, 360), 12);
  assert.equal(movingAverage(closes, 2, 359), 6);
  assert.equal(movingAverage(closes, 2, 0), 1.5);
  assert.equal(movingAverage(closes, 5, 359), NaN);
  assert.equal(movingAverage(closes, 5, 360), 31 / 5);
});

Deno.test("levels of futures are worked out by hand through a small morning", () => {
  const at = (hours: number, price: number) => ({ ts: clock(session, hours), price, size: 1 });
  const trades = [
    at(-5, 6050), // 19:00 the evening before
    at(3.9, 5950),
    at(4, 6000), // premarket starts
    at(9.49, 6008),
    at(9.5, 6020), // opening range starts
    at(9.74, 6012),
    at(9.75, 6030), // and has ended
    at(9.9, 6001),
  ];
  const { offered } = play({ session, trades }, 0.1);
  const value = (hours: number, kind: number) =>
    offered.get(clock(session, hours))!.find((l) => l.kind === kind)?.levelEs;
  assert.deepEqual([0, 1, 16, 17].map((k) => value(9.5, k)), [6008, 6000, 6050, 5950]);
  assert.deepEqual([2, 3, 4, 5, 7].map((k) => value(9.5, k)), Array(5).fill(undefined));
  assert.deepEqual([2, 3].map((k) => value(9.5 + 14 / 60, k)), [undefined, undefined]);
  assert.deepEqual([2, 3, 4, 5].map((k) => value(9.75, k)), [6020, 6012, 6020, 6012]);
  assert.deepEqual([2, 3, 4, 5].map((k) => value(9.75 + 1 / 60, k)), [6020, 6012, 6030, 6012]);
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((k) => value(12, k)), [6008, 6000, 6020, 6012, 6030, 6001]);
  assert.equal(value(12, 7), (6020 + 6012 + 6030 + 6001) / 4);
});

Deno.test("the session's moments follow early closes and weekends", () => {
  const early = sessionOf("2025-11-28"), monday = sessionOf("2025-12-15");
  const trades = [{ ts: clock(early, 12.7), price: 6000, size: 1 }];
  const { offered } = play({ session: early, trades }, 0.1);
  assert.ok(offered.has(clock(early, 12.98)) === false && offered.has(clock(early, 12 + 59 / 60)));
  assert.ok(!offered.has(clock(early, 13)));
  const state = newSession(monday, NO_HISTORY);
  assert.equal(state.at.premarket - state.at.overnight, 10 * 60 * MINUTE);
  assert.equal(state.at.overnight, 48 * 60 * MINUTE);
  assert.equal(premarketHigh(state, state.at.open), NaN);
  assert.equal(CONFIG.levels.smaBars[0], 200);
});
