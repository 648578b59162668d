import assert from "node:assert/strict";
import { CONFIG, MINUTE_NS, Random } from "../../lib/base/mod.ts";
import {
  appendBooks,
  barrierFeatures,
  type BarrierState,
  closeMinute,
  type Ledger,
  newLedger,
  quoteFeatures,
} from "../../lib/features/mod.ts";
import type { Touch } from "../../lib/levels/mod.ts";
import {
  type BookRow,
  bookRows,
  booksBatch,
  type Level,
  ORIGIN_NS,
  randomBooks,
  readTable,
} from "../helpers/books.ts";
import { requires, shared } from "../helpers/requires.ts";
import { naiveBarrier, naiveEvents } from "../reference/barrier.ts";
import { naiveQuotes } from "../reference/quotes.ts";

/** A touch of `levelEs` in the bar that opens at `minute`. */
function touchAt(minute: number, levelEs: number, direction: 1 | -1): Touch {
  return {
    bar: 0,
    ts: minute * MINUTE_NS,
    kind: 8,
    level: levelEs / 10,
    levelEs,
    scale: 0.1,
    spot: levelEs / 10,
    direction,
    crossed: false,
  };
}

function ledgerOf(rows: readonly BookRow[], minutes: number): Ledger {
  const ledger = newLedger(ORIGIN_NS, CONFIG);
  appendBooks(ledger, booksBatch(rows));
  closeMinute(ledger, (minutes - 1) * MINUTE_NS);
  return ledger;
}

/** A row whose other side is one far bid, so that asks are all that matters. */
function askRow(
  ts: number,
  action: string,
  price: number,
  size: number,
  asks: Level[],
  flags = 0x80,
): BookRow {
  return { ts, action, side: action === "T" ? "B" : "A", price, size, flags, bids: [[4990, 1]], asks };
}

Deno.test("barrierFeatures() gives the values worked out by hand", () => {
  // Before the bar: ten asks from 5000.00 to 5002.25, 4 contracts each, shown at second 30 of minute 0.
  const ten = (first: Level[], from: number): Level[] => [
    ...first,
    ...Array.from({ length: 10 - first.length }, (_, k): Level => [from + k / 4, 4]),
  ];
  const rows = [
    askRow(30e9, "A", 5002.25, 4, ten([], 5000)),
    // A: 3 more at 5000.25 → added 3.
    askRow(61e9, "A", 5000.25, 3, ten([[5000, 4], [5000.25, 7]], 5000.5)),
    // T buyer 4 at 5000.00 and 2 at 5000.25, the trade rows carrying the book before; after: 5000.00 is gone, 5000.25
    // shows 7 − 2 + 1 = 6 and 5002.50 comes into sight. Visible in both is up to 5002.25 only:
    // 5000.00: d −4, v 4 → filled 4. 5000.25: d −1, v 2 → filled 2, added 1. 5002.50: not visible before, no flow.
    askRow(62e9, "T", 5000, 4, ten([[5000, 4], [5000.25, 7]], 5000.5), 0),
    askRow(62e9, "T", 5000.25, 2, ten([[5000, 4], [5000.25, 7]], 5000.5), 0),
    askRow(62e9, "M", 5000.25, 6, ten([[5000.25, 6]], 5000.5)),
    // C: 5000.50 taken away entirely; 5002.75 comes into sight unseen → canceled 4.
    askRow(63e9, "C", 5000.5, 4, ten([[5000.25, 6]], 5000.75)),
    // T buyer 5 at 5000.25 of an iceberg: no record follows, the book stays → filled 5, added 5.
    askRow(64e9, "T", 5000.25, 5, ten([[5000.25, 6]], 5000.75), 0),
    // A: 5 at 4999.75, better than the best: visible before, size 0 → added 5; 5002.75 leaves sight, no flow.
    askRow(65e9, "A", 4999.75, 5, ten([[4999.75, 5], [5000.25, 6]], 5000.75)),
  ];
  // Zone 5001.30 ± 2.00: ticks 4999.50 … 5003.25. Filled 4 + 2 + 5 = 11, added 3 + 1 + 5 + 5 = 14, canceled 4, Δ = 14 − 4 − 11 = −1, churn 29.
  // At the end: 4999.75 × 5, 5000.25 × 6, 5000.75 … 5002.50 (8 levels) × 4 → depth 43; visible zone ticks 4999.75 …
  // 5002.50: 12, for 4999.50 lies before the best. Trailing events: after-books of 40, 43, 42, 42, 42, 43 contracts on 10 levels: 252/60 = 4.2.
  // θ = 0.25 × 4.2 × 12 = 12.6; wall ratio = (43/12)/4.2. |Δ| < θ, filled 11 < θ, depth 43 ≥ θ: NEUTRAL.
  const features = barrierFeatures(ledgerOf(rows, 2), touchAt(1, 5001.3, 1), CONFIG);
  assert.deepEqual({ ...features, wall_ratio: 0, barrier_theta: 0 }, {
    barrier_state: "NEUTRAL",
    barrier_filled: 11,
    barrier_added: 14,
    barrier_canceled: 4,
    barrier_delta_liq: -1,
    replenishment_ratio: 14 / (15 + 1e-6),
    churn: 29,
    depth_in_zone: 43,
    wall_ratio: 0,
    barrier_theta: 0,
  });
  assert.ok(Math.abs(features.wall_ratio - 43 / 12 / 4.2) < 1e-12);
  assert.ok(Math.abs(features.barrier_theta - 12.6) < 1e-12);
});

Deno.test("barrierFeatures() reaches every state", () => {
  // Ten asks of 10 contracts from 4998.00 to 5000.25 in minute 0; touch of 5000: ten of the zone's 17 ticks visible.
  const asks = (...sizes: number[]): Level[] =>
    Array.from({ length: 10 }, (_, k): Level => [4998 + k / 4, sizes[k] ?? 10]);
  const stateAfter = (after: Level[], filled = 0): BarrierState | null => {
    const rows = [askRow(1, "A", 5000, 10, asks())];
    if (filled > 0) rows.push(askRow(60e9, "T", 4998, filled, asks(), 0));
    rows.push(askRow(60e9, "M", 4998, 1, after));
    return barrierFeatures(ledgerOf(rows, 2), touchAt(1, 5000, 1), CONFIG).barrier_state;
  };
  // Means over both books, on 20 levels: 10 → θ 25; 11.5 → θ 28.75; 7.25 → θ 18.125; 8.75 → θ 21.875.
  assert.equal(stateAfter(asks()), "NEUTRAL"); // Δ 0, depth 100
  assert.equal(stateAfter(asks(40)), "WALL"); // Δ +30
  assert.equal(stateAfter(asks(1, 1, 1, 1, 1)), "VACUUM"); // Δ −45, A −45, nothing filled
  assert.equal(stateAfter(asks(1, 1, 1, 1, 1), 20), "VACUUM"); // 20 printed at 4998: filled 20, refilled 11; A −25
  assert.equal(stateAfter(asks(1, 1, 1), 26), "CONSUMED"); // filled 26, refilled 17, canceled 18: Δ −27, A −1
  assert.equal(stateAfter(asks(), 30), "ABSORPTION"); // filled 30, refilled 30
  // θ itself counts: five calm events and one that cancels 24 give a mean of 576/60 and θ 24; 25 filled are θ 25.
  const edge = [...Array(5).keys()].map((ts) => askRow(ts, "A", 5000, 10, asks()));
  edge.push(askRow(60e9, "C", 4998, 9, asks(1, 1, 4)));
  assert.equal(barrierFeatures(ledgerOf(edge, 2), touchAt(1, 5000, 1), CONFIG).barrier_state, "VACUUM");
  assert.equal(stateAfter(asks(), 25), "ABSORPTION");
  assert.equal(stateAfter(asks(), 24), "NEUTRAL");
  // 10 contracts at 5000.25 and 500 out of the zone: mean 255, and visible are the 8 ticks from 5000.25 to 5002.00.
  const thin: Level[] = [...asks().slice(9), [5010, 500]];
  const weak = barrierFeatures(
    ledgerOf([askRow(60e9, "A", 5000, 10, thin), askRow(61e9, "A", 5000, 10, thin)], 2),
    touchAt(1, 5000, 1),
    CONFIG,
  );
  assert.deepEqual([weak.barrier_state, weak.depth_in_zone, weak.barrier_theta], [
    "WEAK",
    10,
    0.25 * 255 * 8,
  ]);
});

Deno.test("barrierFeatures() defends with bids for DOWN, and is null without a book", () => {
  const bids = (best: number): Level[] => [[5000, best], [4999.75, 8]];
  const row = (ts: number, best: number) => ({
    ts,
    action: "A",
    side: "B",
    price: 5000,
    size: 1,
    flags: 0x80,
    bids: bids(best),
    asks: [[5000.25, 50]] as Level[],
  });
  const ledger = ledgerOf([row(60e9, 4), row(61e9, 9)], 2);
  const down = barrierFeatures(ledger, touchAt(1, 5000, -1), CONFIG);
  assert.equal(down.barrier_added, 5);
  assert.equal(down.depth_in_zone, 17);
  assert.equal(barrierFeatures(ledger, touchAt(1, 5000, 1), CONFIG).depth_in_zone, 50);
  const nothing = barrierFeatures(ledger, touchAt(0, 5000, -1), CONFIG);
  assert.deepEqual(Object.values(nothing), [null, ...Array(9).fill(NaN)]);
});

Deno.test("barrierFeatures() and quoteFeatures() are null where the bar's books are lost, never a calm 0", () => {
  const asks: Level[] = [[5000, 10], [5000.25, 10]], crossed: Level[] = [[4980, 10], [4980.25, 10]];
  // Minute 1 has no record: the bar that traded in it would have brought one.
  const silent = ledgerOf([askRow(1, "A", 5000, 10, asks), askRow(130e9, "A", 5000, 10, asks)], 3);
  assert.deepEqual(Object.values(barrierFeatures(silent, touchAt(1, 5000, 1), CONFIG)), [
    null,
    ...Array(9).fill(NaN),
  ]);
  assert.deepEqual(Object.values(quoteFeatures(silent, 60e9)), [NaN, NaN, NaN]);
  // After it flow is measured against the last book before.
  assert.equal(barrierFeatures(silent, touchAt(2, 5000, 1), CONFIG).churn, 0);
  // Every book of minute 1 is crossed: what is shown is shown, what happened is unknown.
  const blind = ledgerOf([
    askRow(1, "A", 5000, 10, asks),
    ...[60e9, 61e9, 62e9].map((ts) => askRow(ts, "A", 4980, 10, crossed)),
  ], 2);
  const { barrier_state, barrier_filled, churn, depth_in_zone } = barrierFeatures(
    blind,
    touchAt(1, 4980, 1),
    CONFIG,
  );
  assert.deepEqual([barrier_state, barrier_filled, churn, depth_in_zone], [null, NaN, NaN, 20]);
  assert.deepEqual(quoteFeatures(blind, 60e9).ofi_60s, NaN);
});

/** Touches at every minute, on and off tick, both ways, around the market and out of the book's sight. */
function touchesAround(rows: readonly BookRow[], random: Random, minutes: number): Touch[] {
  return Array.from({ length: minutes }, (_, minute) => {
    const near = rows.findLast((r) => r.ts < (minute + 1) * MINUTE_NS && r.bids.length > 0)?.bids[0][0] ??
      5000;
    return [1, -1].flatMap((direction) =>
      [near, near + 0.1, near + 4 * random.normal(), near + 8].map((level) =>
        touchAt(minute, level, direction as 1 | -1)
      )
    );
  }).flat();
}

function assertLikeTwin(ledger: Ledger, rows: readonly BookRow[], touches: readonly Touch[]): void {
  const events = naiveEvents(rows);
  for (const touch of touches) {
    const found: Record<string, unknown> = {
      ...barrierFeatures(ledger, touch, CONFIG),
      ...quoteFeatures(ledger, touch.ts),
    };
    const wanted: Record<string, unknown> = {
      ...naiveBarrier(events, touch),
      ...naiveQuotes(events, touch.ts),
    };
    assert.deepEqual(Object.keys(found), Object.keys(wanted));
    for (const [name, value] of Object.entries(wanted)) {
      const got = found[name],
        at = `${name} of ${touch.levelEs} ${touch.direction} at ${touch.ts / MINUTE_NS}`;
      if (typeof value !== "number" || Number.isInteger(value) || Number.isNaN(value)) {
        assert.equal(got, value, at);
      } else {assert.ok(
          Math.abs(got as number - value) <= 1e-9 * Math.abs(value),
          `${at}: ${got}, not ${value}`,
        );}
    }
  }
}

Deno.test("barrierFeatures() and quoteFeatures() equal their naive twins on random books", () => {
  const states = new Set<unknown>();
  for (let seed = 0; seed < 6; seed++) {
    const random = new Random(seed);
    const rows = randomBooks(random, { events: 2500, gapNs: seed < 3 ? 1e9 : 0.05e9, faults: 0.01 * seed });
    const minutes = Math.ceil(rows.at(-1)!.ts / MINUTE_NS) + 2;
    const ledger = ledgerOf(rows, minutes);
    const touches = touchesAround(rows, random, minutes);
    assertLikeTwin(ledger, rows, touches);
    for (const touch of touches) states.add(barrierFeatures(ledger, touch, CONFIG).barrier_state);
  }
  assert.deepEqual(
    [...states].map(String).sort(),
    ["ABSORPTION", "CONSUMED", "NEUTRAL", "VACUUM", "WALL", "WEAK", "null"],
  );
});

Deno.test("barrierFeatures() and quoteFeatures() equal their naive twins on the real ES books", async () => {
  if (!requires("shared", "barrierFeatures() on the real ES books")) return;
  const batches = await readTable(shared("real/esh4-20231225.mbp-10.dbn.zst"), "mbp-10");
  const originNs = 1_703_541_600_000_000_000n; // 22:00 UTC
  const ledger = newLedger(originNs, CONFIG);
  for (const batch of batches) appendBooks(ledger, batch);
  closeMinute(ledger, 119 * MINUTE_NS);
  const rows = batches.flatMap((batch) => bookRows(batch, originNs));
  assert.equal(rows.length, 40_037);
  assert.equal(ledger.minutes.reduce((sum, m) => sum + m.events, 0), 37_114);
  const random = new Random(7);
  const touches = touchesAround(rows, random, 120).filter((_, i) => i % 8 === Math.floor(i / 8) % 8);
  assertLikeTwin(ledger, rows, touches);
  const filled = touches.filter((t) => barrierFeatures(ledger, t, CONFIG).barrier_filled > 0);
  assert.ok(filled.length > 20, `${filled.length} touches with fills`);
});
