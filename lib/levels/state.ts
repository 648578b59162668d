/**
 * What a session knows so far: append-only columns that the batch build and the live service both grow.
 *
 * Times are Float64 ns since `session.startNs` (exact). Rows are in time order; everything appended has happened,
 * so a function that sees only these columns cannot see the future.
 *
 * @module
 */
import { MINUTE_NS, type Session } from "../base/mod.ts";

/** Growable columns of one length; a column's array may be longer than `length`. */
interface Growable {
  /** Rows so far. */
  length: number;
}

/** ES trades so far, in feed order. */
export interface Tape extends Growable {
  /** Float64Array: ns since session start, ascending. */
  ts: Float64Array;
  /** Float64Array: ES points. */
  price: Float64Array;
  /** Float64Array: contracts. */
  size: Float64Array;
  /** Int8Array: +1 buyer, −1 seller, 0 unknown. */
  aggressor: Int8Array;
}

/** Closed bars so far; a minute without trades has no bar. */
export interface Bars extends Growable {
  /** Float64Array: bar open, ns since session start. */
  ts: Float64Array;
  /** Float64Array: first price, ES points. */
  open: Float64Array;
  /** Float64Array: highest price, ES points. */
  high: Float64Array;
  /** Float64Array: lowest price, ES points. */
  low: Float64Array;
  /** Float64Array: last price, ES points. */
  close: Float64Array;
  /** Float64Array: contracts. */
  volume: Float64Array;
  /** Float64Array: number of trades. */
  trades: Float64Array;
  /** Float64Array: Σ price × size of the regular session's trades up to the bar's end, 0 outside it. */
  sessionPv: Float64Array;
  /** Float64Array: Σ size of the same trades. */
  sessionVolume: Float64Array;
}

/** 0DTE option prints that count in the flow, since the session's start. */
export interface OptionTape extends Growable {
  /** Float64Array: ns since session start, ascending. */
  ts: Float64Array;
  /** Float64Array: strike, dollars. */
  strike: Float64Array;
  /** Int8Array: 1 call, 0 put. */
  isCall: Int8Array;
  /** Float64Array: contracts. */
  size: Float64Array;
  /** Int8Array: +1, −1 or 0. */
  aggressor: Int8Array;
  /** Float64Array: implied volatility, NaN where unknown. */
  iv: Float64Array;
  /** Int8Array: 1 where the iv is the print's own (`iv_source` is `trade`). */
  ownIv: Int8Array;
  /** Float64Array: dealer flow, NaN where unknown. */
  dealerFlow: Float64Array;
}

/** Two-minute closes of the regular session, earlier sessions in front, in this contract's prices. */
export interface RegularCloses extends Growable {
  /** Float64Array: ES points, back-adjusted. */
  close: Float64Array;
  /** Float64Array: end of the two minutes, ns since session start; −Infinity for earlier sessions'. */
  end: Float64Array;
  /** How many of them are earlier sessions'. */
  history: number;
}

/**
 * Mids of sound books, the last at or before each whole minute. The moment of minute k is k × 60 s after the session's
 * start; entry k is of the books after the minute before it.
 */
export interface Mids {
  /** Float64Array (minutes + 1): (best bid + best ask)/2, ES points; NaN where no sound book came since the minute before. */
  price: Float64Array;
  /** Float64Array (minutes + 1): when that book came, ns since session start. */
  ts: Float64Array;
}

/** Room for the mids of a session. @param endTs Its end, ns since session start. */
export function newMids(endTs: number): Mids {
  const moments = Math.ceil(endTs / MINUTE_NS) + 1;
  return { price: new Float64Array(moments).fill(NaN), ts: new Float64Array(moments).fill(NaN) };
}

/** What is known before the session starts. */
export interface History {
  /** Two-minute regular closes of up to three earlier sessions, oldest first, back-adjusted; Float64Array, ES points. */
  closes: Float64Array;
  /** Previous regular session's high, low and close in this contract's prices, ES points; NaN where unknown. */
  previous: { high: number; low: number; close: number };
}

/** A session in the making. */
export interface SessionState {
  /** The calendar's session; `ts` columns count from its `startNs`. */
  session: Session;
  /** Offsets of the session's moments, ns since `startNs`. */
  at: { overnight: number; premarket: number; open: number; close: number; end: number };
  /** ES trades so far. */
  tape: Tape;
  /** Closed one-minute bars so far, all hours. */
  bars: Bars;
  /** Regular two-minute closes so far. */
  closes: RegularCloses;
  /** 0DTE prints so far. */
  options: OptionTape;
  /** Mids so far: what labels are measured from; no feature reads them. */
  mids: Mids;
  /** What was known before. */
  history: History;
}

/** A level touched by the bar that just closed. */
export interface Touch {
  /** Index of the bar in {@linkcode Bars}. */
  bar: number;
  /** Bar open, ns since session start. */
  ts: number;
  /** Kind code, see {@linkcode LEVEL_KINDS}. */
  kind: number;
  /** Level in SPY dollars. */
  level: number;
  /** Level in ES points. */
  levelEs: number;
  /** SPY per ES of the row: the last known at `ts`. */
  scale: number;
  /** Bar close in SPY dollars. */
  spot: number;
  /** +1 UP (the level is above the close), −1 DOWN. */
  direction: 1 | -1;
  /** Whether the bar changed sides. */
  crossed: boolean;
}

/** A level offered to a bar: its value from events before the bar's open. */
export interface Level {
  /** Kind code, see {@linkcode LEVEL_KINDS}. */
  kind: number;
  /** SPY dollars. */
  level: number;
  /** ES points. */
  levelEs: number;
}

/** Kinds of levels; a kind's code is its index. */
export const LEVEL_KINDS = [
  "PM_HIGH",
  "PM_LOW",
  "OR_HIGH",
  "OR_LOW",
  "SESSION_HIGH",
  "SESSION_LOW",
  "SMA_200",
  "VWAP",
  "ROUND",
  "STRIKE",
  "CALL_WALL",
  "PUT_WALL",
  "SMA_400",
  "PD_HIGH",
  "PD_LOW",
  "PD_CLOSE",
  "ON_HIGH",
  "ON_LOW",
] as const;

/** Name of a kind of level. */
export type LevelKind = typeof LEVEL_KINDS[number];

/** Code of a kind. */
export function kindCode(kind: LevelKind): number {
  return LEVEL_KINDS.indexOf(kind);
}

/**
 * An empty session.
 *
 * @param session The calendar's session.
 * @param history What was known before it.
 */
export function newSession(session: Session, history: History): SessionState {
  const offset = (ns: bigint) => Number(ns - session.startNs);
  return {
    session,
    at: {
      overnight: offset(session.overnightNs),
      premarket: offset(session.premarketNs),
      open: offset(session.openNs),
      close: offset(session.closeNs),
      end: offset(session.endNs),
    },
    tape: {
      length: 0,
      ts: new Float64Array(1024),
      price: new Float64Array(1024),
      size: new Float64Array(1024),
      aggressor: new Int8Array(1024),
    },
    bars: {
      length: 0,
      ts: new Float64Array(512),
      open: new Float64Array(512),
      high: new Float64Array(512),
      low: new Float64Array(512),
      close: new Float64Array(512),
      volume: new Float64Array(512),
      trades: new Float64Array(512),
      sessionPv: new Float64Array(512),
      sessionVolume: new Float64Array(512),
    },
    closes: {
      length: history.closes.length,
      close: history.closes.slice(),
      end: new Float64Array(history.closes.length).fill(-Infinity),
      history: history.closes.length,
    },
    options: {
      length: 0,
      ts: new Float64Array(1024),
      strike: new Float64Array(1024),
      isCall: new Int8Array(1024),
      size: new Float64Array(1024),
      aggressor: new Int8Array(1024),
      iv: new Float64Array(1024),
      ownIv: new Int8Array(1024),
      dealerFlow: new Float64Array(1024),
    },
    mids: newMids(offset(session.endNs)),
    history,
  };
}

/**
 * Makes room for `extra` more rows in every column, doubling when full.
 *
 * @param columns A growable struct; its typed arrays are replaced by longer copies when needed.
 * @param extra Rows about to be appended.
 */
export function reserve<T extends Growable>(columns: T, extra: number): void {
  const fields = columns as unknown as Record<string, unknown>;
  const wanted = columns.length + extra;
  for (const [name, value] of Object.entries(fields)) {
    if (!(value instanceof Float64Array || value instanceof Int8Array || value instanceof Int32Array)) {
      continue;
    }
    if (value.length >= wanted) continue;
    const grown = new (value.constructor as new (n: number) => Float64Array)(
      Math.max(wanted, value.length * 2),
    );
    grown.set(value as Float64Array);
    fields[name] = grown;
  }
}

/**
 * First index whose value is not below `x`, in the first `length` values of an ascending array.
 *
 * @param values Ascending Float64Array.
 * @param x What to look for.
 * @param length How many values count; defaults to all.
 */
export function lowerBound(values: Float64Array, x: number, length = values.length): number {
  let low = 0, high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
