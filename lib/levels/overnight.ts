/**
 * ON_HIGH and ON_LOW: extremes of 18:00–09:30.
 *
 * @module
 */
import { highestOf, lowestOf } from "./bars.ts";
import type { SessionState } from "./state.ts";

/**
 * Overnight high from trades before `before`, the premarket included.
 *
 * @param state The session so far.
 * @param before Whole minute, ns since session start; bars before it are closed.
 * @returns ES points, NaN without overnight trades.
 */
export function overnightHigh(state: SessionState, before: number): number {
  return highestOf(state.bars, state.at.overnight, Math.min(before, state.at.open));
}

/** Overnight low; arguments as {@linkcode overnightHigh}. */
export function overnightLow(state: SessionState, before: number): number {
  return lowestOf(state.bars, state.at.overnight, Math.min(before, state.at.open));
}
