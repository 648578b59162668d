/**
 * OR_HIGH and OR_LOW: extremes of the first minutes of the regular session, known once they have passed.
 *
 * @module
 */
import { MINUTE_NS } from "../base/mod.ts";
import { highestOf, lowestOf } from "./bars.ts";
import type { SessionState } from "./state.ts";

/**
 * High of the opening range.
 *
 * @param state The session so far.
 * @param before Whole minute, ns since session start; bars before it are closed.
 * @param minutes Length of the range, minutes from the open.
 * @returns ES points, NaN until the range has passed and without trades in it.
 */
export function openingRangeHigh(state: SessionState, before: number, minutes: number): number {
  const end = state.at.open + minutes * MINUTE_NS;
  return before < end ? NaN : highestOf(state.bars, state.at.open, end);
}

/** Low of the opening range; arguments as {@linkcode openingRangeHigh}. */
export function openingRangeLow(state: SessionState, before: number, minutes: number): number {
  const end = state.at.open + minutes * MINUTE_NS;
  return before < end ? NaN : lowestOf(state.bars, state.at.open, end);
}
