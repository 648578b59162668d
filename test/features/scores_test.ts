import assert from "node:assert/strict";
import { CONFIG } from "../../lib/base/mod.ts";
import { scoreFeatures, type ScoreInputs } from "../../lib/features/mod.ts";
import { assertColumns } from "./_hand.ts";

const INPUTS: ScoreInputs = {
  barrier_state: "WEAK",
  fuel_effect: "AMPLIFY",
  sweep_direction: 0,
  tape_price_velocity: 0.004,
  tape_imbalance: 0.5,
  atr: 0.6,
};

function scores(direction: 1 | -1, change: Partial<ScoreInputs> = {}) {
  return scoreFeatures(direction, { ...INPUTS, ...change }, CONFIG.scores);
}

Deno.test("scoreFeatures() gives the values worked out by hand", () => {
  assertColumns(scores(1), {
    liquidity_score: 75,
    hedge_score: 100,
    tape_score: 25 * 0.4 + 25 * 0.5,
    break_score: 0.45 * 75 + 0.35 * 100 + 0.2 * 22.5,
  });
});

Deno.test("scoreFeatures() maps every state and effect", () => {
  const states = ["VACUUM", "WEAK", "CONSUMED", "NEUTRAL", "ABSORPTION", "WALL", null];
  const liquidity = states.map((barrier_state) => scores(1, { barrier_state }).liquidity_score);
  assert.deepEqual(liquidity, [100, 75, 60, 50, 0, 0, NaN]);
  const effects = ["AMPLIFY", "NEUTRAL", "DAMPEN", null];
  const hedge = effects.map((fuel_effect) => scores(1, { fuel_effect }).hedge_score);
  assert.deepEqual(hedge, [100, 50, 0, NaN]);
});

Deno.test("scoreFeatures() counts of the tape what is aligned with the break", () => {
  const tape = (direction: 1 | -1, change: Partial<ScoreInputs>) => scores(direction, change).tape_score;
  assert.equal(tape(-1, {}), 0);
  assert.equal(tape(-1, { tape_imbalance: -0.8 }), 20);
  assert.equal(tape(1, { tape_imbalance: -0.8, tape_price_velocity: 1 }), 25);
  assert.equal(tape(1, { sweep_direction: 1 }), 100);
  assert.equal(tape(1, { sweep_direction: -1, tape_price_velocity: -1, tape_imbalance: -1 }), 0);
  assert.equal(tape(-1, { sweep_direction: -1 }), 100);
});

Deno.test("scoreFeatures() passes nulls on", () => {
  assertColumns(scores(1, { tape_imbalance: NaN }), { tape_score: NaN, break_score: NaN });
  assertColumns(scores(1, { atr: 0 }), { tape_score: NaN });
  assertColumns(scores(1, { tape_imbalance: NaN, sweep_direction: 1 }), { tape_score: 100 });
  assertColumns(scores(1, { fuel_effect: null }), { break_score: NaN, liquidity_score: 75 });
});
