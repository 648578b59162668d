/**
 * Naive twins of the scale and of the option enrichment: an object a print, every window searched from scratch.
 *
 * @module
 */
import {
  addDays,
  CONFIG,
  dateOfDay,
  dayNumber,
  impliedVol,
  optionDelta,
  optionGamma,
  optionPrice,
  type Session,
  tradingDays,
} from "../../lib/base/mod.ts";
import type { FuturesTape } from "../../lib/silver/mod.ts";

/** A print as a plain object; times in ns since session start. */
export interface NaivePrint {
  /** When. */
  ts: number;
  /** Ticker. */
  symbol: string;
  /** Call or put. */
  isCall: boolean;
  /** Dollars. */
  strike: number;
  /** Days since 1970-01-01. */
  expDay: number;
  /** Dollars. */
  price: number;
  /** Contracts. */
  size: number;
  /** Codes. */
  conditions: number[];
  /** Correction code, null for none. */
  correction: number | null;
}

/** What the twin says of a print. */
export interface NaiveResult {
  /** Sign. */
  aggressor: number;
  /** Whether it counts. */
  flow: boolean;
  /** Whether it is single-leg. */
  singleLeg: boolean;
  /** SPY per ES. */
  scale: number;
  /** Dollars, NaN for null. */
  spot: number;
  /** Years, NaN for null. */
  years: number;
  /** Volatility, NaN for null. */
  iv: number;
  /** Where it comes from. */
  ivSource: string | null;
  /** Delta, NaN for null. */
  delta: number;
  /** Gamma, NaN for null. */
  gamma: number;
  /** Dealer flow, NaN for null. */
  dealerFlow: number;
}

/** A row of the scale; time in ns since session start. */
export interface NaiveScaleRow {
  /** From when. */
  ts: number;
  /** Value. */
  value: number;
  /** Source. */
  source: string;
  /** Pairs. */
  pairs: number;
}

/** Last ES price at or before a moment. */
function esAt(tape: FuturesTape, ts: number): number {
  let es = NaN;
  for (let i = 0; i < tape.length; i++) {
    if (tape.ts[i]! <= ts && tape.price[i]! > 0) es = tape.price[i]!;
  }
  return es;
}

const isClean = (p: NaivePrint) => isFlow(p) && isSingleLeg(p) && p.price > 0;
const isFlow = (p: NaivePrint) =>
  !p.conditions.some((c) => [201, 203, 205, 207].includes(c)) &&
  (p.correction === null || p.correction === 0);
const isSingleLeg = (p: NaivePrint) =>
  !p.conditions.some((c) => [202, 204, 206, 208].includes(c) || (c >= 232 && c <= 247));

function yearsLeft(session: Session, ts: number, later: number): number {
  const open = Number(session.openNs - session.startNs), close = Number(session.closeNs - session.startNs);
  const seconds = Math.max(0, close - Math.max(ts, open)) / 1e9 + later * 23_400;
  return Math.max(seconds, 300) / (252 * 23_400);
}

/** Rows of the scale: pairs by looking back from every print, medians by sorting each minute's window. */
export function naiveScale(
  session: Session,
  prints: readonly NaivePrint[],
  tape: FuturesTape,
  start: { value: number; source: string },
): NaiveScaleRow[] {
  const close = Number(session.closeNs - session.startNs), today = dayNumber(session.date);
  const good = prints.filter((p) => isClean(p) && p.expDay === today && p.ts < close && esAt(tape, p.ts) > 0);
  const used = new Set<NaivePrint>();
  const pairs: { ts: number; ratio: number }[] = [];
  good.forEach((print, i) => {
    const opposite = good.slice(0, i).findLast((p) => p.strike === print.strike && p.isCall !== print.isCall);
    if (!opposite || used.has(opposite) || print.ts - opposite.ts > 3e9) return;
    const call = print.isCall ? print : opposite, put = print.isCall ? opposite : print;
    if (Math.abs(call.price - put.price) > 3 + 1e-6) return;
    used.add(print).add(opposite);
    const spot = print.strike + call.price - put.price, years = yearsLeft(session, print.ts, 0);
    const vol = impliedVol(true, call.price, spot, print.strike, years, CONFIG.options.ivBounds);
    const delta = Number.isNaN(vol) ? 0.5 : optionDelta(true, spot, print.strike, years, vol);
    pairs.push({
      ts: print.ts,
      ratio: spot / (delta * esAt(tape, call.ts) + (1 - delta) * esAt(tape, put.ts)),
    });
  });
  const rows: NaiveScaleRow[] = [{ ts: 0, ...start, pairs: 0 }];
  for (let minute = 0; minute <= close; minute += 60e9) {
    const window = pairs.filter((p) => p.ts >= minute - 900e9 && p.ts < minute).map((p) => p.ratio);
    if (window.length < 20) continue;
    window.sort((a, b) => a - b);
    const half = window.length / 2;
    const value = window.length % 2 === 1
      ? window[Math.floor(half)]!
      : (window[half - 1]! + window[half]!) / 2;
    const last = rows[rows.length - 1]!;
    if (last.source !== "parity" || last.value !== value) {
      rows.push({ ts: minute, value, source: "parity", pairs: window.length });
    }
  }
  return rows;
}

/** Every print enriched by searching all prints before it. */
export function naiveEnrich(
  session: Session,
  prints: readonly NaivePrint[],
  tape: FuturesTape,
  scale: readonly NaiveScaleRow[],
): NaiveResult[] {
  const close = Number(session.closeNs - session.startNs), today = dayNumber(session.date);
  const results: NaiveResult[] = [];
  const own: { strike: number; isCall: boolean; ts: number; iv: number }[] = [];
  prints.forEach((p, i) => {
    const value = scale.findLast((row) => row.ts <= p.ts)!.value, es = esAt(tape, p.ts), spot = es * value;
    const result: NaiveResult = {
      aggressor: 0,
      flow: isFlow(p),
      singleLeg: isSingleLeg(p),
      scale: value,
      spot,
      years: NaN,
      iv: NaN,
      ivSource: null,
      delta: NaN,
      gamma: NaN,
      dealerFlow: NaN,
    };
    results.push(result);
    if (p.expDay === today && p.ts < close) {
      const years = result.years = yearsLeft(session, p.ts, 0);
      if (!Number.isNaN(spot)) {
        const extrinsic = p.price - Math.max(0, p.isCall ? spot - p.strike : p.strike - spot);
        const iv = isClean(p) && extrinsic >= 0.02 - 1e-6
          ? impliedVol(p.isCall, p.price, spot, p.strike, years, { min: 0.01, max: 5 })
          : NaN;
        if (!Number.isNaN(iv)) own.push({ strike: p.strike, isCall: p.isCall, ts: p.ts, iv });
        const [found, source] = Number.isNaN(iv) ? otherIv(own, p) : [iv, "trade"] as const;
        result.iv = found;
        result.ivSource = source;
        result.delta = optionDelta(p.isCall, spot, p.strike, years, found);
        result.gamma = optionGamma(spot, p.strike, years, found);
      }
    }
    if (isClean(p)) {
      const before = prints.map((q, j) => ({ q, j })).slice(0, i)
        .filter(({ q }) => q.symbol === p.symbol && isClean(q));
      const previous = before.at(-1);
      if (previous) {
        const { q, j } = previous, guess = scale.findLast((row) => row.ts <= q.ts)!.source !== "parity";
        const then = esAt(tape, q.ts) * (guess ? value : results[j]!.scale);
        const vol = before.map((b) => volAt(session, b.q, results[b.j]!)).findLast((v) => !Number.isNaN(v)) ??
          0.2;
        const fair = (at: NaivePrint, S: number) =>
          optionPrice(p.isCall, S, p.strike, yearsLeft(session, at.ts, daysAfter(session, at)), vol);
        const moved = fair(p, spot) - fair(q, then),
          change = p.price - q.price - (Number.isNaN(moved) ? 0 : moved);
        result.aggressor = Math.abs(change) > 0.005 ? Math.sign(change) : results[j]!.aggressor;
      }
    }
    if (!Number.isNaN(result.gamma)) {
      result.dealerFlow = -result.aggressor * p.size * result.gamma * 100;
      if (result.dealerFlow === 0) result.dealerFlow = 0;
    }
  });
  return results;
}

/** Trading days after today up to the expiration. */
function daysAfter(session: Session, { expDay }: NaivePrint): number {
  const tomorrow = addDays(session.date, 1);
  return expDay < dayNumber(tomorrow) ? 0 : tradingDays(tomorrow, dateOfDay(expDay)).length;
}

/** What a print's price implies, else what is said of it; NaN if it says nothing. */
function volAt(session: Session, p: NaivePrint, { spot, iv }: NaiveResult): number {
  const years = yearsLeft(session, p.ts, daysAfter(session, p));
  const own = impliedVol(p.isCall, p.price, spot, p.strike, years, { min: 0.01, max: 5 });
  return Number.isNaN(own) ? iv : own;
}

type OwnIv = { strike: number; isCall: boolean; ts: number; iv: number };

function otherIv(own: readonly OwnIv[], p: NaivePrint): readonly [number, string] {
  const fresh = own.filter((o) => o.ts >= p.ts - 300e9);
  const other = fresh.findLast((o) => o.strike === p.strike && o.isCall !== p.isCall);
  if (other) return [other.iv, "other_right"];
  const low = Math.max(...fresh.map((o) => o.strike).filter((k) => k <= p.strike));
  const high = Math.min(...fresh.map((o) => o.strike).filter((k) => k >= p.strike));
  if (Number.isFinite(low) && Number.isFinite(high)) {
    const a = fresh.findLast((o) => o.strike === low)!.iv, b = fresh.findLast((o) => o.strike === high)!.iv;
    return [low === high ? a : a + (p.strike - low) / (high - low) * (b - a), "surface"];
  }
  const carried = own.findLast((o) => o.strike === p.strike && o.isCall === p.isCall);
  return carried ? [carried.iv, "carried"] : [0.2, "default"];
}
