import assert from "node:assert/strict";
import { CONFIG, sessionOf } from "../../lib/base/mod.ts";
import { closeBar, type Level, newSession, touchesOf } from "../../lib/levels/mod.ts";
import { appendTrades, clock, MINUTE, NO_HISTORY } from "./_play.ts";

const session = sessionOf("2025-12-16");

/** Touches of levels (SPY dollars) by the last of consecutive bars `[low, high, close]` in ES points, scale 0.1. */
function touchesAt(hours: number, bars: [number, number, number][], levels: number[]) {
  const state = newSession(session, NO_HISTORY), start = clock(session, hours) - (bars.length - 1) * MINUTE;
  bars.forEach(([low, high, close], i) => {
    const ts = start + i * MINUTE;
    appendTrades(
      state,
      [low, high, close].map((price, s) => ({ ts: ts + s * 1e9, price, size: 1 })),
    );
    closeBar(state, ts);
  });
  const offered: Level[] = levels.map((level) => ({ kind: 8, level, levelEs: level * 10 }));
  return touchesOf(state, bars.length - 1, offered, 0.1, CONFIG);
}

const held = (hours: number, bars: [number, number, number][], levels: number[]) =>
  touchesAt(hours, bars, levels).map((t) => t.level);

Deno.test("touchesOf() holds a level within $0.10 of the range, bounds inclusive", () => {
  // 5990 × 0.1 − 0.10 is 598.9, 6000 × 0.1 + 0.10 is 600.1.
  const inside = [598.9, 598.9 - 0.9e-6, 599, 599.1];
  assert.deepEqual(held(10, [[5990, 6000, 5991]], [...inside, 598.9 - 2e-6]), inside);
  assert.deepEqual(held(10, [[5990, 6000, 5999]], [600.1, 600.1 + 0.9e-6, 600.1 + 2e-6]), [
    600.1,
    600.1 + 0.9e-6,
  ]);
});

Deno.test("touchesOf() wants the close within $0.25 of the level, bounds inclusive", () => {
  const bar: [number, number, number] = [5980, 6010, 6000];
  assert.deepEqual(held(10, [bar], [599.75, 600.25, 599.75 - 9e-7, 599.75 - 2e-6, 600.25 + 2e-6, 598.5]), [
    599.75,
    600.25,
    599.75 - 9e-7,
  ]);
});

Deno.test("touchesOf() says UP below the level, DOWN above, the previous close's side when equal", () => {
  const side = (closes: number[], level: number) => {
    const bars = closes.map((c): [number, number, number] => [c - 1, c + 1, c]);
    const [touch] = touchesAt(10, bars, [level]);
    return [touch!.direction, touch!.crossed];
  };
  assert.deepEqual(side([5998, 5999], 600), [1, false]);
  assert.deepEqual(side([6002, 6001], 600), [-1, false]);
  assert.deepEqual(side([6002, 5999], 600), [1, true]);
  assert.deepEqual(side([5998, 6001], 600), [-1, true]);
  assert.deepEqual(side([6002, 6000], 600), [-1, false]);
  assert.deepEqual(side([5998, 6000], 600), [1, false]);
  assert.deepEqual(side([6002, 6000, 6000], 600), [-1, false]);
  assert.deepEqual(side([6002, 6000, 5999], 600), [1, true]);
  assert.deepEqual(side([6000], 600), [1, false]);
  assert.deepEqual(side([6001], 600), [-1, false]);
});

Deno.test("touchesOf() keeps regular bars that leave sixteen minutes to the close", () => {
  const bar: [number, number, number] = [5999, 6001, 6000];
  assert.deepEqual(held(9.5 - 1 / 60, [bar], [600]), []);
  assert.deepEqual(held(9.5, [bar], [600]), [600]);
  assert.deepEqual(held(15 + 44 / 60, [bar], [600]), [600]);
  assert.deepEqual(held(15 + 45 / 60, [bar], [600]), []);
});

Deno.test("touchesOf() gives one row a level in the order offered, with the row's scale", () => {
  const touches = touchesAt(10, [[5990, 6005, 6001]], [600.2, 600.2, 600]);
  assert.deepEqual(touches.map((t) => t.level), [600.2, 600.2, 600]);
  const [first] = touches;
  assert.deepEqual(
    { ...first, spot: Math.round(first!.spot * 1e9) / 1e9 },
    {
      bar: 0,
      ts: clock(session, 10),
      kind: 8,
      level: 600.2,
      levelEs: 6002,
      scale: 0.1,
      spot: 600.1,
      direction: 1,
      crossed: false,
    },
  );
  assert.ok(touches.every((t) => Math.abs(t.level - t.spot) <= 0.25 + 1e-6));
});
