/**
 * PM_HIGH and PM_LOW: extremes of 04:00–09:30.
 *
 * @module
 */
import { highestOf, lowestOf } from "./bars.ts";
import type { SessionState } from "./state.ts";

/**
 * Premarket high from trades before `before`.
 *
 * @param state The session so far.
 * @param before Whole minute, ns since session start; bars before it are closed.
 * @returns ES points, NaN without premarket trades.
 */
export function premarketHigh(state: SessionState, before: number): number {
  return highestOf(state.bars, state.at.premarket, Math.min(before, state.at.open));
}

/** Premarket low; arguments as {@linkcode premarketHigh}. */
export function premarketLow(state: SessionState, before: number): number {
  return lowestOf(state.bars, state.at.premarket, Math.min(before, state.at.open));
}
