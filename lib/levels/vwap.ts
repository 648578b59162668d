/**
 * VWAP: volume-weighted average price of the regular session's trades.
 *
 * @module
 */
import { lowerBound, type SessionState } from "./state.ts";

/**
 * Σ price·size ÷ Σ size of the regular session's trades before `before`, summed in row order.
 *
 * @param state The session so far.
 * @param before Whole minute, ns since session start; bars before it are closed.
 * @returns ES points, NaN at the open and while nothing has traded.
 */
export function vwap(state: SessionState, before: number): number {
  const { at, bars } = state;
  const bar = lowerBound(bars.ts, Math.min(before, at.close), bars.length) - 1;
  if (bar < 0 || bars.ts[bar] < at.open) return NaN;
  return bars.sessionPv[bar] / bars.sessionVolume[bar];
}
