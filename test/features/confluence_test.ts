import assert from "node:assert/strict";
import { CONFIG } from "../../lib/base/mod.ts";
import { confluenceFeatures } from "../../lib/features/mod.ts";
import { kindCode } from "../../lib/levels/mod.ts";
import { assertColumns, average, levelsOf } from "./_hand.ts";

const FLAT = [average(200, 600, 0), average(400, 600, 0)] as const;

function touch(direction: 1 | -1, spot: number) {
  return { kind: kindCode("VWAP"), level: 600, spot, direction };
}

Deno.test("confluenceFeatures() gives the values worked out by hand", () => {
  const levels = levelsOf([
    ["PM_HIGH", 600.1],
    ["OR_LOW", 599.95],
    ["SMA_200", 600.2],
    ["VWAP", 600],
    ["PD_HIGH", 600],
    ["ROUND", 600],
    ["STRIKE", 600],
    ["ON_LOW", 600],
    ["CALL_WALL", 600.21],
  ]);
  const weighted = 1 * 0.5 + 0.9 * 0.75 + 0.8 * 0;
  assertColumns(confluenceFeatures(touch(1, 599.9), levels, FLAT, CONFIG), {
    confluence_count: 3,
    confluence_weighted: weighted,
    confluence_min_distance: 600 - 599.95,
    confluence_pressure: weighted / (2 * (1 + 0.9 + 0.8 + 0.6 + 1) + 0.7),
    confluence_alignment: 0,
  });
});

Deno.test("confluenceFeatures() is 0 and has no distance when no key level is near", () => {
  assertColumns(confluenceFeatures(touch(1, 599.9), levelsOf([["VWAP", 600]]), FLAT, CONFIG), {
    confluence_count: 0,
    confluence_weighted: 0,
    confluence_min_distance: NaN,
    confluence_pressure: 0,
  });
});

Deno.test("confluenceFeatures() takes a level at exactly $0.20, with no weight left and never less than 0", () => {
  assert.ok(600.2 - 600 > 0.2);
  const row = confluenceFeatures(touch(1, 599.9), levelsOf([["SMA_200", 600.2]]), FLAT, CONFIG);
  assert.deepEqual([row.confluence_count, row.confluence_weighted], [1, 0]);
  const beyond = confluenceFeatures(touch(1, 599.9), levelsOf([["SMA_200", 600.2001]]), FLAT, CONFIG);
  assert.equal(beyond.confluence_count, 0);
});

Deno.test("confluenceFeatures() stays below 1 with every other key level at the touched one", () => {
  const kinds = [
    "PM_HIGH",
    "PM_LOW",
    "OR_HIGH",
    "OR_LOW",
    "SESSION_HIGH",
    "SESSION_LOW",
    "SMA_200",
    "SMA_400",
  ];
  const all = [...kinds, "VWAP", "CALL_WALL", "PUT_WALL"].map((kind) => [kind, 600] as ["VWAP", number]);
  const row = confluenceFeatures(touch(1, 599.9), levelsOf(all), FLAT, CONFIG);
  assertColumns(row, { confluence_count: 10, confluence_weighted: 8.6, confluence_pressure: 8.6 / 9.3 });
});

Deno.test("confluenceFeatures() tells how the averages stand with the break", () => {
  const aligned = (direction: 1 | -1, fast: [number, number], slow: [number, number]) => {
    const averages = [average(200, ...fast), average(400, ...slow)] as const;
    return confluenceFeatures(touch(direction, 600), [], averages, CONFIG).confluence_alignment;
  };
  assert.equal(aligned(1, [602, -0.1], [601, -0.1]), 1);
  assert.equal(aligned(1, [601, -0.1], [602, -0.1]), 0);
  assert.equal(aligned(1, [598, 0.1], [599, 0.1]), -1);
  assert.equal(aligned(1, [599, 0.1], [598, 0.1]), 0);
  assert.equal(aligned(-1, [599, 0.1], [598, 0.1]), 1);
  assert.equal(aligned(-1, [598, 0.1], [599, 0.1]), 0);
  assert.equal(aligned(-1, [601, -0.1], [602, -0.1]), -1);
  assert.equal(aligned(-1, [602, -0.1], [601, -0.1]), 0);
  assert.equal(aligned(1, [602, -0.1], [601, 0.1]), 0, "slopes disagree");
  assert.equal(aligned(1, [602, -0.1], [599, -0.1]), 0, "the close is between");
  assert.equal(aligned(1, [NaN, NaN], [601, -0.1]), 0, "unknown");
});
