import assert from "node:assert/strict";
import { CONFIG } from "../../lib/base/mod.ts";
import { runwayFeatures } from "../../lib/features/mod.ts";
import { assertColumns, levelsOf } from "./_hand.ts";

const LEVELS = levelsOf([
  ["PM_HIGH", 602.5],
  ["SESSION_LOW", 599.25],
  ["SMA_200", 601.5],
  ["VWAP", 600],
  ["ROUND", 601],
  ["ROUND", 600],
  ["ROUND", 599],
  ["PUT_WALL", 597],
  ["OR_HIGH", 601.5],
  ["PD_LOW", 599.75],
]);

Deno.test("runwayFeatures() gives the values worked out by hand", () => {
  assertColumns(runwayFeatures({ level: 600, direction: 1 }, LEVELS, CONFIG), {
    runway_distance: 1.5,
    runway_kind: "OR_HIGH",
    runway_quality: "CLEAR",
  });
  assertColumns(runwayFeatures({ level: 600, direction: -1 }, LEVELS, CONFIG), {
    runway_distance: 0.25,
    runway_kind: "PD_LOW",
    runway_quality: "OBSTRUCTED",
  });
});

Deno.test("runwayFeatures() is null and clear when nothing lies beyond", () => {
  assertColumns(runwayFeatures({ level: 602.5, direction: 1 }, LEVELS, CONFIG), {
    runway_distance: NaN,
    runway_kind: null,
    runway_quality: "CLEAR",
  });
});

Deno.test("runwayFeatures() is obstructed by walls, PM and SESSION levels up to $1 beyond, by nothing else", () => {
  const quality = (level: number) => runwayFeatures({ level, direction: 1 }, LEVELS, CONFIG).runway_quality;
  assert.equal(quality(601.5), "OBSTRUCTED", "exactly $1");
  assert.equal(quality(601.49), "CLEAR");
  assert.equal(quality(602.5), "CLEAR", "at the level, not beyond");
  assert.equal(quality(596), "OBSTRUCTED", "a wall");
  assert.equal(quality(600.6), "CLEAR", "OR and SMA levels");
});

Deno.test("runwayFeatures() does not depend on the order of the levels", () => {
  for (const direction of [1, -1] as const) {
    for (const level of [598, 600, 601, 602]) {
      const forward = runwayFeatures({ level, direction }, LEVELS, CONFIG);
      assert.deepEqual(runwayFeatures({ level, direction }, LEVELS.toReversed(), CONFIG), forward);
    }
  }
});
