/**
 * Confluence: other kinds' key levels near the touched one, and whether the moving averages stand with it.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import { type Level, LEVEL_KINDS, type LevelKind, type Touch } from "../levels/mod.ts";
import type { AverageOfBar } from "./moving_averages.ts";

/** Columns of the group `confluence`. */
export interface ConfluenceFeatures {
  /** Key levels of other kinds within $0.20. */
  confluence_count: number;
  /** Σ w·(1 − d/0.20) over them. */
  confluence_weighted: number;
  /** Least d, $; null without one. */
  confluence_min_distance: number;
  /** confluence_weighted ÷ Σ w over all eleven key kinds. */
  confluence_pressure: number;
  /** −1, 0 or +1. */
  confluence_alignment: number;
}

/** The part of the config read here. */
export type ConfluenceConfig = Pick<Config, "context" | "market">;

type Group = keyof Config["context"]["confluenceWeights"];

const GROUPS: Partial<Record<LevelKind, Group>> = {
  PM_HIGH: "PM",
  PM_LOW: "PM",
  OR_HIGH: "OR",
  OR_LOW: "OR",
  SESSION_HIGH: "SESSION",
  SESSION_LOW: "SESSION",
  SMA_200: "SMA",
  SMA_400: "SMA",
  VWAP: "VWAP",
  CALL_WALL: "WALL",
  PUT_WALL: "WALL",
};

/**
 * Confluence of a touch with the other levels offered to its bar.
 *
 * @param touch The touch.
 * @param levels Levels offered to the bar, the touched one among them.
 * @param averages SMA-200 and SMA-400 of the bar.
 * @param config Band, weights and slack.
 */
export function confluenceFeatures(
  touch: Pick<Touch, "kind" | "level" | "spot" | "direction">,
  levels: readonly Level[],
  averages: readonly [AverageOfBar, AverageOfBar],
  config: ConfluenceConfig,
): ConfluenceFeatures {
  const { confluenceBand: band, confluenceWeights } = config.context, { slack } = config.market;
  let count = 0, weighted = 0, nearest = NaN, total = 0;
  for (const group of Object.values(GROUPS)) total += confluenceWeights[group];
  for (const { kind, level } of levels) {
    const group = GROUPS[LEVEL_KINDS[kind]], distance = Math.abs(level - touch.level);
    if (group === undefined || kind === touch.kind || distance > band + slack) continue;
    count++;
    weighted += confluenceWeights[group] * Math.max(0, 1 - distance / band);
    if (!(nearest <= distance)) nearest = distance;
  }
  return {
    confluence_count: count,
    confluence_weighted: weighted,
    confluence_min_distance: nearest,
    confluence_pressure: weighted / total,
    confluence_alignment: alignment(touch, averages, slack),
  };
}

/**
 * UP: +1 when the close is below both averages, both fall and SMA-200 > SMA-400; −1 when it is above both, both rise
 * and SMA-200 < SMA-400. DOWN: +1 above both, rising, SMA-200 > SMA-400; −1 below both, falling, SMA-200 < SMA-400.
 * Else, and where an average or its 20-minute slope is unknown, 0.
 */
function alignment(
  touch: Pick<Touch, "spot" | "direction">,
  [fast, slow]: readonly [AverageOfBar, AverageOfBar],
  slack: number,
): number {
  const { spot } = touch;
  const below = fast.value - spot > slack && slow.value - spot > slack && fast.slope < 0 && slow.slope < 0;
  const above = spot - fast.value > slack && spot - slow.value > slack && fast.slope > 0 && slow.slope > 0;
  const fastOver = fast.value - slow.value > slack, fastUnder = slow.value - fast.value > slack;
  if (touch.direction === 1) return below && fastOver ? 1 : above && fastUnder ? -1 : 0;
  return above && fastOver ? 1 : below && fastUnder ? -1 : 0;
}
