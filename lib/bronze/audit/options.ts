/**
 * Checks of option prints: root, symbol, expiration, strike, right, conditions; and what parity says of the price.
 *
 * @module
 */
import {
  type Batch,
  type Config,
  couldExpire,
  dateOfDay,
  dayNumber,
  f64,
  i16,
  i32,
  i64,
  MINUTE_NS,
  NULL_I16,
  relativeNs,
  SECOND_NS,
  strings,
  u32,
} from "../../base/mod.ts";

import { parseOccTicker } from "../../ingest/mod.ts";
import { Coverage } from "./coverage.ts";
import type { Day } from "./day.ts";
import { Marks } from "./marks.ts";

/** Columns that the checks of options read. */
export const OPTION_COLUMNS = [
  "ts_event_ns",
  "ts_recv_ns",
  "row",
  "underlying",
  "option_symbol",
  "exp_date",
  "strike",
  "right",
  "price",
  "size",
  "exchange",
  "conditions",
  "correction",
  "seq",
];

/** Minutes of a cell of the strikes' map. */
export const STRIKE_MINUTES = 15;

/** What an option symbol says, and whether it may be. */
interface SymbolFacts {
  ours: boolean;
  expDay: number;
  right: string;
  strike: number;
}

/** What condition codes say. */
interface ConditionFacts {
  cancelled: boolean;
  late: boolean;
  multiLeg: boolean;
}

/** A day's option prints in the making; feed it batches in order of hour, after the day's trades. */
export class OptionChecks {
  /** Minutes with prints. */
  readonly coverage: Coverage;
  /** Prints by what they are. */
  readonly counts = { rows: 0, calls: 0, zeroDte: 0, multiLeg: 0, late: 0, cancelled: 0 };
  /** Prints, and multi-leg ones, by minute of the session; Float64Array (minutes). */
  readonly multiLeg: Float64Array;
  /** Contracts printed by expiration, days since 1970-01-01. */
  readonly expirations = new Map<number, number>();
  /** Same-day contracts printed by strike and quarter of an hour from the open. */
  readonly strikes = new Map<number, Float64Array>();
  /** SPY dollars per ES point by parity: median of each minute's pairs, NaN without; Float64Array (minutes). */
  readonly ratio: Float64Array;
  /** Minutes whose ratio is out of bounds. */
  readonly offScale: Marks;
  /** Prints of other roots. */
  readonly otherRoot: Marks;
  /** Columns that are not the symbol's. */
  readonly mismatch: Marks;
  /** Prints of options that had expired. */
  readonly expired: Marks;
  /** Expirations on days that were known to be closed. */
  readonly closed: Marks;
  /** Strikes on another scale. */
  readonly farStrike: Marks;
  /** Prints below the worth of their right. */
  readonly wrongRight: Marks;
  /** Prices at zero or less. */
  readonly badSign: Marks;
  /** Prints without size. */
  readonly noSize: Marks;
  /** Prints before the open. */
  readonly early: Marks;
  readonly #day: Day;
  readonly #es: Float64Array;
  /** Lowest and highest ES price around each quarter of a minute; Float64Array (quarters). */
  readonly #range: { low: Float64Array; high: Float64Array };
  readonly #expDay: number;
  readonly #goodDays = new Map<number, boolean>();
  #spy: number;

  /**
   * @param day The day.
   * @param es Last ES price at each second of the session, carried forward, NaN before the first; Float64Array (seconds).
   */
  constructor(day: Day, es: Float64Array) {
    const marks = () => new Marks(day.config.audit.examples);
    this.#day = day;
    this.#es = es;
    this.#range = nearbyRange(es);
    this.#expDay = dayNumber(day.date);
    this.#spy = day.config.scale.fixed;
    this.coverage = new Coverage(day.minutes);
    this.multiLeg = new Float64Array(day.minutes);
    this.ratio = new Float64Array(day.minutes).fill(NaN);
    this.offScale = marks();
    this.otherRoot = marks();
    this.mismatch = marks();
    this.expired = marks();
    this.closed = marks();
    this.farStrike = marks();
    this.wrongRight = marks();
    this.badSign = marks();
    this.noSize = marks();
    this.early = marks();
  }

  /** Adds prints of one hour. @returns Their times, ns since the session's start. */
  add(batch: Batch): Float64Array {
    const t = relativeNs(i64(batch, "ts_event_ns"), this.#day.session.startNs);
    const symbol = strings(batch, "option_symbol"), facts = symbol.values.map((s) => this.#symbol(s));
    const good = this.#identity(batch, t, facts), single = this.#kinds(batch, t);
    this.#scale(batch, t, good);
    this.#pairs(batch, t, good, single);
    this.#rights(batch, t, good, single);
    return t;
  }

  #symbol(ticker: string): SymbolFacts {
    const occ = parseOccTicker(ticker);
    if (!occ) return { ours: false, expDay: NaN, right: "", strike: NaN };
    return { ours: occ.root === this.#day.config.market.underlying, ...occ };
  }

  /** Root, symbol, expiration, price and size; returns 1 for the rows that may be used further. */
  #identity(batch: Batch, t: Float64Array, facts: SymbolFacts[]): Uint8Array {
    const symbol = strings(batch, "option_symbol"), root = strings(batch, "underlying");
    const right = strings(batch, "right"), exp = i32(batch, "exp_date"), strike = f64(batch, "strike");
    const price = f64(batch, "price"), size = u32(batch, "size"), good = new Uint8Array(t.length);
    const name = (i: number) => symbol.values[symbol.codes[i]];
    for (let i = 0; i < t.length; i++) {
      const fact = facts[symbol.codes[i]];
      this.coverage.add(t[i]);
      this.counts.rows++;
      if (t[i] < this.#day.open) this.early.add(t[i], () => name(i));
      if (size[i] === 0) this.noSize.add(t[i], () => name(i));
      if (!(price[i] > 0)) this.badSign.add(t[i], () => `${name(i)} at ${price[i]}`);
      if (!fact.ours || root.values[root.codes[i]] !== this.#day.config.market.underlying) {
        this.otherRoot.add(t[i], () => `${name(i)} under ${root.values[root.codes[i]]}`);
        continue;
      }
      const given = right.values[right.codes[i]];
      if (fact.expDay !== exp[i] || fact.right !== given || Math.abs(fact.strike - strike[i]) > 1e-9) {
        this.mismatch.add(t[i], () => `${name(i)} as ${dateOfDay(exp[i])} ${given} ${strike[i]}`);
        continue;
      }
      if (exp[i] < this.#expDay || !this.#isGoodDay(exp[i])) {
        (exp[i] < this.#expDay ? this.expired : this.closed).add(t[i], () => name(i));
        continue;
      }
      good[i] = price[i] > 0 ? 1 : 0;
      if (given === "C") this.counts.calls++;
      if (exp[i] === this.#expDay) this.counts.zeroDte++;
      this.expirations.set(exp[i], (this.expirations.get(exp[i]) ?? 0) + size[i]);
    }
    return good;
  }

  #isGoodDay(day: number): boolean {
    let good = this.#goodDays.get(day);
    if (good === undefined) this.#goodDays.set(day, good = couldExpire(dateOfDay(day), this.#day.date));
    return good;
  }

  /** Counts conditions; returns 2 for single-leg prints in time, 1 for such that were cancelled, 0 for the rest. */
  #kinds(batch: Batch, t: Float64Array): Uint8Array {
    const { codes, values } = strings(batch, "conditions"), correction = i16(batch, "correction");
    const facts = values.map((text) => conditionFacts(text, this.#day.config.options));
    const single = new Uint8Array(t.length);
    for (let i = 0; i < t.length; i++) {
      const fact = codes[i] < 0 ? PLAIN : facts[codes[i]];
      const corrected = correction[i] !== 0 && correction[i] !== NULL_I16;
      if (fact.multiLeg) {
        this.counts.multiLeg++;
        this.multiLeg[Math.floor(t[i] / MINUTE_NS)]++;
      }
      if (fact.late) this.counts.late++;
      if (fact.cancelled || corrected) this.counts.cancelled++;
      single[i] = fact.multiLeg || fact.late ? 0 : fact.cancelled || corrected ? 1 : 2;
    }
    return single;
  }

  /** Ratio of SPY to ES from pairs of same-day single-leg prints, a call and a put of one strike within seconds. */
  #pairs(batch: Batch, t: Float64Array, good: Uint8Array, single: Uint8Array): void {
    const { scale } = this.#day.config, strike = f64(batch, "strike"), price = f64(batch, "price");
    const exp = i32(batch, "exp_date"), right = strings(batch, "right");
    const rows = usableRows(t, (i) => good[i] === 1 && single[i] === 2 && exp[i] === this.#expDay);
    const waiting = new Map<string, number>(), found = new Map<number, number[]>();
    for (const i of rows) {
      const own = right.values[right.codes[i]], key = (side: string) => `${side}${strike[i]}`;
      const other = waiting.get(key(own === "C" ? "P" : "C"));
      if (other === undefined || t[i] - t[other] > scale.pairSeconds * SECOND_NS) {
        waiting.set(key(own), i);
        continue;
      }
      waiting.delete(key(own === "C" ? "P" : "C"));
      const [call, put] = own === "C" ? [i, other] : [other, i];
      const spot = strike[i] + price[call] - price[put], es = this.#es[Math.floor(t[i] / SECOND_NS)];
      if (Math.abs(strike[i] - spot) > scale.strikeDistance || Number.isNaN(es)) continue;
      const minute = Math.floor(t[i] / MINUTE_NS), list = found.get(minute);
      if (list) list.push(spot / es);
      else found.set(minute, [spot / es]);
    }
    const [low, high] = this.#day.config.audit.spyPerEs;
    for (const [minute, ratios] of found) {
      const middle = ratios.sort((a, b) => a - b)[ratios.length >> 1];
      this.ratio[minute] = middle;
      if (middle < low || middle > high) {
        this.offScale.add(minute * MINUTE_NS, () => `SPY per ES ${middle.toFixed(5)}`);
      }
    }
    const all = [...found.values()].flat().sort((a, b) => a - b);
    if (all.length > 0) this.#spy = all[all.length >> 1];
  }

  /** Strikes against the last known spot; those on another scale are used no further. */
  #scale(batch: Batch, t: Float64Array, good: Uint8Array): void {
    const { strikeRatio } = this.#day.config.audit, symbol = strings(batch, "option_symbol");
    const strike = f64(batch, "strike");
    for (let i = 0; i < t.length; i++) {
      const spot = this.#spot(t[i]), ratio = strike[i] / spot;
      if (!good[i] || !(ratio > strikeRatio || ratio < 1 / strikeRatio)) continue;
      good[i] = 0;
      const name = symbol.values[symbol.codes[i]];
      this.farStrike.add(t[i], () => `${name} with spot ${spot.toFixed(2)}`);
    }
  }

  #spot(t: number): number {
    return this.#es[Math.floor(t / SECOND_NS)] * this.#spy;
  }

  /** Rights against the spot, of those around it the one that speaks for the print; and where same-day ones are. */
  #rights(batch: Batch, t: Float64Array, good: Uint8Array, single: Uint8Array): void {
    const { rightSlack } = this.#day.config.audit, symbol = strings(batch, "option_symbol");
    const strike = f64(batch, "strike"), price = f64(batch, "price"), size = u32(batch, "size");
    const exp = i32(batch, "exp_date"), right = strings(batch, "right");
    for (let i = 0; i < t.length; i++) {
      if (!good[i]) continue;
      if (exp[i] === this.#expDay) this.#addStrike(strike[i], t[i], size[i]);
      const block = Math.floor(t[i] / SECOND_NS / BLOCK), { low, high } = this.#range;
      const worth = right.values[right.codes[i]] === "C"
        ? low[block] * this.#spy - strike[i]
        : strike[i] - high[block] * this.#spy;
      if (single[i] && price[i] < worth - rightSlack) {
        const name = symbol.values[symbol.codes[i]];
        this.wrongRight.add(t[i], () => `${name} at ${price[i]}, worth ${worth.toFixed(2)}`);
      }
    }
  }

  #addStrike(strike: number, t: number, size: number): void {
    const { open, close } = this.#day, cell = Math.floor((t - open) / (STRIKE_MINUTES * MINUTE_NS));
    let cells = this.strikes.get(strike);
    if (!cells) {
      const n = Math.ceil((close - open) / (STRIKE_MINUTES * MINUTE_NS)) + 1;
      this.strikes.set(strike, cells = new Float64Array(n));
    }
    if (cell >= 0 && cell < cells.length) cells[cell] += size;
  }
}

/** Seconds of a block of {@linkcode nearbyRange}. */
const BLOCK = 15;

/** Lowest and highest price of each block of seconds with the one before and the one after; NaN without. */
function nearbyRange(seconds: Float64Array): { low: Float64Array; high: Float64Array } {
  const blocks = Math.ceil(seconds.length / BLOCK);
  const low = new Float64Array(blocks).fill(NaN), high = new Float64Array(blocks).fill(NaN);
  for (let s = 0; s < seconds.length; s++) {
    const price = seconds[s], own = Math.floor(s / BLOCK);
    if (Number.isNaN(price)) continue;
    for (let b = Math.max(0, own - 1); b <= own + 1 && b < blocks; b++) {
      if (!(price >= low[b])) low[b] = price;
      if (!(price <= high[b])) high[b] = price;
    }
  }
  return { low, high };
}

const PLAIN: ConditionFacts = { cancelled: false, late: false, multiLeg: false };

function conditionFacts(text: string, options: Config["options"]): ConditionFacts {
  const codes = text.split(",").map(Number), [first, last] = options.multiLeg;
  return {
    cancelled: codes.some((code) => options.cancelled.includes(code)),
    late: codes.some((code) => options.late.includes(code)),
    multiLeg: codes.some((code) => code >= first && code <= last),
  };
}

/** Row numbers that pass a test, in order of time. */
function usableRows(t: Float64Array, test: (row: number) => boolean): Uint32Array {
  const rows = new Uint32Array(t.length);
  let n = 0;
  for (let i = 0; i < t.length; i++) if (test(i)) rows[n++] = i;
  return rows.slice(0, n).sort((a, b) => t[a] - t[b] || a - b);
}
