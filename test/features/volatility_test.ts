import assert from "node:assert/strict";
import { changeDeviation, realisedVolatility } from "../../lib/features/mod.ts";
import { handState, MINUTE, pushBars } from "./_hand.ts";

const WINDOW = { minutes: 30, minChanges: 10 };

function barsOf(closes: readonly (number | undefined)[]) {
  const state = handState();
  pushBars(state, state.at.open, closes);
  return state.bars;
}

Deno.test("realisedVolatility() is the sample deviation of changes, worked out by hand", () => {
  const bars = barsOf([0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10].map((x) => 6000 + x));
  assert.equal(realisedVolatility(bars, 10, WINDOW), Math.sqrt(10 / 9));
  assert.equal(realisedVolatility(bars, 9, WINDOW), NaN, "nine changes are too few");
});

Deno.test("realisedVolatility() takes the change into the window's first bar and none before", () => {
  const closes = [0, 100, ...Array.from({ length: 30 }, (_, i) => 100 + (i % 2))].map((x) => 6000 + x);
  const bars = barsOf(closes);
  assert.ok(realisedVolatility(bars, 30, WINDOW) > 10, "the jump ends 29 minutes before the last bar's end");
  assert.ok(realisedVolatility(bars, 31, WINDOW) < 1.1, "the jump ends 30 minutes before it");
});

Deno.test("realisedVolatility() and changeDeviation() count existing bars, a gap is one change", () => {
  const closes = Array.from({ length: 23 }, (_, i) => i === 5 || i === 6 ? undefined : 6000 + i);
  const bars = barsOf(closes);
  const changes = [...Array(19).fill(1), 3], mean = 22 / 20;
  const wanted = Math.sqrt(changes.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 19);
  assert.ok(Math.abs(realisedVolatility(bars, 20, WINDOW) - wanted) < 1e-12);
  assert.ok(Math.abs(changeDeviation(bars, 20, 20) - wanted) < 1e-12);
  assert.equal(changeDeviation(bars, 19, 20), NaN, "nineteen changes are too few");
});

Deno.test("realisedVolatility() forgets bars older than the window", () => {
  const state = handState();
  pushBars(state, state.at.open, Array.from({ length: 15 }, (_, i) => 6000 + i % 3));
  pushBars(state, state.at.open + 60 * MINUTE, [6000, 6001]);
  assert.equal(realisedVolatility(state.bars, 16, WINDOW), NaN);
});
