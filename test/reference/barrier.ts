/**
 * Naive twin of lib/features/book_ledger.ts and barrier.ts: every event and every zone tick looked at, each touch
 * from the raw rows.
 *
 * @module
 */
import { CONFIG, MINUTE_NS } from "../../lib/base/mod.ts";
import type { Touch } from "../../lib/levels/mod.ts";
import type { BookRow, Level } from "../helpers/books.ts";

/** An event: its rows, the book before and whether flow may be measured across it. */
export interface NaiveEvent {
  ts: number;
  rows: BookRow[];
  before: BookRow | undefined;
  after: BookRow;
  flows: boolean;
}

/** Events of rows in time order: consecutive rows with equal `ts`. */
export function naiveEvents(rows: readonly BookRow[]): NaiveEvent[] {
  const groups: BookRow[][] = [];
  for (const row of rows) {
    if (groups.at(-1)?.[0].ts === row.ts) groups.at(-1)!.push(row);
    else groups.push([row]);
  }
  return groups.map((group, i) => {
    const before = groups[i - 1];
    const broken = group.some((row) => row.action === "R" || (row.flags & 0x20) !== 0);
    return {
      ts: group[0].ts,
      rows: group,
      before: before?.at(-1),
      after: group.at(-1)!,
      flows: !broken && before !== undefined && isSound(before) && isSound(group),
    };
  });
}

function isSound(rows: readonly BookRow[]): boolean {
  const { bids, asks } = rows.at(-1)!;
  const sorted = (levels: Level[], sign: number) =>
    levels.every(([p], i) => i === 0 || sign * p > sign * levels[i - 1][0]);
  return bids.length + asks.length > 0 && sorted(bids, -1) && sorted(asks, 1) &&
    !(bids.length > 0 && asks.length > 0 && bids[0][0] > asks[0][0]) &&
    rows.every((row) => (row.flags & 0x04) === 0);
}

/** Size shown at a price, or nothing where the book does not reach so far. */
function shownAt(levels: Level[], price: number, sign: number): number | undefined {
  const level = levels.find(([p]) => p === price);
  if (level) return level[1];
  return levels.length < 10 || sign * price <= sign * levels[9][0] ? 0 : undefined;
}

/** The barrier features of a touch; `null` and NaN where unknown. */
export function naiveBarrier(events: readonly NaiveEvent[], touch: Touch) {
  const end = touch.ts + MINUTE_NS, sign = touch.direction, side = sign > 0 ? "asks" : "bids";
  const zone = Array.from({ length: 40 }, (_, k) => (Math.floor(touch.levelEs * 4) - 20 + k) / 4)
    .filter((p) => Math.abs(p - touch.levelEs) <= 2 + 1e-6);
  const inBar = events.filter(({ ts }) => ts >= touch.ts && ts < end);
  const none = inBar.some(({ flows }) => flows) ? 0 : NaN;
  let filled = none, added = none, canceled = none;
  for (const { rows, before, after, flows } of inBar) {
    if (!flows) continue;
    for (const p of zone) {
      const b0 = shownAt(before![side], p, sign), b1 = shownAt(after[side], p, sign);
      if (b0 === undefined || b1 === undefined) continue;
      const v = rows.filter((r) => r.action === "T" && r.price === p && r.side === (sign > 0 ? "B" : "A"))
        .reduce((sum, r) => sum + r.size, 0);
      filled += v;
      added += Math.max(0, b1 - b0 + v);
      canceled += Math.max(0, b0 - b1 - v);
    }
  }
  const book = inBar.at(-1)?.after;
  const known = book !== undefined && book.bids.length + book.asks.length > 0;
  const behindBest = (p: number) => !book?.[side].length || sign * (p - book[side][0][0]) >= 0;
  const visible = known
    ? zone.filter(behindBest).map((p) => shownAt(book[side], p, sign)).filter((s) => s !== undefined)
    : [];
  const depth = visible.reduce((sum, size) => sum + size, 0);
  const trailing = events.filter((e) =>
    e.ts < end && e.ts >= end - CONFIG.barrier.trailingMinutes * MINUTE_NS
  )
    .flatMap((e) => e.after[side].map(([, size]) => size));
  const mean = trailing.reduce((sum, size) => sum + size, 0) / trailing.length;
  const theta = visible.length > 0 ? 0.25 * mean * visible.length : NaN;
  const net = added - canceled, delta = net - filled;
  let state = null;
  if (theta > 0 && !Number.isNaN(filled)) {
    if (delta <= -theta && -net > filled) state = "VACUUM";
    else if (delta <= -theta) state = "CONSUMED";
    else if (delta >= theta) state = "WALL";
    else if (filled >= theta) state = "ABSORPTION";
    else state = depth < theta ? "WEAK" : "NEUTRAL";
  }
  return {
    barrier_state: state,
    barrier_filled: known ? filled : NaN,
    barrier_added: known ? added : NaN,
    barrier_canceled: known ? canceled : NaN,
    barrier_delta_liq: known ? delta : NaN,
    replenishment_ratio: known ? added / (canceled + filled + 1e-6) : NaN,
    churn: known ? added + canceled + filled : NaN,
    depth_in_zone: visible.length > 0 ? depth : NaN,
    wall_ratio: depth / visible.length / mean,
    barrier_theta: theta,
  };
}
