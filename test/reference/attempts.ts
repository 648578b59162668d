/**
 * Naive twins of lib/features/approach.ts and attempts.ts.
 *
 * @module
 */
import { LEVEL_KINDS, type Touch } from "../../lib/levels/mod.ts";
import type { NaiveBar } from "./levels_naive.ts";

const MINUTE = 60e9;

function gap(a: Touch, b: Touch): number {
  const dollars = ["ROUND", "STRIKE", "CALL_WALL", "PUT_WALL"].includes(LEVEL_KINDS[a.kind]);
  return dollars ? Math.abs(a.level - b.level) : Math.abs(a.levelEs - b.levelEs) * a.scale;
}

/** Columns of the group `approach`; the last of `bars` is the touch's, `earlier` the day's touches before it. */
export function naiveApproach(
  bars: readonly NaiveBar[],
  touch: Touch,
  earlier: readonly Touch[],
): Record<string, number> {
  const closes = bars.filter((b) => b.ts > touch.ts - 10 * MINUTE).map((b) => ({
    ts: b.ts,
    close: b.close * touch.scale,
  }));
  const first = closes[0], last = closes.at(-1)!;
  const steps = closes.slice(1).map((c, i) => (c.close - closes[i].close) * touch.direction > 0).reverse();
  const away = steps.indexOf(false);
  const change = closes.length < 2 ? NaN : last.close - first.close;
  return {
    approach_velocity: touch.direction * change / ((last.ts - first.ts) / MINUTE),
    approach_bars: away < 0 ? steps.length : away,
    approach_distance: Math.abs(change),
    prior_touches:
      earlier.filter((t) => t.ts < touch.ts && t.kind === touch.kind && gap(touch, t) <= 0.005 + 1e-6).length,
  };
}

/** `[index, cluster, row of the cluster's first touch]` of each of a day's touches. */
export function naiveAttempts(touches: readonly Touch[]): [number, number, number][] {
  const out: [number, number, number][] = [];
  for (const [i, touch] of touches.entries()) {
    const alike = touches.slice(0, i).map((t, j) => ({ t, j })).filter(({ t }) =>
      t.kind === touch.kind && t.direction === touch.direction && t.ts < touch.ts
    );
    const joined = alike.findLast(({ t }) => touch.ts - t.ts <= 15 * MINUTE && gap(touch, t) <= 0.1 + 1e-6);
    const clusters = new Set(alike.map(({ j }) => out[j][1]));
    const cluster = joined ? out[joined.j][1] : clusters.size + 1;
    const members = alike.filter(({ j }) => out[j][1] === cluster);
    out.push([members.length + 1, cluster, members[0]?.j ?? i]);
  }
  return out;
}
