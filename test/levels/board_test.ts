import assert from "node:assert/strict";
import { CONFIG, optionGamma, sessionOf } from "../../lib/base/mod.ts";
import { advanceBoard, kindCode, newBoard, newSession, yearsToClose } from "../../lib/levels/mod.ts";
import { roundLevels } from "../../lib/levels/round.ts";
import { strikeLevels } from "../../lib/levels/strike.ts";
import { walls } from "../../lib/levels/walls.ts";
import type { Print } from "../reference/levels_naive.ts";
import { appendPrints, clock, MINUTE, NO_HISTORY, play } from "./_play.ts";

const session = sessionOf("2025-12-16");
const open = clock(session, 9.5);
const BUSY = { volume: 100, medianRatio: 2, neighbourhood: 5, slack: 1e-6 };

function print(
  second: number,
  strike: number,
  right: "C" | "P",
  size: number,
  more: Partial<Print> = {},
): Print {
  return { ts: open + second * 1e9, strike, isCall: right === "C", size, aggressor: 0, iv: 0.2, ...more };
}

function boardOf(prints: Print[], before = Infinity) {
  const state = newSession(session, NO_HISTORY), board = newBoard();
  appendPrints(state, prints);
  advanceBoard(board, state, before);
  return board;
}

Deno.test("advanceBoard() sums volume, signed flow since the open and the last known volatility by contract", () => {
  const board = boardOf([
    print(-1, 600, "C", 7, { aggressor: 1 }),
    print(0, 600, "C", 5, { aggressor: 1, iv: 0.3 }),
    print(1, 598, "P", 2, { aggressor: -1, iv: NaN }),
    print(2, 600, "C", 3, { aggressor: -1, iv: NaN }),
    print(3, 599, "P", 4, { aggressor: 1 }),
  ], open + 3e9);
  assert.equal(board.length, 2);
  assert.equal(board.rows, 4);
  assert.deepEqual([...board.strike.subarray(0, 2)], [598, 600]);
  assert.deepEqual([...board.callVolume.subarray(0, 2)], [0, 15]);
  assert.deepEqual([...board.callQ.subarray(0, 2)], [0, -2]);
  assert.deepEqual([...board.putQ.subarray(0, 2)], [2, 0]);
  assert.deepEqual([...board.callIv.subarray(0, 2)], [NaN, 0.3]);
  assert.deepEqual([...board.putIv.subarray(0, 2)], [NaN, NaN]);
});

Deno.test("advanceBoard() keeps hundreds of strikes in order whatever the order they appear in", () => {
  const strikes = Array.from({ length: 300 }, (_, i) => 500 + (i * 137) % 300);
  const board = boardOf(strikes.map((k, i) => print(i, k, "C", k, { aggressor: 1 })));
  assert.equal(board.length, 300);
  for (let i = 0; i < 300; i++) {
    assert.equal(board.strike[i], 500 + i);
    assert.equal(board.callVolume[i], 500 + i);
    assert.equal(board.callQ[i], -(500 + i));
  }
});

Deno.test("strikeLevels() wants more than 100 contracts and twice the median of the strikes within $5", () => {
  const base = [print(0, 597, "C", 50), print(1, 598, "P", 50), print(2, 600, "C", 70)];
  // Volumes 50, 50, 70 + x: the median is 50, so 100 would do, but it must be more than 100.
  assert.deepEqual(strikeLevels(boardOf([...base, print(3, 600, "P", 30)]), BUSY), []);
  assert.deepEqual(strikeLevels(boardOf([...base, print(3, 600, "P", 31)]), BUSY), [600]);
  // The median of 50, 50, 60, 101 is 55: 101 is not twice it.
  const fourth = [...base, print(3, 600, "P", 31), print(4, 605, "P", 60)];
  assert.deepEqual(strikeLevels(boardOf(fourth), BUSY), []);
  assert.deepEqual(strikeLevels(boardOf([...fourth, print(5, 600, "C", 9)]), BUSY), [600]);
  // A strike $5.5 away is no neighbour, one alone is its own median.
  assert.deepEqual(
    strikeLevels(boardOf([...base, print(3, 600, "P", 31), print(4, 605.5, "P", 60)]), BUSY),
    [
      600,
    ],
  );
  assert.deepEqual(strikeLevels(boardOf([print(0, 600, "C", 900)]), BUSY), []);
});

Deno.test("roundLevels() are whole steps within the distance, bounds inclusive", () => {
  assert.deepEqual(roundLevels(600, { step: 1, distance: 2, slack: 1e-6 }), [598, 599, 600, 601, 602]);
  assert.deepEqual(roundLevels(600.4, { step: 1, distance: 2, slack: 1e-6 }), [599, 600, 601, 602]);
  assert.deepEqual(roundLevels(600.4, { step: 5, distance: 5, slack: 1e-6 }), [600, 605]);
});

Deno.test("a STRIKE takes ROUND's place at its price and no other", () => {
  const prints = [
    print(1, 600, "C", 101),
    print(2, 598, "C", 10),
    print(3, 599, "P", 10),
    print(4, 601.5, "P", 150),
  ];
  const { offered } = play({ session, trades: [{ ts: open, price: 6000, size: 1 }], prints }, 0.1);
  const at = (ts: number, kind: "ROUND" | "STRIKE") =>
    offered.get(ts)!.filter((l) => l.kind === kindCode(kind)).map((l) => l.level);
  const all = Array.from({ length: 51 }, (_, i) => 575 + i);
  assert.deepEqual(at(open, "STRIKE"), []);
  // Volumes 10, 10, 101, 150: the median is 55.5, so 111 is wanted.
  assert.deepEqual(at(open + MINUTE, "STRIKE"), [601.5]);
  assert.deepEqual(at(open + MINUTE, "ROUND"), all);
  // 10, 10, 150, 161: the median is 80, which 150 is not twice of.
  prints.push(print(70, 600, "C", 60));
  const more = play({ session, trades: [{ ts: open, price: 6000, size: 1 }], prints }, 0.1).offered;
  // The kinds with a value of their own stay beside it: session high and low, VWAP.
  const kinds = more.get(open + 2 * MINUTE)!.filter((l) => l.level === 600).map((l) => l.kind);
  assert.deepEqual(kinds, [4, 5, 7, 9]);
  const last = more.get(open + 2 * MINUTE)!;
  assert.deepEqual(
    last.filter((l) => l.kind === kindCode("ROUND")).map((l) => l.level),
    all.filter((k) => k !== 600),
  );
  assert.equal(last.find((l) => l.kind === kindCode("STRIKE"))!.levelEs, 6000);
});

Deno.test("a minute that runs $12 touches the ROUND and STRIKE levels it ends at", () => {
  const prints = [print(1, 611, "C", 10), print(2, 612, "C", 150), print(3, 613, "P", 10)];
  const end = (price: number) => {
    const trades = [6000, 6000, 6130, price].map((price, i) => ({ ts: open + i * 39e9, price, size: 1 }));
    return play({ session, trades, prints }, 0.1).touches.filter((t) => t.kind === 8 || t.kind === 9)
      .map(({ kind, level }) => [kind, level]);
  };
  assert.deepEqual(end(6118.5), [[kindCode("STRIKE"), 612]]);
  assert.deepEqual(end(6128.5), [[kindCode("ROUND"), 613]]);
});

Deno.test("walls() take the largest |q·Γ| on their side of the spot", () => {
  const years = 0.001;
  const gamma = (k: number) => optionGamma(600, k, years, 0.2);
  assert.ok(100 * gamma(602) > 90 * gamma(603) && 10 * gamma(600) < 100 * gamma(602));
  const board = boardOf([
    print(0, 599, "C", 9000, { aggressor: 1 }), // a call below the spot is no call wall
    print(1, 600, "C", 10, { aggressor: 1 }),
    print(2, 602, "C", 100, { aggressor: -1 }),
    print(3, 603, "C", 90, { aggressor: 1 }),
    print(4, 601, "P", 9000, { aggressor: 1 }), // a put above the spot is no put wall
    print(5, 600, "P", 10, { aggressor: -1 }),
    print(6, 595, "P", 5, { aggressor: 1, iv: NaN }), // no volatility, no gamma
  ]);
  assert.deepEqual(walls(board, 600, years, 1e-6), { call: 602, put: 600 });
});

Deno.test("walls() give ties to the strike nearest the spot and none when all is zero or unknown", () => {
  const tied = boardOf([
    print(0, 601, "C", 4, { aggressor: 1 }),
    print(1, 602, "C", 4, { aggressor: 1 }),
    print(2, 598, "P", 4, { aggressor: 1 }),
    print(3, 599, "P", 4, { aggressor: 1 }),
  ]);
  assert.equal(optionGamma(600, 601, 1e-9, 0.2), 0);
  assert.deepEqual(walls(tied, 600, 1e-9, 1e-6), { call: NaN, put: NaN });
  assert.deepEqual(walls(tied, 600, NaN, 1e-6), { call: NaN, put: NaN });
  tied.callQ[3] = tied.callQ[2] * optionGamma(600, 601, 0.001, 0.2) / optionGamma(600, 602, 0.001, 0.2);
  tied.putQ[0] = tied.putQ[1] * optionGamma(600, 599, 0.001, 0.2) / optionGamma(600, 598, 0.001, 0.2);
  const weights = [
    tied.callQ[3] * optionGamma(600, 602, 0.001, 0.2) - tied.callQ[2] * optionGamma(600, 601, 0.001, 0.2),
    tied.putQ[0] * optionGamma(600, 598, 0.001, 0.2) - tied.putQ[1] * optionGamma(600, 599, 0.001, 0.2),
  ];
  assert.deepEqual(weights, [0, 0]);
  assert.deepEqual(walls(tied, 600, 0.001, 1e-6), { call: 601, put: 599 });
  assert.deepEqual(walls(boardOf([print(0, 600, "C", 5)]), 600, 0.001, 1e-6), { call: NaN, put: NaN });
});

Deno.test("yearsToClose() counts trading seconds to the close with a floor", () => {
  const { at } = newSession(session, NO_HISTORY), year = 252 * 6.5 * 3600;
  assert.equal(yearsToClose(at, at.open, CONFIG.options), 1 / 252);
  assert.equal(yearsToClose(at, at.premarket, CONFIG.options), 1 / 252);
  assert.equal(yearsToClose(at, at.close - 3600e9, CONFIG.options), 3600 / year);
  assert.equal(yearsToClose(at, at.close - 1e9, CONFIG.options), 300 / year);
  assert.equal(yearsToClose(at, at.close, CONFIG.options), NaN);
});
