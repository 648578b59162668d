/**
 * What one event did to one side of the book.
 *
 * @module
 */
import { type BookSide, visibleLimit } from "./_book_side.ts";
import type { FlowsByTick } from "./_tick_flows.ts";

/**
 * Whether flow may be measured against a book: not empty on both sides, not crossed, its levels in order.
 *
 * @param bid Bids.
 * @param ask Asks.
 */
export function isSound(bid: BookSide, ask: BookSide): boolean {
  if (bid.levels + ask.levels === 0 || !bid.ordered || !ask.ordered) return false;
  return bid.levels === 0 || ask.levels === 0 || bid.tick[0] <= ask.tick[0];
}

/**
 * A side's term of order-flow imbalance: size that came to the best quote less size that left it (Cont, Kukanov,
 * Stoikov 2014, eq. 2).
 *
 * @param before The side before the event.
 * @param after The side after it.
 * @param sign +1 ask, −1 bid.
 * @returns Contracts.
 */
export function bestFlow(before: BookSide, after: BookSide, sign: number): number {
  const best0 = before.levels > 0 ? sign * before.tick[0] : Infinity;
  const best1 = after.levels > 0 ? sign * after.tick[0] : Infinity;
  return (best1 <= best0 && after.levels > 0 ? after.size[0] : 0) -
    (best1 >= best0 && before.levels > 0 ? before.size[0] : 0);
}

/**
 * Adds d = after − before at every price both show, as if nothing had traded.
 *
 * @param flows The side's flow, IN/OUT.
 * @param before The side before the event.
 * @param after The side after it.
 * @param sign +1 ask, −1 bid.
 */
export function addDifference(flows: FlowsByTick, before: BookSide, after: BookSide, sign: number): void {
  const limit = Math.min(visibleLimit(before, sign), visibleLimit(after, sign));
  for (let i = 0, j = 0; i < before.levels || j < after.levels;) {
    const key0 = i < before.levels ? sign * before.tick[i] : Infinity;
    const key1 = j < after.levels ? sign * after.tick[j] : Infinity;
    const key = Math.min(key0, key1);
    if (key > limit) break;
    const d = (key1 === key ? after.size[j++] : 0) - (key0 === key ? before.size[i++] : 0);
    if (d === 0) continue;
    const tick = sign * key;
    flows.touch(tick);
    if (d > 0) flows.added[tick] += d;
    else flows.canceled[tick] -= d;
  }
}

/**
 * Replaces d at a traded price, if both show it, by filled v, added max(0, d + v) and canceled max(0, −d − v); after
 * {@linkcode addDifference}.
 *
 * @param flows The side's flow, IN/OUT.
 * @param before The side before the event.
 * @param after The side after it.
 * @param sign +1 ask, −1 bid.
 * @param tick Price traded at, in ticks.
 * @param v Contracts traded there against the side in the event.
 */
export function addFill(
  flows: FlowsByTick,
  before: BookSide,
  after: BookSide,
  sign: number,
  tick: number,
  v: number,
): void {
  if (sign * tick > Math.min(visibleLimit(before, sign), visibleLimit(after, sign))) return;
  const d = sizeAt(after, tick) - sizeAt(before, tick);
  flows.touch(tick);
  flows.filled[tick] += v;
  flows.added[tick] += Math.max(0, d + v) - Math.max(0, d);
  flows.canceled[tick] += Math.max(0, -d - v) - Math.max(0, -d);
}

function sizeAt(side: BookSide, tick: number): number {
  for (let k = 0; k < side.levels; k++) if (side.tick[k] === tick) return side.size[k];
  return 0;
}
