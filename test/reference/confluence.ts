/**
 * Naive twins of lib/features/confluence.ts and runway.ts.
 *
 * @module
 */
import { type Level, LEVEL_KINDS } from "../../lib/levels/mod.ts";

const WEIGHTS: Record<string, number> = {
  PM_HIGH: 1,
  PM_LOW: 1,
  OR_HIGH: 0.9,
  OR_LOW: 0.9,
  SMA_200: 0.8,
  SMA_400: 0.8,
  VWAP: 0.7,
  SESSION_HIGH: 0.6,
  SESSION_LOW: 0.6,
  CALL_WALL: 1,
  PUT_WALL: 1,
};

interface Place {
  kind: number;
  level: number;
  spot: number;
  direction: number;
}

/** Columns of the group `confluence` from the row's own context columns. */
export function naiveConfluence(
  touch: Place,
  levels: readonly Level[],
  row: Record<string, number>,
): Record<string, number> {
  const near = levels.map((l) => ({
    own: l.kind === touch.kind,
    w: WEIGHTS[LEVEL_KINDS[l.kind]],
    d: Math.abs(l.level - touch.level),
  })).filter((l) => !l.own && l.w !== undefined && l.d <= 0.2 + 1e-6);
  const weighted = near.reduce((sum, l) => sum + l.w * Math.max(0, 1 - l.d / 0.2), 0);
  const fast = touch.level - row.level_minus_sma_200, slow = touch.level - row.level_minus_sma_400;
  const falling = row.sma_200_slope < 0 && row.sma_400_slope < 0;
  const rising = row.sma_200_slope > 0 && row.sma_400_slope > 0;
  const below = touch.spot < Math.min(fast, slow) && falling;
  const above = touch.spot > Math.max(fast, slow) && rising;
  const [yes, no] = touch.direction === 1 ? [below, above] : [above, below];
  return {
    confluence_count: near.length,
    confluence_weighted: weighted,
    confluence_min_distance: near.length === 0 ? NaN : Math.min(...near.map((l) => l.d)),
    confluence_pressure: weighted / 9.3,
    confluence_alignment: yes && fast > slow ? 1 : no && fast < slow ? -1 : 0,
  };
}

/** Columns of the group `runway`. */
export function naiveRunway(
  touch: Place,
  levels: readonly Level[],
): Record<string, number | string | null> {
  const beyond = levels.filter((l) => LEVEL_KINDS[l.kind] !== "ROUND")
    .map((l) => ({ kind: LEVEL_KINDS[l.kind], d: touch.direction * (l.level - touch.level) }))
    .filter((l) => l.d > 1e-6).sort((a, b) => a.d - b.d);
  const obstacle = /^(PM|SESSION)_|_WALL$/;
  return {
    runway_distance: beyond[0]?.d ?? NaN,
    runway_kind: beyond[0]?.kind ?? null,
    runway_quality: beyond.some((l) => obstacle.test(l.kind) && l.d <= 1 + 1e-6) ? "OBSTRUCTED" : "CLEAR",
  };
}
