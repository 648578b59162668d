import assert from "node:assert/strict";
import { CONFIG, MINUTE_NS, Random, sliceBatch } from "../../lib/base/mod.ts";
import {
  appendBooks,
  barrierFeatures,
  closeMinute,
  dropBefore,
  type Ledger,
  minuteIndex,
  newLedger,
  quoteFeatures,
} from "../../lib/features/mod.ts";
import {
  ASKS,
  type BookRow,
  bookRow as row,
  booksBatch,
  type Level,
  ORIGIN_NS,
  randomBooks,
} from "../helpers/books.ts";

/** Total flow of a side over the closed minutes: filled, added, canceled. */
function flowOf(rows: readonly BookRow[], side: 0 | 1): number[] {
  const ledger = newLedger(ORIGIN_NS, CONFIG);
  appendBooks(ledger, booksBatch(rows));
  closeMinute(ledger, 60 * MINUTE_NS);
  const sum = (name: "filled" | "added" | "canceled") =>
    ledger.minutes.flatMap((m) => [...m.flows[side][name]]).reduce((a, b) => a + b, 0);
  return [sum("filled"), sum("added"), sum("canceled")];
}

Deno.test("appendBooks() has no flow across a snapshot, a clear, flag 0x04, a crossed or a disordered book", () => {
  const more: Level[] = [[5000, 9], [5000.25, 5]], most: Level[] = [[5000, 12], [5000.25, 5]];
  const after = (changes: Partial<BookRow>) => flowOf([row(1), row(2, changes), row(3, { asks: most })], 1);
  // 5 → 9 → 12 at 5000.
  assert.deepEqual(after({ asks: more }), [0, 7, 0]);
  // A snapshot sets the book: what follows is measured against it.
  assert.deepEqual(after({ asks: more, flags: 0xa0 }), [0, 3, 0]);
  // After a clear there is no book to measure against, nor may a maybe-bad or impossible one serve.
  assert.deepEqual(after({ action: "R", bids: [], asks: [] }), [0, 0, 0]);
  assert.deepEqual(after({ asks: more, flags: 0x84 }), [0, 0, 0]);
  assert.deepEqual(after({ asks: more, bids: [[5000.25, 1]] }), [0, 0, 0]);
  assert.deepEqual(after({ asks: more.toReversed() }), [0, 0, 0]);
  // A locked book is not crossed.
  assert.deepEqual(after({ asks: more, bids: [[5000, 1]] }), [0, 7, 0]);
});

Deno.test("appendBooks() takes the first book as given, and one flagged row for its whole event", () => {
  assert.deepEqual(flowOf([row(1)], 1), [0, 0, 0]);
  const fuller: Level[] = [[5000, 6]];
  assert.deepEqual(flowOf([row(1), row(2, { flags: 0x04 }), row(2, { asks: fuller })], 1), [0, 0, 0]);
  assert.deepEqual(flowOf([row(1), row(2, { flags: 0x20 }), row(2, { asks: fuller })], 1), [0, 0, 0]);
});

Deno.test("appendBooks() gives a fill to the side the aggressor hits, and none without one", () => {
  const print = (side: string, price: number) => row(2, { action: "T", side, price, size: 3, flags: 0 });
  // An event that ends with its trade left the book as it was: filled and refilled.
  assert.deepEqual(flowOf([row(1), print("B", 5000)], 1), [3, 3, 0]);
  assert.deepEqual(flowOf([row(1), print("B", 5000)], 0), [0, 0, 0]);
  assert.deepEqual(flowOf([row(1), print("A", 4999.75)], 0), [3, 3, 0]);
  const left: Level[] = [[5000, 2], [5000.25, 5]];
  assert.deepEqual(flowOf([row(1), print("N", 5000), row(2, { asks: left })], 1), [0, 0, 3]);
  assert.deepEqual(flowOf([row(1), print("B", 5000), row(2, { asks: left })], 1), [3, 0, 0]);
});

Deno.test("appendBooks() takes no fill at a price the book does not reach", () => {
  const ten = Array.from({ length: 10 }, (_, k): Level => [5000 + k / 4, 5]);
  const print = (price: number) => row(2, { action: "T", side: "B", price, size: 3, flags: 0, asks: ten });
  assert.deepEqual(flowOf([row(1, { asks: ten }), print(5002.25)], 1), [3, 3, 0]);
  assert.deepEqual(flowOf([row(1, { asks: ten }), print(5002.5)], 1), [0, 0, 0]);
});

Deno.test("closeMinute() leaves an event of the next minute open to its later records", () => {
  const print = row(MINUTE_NS, { action: "T", side: "B", size: 5, flags: 0 });
  const gone = row(MINUTE_NS, { asks: ASKS.slice(1) });
  const ledger = newLedger(ORIGIN_NS, CONFIG);
  appendBooks(ledger, booksBatch([row(1), print]));
  closeMinute(ledger, 0);
  appendBooks(ledger, booksBatch([gone]));
  closeMinute(ledger, MINUTE_NS);
  const [, { events, flows: [, asks] }] = ledger.minutes;
  assert.deepEqual([events, ...asks.filled, ...asks.added, ...asks.canceled], [1, 5, 0, 0]);
});

Deno.test("appendBooks() gives the same minutes wherever batches are cut", () => {
  const random = new Random("chunks");
  const rows = randomBooks(random, { events: 3000, gapNs: 0.2e9, faults: 0.02 });
  const batch = booksBatch(rows);
  const cut = (size: () => number): Ledger => {
    const ledger = newLedger(ORIGIN_NS, CONFIG);
    for (let at = 0; at < batch.length;) {
      const end = Math.min(batch.length, at + size());
      appendBooks(ledger, sliceBatch(batch, at, end));
      at = end;
    }
    closeMinute(ledger, rows.at(-1)!.ts);
    return ledger;
  };
  const whole = cut(() => Infinity).minutes;
  assert.ok(whole.length > 9);
  assert.deepEqual(cut(() => 1).minutes, whole);
  for (let i = 0; i < 5; i++) assert.deepEqual(cut(() => random.int(12)).minutes, whole);
});

Deno.test("closeMinute() gives features that nothing appended before or later can change", () => {
  const random = new Random("prefix");
  const rows = randomBooks(random, { events: 3000, gapNs: 0.6e9 });
  const all = newLedger(ORIGIN_NS, CONFIG), played = newLedger(ORIGIN_NS, CONFIG);
  appendBooks(all, booksBatch(rows));
  const minutes = Math.ceil(rows.at(-1)!.ts / MINUTE_NS) + 3;
  closeMinute(all, minutes * MINUTE_NS);
  let at = 0;
  for (let minute = 0; minute < minutes; minute++) {
    const end = rows.findIndex((r) => r.ts >= (minute + 1) * MINUTE_NS);
    const next = end < 0 ? rows.length : end;
    appendBooks(played, booksBatch(rows.slice(at, next)));
    at = next;
    closeMinute(played, minute * MINUTE_NS);
    dropBefore(played, minute * MINUTE_NS);
    assert.ok(played.minutes.length <= CONFIG.barrier.trailingMinutes + 1);
    const ts = minute * MINUTE_NS;
    assert.deepEqual(quoteFeatures(played, ts), quoteFeatures(all, ts));
    for (const direction of [1, -1] as const) {
      for (const levelEs of [4998, 5000.1, 5003]) {
        const touch = {
          bar: 0,
          ts,
          kind: 8,
          level: 500,
          levelEs,
          scale: 0.1,
          spot: 500,
          direction,
          crossed: false,
        };
        assert.deepEqual(barrierFeatures(played, touch, CONFIG), barrierFeatures(all, touch, CONFIG));
      }
    }
  }
});

Deno.test("dropBefore() keeps the last book through a silence longer than the window", () => {
  const ledger = newLedger(ORIGIN_NS, CONFIG);
  appendBooks(ledger, booksBatch([row(1), row(2 * MINUTE_NS)]));
  closeMinute(ledger, 99 * MINUTE_NS);
  dropBefore(ledger, 100 * MINUTE_NS);
  assert.deepEqual(ledger.minutes.map((m) => m.minute), [2]);
  // One event against that book is a measured minute.
  appendBooks(ledger, booksBatch([row(100 * MINUTE_NS)]));
  closeMinute(ledger, 100 * MINUTE_NS);
  assert.deepEqual(quoteFeatures(ledger, 100 * MINUTE_NS), {
    spread_ticks: 1,
    book_imbalance: 0,
    ofi_60s: 0,
  });
});

Deno.test("appendBooks() refuses rows out of order, of closed minutes, and prices that are none", () => {
  const ledger = newLedger(ORIGIN_NS, CONFIG);
  assert.throws(() => appendBooks(ledger, booksBatch([row(5), row(4)])), {
    name: "RangeError",
    message: "Cannot append book at row 1, ts_event_ns 1765839600000000004: the row before is at " +
      "1765839600000000005, wanted time order",
  });
  closeMinute(ledger, 0);
  assert.throws(() => appendBooks(ledger, booksBatch([row(59e9)])), /row 0.* are closed; append every event/);
  assert.throws(
    () =>
      appendBooks(
        newLedger(ORIGIN_NS, CONFIG),
        booksBatch([row(1, { action: "T", price: NaN })]),
      ),
    /price NaN/,
  );
  const wild = booksBatch([row(61e9, { asks: [[1e9, 1]] }), row(62e9)]);
  assert.throws(() => appendBooks(newLedger(ORIGIN_NS, CONFIG), wild), /price 1000000000 .* 262144 points/);
});

Deno.test("minuteIndex() refuses a minute that has not been closed", () => {
  const ledger = newLedger(ORIGIN_NS, CONFIG);
  appendBooks(ledger, booksBatch([row(1), row(MINUTE_NS + 1)]));
  assert.throws(() => minuteIndex(ledger, 0), /call closeMinute first/);
  closeMinute(ledger, 0);
  assert.equal(minuteIndex(ledger, 0), 0);
  assert.throws(() => minuteIndex(ledger, MINUTE_NS), /call closeMinute first/);
  closeMinute(ledger, 2 * MINUTE_NS);
  assert.equal(minuteIndex(ledger, MINUTE_NS), 1);
  assert.equal(minuteIndex(ledger, 2 * MINUTE_NS), 1);
});
