/**
 * Average true range (Wilder 1978), as a plain mean.
 *
 * @module
 */
import type { Bars } from "./state.ts";

/**
 * Mean true range of the `n` existing bars that end with `bar`, added oldest first. The true range is the larger of
 * high − low and the distances of high and low from the previous bar's close; the session's first bar has high − low.
 *
 * @param bars Closed bars, all hours.
 * @param bar Index of the last bar, included.
 * @param n How many bars.
 * @returns ES points, NaN below `n` bars.
 */
export function averageTrueRange(bars: Bars, bar: number, n: number): number {
  if (bar + 1 < n) return NaN;
  let sum = 0;
  for (let b = bar - n + 1; b <= bar; b++) {
    const before = b > 0 ? bars.close[b - 1] : bars.low[b];
    sum += Math.max(bars.high[b], before) - Math.min(bars.low[b], before);
  }
  return sum / n;
}
