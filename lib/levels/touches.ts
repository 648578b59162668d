/**
 * Touches: the levels a bar came to.
 *
 * @module
 */
import { type Config, MINUTE_NS } from "../base/mod.ts";
import type { Bars, Level, SessionState, Touch } from "./state.ts";

/** The part of the config that touches read. */
export type TouchConfig = Pick<Config, "touches" | "market">;

/**
 * Touches of the levels offered to a bar, in the order of `levels`: [low − reach, high + reach] holds the level and
 * |close − level| ≤ closeBand, in SPY dollars, bounds inclusive. None outside the regular session or when fewer than
 * `forwardMinutes` are left to its close.
 *
 * @param state The session so far.
 * @param bar Index of the bar.
 * @param levels Levels offered to it.
 * @param scale SPY per ES of the rows: the last known at the bar's open.
 */
export function touchesOf(
  state: SessionState,
  bar: number,
  levels: readonly Level[],
  scale: number,
  config: TouchConfig,
): Touch[] {
  const { at, bars } = state, ts = bars.ts[bar];
  if (ts < at.open || ts + config.touches.forwardMinutes * MINUTE_NS > at.close) return [];
  const { slack } = config.market;
  const reach = config.touches.reach + slack, band = config.touches.closeBand + slack;
  const low = bars.low[bar] * scale - reach, high = bars.high[bar] * scale + reach;
  const spot = bars.close[bar] * scale;
  const touches: Touch[] = [];
  for (const { kind, level, levelEs } of levels) {
    if (!(level >= low && level <= high && Math.abs(spot - level) <= band)) continue;
    const side = sideOf(bars, bar, level, scale, slack);
    const before = sideOf(bars, bar - 1, level, scale, slack);
    touches.push({
      bar,
      ts,
      kind,
      level,
      levelEs,
      scale,
      spot,
      direction: side === -1 ? -1 : 1,
      crossed: side * before === -1,
    });
  }
  return touches;
}

/** +1 when the close is below the level, −1 above, the previous close's side when equal, 0 when there is none. */
function sideOf(bars: Bars, bar: number, level: number, scale: number, slack: number): -1 | 0 | 1 {
  for (let b = bar; b >= 0; b--) {
    const gap = level - bars.close[b] * scale;
    if (Math.abs(gap) > slack) return gap > 0 ? 1 : -1;
  }
  return 0;
}
