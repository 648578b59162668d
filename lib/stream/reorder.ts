/**
 * Puts rows that come in any order within a tolerance into the order of Silver.
 *
 * @module
 */
import { type Batch, concatBatches, i64, relativeNs, sliceBatch, takeRows } from "../base/mod.ts";

/** Rows of one table that wait for their time. */
export class Reorder {
  readonly #empty: Batch;
  readonly #originNs: bigint;
  #batches: Batch[] = [];

  /**
   * @param empty A batch without rows, with the columns of those to come: `ts_event_ns`, `seq` and `row` among them.
   * @param originNs Times are counted from here; within 104 days of every row's.
   */
  constructor(empty: Batch, originNs: bigint) {
    this.#empty = empty;
    this.#originNs = originNs;
  }

  /** Rows that wait. */
  get length(): number {
    return this.#batches.reduce((n, { length }) => n + length, 0);
  }

  /** Adds rows in any order. */
  add(batch: Batch): void {
    if (batch.length > 0) this.#batches.push(batch);
  }

  /**
   * Takes the rows before a moment, by `ts_event_ns`, `seq` (null first) and `row`, as Silver has them.
   *
   * @param endNs One past the last time, ns UTC.
   */
  take(endNs: bigint): Batch {
    if (this.#batches.length === 0) return this.#empty;
    const all = concatBatches(this.#batches), end = Number(endNs - this.#originNs);
    const ts = relativeNs(i64(all, "ts_event_ns"), this.#originNs);
    if (isOrdered(all, ts)) {
      let cut = ts.length;
      while (cut > 0 && ts[cut - 1] >= end) cut--;
      this.#batches = cut < all.length ? [sliceBatch(all, cut, all.length)] : [];
      return sliceBatch(all, 0, cut);
    }
    const rows = Uint32Array.from(ts.keys());
    const wait = rows.filter((i) => ts[i] >= end), due = rows.filter((i) => ts[i] < end);
    this.#batches = wait.length > 0 ? [takeRows(all, wait)] : [];
    return takeRows(all, sorted(all, ts, due));
  }
}

function keysOf(batch: Batch): [Float64Array, Float64Array] {
  // Sequences and ordinals are below 2^53; the null of `seq` is below all of them.
  return [relativeNs(i64(batch, "seq"), 0n), relativeNs(i64(batch, "row"), 0n)];
}

function isOrdered(batch: Batch, ts: Float64Array): boolean {
  const [seq, row] = keysOf(batch);
  for (let i = 1; i < ts.length; i++) {
    if ((ts[i] - ts[i - 1] || seq[i] - seq[i - 1] || row[i] - row[i - 1]) < 0) return false;
  }
  return true;
}

function sorted(batch: Batch, ts: Float64Array, rows: Uint32Array): Uint32Array {
  const [seq, row] = keysOf(batch);
  return rows.sort((a, b) => ts[a] - ts[b] || seq[a] - seq[b] || row[a] - row[b]);
}
