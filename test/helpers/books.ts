/**
 * Books for tests: written out by hand, random, or read from a DBN file.
 *
 * @module
 */
import { type Batch, f64, i64, Random, relativeNs, strings, stringsOf, u32, u8 } from "../../lib/base/mod.ts";
import { openDbn } from "../../lib/ingest/mod.ts";

/** A price level: price, size. */
export type Level = [price: number, size: number];

/** A record of the feed; `ts` in ns since the origin, levels best first. */
export interface BookRow {
  ts: number;
  action: string;
  side: string;
  price: number;
  size: number;
  flags: number;
  bids: Level[];
  asks: Level[];
}

/** The origin of `ts`: 2025-12-15 23:00 UTC, when a session starts. */
export const ORIGIN_NS = 1_765_839_600_000_000_000n;

const BIDS: Level[] = [[4999.75, 5], [4999.5, 5]];
/** Asks of a quiet book. */
export const ASKS: Level[] = [[5000, 5], [5000.25, 5]];

/** A record that adds one contract to the best ask of a quiet book, but for what is said otherwise. */
export function bookRow(ts: number, changes: Partial<BookRow> = {}): BookRow {
  const quiet = { action: "A", side: "A", price: 5000, size: 1, flags: 0x80, bids: BIDS, asks: ASKS };
  return { ts, ...quiet, ...changes };
}

/** Rows as a column batch with the columns of `futures.mbp10` that flow needs. */
export function booksBatch(rows: readonly BookRow[]): Batch {
  const columns: Batch["columns"] = {
    ts_event_ns: BigInt64Array.from(rows, (r) => ORIGIN_NS + BigInt(r.ts)),
    action: stringsOf(rows.map((r) => r.action)),
    side: stringsOf(rows.map((r) => r.side)),
    price: Float64Array.from(rows, (r) => r.price),
    size: Uint32Array.from(rows, (r) => r.size),
    is_snapshot: Int8Array.from(rows, (r) => (r.flags & 0x20) === 0 ? 0 : 1),
    flags: Uint8Array.from(rows, (r) => r.flags),
  };
  for (let k = 0; k < 10; k++) {
    columns[`bid_px_${k + 1}`] = Float64Array.from(rows, (r) => r.bids[k]?.[0] ?? NaN);
    columns[`bid_sz_${k + 1}`] = Uint32Array.from(rows, (r) => r.bids[k]?.[1] ?? 0);
    columns[`ask_px_${k + 1}`] = Float64Array.from(rows, (r) => r.asks[k]?.[0] ?? NaN);
    columns[`ask_sz_${k + 1}`] = Uint32Array.from(rows, (r) => r.asks[k]?.[1] ?? 0);
  }
  return { length: rows.length, columns };
}

/** The rows of a batch; the inverse of {@linkcode booksBatch}, for any origin. */
export function bookRows(batch: Batch, originNs: bigint): BookRow[] {
  const ts = relativeNs(i64(batch, "ts_event_ns"), originNs);
  const action = strings(batch, "action"), side = strings(batch, "side");
  const price = f64(batch, "price"), size = u32(batch, "size"), flags = u8(batch, "flags");
  const levels = (book: "bid" | "ask") => {
    const px = Array.from({ length: 10 }, (_, k) => f64(batch, `${book}_px_${k + 1}`));
    const sz = Array.from({ length: 10 }, (_, k) => u32(batch, `${book}_sz_${k + 1}`));
    return (row: number) =>
      px.map((p, k): Level => [p[row], sz[k][row]]).filter((level) => !Number.isNaN(level[0]));
  };
  const bids = levels("bid"), asks = levels("ask");
  return Array.from({ length: batch.length }, (_, i) => ({
    ts: ts[i],
    action: action.values[action.codes[i]],
    side: side.values[side.codes[i]],
    price: price[i],
    size: size[i],
    flags: flags[i],
    bids: bids(i),
    asks: asks(i),
  }));
}

/** Batches of one table of a DBN file, with `is_snapshot` and `aggressor` as Bronze derives them. */
export async function readTable(
  path: string,
  table: "trades" | "mbp-10",
  batchRows = 4096,
): Promise<Batch[]> {
  const file = await Deno.open(path);
  const stream = await openDbn(file.readable, { name: path, wanted: table, batchRows });
  const batches: Batch[] = [];
  for await (const { batch } of stream.batches()) {
    const side = strings(batch, "side");
    const flags = u8(batch, "flags");
    batch.columns.is_snapshot = Int8Array.from(flags, (f) => (f & 0x20) === 0 ? 0 : 1);
    batch.columns.aggressor = Int8Array.from(side.codes, (c) => ({ B: 1, A: -1 }[side.values[c]] ?? 0));
    batches.push(batch);
  }
  return batches;
}

/** How {@linkcode randomBooks} differs from a calm market. */
export interface BookOptions {
  /** Events to make. */
  events: number;
  /** Mean time between events, ns; defaults to 0.7 s. */
  gapNs?: number;
  /** Share of events that are faults: snapshots, clears, flag 0x04, crossed or disordered books; defaults to 0.02. */
  faults?: number;
  /** Where the market starts, ES points; defaults to 5000. */
  start?: number;
}

/**
 * A random book and what happens to it: adds, cancels, trades through several prices, fills of icebergs that leave
 * no trace in the book, thin books, and faults.
 */
export function randomBooks(random: Random, options: BookOptions): BookRow[] {
  const { events, gapNs = 0.7e9, faults = 0.02, start = 5000 } = options;
  const bids = new Map<number, number>(), asks = new Map<number, number>();
  let mid = start * 4, ts = 0;
  const rows: BookRow[] = [];
  const refill = () => {
    for (const [side, sign] of [[bids, -1], [asks, 1]] as const) {
      for (let k = 1; k <= 12; k++) {
        if (random.uniform() < 0.7 && !side.has(mid + sign * k)) side.set(mid + sign * k, 1 + random.int(9));
      }
    }
  };
  const shown = (side: Map<number, number>, sign: number): Level[] =>
    [...side].sort((a, b) => sign * (a[0] - b[0])).slice(0, 10).map(([tick, size]) => [tick / 4, size]);
  const emit = (action: string, side: string, price: number, size: number, flags = 0) =>
    rows.push({ ts, action, side, price, size, flags, bids: shown(bids, -1), asks: shown(asks, 1) });
  refill();
  for (let e = 0; e < events; e++) {
    ts += 1 + Math.floor(random.exponential(gapNs));
    const up = random.uniform() < 0.5, [book, sign] = up ? [asks, 1] as const : [bids, -1] as const;
    const best = shown(book, sign);
    const draw = random.uniform();
    if (draw < faults) emitFault(random, rows, { ts, bids: shown(bids, -1), asks: shown(asks, 1) });
    else if (draw < 0.2 && best.length > 0) {
      const side = random.uniform() < 0.05 ? "N" : up ? "B" : "A",
        prices = 1 + random.int(Math.min(3, best.length));
      const iceberg = random.uniform() < 0.2;
      const prints = best.slice(0, prices).flatMap(([price, size]): Level[] => {
        const taken = 1 + random.int(size);
        return taken > 1 ? [[price, 1], [price, taken - 1]] : [[price, taken]];
      });
      for (const [price, size] of prints) emit("T", side, price, size);
      if (iceberg) continue;
      for (const [price, size] of prints) {
        const left = book.get(price * 4)! - size;
        if (left > 0) book.set(price * 4, left);
        else book.delete(price * 4);
      }
      emit("M", up ? "A" : "B", prints[0][0], 1, 0x80);
    } else if (draw < 0.5 && best.length > 0) {
      const [price] = best[random.int(best.length)];
      book.delete(price * 4);
      emit("C", up ? "A" : "B", price, 1, 0x80);
    } else if (draw < 0.95) {
      const tick = mid + sign * (1 + random.int(12));
      book.set(tick, (book.get(tick) ?? 0) + 1 + random.int(5));
      emit("A", up ? "A" : "B", tick / 4, 1, 0x80);
    } else {
      mid += random.int(3) - 1;
      for (const tick of [...bids.keys()]) if (tick >= mid) bids.delete(tick);
      for (const tick of [...asks.keys()]) if (tick <= mid) asks.delete(tick);
      refill();
      emit("A", "N", mid / 4, 1, 0x80);
    }
  }
  return rows;
}

function emitFault(random: Random, rows: BookRow[], book: Pick<BookRow, "ts" | "bids" | "asks">): void {
  const row = { ...book, action: "A", side: "N", price: NaN, size: 0, flags: 0x80 };
  const kind = random.int(5);
  if (kind === 0) rows.push({ ...row, flags: 0xa0, bids: book.bids.slice(1) });
  else if (kind === 1) rows.push({ ...row, action: "R", bids: [], asks: [] });
  else if (kind === 2) rows.push({ ...row, flags: 0x84, asks: book.asks.slice(1) });
  else if (kind === 3) rows.push({ ...row, bids: book.asks, asks: book.bids });
  else rows.push({ ...row, bids: book.bids.toReversed() });
}
