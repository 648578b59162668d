/**
 * Naive twin of lib/features/quotes.ts.
 *
 * @module
 */
import { MINUTE_NS } from "../../lib/base/mod.ts";
import type { NaiveEvent } from "./barrier.ts";

/** The quote features of the bar that opens at `ts`. */
export function naiveQuotes(events: readonly NaiveEvent[], ts: number) {
  const inBar = events.filter((e) => e.ts >= ts && e.ts < ts + MINUTE_NS), book = inBar.at(-1)?.after;
  if (!book || book.bids.length + book.asks.length === 0) {
    return { spread_ticks: NaN, book_imbalance: NaN, ofi_60s: NaN };
  }
  let ofi = inBar.some((e) => e.flows) ? 0 : NaN;
  for (const e of inBar.filter((e) => e.flows)) {
    const [b0, q0] = e.before!.bids[0] ?? [-Infinity, 0], [b1, q1] = e.after.bids[0] ?? [-Infinity, 0];
    const [a0, r0] = e.before!.asks[0] ?? [Infinity, 0], [a1, r1] = e.after.asks[0] ?? [Infinity, 0];
    ofi += (b1 >= b0 ? q1 : 0) - (b1 <= b0 ? q0 : 0) - (a1 <= a0 ? r1 : 0) + (a1 >= a0 ? r0 : 0);
  }
  const [bid, bidSize] = book.bids[0] ?? [NaN, NaN], [ask, askSize] = book.asks[0] ?? [NaN, NaN];
  return {
    spread_ticks: (ask - bid) / 0.25,
    book_imbalance: (bidSize - askSize) / (bidSize + askSize),
    ofi_60s: ofi,
  };
}
