import assert from "node:assert/strict";
import { CONFIG, f64 } from "../../lib/base/mod.ts";
import { BRONZE_TIER, buildGold, goldParts } from "../../lib/gold/mod.ts";
import { readBatch } from "../../lib/lake/mod.ts";
import { GOLD_SIGNALS } from "../../lib/schema/mod.ts";
import { simulatedLake } from "../helpers/simulated_lake.ts";

/** Ranks from 0, of equal values their mean. */
function ranks(values: readonly number[]): number[] {
  return values.map((v) => {
    const below = values.filter((w) => w < v).length, equal = values.filter((w) => w === v).length;
    return below + (equal - 1) / 2;
  });
}

function spearman(x: readonly number[], y: readonly number[]): number {
  const middle = (x.length - 1) / 2, a = ranks(x).map((r) => r - middle), b = ranks(y).map((r) => r - middle);
  const dot = (u: readonly number[], v: readonly number[]) => u.reduce((sum, w, i) => sum + w * v[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

Deno.test("wall_ratio and θ tell how thick the wall is, not how far the close is from the level", async () => {
  const dates = ["2025-12-10", "2025-12-11", "2025-12-16"];
  const lake = await simulatedLake(dates, { seed: 7, scale: 0.1 });
  try {
    const rows: { wall: number; theta: number; distance: number }[] = [];
    for (const date of dates) {
      await buildGold(lake, date, { tier: BRONZE_TIER, config: CONFIG });
      const signals = readBatch(lake, GOLD_SIGNALS, [goldParts(date).signals]);
      f64(signals, "wall_ratio").forEach((wall, i) => {
        if (Number.isNaN(wall)) return;
        rows.push({ wall, theta: f64(signals, "barrier_theta")[i]!, distance: f64(signals, "distance")[i]! });
      });
    }
    assert.ok(rows.length > 600, `${rows.length} rows`);
    const distance = rows.map((row) => row.distance);
    for (const name of ["wall", "theta"] as const) {
      const found = spearman(rows.map((row) => row[name]), distance);
      assert.ok(Math.abs(found) < 0.12, `${name} goes with the distance: ${found.toFixed(3)}`);
    }
  } finally {
    await Deno.remove(lake.root, { recursive: true });
  }
});
