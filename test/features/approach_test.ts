import assert from "node:assert/strict";
import { CONFIG } from "../../lib/base/mod.ts";
import { appendTouch, approachFeatures, newTouchLog } from "../../lib/features/mod.ts";
import type { LevelKind, Touch } from "../../lib/levels/mod.ts";
import { assertColumns, handState, MINUTE, pushBars, touchOf } from "./_hand.ts";

const VALUES = { replenishment_ratio: 0, barrier_delta_liq: 0, tape_velocity: 0, tape_imbalance: 0 };

Deno.test("approachFeatures() gives the values worked out by hand", () => {
  const state = handState();
  pushBars(state, state.at.open, [6500, 6000, 6003, 6001, 6002, 6002, 6004, 6003, 6005, 6006, 6009]);
  // Bars 1 to 10 open within 10 minutes: 6000 → 6009 in 9 minutes; the last three closes rise.
  assertColumns(approachFeatures(state.bars, touchOf(state, "ROUND", 601, 1), newTouchLog(), CONFIG), {
    approach_velocity: 0.1,
    approach_bars: 3,
    approach_distance: 0.9,
    prior_touches: 0,
  });
  assertColumns(approachFeatures(state.bars, touchOf(state, "ROUND", 600.8, -1), newTouchLog(), CONFIG), {
    approach_velocity: -0.1,
    approach_bars: 0,
    approach_distance: 0.9,
  });
});

Deno.test("approachFeatures() divides by the minutes between existing bars, null with one", () => {
  const state = handState();
  pushBars(state, state.at.open, [6000, undefined, undefined, undefined, 6004]);
  const log = newTouchLog();
  assertColumns(approachFeatures(state.bars, touchOf(state, "ROUND", 601, 1), log, CONFIG), {
    approach_velocity: 0.1,
    approach_bars: 1,
    approach_distance: 0.4,
  });
  pushBars(state, state.at.open + 14 * MINUTE, [6005]);
  assertColumns(approachFeatures(state.bars, touchOf(state, "ROUND", 601, 1), log, CONFIG), {
    approach_velocity: NaN,
    approach_bars: 0,
    approach_distance: NaN,
  });
});

Deno.test("approachFeatures() counts earlier bars' touches of the kind at the same level", () => {
  const state = handState(), log = newTouchLog();
  pushBars(state, state.at.open, [6000]);
  const now = { ...touchOf(state, "PM_HIGH", 600, 1), ts: state.at.open + 30 * MINUTE };
  const earlier = (kind: LevelKind, level: number, change: Partial<Touch> = {}) => {
    const touch = { ...touchOf(state, kind, level, -1), ...change };
    appendTouch(log, touch, VALUES, 1);
  };
  earlier("PM_HIGH", 600);
  earlier("PM_HIGH", 600.005);
  earlier("PM_HIGH", 600.006);
  earlier("PM_LOW", 600);
  earlier("PM_HIGH", 600.06, { levelEs: 6000, scale: 0.10001 });
  earlier("PM_HIGH", 600, { levelEs: 6000.6, scale: 0.09999, ts: now.ts - MINUTE });
  earlier("PM_HIGH", 600, { ts: now.ts });
  assert.equal(approachFeatures(state.bars, now, log, CONFIG).prior_touches, 3);
  const round = { ...now, kind: touchOf(state, "ROUND", 600, 1).kind, levelEs: 6000.5 };
  appendTouch(log, round, VALUES, 1);
  const later = { ...round, ts: now.ts + MINUTE, levelEs: 5999.5 };
  assert.equal(approachFeatures(state.bars, later, log, CONFIG).prior_touches, 1, "dollars are dollars");
});
