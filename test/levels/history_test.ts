import assert from "node:assert/strict";
import { CONFIG, sessionOf } from "../../lib/base/mod.ts";
import { type EarlierSession, historyFrom, kindCode, type Roll } from "../../lib/levels/mod.ts";
import { naiveCloses, type Trade } from "../reference/levels_naive.ts";
import { clock, MINUTE, play, randomDay } from "./_play.ts";

/** A session whose two-minute closes are `price`, `price` + 1, …, with a wild print before the open and after the close. */
function earlier(date: string, contract: string, price: number, pairs = 195): EarlierSession {
  const session = sessionOf(date), open = clock(session, 9.5);
  const close = Number(session.closeNs - session.startNs);
  const rows = Array.from({ length: pairs }, (_, i) => [open + (2 * i + 1) * MINUTE, price + i]);
  rows.unshift([open - 1, 1]);
  rows.push([close, 99_999]);
  return {
    session,
    contract,
    trades: {
      length: rows.length,
      ts: Float64Array.from(rows, (r) => r[0]),
      price: Float64Array.from(rows, (r) => r[1]),
    },
  };
}

const current = { session: sessionOf("2025-12-16"), contract: "ESH6" };
const from = (sessions: EarlierSession[], rolls: Roll[] = []) =>
  historyFrom(sessions, current, rolls, CONFIG.levels);

Deno.test("historyFrom() takes regular two-minute closes, high, low and close of the same contract", () => {
  const { closes, previous } = from([
    earlier("2025-12-12", "ESH6", 1000, 2),
    earlier("2025-12-15", "ESH6", 2000, 3),
  ]);
  assert.deepEqual([...closes], [1000, 1001, 2000, 2001, 2002]);
  assert.deepEqual(previous, { high: 2002, low: 2000, close: 2002 });
});

Deno.test("historyFrom() takes three trading days at most, and the previous one only for PD levels", () => {
  const days = ["2025-12-10", "2025-12-11", "2025-12-12", "2025-12-15"];
  const four = from(days.map((date, i) => earlier(date, "ESH6", 1000 * (i + 1), 1)));
  assert.deepEqual([...four.closes], [2000, 3000, 4000]);
  const gap = from(days.slice(0, 3).map((date, i) => earlier(date, "ESH6", 1000 * (i + 1), 1)));
  assert.deepEqual([...gap.closes], [2000, 3000]);
  assert.deepEqual(gap.previous, { high: NaN, low: NaN, close: NaN });
  const none = from([]);
  assert.deepEqual([none.closes.length, none.previous.close], [0, NaN]);
});

Deno.test("historyFrom() shifts another contract by the recorded spread and leaves it out without one", () => {
  const days = [earlier("2025-12-12", "ESZ5", 1000, 2), earlier("2025-12-15", "ESH6", 1060, 1)];
  assert.deepEqual([...from(days).closes], [1060]);
  assert.deepEqual([...from(days, [{ from: "ESZ5", to: "ESH6", spread: 55.5 }]).closes], [
    1055.5,
    1056.5,
    1060,
  ]);
  const yesterday = [earlier("2025-12-15", "ESZ5", 1000, 2)];
  assert.deepEqual(from(yesterday).previous, { high: NaN, low: NaN, close: NaN });
  const rolls: Roll[] = [
    { from: "ESZ5", to: "ESH6", spread: 1 },
    { from: "ESZ5", to: "ESH6", spread: 55.5 },
  ];
  assert.deepEqual(from(yesterday, rolls).previous, { high: 1056.5, low: 1055.5, close: 1056.5 });
  assert.deepEqual([...from(yesterday, [{ from: "ESH6", to: "ESZ5", spread: -55.5 }]).closes], [
    1055.5,
    1056.5,
  ]);
  const chain: Roll[] = [
    { from: "ESU5", to: "ESZ5", spread: 50 },
    { from: "ESZ5", to: "ESH6", spread: 55 },
  ];
  assert.deepEqual([...from([earlier("2025-12-15", "ESU5", 1000, 1)], chain).closes], [1105]);
});

Deno.test("historyFrom() finds the closes that the session itself would have closed", () => {
  const { session, trades } = randomDay(21, 3000, 0, "2025-12-15");
  const columns = {
    length: trades.length,
    ts: Float64Array.from(trades, (t) => t.ts),
    price: Float64Array.from(trades, (t) => t.price),
  };
  const { closes } = from([{ session, contract: "ESH6", trades: columns }]);
  const { state } = play({ session, trades }, 0.1);
  assert.deepEqual([...closes], [...state.closes.close.subarray(0, state.closes.length)]);
  assert.deepEqual([...closes], naiveCloses(trades, session, Infinity));
});

Deno.test("moving averages are continuous across a roll week", () => {
  // One market seen through two contracts 55 points apart, against the same market without a roll.
  const market = (date: string, shift: number): EarlierSession & { rows: Trade[] } => {
    const { session, trades } = randomDay(date.charCodeAt(9), 2500, 0, date);
    const rows = trades.map((t) => ({ ...t, price: t.price + shift }));
    return {
      session,
      rows,
      contract: shift === 0 ? "ESH6" : "ESZ5",
      trades: {
        length: rows.length,
        ts: Float64Array.from(rows, (t) => t.ts),
        price: Float64Array.from(rows, (t) => t.price),
      },
    };
  };
  const days = ["2025-12-11", "2025-12-12", "2025-12-15"];
  const today = market("2025-12-16", 0).rows;
  const smas = (shift: number, rolls: Roll[]) => {
    const history = from(days.map((date) => market(date, shift)), rolls);
    const { offered } = play({ session: current.session, history, trades: today }, 0.1);
    return [...offered.values()].map((levels) =>
      [6, 12].map((kind) => levels.find((l) => l.kind === kind)?.level ?? NaN)
    );
  };
  const spread = [{ from: "ESZ5", to: "ESH6", spread: 55 }];
  const rolled = smas(-55, spread), plain = smas(0, []);
  assert.equal(rolled.length, 390);
  for (const [i, [s200, s400]] of rolled.entries()) {
    assert.ok(Math.abs(s200 - plain[i][0]) < 0.05 && Math.abs(s400 - plain[i][1]) < 0.05, `bar ${i}`);
  }
  const lost = smas(-55, []);
  assert.deepEqual(lost[0], [NaN, NaN]);
  assert.equal(kindCode("SMA_200"), 6);
});
