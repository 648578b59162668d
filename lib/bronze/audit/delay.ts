/**
 * How long records took to be received.
 *
 * @module
 */
import { addTo, type Histogram, newHistogram } from "../../base/mod.ts";
import { Marks } from "./marks.ts";

/** Receive delays of a table. */
export interface Lateness {
  /** Delays in milliseconds. */
  delays: Histogram;
  /** Records outside the limits. */
  marks: LateMarks;
}

/** Delays from a microsecond to 1,000 seconds, in milliseconds. */
export function delayHistogram(): Histogram {
  return newHistogram(1e-3, 10, 9);
}

/** Whether a record's receive time says nothing: of a snapshot (0x20), or flagged as bad (0x08). */
export function isLateFlag(flags: number): boolean {
  return (flags & 0x28) !== 0;
}

/** Records received too late, or before they happened. */
export class LateMarks extends Marks {
  /**
   * Counts a delay and marks it if it is out of bounds.
   *
   * @param t Event time, ns since the session's start.
   * @param ns Delay.
   * @param limitMs Largest good one, milliseconds.
   * @param delays Where to count it.
   */
  check(t: number, ns: number, limitMs: number, delays: Histogram): void {
    addTo(delays, ns / 1e6);
    if (ns > limitMs * 1e6) this.add(t, () => `received ${(ns / 1e9).toFixed(1)} s later`);
    else if (ns < 0) this.add(t, () => `received ${(-ns / 1e6).toFixed(3)} ms before it happened`);
  }
}
