import assert from "node:assert/strict";
import { CONFIG, MINUTE_NS } from "../../lib/base/mod.ts";
import { appendBooks, closeMinute, newLedger, quoteFeatures } from "../../lib/features/mod.ts";
import { type BookRow, booksBatch, type Level, ORIGIN_NS } from "../helpers/books.ts";

function quoteRow(ts: number, bids: Level[], asks: Level[]): BookRow {
  return { ts, action: "A", side: "N", price: 5000, size: 1, flags: 0x80, bids, asks };
}

function quotesAfter(...books: [number, Level[], Level[]][]) {
  const ledger = newLedger(ORIGIN_NS, CONFIG);
  appendBooks(ledger, booksBatch(books.map(([ts, bids, asks]) => quoteRow(ts, bids, asks))));
  closeMinute(ledger, MINUTE_NS);
  return quoteFeatures(ledger, MINUTE_NS);
}

Deno.test("quoteFeatures() gives the values worked out by hand", () => {
  const second = 1e9;
  const quotes = quotesAfter(
    // Minute 0: the book the bar starts with.
    [59 * second, [[4999.75, 10]], [[5000, 7]]],
    // Bid size 10 → 14 at the same price: e = 14 − 10 = +4.
    [60 * second, [[4999.75, 14]], [[5000, 7]]],
    // Ask moves up to 5000.25 with 9: the 7 that left are bought, e = −0 + 7 = +7.
    [61 * second, [[4999.75, 14]], [[5000.25, 9]]],
    // Bid moves up to 5000 with 3: e = +3.
    [62 * second, [[5000, 3], [4999.75, 14]], [[5000.25, 9]]],
    // Bid falls back to 4999.75: e = −3. Ask 9 → 6: e = −6 + 9 = +3.
    [119 * second, [[4999.75, 14]], [[5000.25, 6]]],
    // Of the next bar.
    [120 * second, [[4990, 1]], [[5010, 1]]],
  );
  assert.deepEqual(quotes, { spread_ticks: 2, book_imbalance: (14 - 6) / 20, ofi_60s: 4 + 7 + 3 - 3 + 3 });
});

Deno.test("quoteFeatures() takes an empty side as a worst price of size 0", () => {
  const bids: Level[] = [[4999.75, 10]], asks: Level[] = [[5000, 7]];
  // The asks go: + 7. Without them neither spread nor imbalance is known.
  assert.deepEqual(quotesAfter([1, bids, asks], [60e9, bids, []]), {
    spread_ticks: NaN,
    book_imbalance: NaN,
    ofi_60s: 7,
  });
  // They come back: −7.
  assert.equal(quotesAfter([1, bids, asks], [60e9, bids, []], [61e9, bids, asks]).ofi_60s, 0);
});

Deno.test("quoteFeatures() is null without a book, and its flow without a book before", () => {
  assert.deepEqual(quotesAfter(), { spread_ticks: NaN, book_imbalance: NaN, ofi_60s: NaN });
  assert.deepEqual(quotesAfter([1, [], []]), { spread_ticks: NaN, book_imbalance: NaN, ofi_60s: NaN });
  assert.deepEqual(quotesAfter([61e9, [[4999, 1]], [[5000, 1]]]), {
    spread_ticks: 4,
    book_imbalance: 0,
    ofi_60s: NaN,
  });
});
