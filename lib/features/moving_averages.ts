/**
 * How a moving average of regular two-minute closes moves, and how price moves against it.
 *
 * A bar's average is the one offered to it as a level: its value from closes before the bar's open.
 *
 * @module
 */
import { type Config, MINUTE_NS } from "../base/mod.ts";
import { lowerBound, movingAverage, type RegularCloses, type SessionState } from "../levels/mod.ts";

/** A moving average as a bar sees it; NaN where there are too few closes. */
export interface AverageOfBar {
  /** Two-minute closes averaged. */
  n: number;
  /** Value at the bar's open, SPY $. */
  value: number;
  /** (value − value 20 minutes earlier)/20; before the open the average stands still. SPY $/min. */
  slope: number;
  /** Change over the last 5 two-minute closes ÷ 10 minutes of trading, SPY $/min. */
  slopeBars: number;
  /** Change per minute, over 10 minutes, of (close − average), SPY $/min. */
  reversionVelocity: number;
}

/** The part of the config read here. */
export type AverageConfig = Pick<Config["context"], "slopeMinutes" | "slopeBars" | "reversionMinutes">;

/**
 * The average of the last `n` two-minute closes, as the bar sees it. The bar 10 minutes earlier is the last that opens
 * at or before `ts − 10 min`, and its average the one known at that moment.
 *
 * @param state The session so far.
 * @param bar Index of the bar.
 * @param n Two-minute closes averaged.
 * @param scale SPY per ES of the bar.
 * @param config Windows.
 */
export function averageOfBar(
  state: SessionState,
  bar: number,
  n: number,
  scale: number,
  config: AverageConfig,
): AverageOfBar {
  const { bars, closes } = state, ts = bars.ts[bar];
  const value = movingAverage(closes, n, ts);
  const earlier = movingAverage(closes, n, ts - config.slopeMinutes * MINUTE_NS);
  const before = ts - config.reversionMinutes * MINUTE_NS;
  const from = lowerBound(bars.ts, before + 1, bar) - 1;
  const gapBefore = from < 0 ? NaN : bars.close[from] - movingAverage(closes, n, before);
  return {
    n,
    value: value * scale,
    slope: (value - earlier) * scale / config.slopeMinutes,
    slopeBars: slopeOverBars(closes, n, ts, config.slopeBars) * scale,
    reversionVelocity: (bars.close[bar] - value - gapBefore) * scale / config.reversionMinutes,
  };
}

/** The average gains the newest `steps` closes and loses those `n` before them; ES points per minute. */
function slopeOverBars(closes: RegularCloses, n: number, before: number, steps: number): number {
  let end = closes.length;
  while (end > closes.history && closes.end[end - 1] > before) end--;
  if (end < n + steps) return NaN;
  let change = 0;
  for (let i = end - steps; i < end; i++) change += closes.close[i] - closes.close[i - n];
  return change / n / (2 * steps);
}
