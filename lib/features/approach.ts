/**
 * Approach: how price came to the level, and how often it did before.
 *
 * @module
 */
import { type Config, MINUTE_NS } from "../base/mod.ts";
import { type Bars, lowerBound, type Touch } from "../levels/mod.ts";
import { levelGap } from "./_same_level.ts";
import { ratio } from "./_numbers.ts";
import type { TouchLog } from "./attempts.ts";

/** Columns of the group `approach`. */
export interface ApproachFeatures {
  /** Direction × change of close ÷ minutes between the window's first and last bar, $/min; null with one bar. */
  approach_velocity: number;
  /** Consecutive closes toward the level, the touch bar last. */
  approach_bars: number;
  /** |change of close| from the window's first bar to its last, $; null with one bar. */
  approach_distance: number;
  /** Touches of earlier bars today of the same kind, within $0.005. */
  prior_touches: number;
}

/**
 * Approach over the bars that open in (ts − 10 min, ts], the touch bar last.
 *
 * @param bars Closed bars, all hours.
 * @param touch The touch.
 * @param log The session's touches; those from `touch.ts` on are not looked at.
 * @param config Window, distance of the same level and slack.
 */
export function approachFeatures(
  bars: Bars,
  touch: Touch,
  log: TouchLog,
  config: Pick<Config, "context" | "market">,
): ApproachFeatures {
  const { bar, ts, scale, direction } = touch;
  const first = lowerBound(bars.ts, ts - config.context.approachMinutes * MINUTE_NS + 1, bar);
  const minutes = (ts - bars.ts[first]) / MINUTE_NS;
  const change = first < bar ? (bars.close[bar] - bars.close[first]) * scale : NaN;
  let toward = 0;
  for (let b = bar; b > first && direction * (bars.close[b] - bars.close[b - 1]) > 0; b--) toward++;
  return {
    approach_velocity: ratio(direction * change, minutes),
    approach_bars: toward,
    approach_distance: Math.abs(change),
    prior_touches: priorTouches(log, touch, config),
  };
}

function priorTouches(log: TouchLog, touch: Touch, config: Pick<Config, "context" | "market">): number {
  const earlier = lowerBound(log.ts, touch.ts, log.length);
  const reach = config.context.sameLevel + config.market.slack;
  let count = 0;
  for (let row = 0; row < earlier; row++) {
    if (log.kind[row] === touch.kind && levelGap(touch, log.level[row], log.levelEs[row]) <= reach) count++;
  }
  return count;
}
