/**
 * Checks of order books: crossed, inverted and stale ones, prices, spreads and depth.
 *
 * @module
 */
import {
  addTo,
  type Batch,
  f64,
  type Histogram,
  i64,
  i8,
  relativeNs,
  SECOND_NS,
  sizeHistogram,
  type Strings,
  strings,
  u32,
  u8,
} from "../../base/mod.ts";
import { BOOK_LEVELS, type ContractKind } from "../../schema/mod.ts";
import { Coverage } from "./coverage.ts";
import { type Day, isOpen, kindOf } from "./day.ts";
import { delayHistogram, isLateFlag, LateMarks, type Lateness } from "./delay.ts";
import { Marks } from "./marks.ts";
import { hashRows } from "./rows.ts";

/** Bins of the spread's distribution: 0 locked, 1 … 19 ticks, 20 and more. */
export const SPREAD_BINS = 21;

/** A stretch in which one contract's book stood still. */
interface Still {
  /** The book's fingerprint, and its best prices. */
  book: number;
  bid: number;
  ask: number;
  /** Records that repeat it, and the first of them. */
  rows: number;
  first: number;
  /** First of them that should have changed it, as a trade need not; and the last. */
  from: number;
  to: number;
  /** First and last trade outside the best prices since these changed. */
  awayFrom: number;
  awayTo: number;
  away: number;
}

/** What one contract's books were like. */
export interface ContractBooks {
  /** Name it goes by. */
  contract: string;
  /** What the name says it is. */
  kind: ContractKind;
  /** Its instrument id. */
  instrumentId: number;
  /** Records. */
  rows: number;
  /** Records while the market was open. */
  openRows: number;
  /** Minutes with records. */
  coverage: Coverage;
  /** First and last record, ns since the session's start. */
  span: [number, number];
  /** Ends of events by spread, ticks; Float64Array ({@linkcode SPREAD_BINS}). */
  spreads: Float64Array;
  /** Best sizes at ends of events, bids and asks together. */
  best: Histogram;
  /** Sums of sizes by level at ends of events: ten bids, ten asks; Float64Array (20). */
  depth: Float64Array;
  /** Ends of events counted. */
  events: number;
  /** Locked or crossed while the market was open. */
  crossed: Marks;
  /** Of these the locked. */
  locked: number;
  /** Crossed before the open. */
  preopen: Marks;
  /** Levels out of order. */
  inverted: Marks;
  /** Records that show a stale book. */
  stale: Marks;
  /** A best price at zero or less. */
  badSign: Marks;
  /** A best price on another scale. */
  badScale: Marks;
  /** A good best bid, for the scale. */
  typical: number;
  /** How long the book has stood still. */
  still: Still;
}

const sides = ["bid", "ask"] as const;
const ladder = (field: string) =>
  sides.flatMap((side) => Array.from({ length: BOOK_LEVELS }, (_, k) => `${side}_${field}_${k + 1}`));
const PRICES = ladder("px"), SIZES = ladder("sz");

/** Columns that the checks of books read. */
export const BOOK_AUDIT_COLUMNS = [
  "ts_event_ns",
  "ts_recv_ns",
  "row",
  "contract",
  "instrument_id",
  "action",
  "side",
  "depth",
  "price",
  "size",
  ...PRICES,
  ...SIZES,
  "is_snapshot",
  "flags",
  "seq",
];

const LAST = 0x80, GAP = 0x04;

/** A day's books in the making; feed it batches in order of hour. */
export class BookChecks {
  /** Contracts by name. */
  readonly contracts = new Map<string, ContractBooks>();
  /** Minutes with records of any contract. */
  readonly coverage: Coverage;
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
    this.flagged = new Marks(examples);
    this.late = { delays: delayHistogram(), marks: new LateMarks(examples) };
  }

  /** Adds records of one hour. @returns Their times, ns since the session's start. */
  add(batch: Batch): Float64Array {
    const day = this.#day, contract = strings(batch, "contract");
    const of = contract.values.map((name) => this.#contract(name));
    const t = relativeNs(i64(batch, "ts_event_ns"), day.session.startNs);
    const recv = relativeNs(i64(batch, "ts_recv_ns"), day.session.startNs);
    const id = u32(batch, "instrument_id"), flags = u8(batch, "flags");
    const limit = day.config.audit.delayMs;
    for (let i = 0; i < t.length; i++) {
      const books = of[contract.codes[i]], at = t[i];
      this.coverage.add(at);
      if (flags[i] & GAP) this.flagged.add(at);
      if (!isLateFlag(flags[i])) this.late.marks.check(at, recv[i] - at, limit, this.late.delays);
      if (id[i] < books.instrumentId) books.instrumentId = id[i];
      books.rows++;
      books.coverage.add(at);
      if (at < books.span[0]) books.span[0] = at;
      if (at > books.span[1]) books.span[1] = at;
    }
    this.#books(batch, t, contract, of);
    return t;
  }

  /** Ends the day. */
  finish(): void {
    for (const books of this.contracts.values()) this.#endStill(books, true);
  }

  #contract(name: string): ContractBooks {
    let books = this.contracts.get(name);
    if (!books) this.contracts.set(name, books = newBooks(name, this.#day));
    return books;
  }

  #books(batch: Batch, t: Float64Array, { codes }: Strings, of: ContractBooks[]): void {
    const day = this.#day, { scaleRatio } = day.config.audit, tick = day.config.market.tickEs;
    const bid = f64(batch, "bid_px_1"), ask = f64(batch, "ask_px_1");
    const bidSize = u32(batch, "bid_sz_1"), askSize = u32(batch, "ask_sz_1");
    const flags = u8(batch, "flags"), snapshot = i8(batch, "is_snapshot"), price = f64(batch, "price");
    const action = strings(batch, "action"), isTrade = action.values.map((a) => a === "T" || a === "F");
    const inverted = invertedLevels(batch), book = hashRows(batch, [...PRICES, ...SIZES]);
    const counted = new Uint8Array(t.length);
    for (let i = 0; i < t.length; i++) {
      const books = of[codes[i]], at = t[i], open = isOpen(day, at);
      if (open) books.openRows++;
      if (books.kind !== "spread") {
        if (bid[i] <= 0 || ask[i] <= 0) {
          books.badSign.add(at, () => `best prices ${bid[i]} and ${ask[i]}`);
          continue;
        }
        if (Number.isNaN(books.typical)) books.typical = bid[i];
        const ratio = bid[i] / books.typical;
        if (ratio > scaleRatio || ratio < 1 / scaleRatio) {
          books.badScale.add(at, () => `best bid ${bid[i]} beside ${books.typical}`);
          continue;
        }
      }
      if (bid[i] >= ask[i]) {
        const marks = open ? books.crossed : books.preopen;
        if (open && bid[i] === ask[i]) books.locked++;
        marks.add(at, () => `bid ${bid[i]}, ask ${ask[i]}`);
      } else {
        if (inverted[i]) books.inverted.add(at, () => `levels ${inverted[i]} and ${inverted[i] + 1}`);
        // Quantities are those between events, while the market is open and both sides have a price.
        if (open && (flags[i] & LAST) && ask[i] > bid[i]) {
          const ticks = Math.min(SPREAD_BINS - 1, Math.round((ask[i] - bid[i]) / tick));
          books.spreads[ticks]++;
          addTo(books.best, bidSize[i]);
          addTo(books.best, askSize[i]);
          books.events++;
          counted[i] = 1;
        }
      }
      if (!snapshot[i] && books.kind !== "spread") {
        this.#still(books, at, book[i], bid[i], ask[i], isTrade[action.codes[i]] ? price[i] : NaN);
      }
    }
    addDepth(batch, counted, codes, of);
  }

  /**
   * Follows how long a book stands still. Two signs of a stale one: records that should change it and do not, one after
   * another, and trades outside best prices that do not move.
   */
  #still(books: ContractBooks, t: number, book: number, bid: number, ask: number, trade: number): void {
    const { still } = books, isTrade = !Number.isNaN(trade);
    if (book !== still.book) this.#endStill(books, bid !== still.bid || ask !== still.ask);
    else {
      if (still.rows++ === 0) still.first = t;
      if (!isTrade && Number.isNaN(still.from)) still.from = t;
      still.to = t;
    }
    still.book = book;
    still.bid = bid;
    still.ask = ask;
    if (isTrade && (trade < bid || trade > ask)) {
      if (still.away++ === 0) still.awayFrom = t;
      still.awayTo = t;
    }
  }

  #endStill(books: ContractBooks, moved: boolean): void {
    const { still } = books, least = this.#day.config.audit.staleSeconds * SECOND_NS;
    const frozen = still.to - still.from >= least;
    if (frozen) {
      const { rows, first, to } = still, seconds = Math.round((to - first) / SECOND_NS);
      books.stale.addRun(rows, first, to, () => `${rows} records over ${seconds} s show one book`);
    }
    still.rows = 0;
    still.first = still.from = still.to = NaN;
    if (!moved) return;
    if (!frozen && still.awayTo - still.awayFrom >= least) {
      const { away, awayFrom, awayTo, bid, ask } = still;
      books.stale.addRun(away, awayFrom, awayTo, () => `${away} trades outside ${bid} to ${ask}`);
    }
    still.away = 0;
    still.awayFrom = still.awayTo = NaN;
  }
}

function newBooks(contract: string, { config, minutes }: Day): ContractBooks {
  const marks = () => new Marks(config.audit.examples);
  return {
    contract,
    kind: kindOf(config.market.symbol, contract),
    instrumentId: Infinity,
    rows: 0,
    openRows: 0,
    coverage: new Coverage(minutes),
    span: [Infinity, -Infinity],
    spreads: new Float64Array(SPREAD_BINS),
    best: sizeHistogram(),
    depth: new Float64Array(2 * BOOK_LEVELS),
    events: 0,
    crossed: marks(),
    locked: 0,
    preopen: marks(),
    inverted: marks(),
    stale: marks(),
    badSign: marks(),
    badScale: marks(),
    typical: NaN,
    still: {
      book: NaN,
      bid: NaN,
      ask: NaN,
      rows: 0,
      first: NaN,
      from: NaN,
      to: NaN,
      awayFrom: NaN,
      awayTo: NaN,
      away: 0,
    },
  };
}

/** The first level of each record that is not better than the next of its side, 0 where all are in order. */
function invertedLevels(batch: Batch): Uint8Array {
  const first = new Uint8Array(batch.length);
  for (let level = BOOK_LEVELS - 1; level >= 1; level--) {
    const bid = f64(batch, `bid_px_${level}`), nextBid = f64(batch, `bid_px_${level + 1}`);
    const ask = f64(batch, `ask_px_${level}`), nextAsk = f64(batch, `ask_px_${level + 1}`);
    // An empty level is NaN: no comparison with it holds.
    for (let i = 0; i < first.length; i++) if (nextBid[i] >= bid[i] || nextAsk[i] <= ask[i]) first[i] = level;
  }
  return first;
}

function addDepth(batch: Batch, counted: Uint8Array, codes: Int32Array, of: ContractBooks[]): void {
  SIZES.forEach((name, k) => {
    const size = u32(batch, name), sums = new Float64Array(of.length);
    for (let i = 0; i < size.length; i++) if (counted[i]) sums[codes[i]] += size[i];
    sums.forEach((sum, code) => of[code].depth[k] += sum);
  });
}
