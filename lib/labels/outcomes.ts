/**
 * Outcomes: what the price did in the forward window of one horizon.
 *
 * @module
 */
import { type Config, SECOND_NS } from "../base/mod.ts";
import { lowerBound } from "../levels/mod.ts";
import type { Anchor } from "./anchor.ts";
import { firstPassage, type Trades } from "./first_passage.ts";

/** Outcomes; an outcome's code is its index. */
export const OUTCOMES = ["BREAK", "BOUNCE", "CHOP", "UNDEFINED"] as const;

/** The price from t1 on, in SPY dollars; the same for every touch of a bar. */
export interface Forward {
  /** The anchor at t1. */
  anchor: number;
  /** What it rests on. */
  source: Anchor["source"];
  /** Largest rise above the anchor, ≥ 0. */
  up: number;
  /** Largest fall below the anchor, ≥ 0. */
  down: number;
  /** Last price of the window, the anchor where nothing traded. */
  last: number;
  /** Seconds from t1 to the first trade the low threshold away, NaN without one. */
  lowTime: number;
  /** Seconds from t1 to the first trade the threshold away, NaN without one. */
  time: number;
  /** Side of that trade: +1 above the anchor, −1 below, 0 without one. */
  side: -1 | 0 | 1;
}

/**
 * Looks at the trades in (t1, t1 + forwardSeconds].
 *
 * @param trades Ascending; all that happened before `knownUntil`.
 * @param at The anchor at t1, if there is one.
 * @param t1 ns since session start.
 * @param scale SPY per ES of the row.
 * @param knownUntil ns since session start, exclusive.
 * @returns Undefined if there is no anchor or the window is not over by `knownUntil`.
 */
export function lookForward(
  trades: Trades,
  at: Anchor | undefined,
  t1: number,
  scale: number,
  knownUntil: number,
  config: Pick<Config, "labels" | "market">,
): Forward | undefined {
  const { labels, market: { slack } } = config;
  const windowEnd = t1 + labels.forwardSeconds * SECOND_NS;
  if (!at || windowEnd >= knownUntil) return undefined;
  const { price: anchor, source } = at;
  const first = lowerBound(trades.ts, t1 + 1, trades.length);
  const end = lowerBound(trades.ts, windowEnd + 1, trades.length);
  let high = anchor, low = anchor;
  for (let row = first; row < end; row++) {
    const price = trades.price[row];
    if (price > high) high = price;
    if (price < low) low = price;
  }
  const lowReach = firstPassage(trades, first, end, { anchor, distance: labels.lowThreshold, scale, slack });
  const reach = firstPassage(trades, first, end, { anchor, distance: labels.threshold, scale, slack });
  const seconds = (row: number) => row < 0 ? NaN : (trades.ts[row] - t1) / SECOND_NS;
  return {
    anchor: anchor * scale,
    source,
    up: (high - anchor) * scale,
    down: (anchor - low) * scale,
    last: (end > first ? trades.price[end - 1] : anchor) * scale,
    lowTime: seconds(lowReach.row),
    time: seconds(reach.row),
    side: reach.side,
  };
}

/**
 * Outcome of a touch: BREAK if the move with the approach reaches the threshold and is the larger, BOUNCE if the move
 * against it does, CHOP if neither reaches; equal moves by which reached first.
 *
 * @param forward The window.
 * @param direction +1 the level is above, −1 below: the break direction.
 * @param threshold Dollars.
 * @param slack Slack of price comparisons, dollars.
 * @returns Code in {@linkcode OUTCOMES}.
 */
export function outcomeOf(forward: Forward, direction: 1 | -1, threshold: number, slack: number): number {
  const lead = direction * (forward.up - forward.down);
  if (Math.max(forward.up, forward.down) < threshold - slack) return OUTCOMES.indexOf("CHOP");
  const withIt = Math.abs(lead) <= slack ? forward.side === direction : lead > 0;
  return OUTCOMES.indexOf(withIt ? "BREAK" : "BOUNCE");
}
