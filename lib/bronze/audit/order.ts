/**
 * Order, repeats and sequence numbers of the rows of one ingest.
 *
 * @module
 */
import { Marks } from "./marks.ts";

/** Rows of one ingest in one hour, in any order; arrays of one length. */
export interface HourOfIngest {
  /** Event times, ns since the session's start. */
  t: Float64Array;
  /** Ordinals in the ingest. */
  row: Float64Array;
  /** Sequence numbers; empty where the feed has none. */
  seq: Float64Array;
  /** Hash of every feed column: equal for copies. */
  hash: Int32Array;
}

/** Rows of the hour before that wait for the next hour's lowest ordinal. */
interface Waiting {
  t: Float64Array;
  row: Float64Array;
}

/** A run of records that all come twice. */
interface Run {
  count: number;
  first: number;
  last: number;
  /** The copies in the hour at hand. */
  copies: number[];
}

const noRun = (): Run => ({ count: 0, first: NaN, last: NaN, copies: [] });

/** The checks of one ingest; feed it hours in ascending order, then {@linkcode IngestOrder.finish}. */
export class IngestOrder {
  readonly #late: Marks;
  readonly #early: Marks;
  /** Copies in runs of records that come twice. */
  readonly repeated: Marks;
  /** Rows whose sequence number is below the one before. */
  readonly decreases: Marks;
  readonly #repeatedRun: number;
  readonly #byTime: boolean;
  #waiting: Waiting | undefined;
  #highest = -1;
  #seq = -Infinity;
  #run = noRun();

  /** @param options Examples to keep, least copies of a repeated run, whether the source is in order of time. */
  constructor(options: { examples: number; repeatedRun: number; byTime: boolean }) {
    this.#late = new Marks(options.examples);
    this.#early = new Marks(options.examples);
    this.repeated = new Marks(options.examples);
    this.decreases = new Marks(options.examples);
    this.#repeatedRun = options.repeatedRun;
    this.#byTime = options.byTime;
  }

  /**
   * Rows out of order: those that come after rows of a later time, or those that come before rows of an earlier time,
   * whichever are fewer, for a block that is late makes all it overtakes early.
   */
  get moved(): Marks {
    return this.#late.count <= this.#early.count ? this.#late : this.#early;
  }

  /** Adds the rows of the next hour. */
  add(hour: HourOfIngest): void {
    const order = timeOrder(hour);
    const copy = this.#repeats(hour, order);
    if (!this.#byTime) return;
    this.#sequence(hour, order, copy);
    const kept = copy ? order.filter((i) => copy[i] === 0) : order;
    this.#settle(kept.reduce((low, i) => Math.min(low, hour.row[i]), Infinity));
    this.#waiting = { t: pick(hour.t, kept), row: pick(hour.row, kept) };
  }

  /** Ends the last hour. */
  finish(): void {
    this.#closeRun();
    this.#settle(Infinity);
  }

  /** Walks groups of identical rows in order of time; a run of groups that all come twice is a repeat. */
  #repeats({ t, hash }: HourOfIngest, order: Uint32Array): Uint8Array | undefined {
    const found: number[][] = [];
    const close = () => {
      if (this.#run.count > 0) found.push(this.#closeRun());
    };
    this.#run.copies = [];
    for (let from = 0; from < order.length;) {
      let to = from + 1;
      while (to < order.length && t[order[to]] === t[order[from]]) to++;
      if (to === from + 1) close();
      else if (anyEqual(order, from, to, hash)) this.#block(order.subarray(from, to), t, hash, close);
      else close();
      from = to;
    }
    if (this.#run.count >= this.#repeatedRun) found.push(this.#run.copies);
    const copies = found.flat();
    if (copies.length === 0) return undefined;
    const copy = new Uint8Array(t.length);
    for (const row of copies) copy[row] = 1;
    return copy;
  }

  /** Rows of one moment: each distinct row is a group, in order of first occurrence. */
  #block(rows: Uint32Array, t: Float64Array, hash: Int32Array, close: () => void): void {
    const groups = new Map<number, number[]>();
    for (const row of rows) {
      const group = groups.get(hash[row]);
      if (group) group.push(row);
      else groups.set(hash[row], [row]);
    }
    for (const group of groups.values()) {
      if (group.length % 2 === 1) {
        close();
        continue;
      }
      const run = this.#run;
      if (run.count === 0) run.first = t[group[0]];
      run.last = t[group[0]];
      for (let i = group.length / 2; i < group.length; i++, run.count++) run.copies.push(group[i]);
    }
  }

  /** Ends the run; returns its copies in this hour if it was long enough to be one. */
  #closeRun(): number[] {
    const { count, first, last, copies } = this.#run;
    this.#run = noRun();
    if (count < this.#repeatedRun) return [];
    this.repeated.addRun(count, first, last, () => `${count} records come twice`);
    return copies;
  }

  /** Sequence numbers in order of time; among rows of one moment there is none. */
  #sequence({ t, seq }: HourOfIngest, order: Uint32Array, copy: Uint8Array | undefined): void {
    let time = NaN, before = this.#seq, highest = this.#seq;
    for (let k = 0; k < seq.length; k++) {
      const i = order[k], value = seq[i];
      if (copy && copy[i]) continue;
      if (t[i] !== time) {
        time = t[i];
        before = highest;
        highest = -Infinity;
      }
      if (value < before) this.decreases.add(time, () => `sequence ${value} after ${before}`);
      if (value > highest) highest = value;
    }
    this.#seq = highest;
  }

  /** Judges the waiting hour, whose rows are in order of time: their ordinals should ascend. */
  #settle(next: number): void {
    if (!this.#waiting) return;
    const { t, row } = this.#waiting, late: number[] = [];
    let low = next;
    for (let i = row.length - 1; i >= 0; i--) {
      if (row[i] > low) late.push(i);
      else low = row[i];
    }
    for (const i of late.reverse()) this.#late.add(t[i], () => `row ${row[i]}`);
    for (let i = 0; i < row.length; i++) {
      if (row[i] < this.#highest) this.#early.add(t[i], () => `row ${row[i]}`);
      else this.#highest = row[i];
    }
    this.#waiting = undefined;
  }
}

/** Whether two of a few rows have equal hashes; of many rows it is taken for granted. */
function anyEqual(order: Uint32Array, from: number, to: number, hash: Int32Array): boolean {
  if (to - from > 16) return true;
  for (let i = from + 1; i < to; i++) {
    for (let j = from; j < i; j++) if (hash[order[i]] === hash[order[j]]) return true;
  }
  return false;
}

function pick(values: Float64Array, order: Uint32Array): Float64Array {
  const out = new Float64Array(order.length);
  for (let i = 0; i < out.length; i++) out[i] = values[order[i]];
  return out;
}

/** Row numbers in order of time, then of ordinal. */
function timeOrder({ t, row }: HourOfIngest): Uint32Array {
  const order = Uint32Array.from(t, (_, i) => i);
  for (let i = 1; i < t.length; i++) {
    if (t[i] < t[i - 1] || (t[i] === t[i - 1] && row[i] < row[i - 1])) {
      return order.sort((a, b) => t[a] - t[b] || row[a] - row[b]);
    }
  }
  return order;
}
