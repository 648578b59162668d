import assert from "node:assert/strict";
import { normalisedFeatures, sparseFeatures } from "../../lib/features/mod.ts";
import { assertColumns } from "./_hand.ts";

const DISTANCES = {
  distance: 0.15,
  distance_signed: -0.15,
  level_minus_pm_high: -3,
  level_minus_pm_low: 6,
  level_minus_sma_200: 1.5,
  level_minus_sma_400: NaN,
  confluence_min_distance: 0.06,
  approach_distance: 0,
};

Deno.test("normalisedFeatures() divides each distance by ATR and by spot", () => {
  const row = normalisedFeatures(DISTANCES, 0.6, 600);
  assertColumns(row, {
    distance_atr: 0.25,
    distance_pct: 0.00025,
    distance_signed_atr: -0.25,
    distance_signed_pct: -0.00025,
    level_minus_pm_high_atr: -5,
    level_minus_pm_high_pct: -0.005,
    level_minus_pm_low_atr: 10,
    level_minus_sma_200_atr: 2.5,
    level_minus_sma_400_atr: NaN,
    level_minus_sma_400_pct: NaN,
    confluence_min_distance_atr: 0.1,
    confluence_min_distance_pct: 0.0001,
    approach_distance_atr: 0,
  });
  assert.equal(Object.keys(row).length, 16);
});

Deno.test("normalisedFeatures() is null in ATRs when the ATR is 0 or unknown", () => {
  for (const atr of [0, NaN]) {
    const row = normalisedFeatures(DISTANCES, atr, 600);
    assertColumns(row, { distance_atr: NaN, approach_distance_atr: NaN, distance_pct: 0.00025 });
  }
});

Deno.test("sparseFeatures() splits a value into presence and signed logarithm", () => {
  const split = (x: number) =>
    Object.values(sparseFeatures({ wall_ratio: 0, barrier_delta_liq: x })).slice(2);
  assert.deepEqual(split(0), [0, 0]);
  assert.deepEqual(split(Math.E - 1), [1, 1]);
  assert.deepEqual(split(-(Math.E - 1)), [1, -1]);
  assert.deepEqual(split(NaN), [NaN, NaN]);
});
