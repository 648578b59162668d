import assert from "node:assert/strict";
import { CONFIG } from "../../lib/base/mod.ts";
import { barContext, contextFeatures } from "../../lib/features/mod.ts";
import { newBoard } from "../../lib/levels/mod.ts";
import { assertColumns, handState, levelsOf, MINUTE, pushBars, touchOf } from "./_hand.ts";

const HISTORY = Array.from({ length: 405 }, (_, i) => 5000 + i);

/** 23 bars from the open: 5405 + i, one more at odd i. */
function climb() {
  const state = handState(HISTORY);
  pushBars(state, state.at.open, Array.from({ length: 23 }, (_, i) => 5405 + i + i % 2));
  return state;
}

Deno.test("contextFeatures() gives the values worked out by hand", () => {
  const state = climb(), touch = touchOf(state, "VWAP", 543, 1);
  const basis = barContext(state, newBoard(), touch.bar, 0.1, CONFIG);
  const levels = levelsOf([["PM_HIGH", 541], ["VWAP", 543]]);
  // Eleven closes 5407, 5409, … 5427 are known at the bar's open: SMA-200 is 5315.885, SMA-400 is 5215.6925; 20
  // minutes earlier, with one of them, 5305.51 and 5205.505; 10 minutes earlier, with six, 5310.635 and 5210.5675.
  assertColumns(contextFeatures(state, touch, levels, basis, CONFIG.levels), {
    is_first_15m: 0,
    bars_since_open: 22,
    rv_30m: 0.10235326314383181,
    level_minus_pm_high: 2,
    level_minus_pm_low: NaN,
    level_minus_sma_200: 543 - 531.5885,
    level_minus_sma_400: 543 - 521.56925,
    sma_200_slope: 0.051875,
    sma_200_slope_5bar: 0.0525,
    sma_400_slope: 0.0509375,
    sma_400_slope_5bar: 0.05125,
    sma_spread: 10.01925,
    mean_reversion_pressure_200: 9.632414636430733,
    mean_reversion_velocity_200: 0.0475,
    mean_reversion_pressure_400: 12.791303588049205,
    mean_reversion_velocity_400: 0.04875,
  });
  assert.ok(Math.abs(basis.atr - (7 * 2 + 7 * 0) / 14 * 0.1) < 1e-12);
});

Deno.test("contextFeatures() counts the first fifteen minutes from the open", () => {
  const state = handState(HISTORY), flags: number[][] = [];
  for (let minute = 0; minute < 17; minute++) {
    pushBars(state, state.at.open + minute * MINUTE, [5400]);
    const touch = touchOf(state, "ROUND", 540, 1);
    const basis = barContext(state, newBoard(), touch.bar, 0.1, CONFIG);
    const row = contextFeatures(state, touch, [], basis, CONFIG.levels);
    flags.push([row.bars_since_open, row.is_first_15m]);
  }
  assert.deepEqual(flags, Array.from({ length: 17 }, (_, i) => [i, i < 15 ? 1 : 0]));
});

Deno.test("contextFeatures() has null averages below n closes and null pressures when nothing moved", () => {
  const state = handState(HISTORY.slice(0, 203));
  pushBars(state, state.at.open - 30 * MINUTE, Array(31).fill(5400));
  const touch = touchOf(state, "ROUND", 540, 1);
  const basis = barContext(state, newBoard(), touch.bar, 0.1, CONFIG);
  assertColumns(contextFeatures(state, touch, [], basis, CONFIG.levels), {
    rv_30m: 0,
    level_minus_sma_200: 540 - 510.25,
    sma_200_slope: 0,
    sma_200_slope_5bar: NaN,
    mean_reversion_pressure_200: NaN,
    mean_reversion_velocity_200: 0,
    level_minus_sma_400: NaN,
    sma_400_slope: NaN,
    sma_spread: NaN,
    mean_reversion_velocity_400: NaN,
  });
});

Deno.test("contextFeatures() puts a touched average at distance 0 from itself", () => {
  const state = climb(), bar = state.bars.length - 1;
  const basis = barContext(state, newBoard(), bar, 0.1, CONFIG);
  const touch = touchOf(state, "SMA_200", basis.averages[0].value, -1);
  const row = contextFeatures(state, touch, [], basis, CONFIG.levels);
  assert.equal(row.level_minus_sma_200, 0);
  assert.equal(row.mean_reversion_pressure_200, 0);
});
