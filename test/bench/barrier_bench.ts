/**
 * Books to barrier features: records a second, linearity in books, and cost of touches beside the naive twin.
 *
 * Run: `deno run test/bench/barrier_bench.ts [thousands of records]`; defaults to 2,000. One thread, no files.
 *
 * @module
 */
import { type Batch, concatBatches, CONFIG, MINUTE_NS, Random, sliceBatch } from "../../lib/base/mod.ts";
import { appendBooks, barrierFeatures, closeMinute, type Ledger, newLedger } from "../../lib/features/mod.ts";
import type { Touch } from "../../lib/levels/mod.ts";
import { bookRows, booksBatch, ORIGIN_NS, randomBooks } from "../helpers/books.ts";
import { naiveBarrier, naiveEvents } from "../reference/barrier.ts";
import { claim, say } from "./_bench.ts";

const SESSION_MINUTES = 390;
const CHUNK = 65_536;

/** `records` rows over a regular session: a random book's day, its stretch of 50,000 events repeated. */
function dayOfBooks(records: number): Batch {
  const stretch = booksBatch(randomBooks(new Random(1), { events: 50_000, gapNs: 1e6, faults: 0.001 }));
  const batch = concatBatches(Array(Math.ceil(records / stretch.length)).fill(stretch));
  const ts = batch.columns.ts_event_ns as BigInt64Array;
  const step = BigInt(Math.floor(SESSION_MINUTES * MINUTE_NS / batch.length));
  for (let i = 0, event = 0n; i < ts.length; i++) {
    const same = i % stretch.length !== 0 &&
      (stretch.columns.ts_event_ns as BigInt64Array)[i % stretch.length] ===
        (stretch.columns.ts_event_ns as BigInt64Array)[i % stretch.length - 1];
    if (!same) event = BigInt(i) * step;
    ts[i] = ORIGIN_NS + event;
  }
  return sliceBatch(batch, 0, records);
}

function ingest(batch: Batch): { ledger: Ledger; ms: number } {
  const start = performance.now();
  const ledger = newLedger(ORIGIN_NS, CONFIG);
  for (let at = 0; at < batch.length; at += CHUNK) {
    appendBooks(ledger, sliceBatch(batch, at, Math.min(batch.length, at + CHUNK)));
  }
  closeMinute(ledger, (SESSION_MINUTES - 1) * MINUTE_NS);
  return { ledger, ms: performance.now() - start };
}

function touchesOf(perBar: number): Touch[] {
  return Array.from({ length: SESSION_MINUTES * perBar }, (_, i) => ({
    bar: 0,
    ts: Math.floor(i / perBar) * MINUTE_NS,
    kind: 8,
    level: 500,
    levelEs: 5000 + i % 7,
    scale: 0.1,
    spot: 500,
    direction: i % 2 === 0 ? 1 : -1,
    crossed: false,
  }));
}

function answer(ledger: Ledger, touches: readonly Touch[]): { ms: number; filled: number } {
  const start = performance.now();
  let filled = 0;
  for (const touch of touches) filled += barrierFeatures(ledger, touch, CONFIG).barrier_filled;
  return { ms: performance.now() - start, filled };
}

function print(cells: readonly (string | number)[]): void {
  say(cells.map((cell) => String(cell).padStart(14)).join(""));
}

const records = Number(Deno.args[0] ?? 2000) * 1000;
const whole = dayOfBooks(records);
ingest(sliceBatch(whole, 0, Math.min(records, 200_000)));

print(["records", "append ms", "M records/s", "heap MB"]);
let last = ingest(whole);
for (const share of [0.25, 0.5, 1]) {
  last = ingest(sliceBatch(whole, 0, records * share));
  print([
    records * share,
    last.ms.toFixed(0),
    (records * share / last.ms / 1000).toFixed(2),
    (Deno.memoryUsage().heapUsed / 2 ** 20).toFixed(0),
  ]);
}

print(["touches", "touch ms", "books+touch ms", "ratio"]);
let first = 0;
for (const perBar of [10, 100]) {
  const { ms } = answer(last.ledger, touchesOf(perBar));
  first ||= last.ms + ms;
  if (perBar === 100) {
    claim({ what: "barrier, time for ten times the touches ÷ time", value: (last.ms + ms) / first, most: 2 });
  }
  print([
    SESSION_MINUTES * perBar,
    ms.toFixed(1),
    (last.ms + ms).toFixed(0),
    ((last.ms + ms) / first).toFixed(2),
  ]);
}

const part = sliceBatch(whole, 0, 20_000), few = touchesOf(1).slice(0, 3);
const ledger = ingest(part), fast = answer(ledger.ledger, few);
const started = performance.now();
const events = naiveEvents(bookRows(part, ORIGIN_NS));
const filled = few.reduce((sum, touch) => sum + naiveBarrier(events, touch).barrier_filled, 0);
const naive = performance.now() - started;
print([
  "naive/kernel",
  `${(naive / (ledger.ms + fast.ms)).toFixed(1)}×`,
  "same fills",
  String(filled === fast.filled),
]);
claim({
  what: "barrier, naive twin ÷ kernel, 20,000 records and 3 touches",
  value: naive / (ledger.ms + fast.ms),
  least: 1,
});
