import assert from "node:assert/strict";
import { CONFIG } from "../../lib/base/mod.ts";
import { appendTouch, attemptFeatures, type AttemptValues, newTouchLog } from "../../lib/features/mod.ts";
import type { LevelKind, Touch } from "../../lib/levels/mod.ts";
import { assertColumns, handState, MINUTE, pushBars, touchOf } from "./_hand.ts";

type Attempt = [minute: number, kind: LevelKind, level: number, direction: 1 | -1, values?: AttemptValues];

const NONE = { replenishment_ratio: NaN, barrier_delta_liq: NaN, tape_velocity: NaN, tape_imbalance: NaN };

function attemptsOf(attempts: readonly Attempt[]) {
  const state = handState(), log = newTouchLog();
  pushBars(state, state.at.open, [6000]);
  return attempts.map(([minute, kind, level, direction, values = NONE]) => {
    const base = touchOf(state, kind, level, direction);
    const touch: Touch = { ...base, ts: state.at.open + minute * MINUTE };
    const features = attemptFeatures(log, touch, values, CONFIG);
    appendTouch(log, touch, values, features.attempt_cluster);
    return features;
  });
}

Deno.test("attemptFeatures() numbers attempts and clusters as worked out by hand", () => {
  const rows = attemptsOf([
    [0, "VWAP", 600, 1],
    [1, "VWAP", 600.08, 1],
    [2, "VWAP", 600.16, 1],
    [3, "VWAP", 600, -1],
    [3, "SMA_200", 600, 1],
    [5, "VWAP", 601, 1],
    [16, "VWAP", 600.06, 1],
    [18, "VWAP", 600.26, 1],
    [19, "VWAP", 601.1, 1],
    [34, "VWAP", 601.1, 1],
    [50, "VWAP", 601.1, 1],
  ]);
  assert.deepEqual(rows.map((row) => [row.attempt_cluster, row.attempt_index]), [
    [1, 1],
    [1, 2],
    [1, 3],
    [1, 1],
    [1, 1],
    [2, 1],
    [1, 4],
    [3, 1],
    [2, 2],
    [2, 3],
    [4, 1],
  ]);
});

Deno.test("attemptFeatures() joins the latest of two clusters within reach", () => {
  const rows = attemptsOf([[0, "VWAP", 600, 1], [1, "VWAP", 600.15, 1], [2, "VWAP", 600.08, 1]]);
  assert.deepEqual(rows.map((row) => [row.attempt_cluster, row.attempt_index]), [[1, 1], [2, 1], [2, 2]]);
});

Deno.test("attemptFeatures() gives trends since the cluster's first touch", () => {
  const values = (a: number, b: number, c: number, d: number) => ({
    replenishment_ratio: a,
    barrier_delta_liq: b,
    tape_velocity: c,
    tape_imbalance: d,
  });
  const rows = attemptsOf([
    [0, "ROUND", 600, 1, values(0.5, 10, 2, NaN)],
    [4, "ROUND", 600, 1, values(0.75, -30, 1, 0.5)],
    [9, "ROUND", 600, 1, values(NaN, 15, 2.5, 0.25)],
  ]);
  const trends = rows.map((row) => [
    row.replenishment_trend,
    row.delta_liq_trend,
    row.tape_velocity_trend,
    row.tape_imbalance_trend,
  ]);
  assert.deepEqual(trends, [[0, 0, 0, NaN], [0.25, -40, -1, NaN], [NaN, 5, 0.5, NaN]]);
});

Deno.test("attemptFeatures() joins within a bar's reach of 15 minutes and ten cents, bounds inclusive", () => {
  const second = (minute: number, level: number) =>
    attemptsOf([[0, "ROUND", 600, 1], [minute, "ROUND", level, 1]])[1].attempt_index;
  assert.equal(second(15, 600), 2);
  assert.equal(second(16, 600), 1);
  assert.equal(second(5, 600.1), 2);
  assert.equal(second(5, 600.11), 1);
  assert.equal(second(0, 600), 1, "a bar's own touches are no earlier attempts");
});

Deno.test("appendTouch() refuses to go back in time", () => {
  const state = handState(), log = newTouchLog();
  pushBars(state, state.at.open, [6000]);
  const touch = touchOf(state, "ROUND", 600, 1);
  appendTouch(log, touch, NONE, 1);
  assert.throws(
    () => appendTouch(log, { ...touch, ts: touch.ts - MINUTE }, NONE, 1),
    /Cannot append the touch/,
  );
  assertColumns(log, { length: 1 });
});
