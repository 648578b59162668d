/**
 * Option enrichment: aggressor, spot, volatility and greeks print by print, in time order.
 *
 * The state grows with the session, so the batch build, a build on cut inputs and the live service call the same
 * functions, and any chunking of the prints gives the same bits.
 *
 * @module
 */
import {
  addDays,
  type Batch,
  CONFIG,
  type Config,
  dateOfDay,
  dayNumber,
  f64,
  i16,
  i32,
  i64,
  impliedVol,
  optionDelta,
  optionGamma,
  optionPrice,
  relativeNs,
  SECOND_NS,
  type Session,
  strings,
  tradingDaysKnown,
  u32,
} from "../base/mod.ts";
import { isUncorrected, kindOfConditions } from "./conditions.ts";
import { advanceScale, newScaler, pairPrint, type Scale, type Scaler } from "./scale.ts";
import { findIv, type FoundIv, IV_SOURCES, newSurface, noteIv, type Surface } from "./surface.ts";

/** ES trades so far, of the session's contract; a growing tape of a session's state is one. */
export interface FuturesTape {
  /** Trades so far; the arrays may be longer. */
  length: number;
  /** Float64Array: ns since session start, ascending. */
  ts: Float64Array;
  /** Float64Array: ES points; prices that are none, NaN or not above 0, are passed over. */
  price: Float64Array;
}

/** What is remembered of one option contract. */
interface Contract {
  isCall: boolean;
  strike: number;
  expiresToday: boolean;
  /** Trading seconds of the full days after today up to the expiration. */
  laterSeconds: number;
  /** Its last usable print: price, ES, parity scale (NaN before there is one), time left, volatility, sign. */
  price: number;
  es: number;
  scale: number;
  years: number;
  iv: number;
  sign: number;
}

/** A session's options in the making. Get one from {@linkcode newEnricher}. */
export interface Enricher {
  /** The session; times count in ns from its start. */
  session: Session;
  /** Stage defaults. */
  config: Config;
  /** The scale so far. */
  scaler: Scaler;
  /** Today's volatilities so far. */
  surface: Surface;
  /** Option contracts seen, by ticker. */
  contracts: Map<string, Contract>;
  /** How many ES trades have been looked at. */
  tapeAt: number;
  /** Last ES price, points; NaN before the first. */
  es: number;
  /** Time of the last print, ns since session start. */
  last: number;
  /** Regular session: open and close, ns since session start. */
  open: number;
  /** Close of the regular session. */
  close: number;
  /** Trade date, days since 1970-01-01. */
  day: number;
}

/**
 * Starts a session's enrichment.
 *
 * @param session The session.
 * @param contract Futures contract of the session.
 * @param previous What the previous session's scale ended with, if known.
 * @param config Stage defaults; defaults to `CONFIG`.
 */
export function newEnricher(
  session: Session,
  contract: string,
  previous: Scale | undefined,
  config: Config = CONFIG,
): Enricher {
  return {
    session,
    config,
    scaler: newScaler(session, contract, previous, config.scale),
    surface: newSurface(),
    contracts: new Map(),
    tapeAt: 0,
    es: NaN,
    last: -Infinity,
    open: Number(session.openNs - session.startNs),
    close: Number(session.closeNs - session.startNs),
    day: dayNumber(session.date),
  };
}

/** The computed columns of some prints. */
interface Computed {
  aggressor: Int8Array;
  flow: Int8Array;
  singleLeg: Int8Array;
  spot: Float64Array;
  scale: Float64Array;
  years: Float64Array;
  iv: Float64Array;
  ivSource: Int32Array;
  delta: Float64Array;
  gamma: Float64Array;
  dealerFlow: Float64Array;
}

/**
 * Enriches the next prints of a session.
 *
 * `aggressor`: sign of a print's price less the contract's previous usable one, repriced: moved by Black–Scholes at
 * that print's volatility from the spot and time left then to those now, so that neither the underlying nor decay
 * looks like a buyer or a seller. Within the threshold the last sign stays, 0 at first. That volatility is what the
 * print's own price implies; where it implies none, its `iv`, after the close the last known. A spot from before the
 * first parity scale is taken again at the present one, or the scale's first step would be a move of the market.
 *
 * @param state State; IN and OUT.
 * @param prints Rows of `options.trades`, deduplicated, in time order, none before those given earlier.
 * @param tape ES trades; all up to the last of `prints` must be there, and the tape only ever grows.
 * @returns Rows of `silver.options.trades_enriched`, as many, in the same order.
 * @throws {RangeError} If a print is earlier than one before it.
 */
export function enrich(state: Enricher, prints: Batch, tape: FuturesTape): Batch {
  const n = prints.length, out = newComputed(n);
  const ts = relativeNs(i64(prints, "ts_event_ns"), state.session.startNs);
  const price = f64(prints, "price"), size = u32(prints, "size"), correction = i16(prints, "correction");
  const conditions = strings(prints, "conditions"), symbols = strings(prints, "option_symbol");
  const plain = kindOfConditions(null, state.config.options);
  const kinds = conditions.values.map((text) => kindOfConditions(text, state.config.options));
  const contracts: (Contract | undefined)[] = new Array(symbols.values.length);
  for (let i = 0; i < n; i++) {
    if (ts[i] < state.last) {
      throw new RangeError(`Cannot enrich print ${i}: it is earlier than one before it`);
    }
    state.last = ts[i];
    const contract = contracts[symbols.codes[i]] ??= contractOf(state, prints, i);
    const kind = conditions.codes[i] < 0 ? plain : kinds[conditions.codes[i]];
    const flow = kind.flow && isUncorrected(correction[i]), clean = flow && kind.singleLeg && price[i] > 0;
    out.flow[i] = flow ? 1 : 0;
    out.singleLeg[i] = kind.singleLeg ? 1 : 0;
    followTape(state, tape, ts[i]);
    advanceScale(state.scaler, ts[i], state.config.scale);
    const scale = state.scaler.now.spyPerEs, spot = state.es * scale;
    out.scale[i] = scale;
    out.spot[i] = spot;
    const alive = contract.expiresToday && ts[i] < state.close;
    if (alive) fillGreeks(state, contract, out, i, ts[i], price[i], clean);
    if (clean) {
      const years = yearsLeft(state, ts[i], contract.laterSeconds);
      out.aggressor[i] = signPrint(state, contract, price[i], scale, years);
      remember(state, contract, out, i, price[i], years);
    }
    const dealerFlow = -out.aggressor[i] * size[i] * out.gamma[i] * state.config.market.optionShares;
    // −0 would be another bit pattern of the same value.
    out.dealerFlow[i] = dealerFlow === 0 ? 0 : dealerFlow;
    if (alive && clean) {
      const { isCall, strike } = contract;
      const print = { isCall, strike, price: price[i], ts: ts[i], es: state.es, years: out.years[i] };
      pairPrint(state.scaler, print, state.config);
    }
  }
  return enrichedBatch(prints, out);
}

/** Time to expiry, volatility and greeks of a print that expires today, before the close. */
function fillGreeks(
  state: Enricher,
  contract: Contract,
  out: Computed,
  i: number,
  ts: number,
  price: number,
  clean: boolean,
): void {
  const { options, market } = state.config, { isCall, strike } = contract, spot = out.spot[i];
  const years = yearsLeft(state, ts, 0);
  out.years[i] = years;
  if (Number.isNaN(spot)) return;
  let found: FoundIv | undefined;
  const intrinsic = Math.max(0, isCall ? spot - strike : strike - spot);
  if (clean && price - intrinsic >= options.minExtrinsic - market.slack) {
    const iv = impliedVol(isCall, price, spot, strike, years, options.ivBounds);
    if (!Number.isNaN(iv)) {
      noteIv(state.surface, strike, isCall, ts, iv);
      found = { iv, source: 0 };
    }
  }
  found ??= findIv(state.surface, strike, isCall, ts, options);
  out.iv[i] = found.iv;
  out.ivSource[i] = found.source;
  out.delta[i] = optionDelta(isCall, spot, strike, years, found.iv);
  out.gamma[i] = optionGamma(spot, strike, years, found.iv);
}

/** Sign of a usable print against the contract's previous one, repriced. */
function signPrint(state: Enricher, contract: Contract, price: number, scale: number, years: number): number {
  if (Number.isNaN(contract.price)) return 0;
  const { isCall, strike, iv } = contract;
  const spotThen = contract.es * (Number.isNaN(contract.scale) ? scale : contract.scale);
  const moved = optionPrice(isCall, state.es * scale, strike, years, iv) -
    optionPrice(isCall, spotThen, strike, contract.years, iv);
  const change = price - contract.price - (Number.isNaN(moved) ? 0 : moved);
  if (Math.abs(change) > state.config.options.signThreshold) return change > 0 ? 1 : -1;
  return contract.sign;
}

/** Makes a usable print the contract's previous one. */
function remember(
  state: Enricher,
  contract: Contract,
  out: Computed,
  i: number,
  price: number,
  years: number,
): void {
  const { spyPerEs, source } = state.scaler.now;
  const iv = ivOfPrint(state, contract, out, i, price, years);
  if (!Number.isNaN(iv)) contract.iv = iv;
  contract.price = price;
  contract.es = state.es;
  contract.scale = source === "parity" ? spyPerEs : NaN;
  contract.years = years;
  contract.sign = out.aggressor[i];
}

/**
 * Volatility at which a usable print is repriced; NaN to keep the last. The price's own comes first even below the
 * least extrinsic value of `iv`: a volatility of other strikes or times misprices what costs cents, and moves it by
 * more than the threshold.
 */
function ivOfPrint(
  state: Enricher,
  contract: Contract,
  out: Computed,
  i: number,
  price: number,
  years: number,
): number {
  const spot = out.spot[i], { isCall, strike } = contract, { ivBounds, defaultIv } = state.config.options;
  if (Number.isNaN(spot) || out.ivSource[i] === 0) return out.iv[i];
  const own = impliedVol(isCall, price, spot, strike, years, ivBounds);
  if (!Number.isNaN(own)) return own;
  return contract.expiresToday || !Number.isNaN(contract.iv) ? out.iv[i] : defaultIv;
}

function yearsLeft(state: Enricher, ts: number, laterSeconds: number): number {
  const { floorMinutes, yearSeconds } = state.config.options;
  const today = Math.max(0, state.close - Math.max(ts, state.open)) / SECOND_NS;
  return Math.max(today + laterSeconds, floorMinutes * 60) / yearSeconds;
}

/** Moves to the last ES trade at or before a moment. */
function followTape(state: Enricher, tape: FuturesTape, ts: number): void {
  let at = state.tapeAt;
  for (; at < tape.length && tape.ts[at] <= ts; at++) {
    if (tape.price[at] > 0) state.es = tape.price[at];
  }
  state.tapeAt = at;
}

function contractOf(state: Enricher, prints: Batch, i: number): Contract {
  const symbol = strings(prints, "option_symbol"), ticker = symbol.values[symbol.codes[i]];
  const known = state.contracts.get(ticker);
  if (known) return known;
  const right = strings(prints, "right"), expDay = i32(prints, "exp_date")[i];
  const dayAfter = addDays(state.session.date, 1);
  const { date } = state.session;
  const days = expDay > state.day ? tradingDaysKnown(dayAfter, dateOfDay(expDay), date) : 0;
  const contract: Contract = {
    isCall: right.values[right.codes[i]] === "C",
    strike: f64(prints, "strike")[i],
    expiresToday: expDay === state.day,
    laterSeconds: days * state.config.options.daySeconds,
    price: NaN,
    es: NaN,
    scale: NaN,
    years: NaN,
    iv: NaN,
    sign: 0,
  };
  state.contracts.set(ticker, contract);
  return contract;
}

function newComputed(n: number): Computed {
  const nulls = () => new Float64Array(n).fill(NaN);
  return {
    aggressor: new Int8Array(n),
    flow: new Int8Array(n),
    singleLeg: new Int8Array(n),
    spot: nulls(),
    scale: nulls(),
    years: nulls(),
    iv: nulls(),
    ivSource: new Int32Array(n).fill(-1),
    delta: nulls(),
    gamma: nulls(),
    dealerFlow: nulls(),
  };
}

function enrichedBatch(prints: Batch, out: Computed): Batch {
  const { ingest: _ingest, row: _row, ...columns } = prints.columns;
  return {
    length: prints.length,
    columns: {
      ...columns,
      aggressor: out.aggressor,
      flow: out.flow,
      single_leg: out.singleLeg,
      spot: out.spot,
      spy_per_es: out.scale,
      t_years: out.years,
      iv: out.iv,
      iv_source: { codes: out.ivSource, values: [...IV_SOURCES] },
      delta: out.delta,
      gamma: out.gamma,
      dealer_flow: out.dealerFlow,
    },
  };
}
