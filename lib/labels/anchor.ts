/**
 * Anchors: the price that moves are counted from.
 *
 * The last trade is at the bid or at the ask: measured from it, the way back to the middle looks like a move, and the
 * side of the last trade foretells it where nothing can be foretold. So the mid of the book anchors.
 *
 * @module
 */
import { type Config, MINUTE_NS, SECOND_NS } from "../base/mod.ts";
import { lowerBound, type Mids } from "../levels/mod.ts";
import type { Trades } from "./first_passage.ts";

/** What an anchor may rest on; a source's code is its index. */
export const ANCHOR_SOURCES = ["mid", "trade"] as const;

/** An anchor. */
export interface Anchor {
  /** ES points. */
  price: number;
  /** `mid` of the last sound book, or the last `trade` where there is none. */
  source: typeof ANCHOR_SOURCES[number];
}

/**
 * The anchor at a moment: the mid of the last sound book at or before it, not older than `anchorSeconds`; where there
 * is none, the last trade, not older either.
 *
 * @param trades The session's trades.
 * @param mids The session's mids.
 * @param moment A whole minute, ns since session start.
 * @param config Oldest anchor.
 * @returns Undefined where there is neither.
 */
export function anchorAt(
  trades: Trades,
  mids: Mids,
  moment: number,
  { labels }: Pick<Config, "labels">,
): Anchor | undefined {
  const oldest = moment - labels.anchorSeconds * SECOND_NS;
  for (let k = moment / MINUTE_NS; k >= 0 && k * MINUTE_NS >= oldest; k--) {
    if (Number.isNaN(mids.price[k])) continue;
    if (mids.ts[k] < oldest) break;
    return { price: mids.price[k], source: "mid" };
  }
  const last = lowerBound(trades.ts, moment + 1, trades.length) - 1;
  return last >= 0 && trades.ts[last] >= oldest ? { price: trades.price[last], source: "trade" } : undefined;
}
