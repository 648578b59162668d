/**
 * Which parts of a session have rows, minute by minute, and where they are silent.
 *
 * @module
 */
import { type Config, MINUTE_NS, SECOND_NS, type Session } from "../../base/mod.ts";

/** Rows of one table, or of one contract of it, by minute of the session. */
export class Coverage {
  /** Rows in each minute; Uint32Array (minutes of the session). */
  readonly rows: Uint32Array;
  /** Time of the first row of each minute, ns since the session's start, NaN without rows. */
  readonly first: Float64Array;
  /** Time of the last row of each minute. */
  readonly last: Float64Array;
  /** 1 for each second with rows: rows come in bursts, and a burst says no more of the pace than one row. */
  readonly busy: Uint8Array;

  /** @param minutes Minutes of the session. */
  constructor(minutes: number) {
    this.rows = new Uint32Array(minutes);
    this.first = new Float64Array(minutes).fill(NaN);
    this.last = new Float64Array(minutes).fill(NaN);
    this.busy = new Uint8Array(minutes * 60);
  }

  /** Adds a row at a time, ns since the session's start. */
  add(t: number): void {
    const minute = Math.floor(t / MINUTE_NS);
    this.busy[Math.floor(t / SECOND_NS)] = 1;
    if (this.rows[minute]++ === 0) this.first[minute] = this.last[minute] = t;
    else if (t > this.last[minute]) this.last[minute] = t;
    else if (t < this.first[minute]) this.first[minute] = t;
  }

  /** Rows between two times, whole minutes. */
  count(from: number, to: number): number {
    let sum = 0;
    for (let m = Math.floor(from / MINUTE_NS); m < to / MINUTE_NS; m++) sum += this.rows[m];
    return sum;
  }

  /** Minutes with rows between two times. */
  minutes(from: number, to: number): number {
    let sum = 0;
    for (let m = Math.floor(from / MINUTE_NS); m < to / MINUTE_NS; m++) if (this.rows[m] > 0) sum++;
    return sum;
  }
}

/** Minutes from a session's first to its last moment. */
export function sessionMinutes({ startNs, endNs }: Session): number {
  return Number(endNs - startNs) / MINUTE_NS;
}

/** A span without rows, ns since the session's start. */
export interface Gap {
  /** Time of the last row before it, or the span's beginning. */
  from: number;
  /** Time of the first row after it, or the span's end. */
  to: number;
  /** Whether it touches the beginning or the end of what is expected, or lies within. */
  at: "start" | "inside" | "end";
  /** Name of the part of the day it lies in mostly. */
  part: string;
  /** The known halt that explains it: what is left of the silence without it is natural. */
  halt?: Standstill;
}

/** A known span in which nothing could trade, ns since the session's start. */
export interface Standstill {
  /** Start. */
  from: number;
  /** One past its end. */
  to: number;
  /** What it was, and where that is told. */
  what: string;
}

/** A part of the day with a pace of its own, ns since the session's start. */
export interface Part {
  /** Name. */
  name: string;
  /** Start. */
  from: number;
  /** One past its end. */
  to: number;
}

/**
 * Gaps longer than the configured seconds and that many of the mean gaps around them, or than the longest that is never
 * natural.
 *
 * @param coverage Rows by minute.
 * @param parts Parts in order of time, joined: what is expected reaches from the first's start to the last's end.
 * @param config Thresholds.
 * @param halts Known halts; the time they take does not count as silence.
 * @returns Empty if there is no row at all.
 */
export function gapsOf(
  coverage: Coverage,
  parts: readonly Part[],
  config: Config["audit"],
  halts: readonly Standstill[] = [],
): Gap[] {
  const start = parts[0].from, end = parts[parts.length - 1].to, gaps: Gap[] = [];
  if (coverage.count(start, end) === 0) return gaps;
  let last = start;
  const judge = (to: number) => {
    const from = last, seconds = (to - from) / SECOND_NS;
    last = to;
    if (seconds < config.silenceSeconds) return;
    const part = parts[mainPart(parts, from, to)].name;
    const most = part === "regular" ? config.silenceGaps.regular : config.silenceGaps.other;
    const mean = meanGap(coverage, from, to, { start, end });
    const natural = (seconds: number) =>
      seconds < config.silenceSeconds || seconds < Math.min(config.silenceMost, most * mean);
    if (natural(seconds)) return;
    const within = halts.filter((halt) => halt.from < to && halt.to > from);
    const halted = within.reduce((sum, halt) => sum + Math.min(to, halt.to) - Math.max(from, halt.from), 0);
    const [halt] = natural(seconds - halted / SECOND_NS) ? within : [];
    gaps.push({
      from,
      to,
      at: from === start ? "start" : to === end ? "end" : "inside",
      part,
      ...(halt ? { halt } : {}),
    });
  };
  for (let m = Math.floor(start / MINUTE_NS); m < end / MINUTE_NS; m++) {
    if (coverage.rows[m] === 0) continue;
    judge(coverage.first[m]);
    last = coverage.last[m];
  }
  judge(end);
  return gaps;
}

/** Minutes before and after a gap by whose pace it is judged: the pace of a whole part of the day says too little. */
const AROUND = 30;

/** Mean seconds between the busy seconds before or after a gap, on the slower side: the pace falls after the close. */
function meanGap(
  { busy }: Coverage,
  from: number,
  to: number,
  { start, end }: { start: number; end: number },
): number {
  const around = AROUND * MINUTE_NS;
  const sides = [[Math.max(start, from - around), from], [to, Math.min(end, to + around)]];
  return Math.max(...sides.map(([a, z]) => {
    let n = 0;
    for (let s = Math.floor(a / SECOND_NS); s < z / SECOND_NS; s++) n += busy[s];
    return z > a ? (z - a) / SECOND_NS / n : 0;
  }));
}

/** Index of the part that a span has most of. */
function mainPart(parts: readonly Part[], from: number, to: number): number {
  let best = 0, most = -1;
  parts.forEach((part, i) => {
    const shared = Math.min(to, part.to) - Math.max(from, part.from);
    if (shared > most) {
      most = shared;
      best = i;
    }
  });
  return best;
}
