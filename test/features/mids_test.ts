import assert from "node:assert/strict";
import { type Batch, CONFIG, MINUTE_NS, Random, sliceBatch } from "../../lib/base/mod.ts";
import { appendBooks, closeMinute, newLedger } from "../../lib/features/mod.ts";
import { type Mids, newMids } from "../../lib/levels/mod.ts";
import {
  ASKS,
  type BookRow,
  bookRow as row,
  bookRows,
  booksBatch,
  ORIGIN_NS,
  randomBooks,
  readTable,
} from "../helpers/books.ts";
import { requires, shared } from "../helpers/requires.ts";
import { naiveMids } from "../reference/labels_naive.ts";

const SECOND = 1e9;
/** Mids that the ledger notes of batches. */
function midsOf(batches: readonly Batch[], minutes: number, originNs = ORIGIN_NS): Mids {
  const ledger = newLedger(originNs, CONFIG, newMids(minutes * MINUTE_NS));
  for (const batch of batches) appendBooks(ledger, batch);
  closeMinute(ledger, (minutes - 1) * MINUTE_NS);
  return ledger.mids;
}

/** The mids noted for the moments after 1, 2, … minutes, and their seconds. */
function noted(...rows: BookRow[]): [mid: number, second: number][] {
  const { price, ts } = midsOf([booksBatch(rows)], 3);
  return [1, 2, 3].map((k) => [price[k], ts[k] / SECOND]);
}

const NONE = [NaN, NaN];

Deno.test("appendBooks() notes the mid of the last book at or before each whole minute", () => {
  assert.deepEqual(noted(row(10 * SECOND)), [[4999.875, 10], NONE, NONE]);
  assert.deepEqual(noted(row(10 * SECOND), row(70 * SECOND, { asks: ASKS.slice(1) })), [
    [4999.875, 10],
    [5000, 70],
    NONE,
  ]);
  // A book at the moment itself is at or before it, one a nanosecond later is not.
  assert.deepEqual(noted(row(60 * SECOND)), [[4999.875, 60], NONE, NONE]);
  assert.deepEqual(noted(row(60 * SECOND + 1)), [NONE, [4999.875, 60 + 1e-9], NONE]);
  // A book that did not change is as good as new.
  assert.deepEqual(noted(row(10 * SECOND), row(50 * SECOND)), [[4999.875, 50], NONE, NONE]);
  // An event's book is its last record's, and a trade carries the book before it.
  const print = row(20 * SECOND, { action: "T", side: "B", size: 5, flags: 0 });
  assert.deepEqual(noted(row(1), print, row(20 * SECOND, { asks: ASKS.slice(1) })), [[5000, 20], NONE, NONE]);
  assert.deepEqual(noted(row(1), print), [[4999.875, 20], NONE, NONE]);
});

Deno.test("appendBooks() notes no mid of a book that is none", () => {
  const after = (...changes: Partial<BookRow>[]) =>
    noted(row(10 * SECOND), ...changes.map((change) => row(20 * SECOND, change)))[0];
  assert.deepEqual(after({ asks: ASKS.slice(1) }), [5000, 20]);
  const old = [4999.875, 10];
  assert.deepEqual(after({ bids: [[5000.25, 1]] }), old, "crossed");
  assert.deepEqual(after({ asks: ASKS.toReversed() }), old, "out of order");
  assert.deepEqual(after({ bids: [] }), old, "no bid");
  assert.deepEqual(after({ asks: [] }), old, "no ask");
  assert.deepEqual(after({ action: "R", bids: [], asks: [] }), old, "cleared");
  assert.deepEqual(after({ asks: ASKS.slice(1), flags: 0x84 }), old, "maybe bad");
  assert.deepEqual(after({ flags: 0x04 }, { asks: ASKS.slice(1) }), old, "maybe bad in one record");
  // A locked book has a middle, and a snapshot is a book.
  assert.deepEqual(after({ bids: [[5000, 1]] }), [5000, 20]);
  assert.deepEqual(after({ asks: ASKS.slice(1), flags: 0xa0 }), [5000, 20]);
});

/** Compares each moment with the last of all the mids there were; returns how many minutes had one. */
function assertTwin(mids: Mids, rows: readonly BookRow[], minutes: number): number {
  const all = naiveMids(rows);
  let known = 0;
  for (let k = 0; k <= minutes; k++) {
    const last = all.findLast(({ ts }) => ts <= k * MINUTE_NS), own = last && last.ts > (k - 1) * MINUTE_NS;
    if (own) known++;
    assert.deepEqual([mids.price[k], mids.ts[k]], own ? [last.mid, last.ts] : NONE, `after ${k} minutes`);
  }
  return known;
}

Deno.test("appendBooks() notes the mids of its naive twin on random books, wherever batches are cut", () => {
  for (let seed = 0; seed < 6; seed++) {
    const random = new Random(seed);
    const rows = randomBooks(random, { events: 1200, gapNs: seed < 3 ? 9e9 : 90e9, faults: 0.1 * seed });
    const minutes = Math.ceil(rows.at(-1)!.ts / MINUTE_NS), batch = booksBatch(rows), cut: Batch[] = [];
    const whole = midsOf([batch], minutes), known = assertTwin(whole, rows, minutes);
    assert.ok(known > 100 && (seed < 3 || known < minutes), `${known} of ${minutes} minutes`);
    for (let at = 0; at < batch.length;) cut.push(sliceBatch(batch, at, at += 1 + random.int(9)));
    assert.deepEqual(midsOf(cut, minutes), whole);
  }
});

Deno.test("appendBooks() notes the mids of its naive twin on the real ES books", async () => {
  if (!requires("shared", "mids of the real ES books")) return;
  const batches = await readTable(shared("real/esh4-20231225.mbp-10.dbn.zst"), "mbp-10");
  const originNs = 1_703_541_600_000_000_000n; // 22:00 UTC
  const rows = batches.flatMap((batch) => bookRows(batch, originNs));
  assert.ok(assertTwin(midsOf(batches, 120, originNs), rows, 120) > 50);
});
