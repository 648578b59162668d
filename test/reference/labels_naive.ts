/**
 * Naive twins of lib/labels: each label straight from its definition, a row at a time.
 *
 * @module
 */
import type { Touch } from "../../lib/levels/mod.ts";
import type { BookRow } from "../helpers/books.ts";

/** A trade; `ts` in ns since session start. */
export interface Trade {
  ts: number;
  price: number;
}

/** A sound book's mid; `ts` in ns since session start. */
export interface Mid {
  ts: number;
  mid: number;
}

/** Mids after every event whose book is one: both sides, best first, not crossed, no record of it flagged 0x04. */
export function naiveMids(rows: readonly BookRow[]): Mid[] {
  const events = Map.groupBy(rows, ({ ts }) => ts), mids: Mid[] = [];
  for (const [ts, records] of events) {
    const { bids, asks } = records.at(-1)!;
    const falls = bids.every(([price], k) => k === 0 || price < bids[k - 1][0]);
    const rises = asks.every(([price], k) => k === 0 || price > asks[k - 1][0]);
    if (records.some(({ flags }) => (flags & 4) > 0) || !falls || !rises) continue;
    if (bids.length === 0 || asks.length === 0 || bids[0][0] > asks[0][0]) continue;
    mids.push({ ts, mid: (bids[0][0] + asks[0][0]) / 2 });
  }
  return mids;
}

/** What moves are counted from at a moment. */
function naiveAnchor(trades: readonly Trade[], mids: readonly Mid[], moment: number) {
  const fresh = (x: { ts: number }) => x.ts <= moment && moment - x.ts <= 60e9;
  const book = mids.findLast(fresh), trade = trades.findLast(fresh);
  if (book) return { price: book.mid, source: "mid" };
  return trade && { price: trade.price, source: "trade" };
}

/** One row's labels of one horizon; nulls are null. */
export type NaiveLabel = Record<string, string | number | boolean | null>;

/** Labels of a touch over trades and books that are all known before `known`. */
export function naiveLabel(
  touch: Touch,
  trades: readonly Trade[],
  mids: readonly Mid[],
  minutes: number,
  known: number,
): NaiveLabel {
  const t1 = touch.ts + minutes * 60e9;
  const anchor = naiveAnchor(trades, mids, t1);
  const none = {
    outcome: "UNDEFINED",
    anchor_spot: null,
    anchor_source: null,
    excursion_with: null,
    excursion_against: null,
    strength_signed: null,
    strength_abs: null,
    tradeable_1: null,
    tradeable_2: null,
    time_to_threshold_1: null,
    time_to_threshold_2: null,
    future_price: null,
    confirm_ts_ns: t1,
  };
  if (!anchor || known <= t1 + 480e9) return none;
  const inside = trades.filter((t) => t.ts > t1 && t.ts <= t1 + 480e9);
  const moves = inside.map((t) => ({
    s: (t.ts - t1) / 1e9,
    $: touch.direction * (t.price - anchor.price) * touch.scale,
  }));
  const withIt = Math.max(0, ...moves.map((m) => m.$)), against = Math.max(0, ...moves.map((m) => -m.$));
  const reach = (k: number) => moves.find((m) => Math.abs(m.$) >= k - 1e-6);
  const broken = Math.abs(withIt - against) <= 1e-6 ? (reach(2)?.$ ?? 0) > 0 : withIt > against;
  return {
    outcome: Math.max(withIt, against) < 2 - 1e-6 ? "CHOP" : broken ? "BREAK" : "BOUNCE",
    anchor_spot: anchor.price * touch.scale,
    anchor_source: anchor.source,
    excursion_with: withIt,
    excursion_against: against,
    strength_signed: withIt - against,
    strength_abs: Math.max(withIt, against),
    tradeable_1: reach(1) !== undefined,
    tradeable_2: reach(2) !== undefined,
    time_to_threshold_1: reach(1)?.s ?? null,
    time_to_threshold_2: reach(2)?.s ?? null,
    future_price: (inside.at(-1) ?? anchor).price * touch.scale,
    confirm_ts_ns: t1,
  };
}

/** First passage of a touch. */
export function naivePassage(
  touch: Touch,
  trades: readonly Trade[],
  mids: readonly Mid[],
  sigma: number,
  known: number,
): NaiveLabel {
  const start = touch.ts + 60e9, u = Math.max(0.3, sigma * Math.sqrt(8));
  const anchor = naiveAnchor(trades, mids, start), none = { fp_outcome: null, fp_time_s: null };
  if (Number.isNaN(u)) return { ...none, fp_barrier: null, fp_anchor_source: null };
  if (!anchor || known <= start + 480e9) return { ...none, fp_barrier: u, fp_anchor_source: null };
  const move = (t: Trade) => touch.direction * (t.price - anchor.price) * touch.scale;
  const hit = trades.find((t) => t.ts > start && t.ts <= start + 480e9 && Math.abs(move(t)) >= u - 1e-6);
  return {
    fp_outcome: hit ? Math.sign(move(hit)) : 0,
    fp_time_s: hit ? (hit.ts - start) / 1e9 : null,
    fp_barrier: u,
    fp_anchor_source: anchor.source,
  };
}

/** Label weights from a grid of moments `step` apart that the spans' ends lie on. */
export function naiveWeights(start: ArrayLike<number>, end: ArrayLike<number>, step: number): number[] {
  const rows = Array.from(start, (s, i) => ({ s, e: end[i] }));
  return rows.map(({ s, e }) => {
    const shares: number[] = [];
    for (let t = s; t < e; t += step) shares.push(1 / rows.filter((r) => r.s <= t && t < r.e).length);
    return shares.reduce((sum, x) => sum + x, 0) / shares.length;
  });
}
