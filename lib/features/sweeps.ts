/**
 * Runs of one aggressor, and which of them are sweeps.
 *
 * A run is a stretch of prints of one aggressor with gaps of at most 100 ms, broken by an opposite print and by the
 * minute's end, so that every run belongs to one bar and nothing later can change it. Prints without an aggressor
 * neither join nor break a run. A run of a single print is a run: the percentile is over all of them.
 *
 * @module
 */
import { type Config, MINUTE_NS } from "../base/mod.ts";
import { lowerBound, reserve, type Tape } from "../levels/mod.ts";

/** Runs so far, in time order; only the last can still grow. Made by {@linkcode newSweeps}. */
export interface Sweeps {
  /** Runs so far. */
  length: number;
  /** Rows of the tape they were built from. */
  rows: number;
  /** Float64Array: first print, ns since session start. */
  start: Float64Array;
  /** Float64Array: last print, ns since session start. */
  end: Float64Array;
  /** Int8Array: +1 bought, −1 sold. */
  direction: Int8Array;
  /** Float64Array: contracts. */
  size: Float64Array;
  /** Float64Array: Σ price × size, ES points × contracts, added in row order. */
  value: Float64Array;
  /** Float64Array: distinct prices moving its way: the first, and each beyond all before it. */
  prices: Float64Array;
  /** Float64Array: the furthest of them, ES points. */
  extreme: Float64Array;
  /** Int32Array: its first row in the tape. */
  firstRow: Int32Array;
  /** Int32Array: its last row in the tape. */
  lastRow: Int32Array;
  /** The last answer of {@linkcode barSweeps}: a bar's touches share it. */
  answer: { ts: number; rows: number; found: readonly number[] };
}

/** No runs yet. */
export function newSweeps(): Sweeps {
  return {
    length: 0,
    rows: 0,
    start: new Float64Array(1024),
    end: new Float64Array(1024),
    direction: new Int8Array(1024),
    size: new Float64Array(1024),
    value: new Float64Array(1024),
    prices: new Float64Array(1024),
    extreme: new Float64Array(1024),
    firstRow: new Int32Array(1024),
    lastRow: new Int32Array(1024),
    answer: { ts: NaN, rows: 0, found: [] },
  };
}

/**
 * Adds the tape's rows that are new since the last call.
 *
 * @param sweeps IN/OUT.
 * @param tape ES trades so far.
 * @param config Longest gap in a run.
 */
export function appendSweeps(sweeps: Sweeps, tape: Tape, config: Config): void {
  const gap = config.tape.sweepGapMs * 1e6;
  reserve(sweeps, tape.length - sweeps.rows);
  for (let row = sweeps.rows; row < tape.length; row++) {
    const direction = tape.aggressor[row], ts = tape.ts[row];
    if (direction === 0) continue;
    const last = sweeps.length - 1;
    const joins = last >= 0 && sweeps.direction[last] === direction && ts - sweeps.end[last] <= gap &&
      Math.floor(ts / MINUTE_NS) === Math.floor(sweeps.end[last] / MINUTE_NS);
    const run = joins ? last : startRun(sweeps, tape, row);
    const price = tape.price[row];
    sweeps.end[run] = ts;
    sweeps.lastRow[run] = row;
    sweeps.size[run] += tape.size[row];
    sweeps.value[run] += price * tape.size[row];
    if (direction * (price - sweeps.extreme[run]) > config.market.slack) {
      sweeps.prices[run]++;
      sweeps.extreme[run] = price;
    }
  }
  sweeps.rows = tape.length;
}

/**
 * Runs of a bar that are sweeps, wherever they traded: at least 3 prices their way, at least 20 contracts, and no
 * smaller than the 99th percentile of the sizes of all runs of the 30 minutes that end with the bar (nearest rank:
 * the ⌈0.99 n⌉-th smallest). Worked out once a bar.
 *
 * @param sweeps Runs, built from every print before the bar's end.
 * @param ts The bar's open, ns since session start.
 * @param config Thresholds and window.
 * @returns Indices of runs, ascending.
 */
export function barSweeps(sweeps: Sweeps, ts: number, config: Config): readonly number[] {
  if (sweeps.answer.ts !== ts || sweeps.answer.rows !== sweeps.rows) {
    sweeps.answer = { ts, rows: sweeps.rows, found: findSweeps(sweeps, ts, config) };
  }
  return sweeps.answer.found;
}

function findSweeps(sweeps: Sweeps, ts: number, config: Config): number[] {
  const { sweepMinutes, sweepPrices, sweepQuantile, sweepSize } = config.tape;
  const end = lowerBound(sweeps.start, ts + MINUTE_NS, sweeps.length);
  const found: number[] = [];
  for (let run = lowerBound(sweeps.start, ts, end); run < end; run++) {
    if (sweeps.prices[run] >= sweepPrices && sweeps.size[run] >= sweepSize) found.push(run);
  }
  if (found.length === 0) return found;
  const first = lowerBound(sweeps.start, ts + MINUTE_NS - sweepMinutes * MINUTE_NS, end);
  // Only sizes a sweep can have need sorting; 0.99 × n can land a hair above a whole number.
  const large = sweeps.size.subarray(first, end).filter((size) => size >= sweepSize).sort();
  const rank = Math.ceil(sweepQuantile * (end - first) - 1e-9);
  const least = large[rank - 1 - (end - first - large.length)] ?? sweepSize;
  return found.filter((run) => sweeps.size[run] >= least);
}

function startRun(sweeps: Sweeps, tape: Tape, row: number): number {
  const run = sweeps.length++;
  sweeps.start[run] = tape.ts[row];
  sweeps.direction[run] = tape.aggressor[row];
  sweeps.size[run] = sweeps.value[run] = 0;
  sweeps.prices[run] = 1;
  sweeps.extreme[run] = tape.price[row];
  sweeps.firstRow[run] = row;
  return run;
}
