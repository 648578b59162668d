/**
 * Stylised facts of a day, measured plainly from its rows.
 *
 * @module
 */
import { f64, i64, i8, relativeNs, strings, u32, u8 } from "../../lib/base/mod.ts";
import { instrumentsOf, type SimulatedDay } from "../../lib/simulate/mod.ts";

/** What is measured. Shares are fractions. */
export interface Facts {
  oneTick: number;
  oneTickOvernight: number;
  crossed: number;
  oneLots: number;
  signLag1: number;
  signLag10: number;
  tradeShare: number;
  depthRatio: number;
  ofi10s: number;
  ofi60s: number;
  returnLag1: number;
  absReturnLag1: number;
  kurtosis: number;
  minuteSd: number;
  range: number;
  trades: number;
  records: number;
}

const MINUTE = 60e9;

/** Pearson's correlation. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]) => x.reduce((s, v) => s + v, 0) / x.length;
  const ma = mean(a), mb = mean(b);
  let ab = 0, aa = 0, bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** Autocorrelation at a lag. */
export function autocorrelation(x: readonly number[], lag: number): number {
  return correlation(x.slice(lag), x.slice(0, x.length - lag));
}

/** Regular-session facts of the leading contract. */
export function factsOf(day: SimulatedDay): Facts {
  const { session } = day;
  const { all, leader } = instrumentsOf(session.date);
  const id = all[leader].id;
  const open = Number(session.openNs - session.startNs), close = Number(session.closeNs - session.startNs);
  return { ...bookFacts(day, id, open, close), ...tradeFacts(day, id, open, close) };
}

function bookFacts({ books, session }: SimulatedDay, id: number, open: number, close: number) {
  const ts = relativeNs(i64(books, "ts_event_ns"), session.startNs), ids = u32(books, "instrument_id");
  const action = strings(books, "action"), tCode = action.values.indexOf("T");
  const flags = u8(books, "flags");
  const bid = f64(books, "bid_px_1"), ask = f64(books, "ask_px_1");
  const bidSize = u32(books, "bid_sz_1"), askSize = u32(books, "ask_sz_1");
  const deep = [2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((
    k,
  ) => [u32(books, `bid_sz_${k}`), u32(books, `ask_sz_${k}`)]);
  let records = 0, oneTick = 0, trades = 0, best = 0, deeper = 0, night = 0, nightOneTick = 0, crossed = 0;
  const minutes = Math.round((close - open) / MINUTE);
  const ofi: Record<number, number[]> = {
    10: new Array(minutes * 6).fill(0),
    60: new Array(minutes).fill(0),
  };
  const move: Record<number, number[]> = {
    10: new Array(minutes * 6).fill(0),
    60: new Array(minutes).fill(0),
  };
  let last = -1;
  for (let i = 0; i < books.length; i++) {
    if (ids[i] !== id || (flags[i] & 0x20) !== 0 || !(bid[i] > 0)) continue;
    if (ask[i] <= bid[i]) crossed++;
    if (ts[i] < open || ts[i] >= close) {
      night++;
      if (ask[i] - bid[i] < 0.3) nightOneTick++;
      last = i;
      continue;
    }
    records++;
    if (ask[i] - bid[i] < 0.3) oneTick++;
    if (action.codes[i] === tCode) trades++;
    best += bidSize[i] + askSize[i];
    for (const sizes of deep) deeper += sizes[i] / 9;
    if (last >= 0) {
      const flow = (bid[i] >= bid[last] ? bidSize[i] : 0) - (bid[i] <= bid[last] ? bidSize[last] : 0) -
        (ask[i] <= ask[last] ? askSize[i] : 0) + (ask[i] >= ask[last] ? askSize[last] : 0);
      for (const seconds of [10, 60]) {
        const k = Math.floor((ts[i] - open) / (seconds * 1e9));
        ofi[seconds][k] += flow;
        move[seconds][k] += (bid[i] + ask[i] - bid[last] - ask[last]) / 2;
      }
    }
    last = i;
  }
  return {
    records,
    crossed,
    oneTick: oneTick / records,
    oneTickOvernight: nightOneTick / night,
    tradeShare: trades / records,
    depthRatio: best / deeper,
    ofi10s: correlation(ofi[10], move[10]) ** 2,
    ofi60s: correlation(ofi[60], move[60]) ** 2,
  };
}

function tradeFacts({ trades, session }: SimulatedDay, id: number, open: number, close: number) {
  const ts = relativeNs(i64(trades, "ts_event_ns"), session.startNs), ids = u32(trades, "instrument_id");
  const price = f64(trades, "price"), size = u32(trades, "size"), aggressor = i8(trades, "aggressor");
  const signs: number[] = [], closes: number[] = [];
  let ones = 0, high = -Infinity, low = Infinity;
  for (let i = 0; i < trades.length; i++) {
    if (ids[i] !== id || ts[i] < open || ts[i] >= close) continue;
    signs.push(aggressor[i]);
    if (size[i] === 1) ones++;
    high = Math.max(high, price[i]);
    low = Math.min(low, price[i]);
    closes[Math.floor((ts[i] - open) / MINUTE)] = price[i];
  }
  const returns: number[] = [];
  for (let m = 1; m < closes.length; m++) {
    if (closes[m] === undefined) closes[m] = closes[m - 1];
    returns.push(closes[m] - closes[m - 1]);
  }
  const square = returns.reduce((s, r) => s + r * r, 0) / returns.length;
  return {
    trades: signs.length,
    oneLots: ones / signs.length,
    signLag1: autocorrelation(signs, 1),
    signLag10: autocorrelation(signs, 10),
    returnLag1: autocorrelation(returns, 1),
    absReturnLag1: autocorrelation(returns.map(Math.abs), 1),
    kurtosis: returns.reduce((s, r) => s + r ** 4, 0) / returns.length / square ** 2,
    minuteSd: Math.sqrt(square),
    range: high - low,
  };
}
