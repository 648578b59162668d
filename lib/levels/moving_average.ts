/**
 * SMA_200 and SMA_400: moving averages of regular two-minute closes, earlier sessions' in front.
 *
 * @module
 */
import type { RegularCloses } from "./state.ts";

/**
 * Mean of the last `n` regular two-minute closes that are complete by `before`, added oldest first.
 *
 * @param closes Closes so far.
 * @param n How many.
 * @param before ns since session start.
 * @returns ES points, NaN below `n` closes.
 */
export function movingAverage(closes: RegularCloses, n: number, before: number): number {
  let end = closes.length;
  while (end > closes.history && closes.end[end - 1] > before) end--;
  if (end < n) return NaN;
  let sum = 0;
  for (let i = end - n; i < end; i++) sum += closes.close[i];
  return sum / n;
}
