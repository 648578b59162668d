/**
 * The scale: SPY dollars per ES point from put–call parity, on a one-minute grid.
 *
 * A call and a put of one strike that expire today imply S = K + C − P. Each single-leg print pairs with the latest
 * opposite print of its strike, unless that is older than 3 s or already used, or |K − S| > $3; a pair uses both up, so
 * that a burst on one side counts once. The pair's ratio is S ÷ (Δ·ES(t_C) + (1 − Δ)·ES(t_P)), Δ the call's delta at S
 * by the volatility its own price implies there, or 0.5. It depends on nothing but the two prints and the two ES
 * trades, so the scale of a session needs no greeks and, once known, no earlier session.
 *
 * @module
 */
import {
  absoluteNs,
  type Batch,
  type Config,
  f64,
  i64,
  impliedVol,
  MINUTE_NS,
  optionDelta,
  repeatString,
  SECOND_NS,
  type Session,
  type Strings,
  strings,
} from "../base/mod.ts";

/** Where a scale comes from: today's pairs, the same contract's previous session, or the fixed 0.1. */
export const SCALE_SOURCES = ["parity", "previous", "fixed"] as const;

/** One of {@linkcode SCALE_SOURCES}. */
export type ScaleSource = typeof SCALE_SOURCES[number];

/** The scale at a moment. */
export interface Scale {
  /** Futures contract it converts. */
  contract: string;
  /** SPY dollars per ES point. */
  spyPerEs: number;
  /** Where it comes from. */
  source: ScaleSource;
}

interface Print {
  price: number;
  ts: number;
  es: number;
}

/** The scale of a session in the making. Get one from {@linkcode newScaler}. */
export interface Scaler {
  /** The session; times count in ns from its start. */
  session: Session;
  /** Close of the regular session, ns since session start: the grid ends there. */
  close: number;
  /** The scale that holds now. */
  now: Scale;
  /** Start of the next minute to be evaluated, ns since session start. */
  nextMinute: number;
  /** Rows so far: when each begins to hold, its value, source and number of pairs. */
  rows: { ts: number; scale: Scale; pairs: number }[];
  /** Completed pairs, in time order: moment of the later print and ratio. */
  pairs: { ts: number[]; ratio: number[]; first: number };
  /** Prints that wait for their opposite, by strike: call and put. */
  waiting: Map<number, [Print | undefined, Print | undefined]>;
}

/**
 * The scale at a session's start.
 *
 * @param session The session.
 * @param contract Futures contract of the session.
 * @param previous What the previous session ended with, if known; used for the same contract only.
 * @param options `CONFIG.scale`.
 */
export function newScaler(
  session: Session,
  contract: string,
  previous: Scale | undefined,
  options: Config["scale"],
): Scaler {
  const carried = previous?.contract === contract && previous.source !== "fixed";
  const now: Scale = carried
    ? { contract, spyPerEs: previous.spyPerEs, source: "previous" }
    : { contract, spyPerEs: options.fixed, source: "fixed" };
  return {
    session,
    close: Number(session.closeNs - session.startNs),
    now,
    nextMinute: 0,
    rows: [{ ts: 0, scale: now, pairs: 0 }],
    pairs: { ts: [], ratio: [], first: 0 },
    waiting: new Map(),
  };
}

/**
 * Evaluates every minute that has begun: the value of a minute is the median over the pairs completed in the window
 * before it, if there are enough; else the last one stays.
 *
 * @param scaler State; IN and OUT.
 * @param ts ns since session start; every print before it has been given to {@linkcode pairPrint}.
 * @param options `CONFIG.scale`.
 */
export function advanceScale(scaler: Scaler, ts: number, options: Config["scale"]): void {
  const end = Math.min(ts, scaler.close), { pairs } = scaler;
  for (; scaler.nextMinute <= end; scaler.nextMinute += MINUTE_NS) {
    const start = scaler.nextMinute - options.windowMinutes * MINUTE_NS;
    while (pairs.first < pairs.ts.length && pairs.ts[pairs.first] < start) pairs.first++;
    const count = pairs.ts.length - pairs.first;
    if (count < options.minPairs) continue;
    const spyPerEs = median(Float64Array.from(pairs.ratio.slice(pairs.first)));
    if (spyPerEs === scaler.now.spyPerEs && scaler.now.source === "parity") continue;
    scaler.now = { contract: scaler.now.contract, spyPerEs, source: "parity" };
    scaler.rows.push({ ts: scaler.nextMinute, scale: scaler.now, pairs: count });
  }
}

/**
 * Evaluates the rest of the session, once all its prints have been given.
 *
 * @param scaler State; IN and OUT.
 * @param options `CONFIG.scale`.
 */
export function finishScale(scaler: Scaler, options: Config["scale"]): void {
  advanceScale(scaler, scaler.close, options);
}

/** A print that may take part in a pair. */
export interface ParityPrint {
  /** Whether it is a call. */
  isCall: boolean;
  /** Strike, dollars. */
  strike: number;
  /** Price, dollars. */
  price: number;
  /** ns since session start. */
  ts: number;
  /** Last ES trade at or before it, points; NaN if none. */
  es: number;
  /** Time to expiry, trading years. */
  years: number;
}

/**
 * Takes one single-leg print that expires today, in time order, after {@linkcode advanceScale} to its time.
 *
 * @param scaler State; IN and OUT.
 * @param print The print.
 * @param config `CONFIG`: `scale`, `options` and the slack of comparisons.
 */
export function pairPrint(scaler: Scaler, print: ParityPrint, config: Config): void {
  const { isCall, strike, price, ts, es, years } = print;
  if (!(es > 0)) return;
  let sides = scaler.waiting.get(strike);
  if (!sides) scaler.waiting.set(strike, sides = [undefined, undefined]);
  const own = isCall ? 0 : 1, opposite = sides[1 - own];
  sides[own] = { price, ts, es };
  if (!opposite || ts - opposite.ts > config.scale.pairSeconds * SECOND_NS) return;
  const call = isCall ? sides[0]! : opposite, put = isCall ? opposite : sides[1]!;
  if (Math.abs(call.price - put.price) > config.scale.strikeDistance + config.market.slack) return;
  sides[0] = sides[1] = undefined;
  const spot = strike + call.price - put.price;
  const vol = impliedVol(true, call.price, spot, strike, years, config.options.ivBounds);
  const delta = Number.isNaN(vol) ? 0.5 : optionDelta(true, spot, strike, years, vol);
  scaler.pairs.ts.push(ts);
  scaler.pairs.ratio.push(spot / (delta * call.es + (1 - delta) * put.es));
}

/**
 * The scale's rows so far, columns of `silver.scale`.
 *
 * @param scaler State, advanced as far as the rows are wanted.
 */
export function scaleRows(scaler: Scaler): Batch {
  const { rows, session } = scaler, length = rows.length;
  return {
    length,
    columns: {
      ts_ns: absoluteNs(Float64Array.from(rows, (r) => r.ts), session.startNs),
      contract: repeatString(scaler.now.contract, length),
      spy_per_es: Float64Array.from(rows, (r) => r.scale.spyPerEs),
      scale_source: {
        codes: Int32Array.from(rows, (r) => SCALE_SOURCES.indexOf(r.scale.source)),
        values: [...SCALE_SOURCES],
      },
      pairs: Int32Array.from(rows, (r) => r.pairs),
    },
  };
}

/**
 * The scale that holds at a moment: the last row at or before it, the first row before any.
 *
 * @param rows Rows of `silver.scale` of one session, in time order, at least one.
 * @param ns ns UTC.
 */
export function scaleAt(rows: Batch, ns: bigint): Scale {
  const ts = i64(rows, "ts_ns");
  let low = 0, high = rows.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (ts[middle] <= ns) low = middle;
    else high = middle;
  }
  const text = (column: Strings) => column.values[column.codes[low]];
  return {
    contract: text(strings(rows, "contract")),
    spyPerEs: f64(rows, "spy_per_es")[low],
    source: text(strings(rows, "scale_source")) as ScaleSource,
  };
}

/**
 * The one row of the fixed scale, for those who convert with it (`CONFIG.scale.mode` is `fixed`); greeks never do.
 *
 * @param session The session.
 * @param contract Futures contract of the session.
 * @param options `CONFIG.scale`.
 */
export function fixedScaleRows(session: Session, contract: string, options: Config["scale"]): Batch {
  return scaleRows(newScaler(session, contract, undefined, options));
}

/** Middle of some values, of an even number the mean of the middle two; sorts them. */
function median(values: Float64Array): number {
  values.sort();
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}
