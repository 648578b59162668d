/**
 * A small option market with a known scale and known aggressors: an ES random walk, a smile, bid and ask
 * around the value at the last ES trade.
 *
 * @module
 */
import {
  type Batch,
  dayNumber,
  NULL_I16,
  NULL_I64,
  optionPrice,
  Random,
  repeatString,
  type Session,
  stringsOf,
} from "../../lib/base/mod.ts";
import { formatOccTicker } from "../../lib/ingest/mod.ts";
import type { FuturesTape } from "../../lib/silver/mod.ts";

/** What to make. */
export interface MarketOptions {
  /** Seed. */
  seed?: number;
  /** Option prints. */
  prints?: number;
  /** First and last moment of the prints, ns since session start; defaults to the regular session. */
  from?: number;
  /** End of the prints. */
  to?: number;
  /** Share of prints that are multi-leg; late and cancelled ones are 2 % each on top. */
  multiLeg?: number;
  /** Seconds between ES trades. */
  tradeSeconds?: number;
}

/** A made market. */
export interface OptionMarket {
  /** ES trades, ns since session start. */
  tape: FuturesTape;
  /** Rows of `options.trades`, in time order. */
  prints: Batch;
  /** True aggressor of each print. */
  aggressor: Int8Array;
  /** SPY at each print, dollars. */
  spot: Float64Array;
  /** The true scale at a moment, ns since session start. */
  scaleAt: (ts: number) => number;
}

const YEAR_SECONDS = 252 * 6.5 * 3600;

/**
 * Makes a session's market.
 *
 * @param session The session.
 * @param options See {@linkcode MarketOptions}.
 */
export function optionMarket(session: Session, options: MarketOptions = {}): OptionMarket {
  const open = Number(session.openNs - session.startNs), close = Number(session.closeNs - session.startNs);
  const { seed = 1, prints: n = 20_000, from = open, to = close, multiLeg = 0.4, tradeSeconds = 0.5 } =
    options;
  const random = new Random(seed);
  // SPY is ES/10 less a gap of about $4 that shrinks by 10 cents through the day.
  const scaleAt = (ts: number) => 0.1 - (4.05 - 0.1 * (ts - open) / (close - open)) / 6800;
  const begin = from - 60e9, count = Math.ceil((to - begin) / (tradeSeconds * 1e9));
  const tape = { length: count, ts: new Float64Array(count), price: new Float64Array(count) };
  let mid = 6800;
  for (let i = 0; i < count; i++) {
    tape.ts[i] = Math.round(begin + i * tradeSeconds * 1e9 + random.uniform() * tradeSeconds * 0.9e9);
    mid += random.normal() * 6800 * 0.12 * Math.sqrt(tradeSeconds / YEAR_SECONDS);
    const bid = Math.floor(mid / 0.25) * 0.25;
    tape.price[i] = random.uniform() < 0.5 ? bid : bid + 0.25;
  }
  const times = Float64Array.from({ length: n }, () => Math.round(from + random.uniform() * (to - from - 1)));
  // Old feeds have whole milliseconds: ties are common.
  for (let i = 0; i < n; i++) times[i] = Math.max(from, Math.floor(times[i] / 1e6) * 1e6);
  times.sort();
  const today = dayNumber(session.date);
  const rows = {
    symbol: [] as string[],
    right: [] as string[],
    conditions: [] as (string | null)[],
    strike: new Float64Array(n),
    expDay: new Int32Array(n),
    price: new Float64Array(n),
    size: new Uint32Array(n),
    correction: new Int16Array(n),
  };
  const aggressor = new Int8Array(n), spots = new Float64Array(n);
  for (let i = 0, at = 0; i < n; i++) {
    while (at + 1 < count && tape.ts[at + 1] <= times[i]) at++;
    const spot = tape.price[at] * scaleAt(times[i]);
    spots[i] = spot;
    const isCall = random.uniform() < 0.5, later = random.uniform() < 0.1;
    const strike = Math.round(spot + random.normal() * 3);
    const expDay = later ? today + 3 : today;
    const years = (Math.max(300, (close - times[i]) / 1e9) + (later ? 3 * 23400 : 0)) / YEAR_SECONDS;
    const vol = 0.11 + 0.0008 * (spot - strike) + 0.0005 * (spot - strike) ** 2;
    const fair = optionPrice(isCall, spot, strike, years, vol);
    const side = random.uniform() < 0.5 ? 1 : -1, kind = random.uniform();
    const combo = kind < multiLeg;
    const price = Math.max(0.01, Math.round((fair + (combo ? 0 : side * 0.012)) * 100) / 100);
    aggressor[i] = side;
    rows.symbol.push(formatOccTicker({ root: "SPY", expDay, right: isCall ? "C" : "P", strike }));
    rows.right.push(isCall ? "C" : "P");
    rows.conditions.push(
      combo
        ? "232"
        : kind < multiLeg + 0.02
        ? "209,202"
        : kind < multiLeg + 0.04
        ? "201"
        : kind < 0.6
        ? null
        : "209",
    );
    rows.strike[i] = strike;
    rows.expDay[i] = expDay;
    rows.price[i] = price;
    rows.size[i] = 1 + random.geometric(0.3);
    rows.correction[i] = random.uniform() < 0.01 ? 1 : random.uniform() < 0.5 ? 0 : NULL_I16;
  }
  const ts = BigInt64Array.from(times, (t) => session.startNs + BigInt(t));
  const prints: Batch = {
    length: n,
    columns: {
      ts_event_ns: ts,
      ts_recv_ns: ts.slice(),
      source: repeatString("simulated", n),
      ingest: repeatString("0123456789ab-1", n),
      row: BigInt64Array.from({ length: n }, (_, i) => BigInt(i)),
      underlying: repeatString("SPY", n),
      option_symbol: stringsOf(rows.symbol),
      exp_date: rows.expDay,
      strike: rows.strike,
      right: stringsOf(rows.right),
      price: rows.price,
      size: rows.size,
      aggressor: new Int8Array(n),
      exchange: new Int16Array(n).fill(312),
      conditions: stringsOf(rows.conditions),
      correction: rows.correction,
      seq: new BigInt64Array(n).fill(NULL_I64),
    },
  };
  return { tape, prints, aggressor, spot: spots, scaleAt };
}
