/**
 * Volatility of one-minute closes: changes from each existing bar to the next, sample standard deviation (n − 1).
 *
 * @module
 */
import { MINUTE_NS } from "../base/mod.ts";
import { type Bars, lowerBound } from "../levels/mod.ts";

/**
 * Standard deviation of the changes of close into each bar that ends in (end − minutes, end], `end` the end of `bar`.
 * A change runs from the bar before, also when that is more than a minute earlier or outside the window.
 *
 * @param bars Closed bars, all hours.
 * @param bar Index of the last bar.
 * @param options Window in minutes and the fewest changes that give a value.
 * @returns ES points, NaN below `minChanges`.
 */
export function realisedVolatility(
  bars: Bars,
  bar: number,
  options: { minutes: number; minChanges: number },
): number {
  const first = Math.max(1, lowerBound(bars.ts, bars.ts[bar] - (options.minutes - 1) * MINUTE_NS, bar + 1));
  if (bar - first + 1 < options.minChanges) return NaN;
  return deviationOfChanges(bars, first, bar);
}

/**
 * Standard deviation of the last `n` changes of close.
 *
 * @param bars Closed bars, all hours.
 * @param bar Index of the last bar.
 * @param n How many changes.
 * @returns ES points, NaN below `n` changes.
 */
export function changeDeviation(bars: Bars, bar: number, n: number): number {
  return bar < n ? NaN : deviationOfChanges(bars, bar - n + 1, bar);
}

function deviationOfChanges(bars: Bars, first: number, last: number): number {
  const n = last - first + 1;
  let sum = 0;
  for (let b = first; b <= last; b++) sum += bars.close[b] - bars.close[b - 1];
  const mean = sum / n;
  let squares = 0;
  for (let b = first; b <= last; b++) squares += (bars.close[b] - bars.close[b - 1] - mean) ** 2;
  return n < 2 ? NaN : Math.sqrt(squares / (n - 1));
}
