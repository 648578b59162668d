/**
 * Checks of futures trades: prices, sizes, aggressors, and what each contract traded.
 *
 * @module
 */
import {
  addTo,
  type Batch,
  f64,
  type Histogram,
  HOUR_NS,
  i64,
  i8,
  relativeNs,
  SECOND_NS,
  sizeHistogram,
  strings,
  u32,
  u8,
} from "../../base/mod.ts";
import type { ContractKind } from "../../schema/mod.ts";
import { Coverage } from "./coverage.ts";
import { type Day, kindOf, mayTrade } from "./day.ts";
import { delayHistogram, isLateFlag, LateMarks, type Lateness } from "./delay.ts";
import { Marks } from "./marks.ts";

/** What one contract traded. */
export interface ContractTrades {
  /** Name it goes by. */
  contract: string;
  /** What the name says it is. */
  kind: ContractKind;
  /** Its instrument id. */
  instrumentId: number;
  /** Trades. */
  rows: number;
  /** Contracts traded in the regular session. */
  regular: number;
  /** Contracts traded before it opens. */
  beforeOpen: number;
  /** Contracts traded in the whole session. */
  whole: number;
  /** Sums of its good prices, their squares (both less the first price) and their number, for mean and sd. */
  sums: { origin: number; n: number; sum: number; squares: number; low: number; high: number };
  /** Trades by size. */
  sizes: Histogram;
  /** Volume by hour of the session: buyers, sellers, neither; Float64Array (3 × hours). */
  sides: Float64Array;
  /** Last good price of each second of the session, NaN without; Float64Array (seconds). */
  seconds: Float64Array;
  /** Minutes with trades. */
  coverage: Coverage;
  /** First and last trade, ns since the session's start. */
  span: [number, number];
  /** Trades at zero or less. */
  badSign: Marks;
  /** Trades on another price scale. */
  badScale: Marks;
  /** Trades off the price. */
  outliers: Marks;
  /** The last good price, and the trades off it that wait for a verdict. */
  last: { price: number; pending: { t: number; price: number }[] };
}

/** Columns that the checks of trades read. */
export const TRADE_COLUMNS = [
  "ts_event_ns",
  "ts_recv_ns",
  "row",
  "contract",
  "instrument_id",
  "price",
  "size",
  "side",
  "aggressor",
  "action",
  "depth",
  "flags",
  "seq",
];

/** A day's trades in the making; feed it batches in order of hour. */
export class TradeChecks {
  /** Contracts by name. */
  readonly contracts = new Map<string, ContractTrades>();
  /** Minutes with trades of any contract. */
  readonly coverage: Coverage;
  /** Trades without size. */
  readonly noSize: Marks;
  /** Trades while Globex was closed. */
  readonly outside: Marks;
  /** Records flagged as after a gap. */
  readonly flagged: Marks;
  /** Receive delays. */
  readonly late: Lateness;
  readonly #day: Day;

  /** @param day The day. */
  constructor(day: Day) {
    this.#day = day;
    const { examples } = day.config.audit;
    this.coverage = new Coverage(day.minutes);
    this.noSize = new Marks(examples);
    this.outside = new Marks(examples);
    this.flagged = new Marks(examples);
    this.late = { delays: delayHistogram(), marks: new LateMarks(examples) };
  }

  /** Adds trades of one hour. @returns Their times, ns since the session's start. */
  add(batch: Batch): Float64Array {
    const day = this.#day, { session } = day, { codes, values } = strings(batch, "contract");
    const of = values.map((name) => this.#contract(name));
    const t = relativeNs(i64(batch, "ts_event_ns"), session.startNs);
    const recv = relativeNs(i64(batch, "ts_recv_ns"), session.startNs);
    const id = u32(batch, "instrument_id"), price = f64(batch, "price"), size = u32(batch, "size");
    const aggressor = i8(batch, "aggressor"), flags = u8(batch, "flags");
    const limit = day.config.audit.delayMs;
    for (const [code, contract] of of.entries()) {
      if (Number.isNaN(contract.last.price)) contract.last.price = typicalPrice(price, codes, code);
    }
    for (let i = 0; i < t.length; i++) {
      const contract = of[codes[i]], at = t[i];
      this.coverage.add(at);
      if (!mayTrade(day, at)) this.outside.add(at, () => `${size[i]} at ${price[i]}`);
      if (flags[i] & 0x04) this.flagged.add(at);
      if (!isLateFlag(flags[i])) this.late.marks.check(at, recv[i] - at, limit, this.late.delays);
      if (size[i] === 0) this.noSize.add(at);
      if (id[i] < contract.instrumentId) contract.instrumentId = id[i];
      count(contract, day, at, size[i], aggressor[i]);
      this.#price(contract, at, price[i]);
    }
    return t;
  }

  /** Ends the day: steps that no trade confirmed are outliers. */
  finish(): void {
    for (const contract of this.contracts.values()) settle(contract);
  }

  #contract(name: string): ContractTrades {
    let contract = this.contracts.get(name);
    if (!contract) this.contracts.set(name, contract = newContract(name, this.#day));
    return contract;
  }

  #price(contract: ContractTrades, t: number, price: number): void {
    const { audit } = this.#day.config, { last } = contract;
    if (contract.kind === "spread") {
      // A spread's price is a difference: of any sign, and no scale can be told from it.
      if (!Number.isNaN(price)) keep(contract, t, price);
      return;
    }
    if (!(price > 0)) {
      contract.badSign.add(t, () => `price ${price}`);
      return;
    }
    const ratio = price / last.price;
    if (ratio > audit.scaleRatio || ratio < 1 / audit.scaleRatio) {
      contract.badScale.add(t, () => `price ${price} beside ${last.price}`);
      return;
    }
    if (Math.abs(ratio - 1) <= audit.priceJump) {
      if (last.pending.length > 0) settle(contract);
      keep(contract, t, price);
      return;
    }
    last.pending.push({ t, price });
    const steady = last.pending.every((p) => Math.abs(p.price / price - 1) <= audit.priceJump);
    if (!steady || last.pending.length < audit.jumpTrades) return;
    for (const trade of last.pending) keep(contract, trade.t, trade.price);
    last.pending = [];
  }
}

function newContract(contract: string, { config, minutes }: Day): ContractTrades {
  const { examples } = config.audit;
  return {
    contract,
    kind: kindOf(config.market.symbol, contract),
    instrumentId: Infinity,
    rows: 0,
    regular: 0,
    beforeOpen: 0,
    whole: 0,
    sums: { origin: NaN, n: 0, sum: 0, squares: 0, low: Infinity, high: -Infinity },
    sizes: sizeHistogram(),
    sides: new Float64Array(3 * Math.ceil(minutes / 60)),
    seconds: new Float64Array(minutes * 60).fill(NaN),
    coverage: new Coverage(minutes),
    span: [Infinity, -Infinity],
    badSign: new Marks(examples),
    badScale: new Marks(examples),
    outliers: new Marks(examples),
    last: { price: NaN, pending: [] },
  };
}

function count(contract: ContractTrades, day: Day, t: number, size: number, aggressor: number): void {
  contract.rows++;
  contract.whole += size;
  if (t < day.open) contract.beforeOpen += size;
  else if (t < day.close) contract.regular += size;
  contract.coverage.add(t);
  if (t < contract.span[0]) contract.span[0] = t;
  if (t > contract.span[1]) contract.span[1] = t;
  addTo(contract.sizes, size);
  contract.sides[3 * Math.floor(t / HOUR_NS) + (aggressor > 0 ? 0 : aggressor < 0 ? 1 : 2)] += size;
}

function keep(contract: ContractTrades, t: number, price: number): void {
  const { sums, last, seconds } = contract;
  if (sums.n === 0) sums.origin = price;
  const d = price - sums.origin;
  sums.n++;
  sums.sum += d;
  sums.squares += d * d;
  if (price < sums.low) sums.low = price;
  if (price > sums.high) sums.high = price;
  seconds[Math.floor(t / SECOND_NS)] = price;
  last.price = price;
}

/** Trades that stepped away and were not confirmed are outliers. */
function settle(contract: ContractTrades): void {
  const { last, outliers } = contract;
  for (const { t, price } of last.pending) outliers.add(t, () => `price ${price} beside ${last.price}`);
  last.pending = [];
}

/** The median of a contract's first prices: the first one alone may be the wrong one. */
function typicalPrice(price: Float64Array, codes: Int32Array, code: number): number {
  const first: number[] = [];
  for (let i = 0; i < price.length && first.length < 101; i++) {
    if (codes[i] === code && price[i] > 0) first.push(price[i]);
  }
  return first.sort((a, b) => a - b)[first.length >> 1] ?? NaN;
}

/** Mean and standard deviation of a contract's good prices. */
export function meanAndSd(
  { sums: { origin, n, sum, squares } }: ContractTrades,
): { mean: number; sd: number } {
  const mean = sum / n;
  return { mean: origin + mean, sd: Math.sqrt(Math.max(0, squares / n - mean * mean)) };
}
