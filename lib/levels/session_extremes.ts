/**
 * SESSION_HIGH and SESSION_LOW: extremes since the regular open.
 *
 * @module
 */
import { highestOf, lowestOf } from "./bars.ts";
import type { SessionState } from "./state.ts";

/**
 * High of the regular session from trades before `before`.
 *
 * @param state The session so far.
 * @param before Whole minute, ns since session start; bars before it are closed.
 * @returns ES points, NaN at the open.
 */
export function sessionHigh(state: SessionState, before: number): number {
  return highestOf(state.bars, state.at.open, Math.min(before, state.at.close));
}

/** Low of the regular session; arguments as {@linkcode sessionHigh}. */
export function sessionLow(state: SessionState, before: number): number {
  return lowestOf(state.bars, state.at.open, Math.min(before, state.at.close));
}
