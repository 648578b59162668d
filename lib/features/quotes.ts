/**
 * Best quotes: spread and imbalance at the bar's end, order flow during it.
 *
 * @module
 */
import { MINUTE_NS } from "../base/mod.ts";
import { type Ledger, minuteIndex } from "./book_ledger.ts";

/** The Gold columns of the group `quotes`; NaN where unknown. */
export interface QuoteFeatures {
  /** Best ask − best bid at the bar's end, ticks; NaN without both. */
  spread_ticks: number;
  /** (bid size − ask size)/(bid size + ask size) of the best levels at the bar's end; NaN without both. */
  book_imbalance: number;
  /** Order-flow imbalance over the bar, contracts; NaN where no event of it could be measured. */
  ofi_60s: number;
}

/**
 * Quote features of a bar.
 *
 * `ofi_60s` sums over the bar's events, book before against book after, bid less ask, the size that came to the
 * best quote less the size that left it (Cont, Kukanov, Stoikov, *The price impact of order book events*, 2014,
 * eq. 2); an empty side counts as a worst price of size 0. It crosses nothing that flow may not cross. A bar without an
 * event lost its books, as its trades are events: all is unknown.
 *
 * @param ledger Books, closed up to the bar's end.
 * @param ts The bar's open, ns since session start.
 * @throws {RangeError} If the minute has not been closed.
 */
export function quoteFeatures(ledger: Ledger, ts: number): QuoteFeatures {
  const last = ledger.minutes[minuteIndex(ledger, ts)];
  if (last?.minute !== Math.floor(ts / MINUTE_NS) || last.book[0].levels + last.book[1].levels === 0) {
    return { spread_ticks: NaN, book_imbalance: NaN, ofi_60s: NaN };
  }
  const [bid, ask] = last.book;
  const both = bid.levels > 0 && ask.levels > 0;
  return {
    spread_ticks: both ? ask.tick[0] - bid.tick[0] : NaN,
    book_imbalance: both ? (bid.size[0] - ask.size[0]) / (bid.size[0] + ask.size[0]) : NaN,
    ofi_60s: last.measured > 0 ? last.ofi : NaN,
  };
}
