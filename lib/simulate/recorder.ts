/**
 * Writes events as the feed records them: columns of trades and of ten-level books.
 *
 * @module
 */
import { type Batch, type Column, Random } from "../base/mod.ts";
import { BOOK_LEVELS } from "../schema/mod.ts";
import type { Book } from "./book.ts";
import type { Instrument } from "./instruments.ts";

/** Rows of one table, in the order of the feed. */
export interface Piece {
  /** Which table. */
  table: "trades" | "mbp-10";
  /** UTC date of the file they belong to. */
  utcDate: string;
  /** Rows with every Bronze column. */
  batch: Batch;
}

/** Codes of the `action` column. */
export const ACTIONS = { T: 0, A: 1, C: 2, M: 3, R: 4 } as const;
/** Codes of the `side` column; a trade's is its aggressor. */
export const SIDES = { B: 0, A: 1, N: 2 } as const;
const ACTION_NAMES = ["T", "A", "C", "M", "R"];
const SIDE_NAMES = ["B", "A", "N"];
const AGGRESSORS = [1, -1, 0];

/** Flag of the last record of an event, with the venue's own bit, as real files have it. */
export const LAST = 0x82;
/** Flags of a snapshot's record: last, snapshot, receive time not to be trusted. */
export const SNAPSHOT = 0xa8;

const CAPACITY = 8192;
const HEADROOM = 64;
const PUBLISHER = 1;

class Columns {
  length = 0;
  readonly event = new Float64Array(CAPACITY);
  readonly recv = new Float64Array(CAPACITY);
  readonly delta = new Int32Array(CAPACITY);
  readonly seq = new Float64Array(CAPACITY);
  readonly instrument = new Int32Array(CAPACITY);
  readonly action = new Int32Array(CAPACITY);
  readonly side = new Int32Array(CAPACITY);
  readonly depth = new Uint8Array(CAPACITY);
  readonly flags = new Uint8Array(CAPACITY);
  readonly price = new Float64Array(CAPACITY);
  readonly size = new Uint32Array(CAPACITY);
}

function ladder<T>(make: (n: number) => T): T[] {
  return Array.from({ length: BOOK_LEVELS }, () => make(CAPACITY));
}

class Ladders {
  readonly bidPx = ladder((n) => new Float64Array(n));
  readonly bidSz = ladder((n) => new Uint32Array(n));
  readonly askPx = ladder((n) => new Float64Array(n));
  readonly askSz = ladder((n) => new Uint32Array(n));
  readonly bidCt = ladder((n) => new Uint32Array(n));
  readonly askCt = ladder((n) => new Uint32Array(n));
}

/** Gathers records; {@linkcode Recorder.take} hands them over as batches. */
export class Recorder {
  readonly #instruments: readonly Instrument[];
  readonly #random: Random;
  readonly #originNs: bigint;
  readonly #source: string;
  #books = new Columns();
  #ladders = new Ladders();
  #trades = new Columns();
  #rows = { "trades": 0, "mbp-10": 0 };
  #event = 0;
  #recv = 0;
  #delta = 0;
  #seq: number;

  /**
   * @param instruments What the records' instrument numbers mean.
   * @param originNs ns UTC that event times count from.
   * @param random Draws delays and sequence steps.
   * @param ingest Name of the stream, for the `ingest` column.
   */
  constructor(instruments: readonly Instrument[], originNs: bigint, random: Random, ingest: string) {
    this.#instruments = instruments;
    this.#originNs = originNs;
    this.#random = random;
    this.#source = ingest;
    this.#seq = 1000 + random.int(5000);
  }

  /** Whether {@linkcode take} should be called before the next event. */
  get full(): boolean {
    return this.#books.length > CAPACITY - HEADROOM;
  }

  /** Time of the last event, ns since the origin. */
  get lastEvent(): number {
    return this.#event;
  }

  /**
   * Begins an event: its records share a time and a packet.
   *
   * @param t Wanted time, whole ns since the origin; moved just past the last event if it is not later.
   * @returns The event's time.
   */
  begin(t: number): number {
    const random = this.#random;
    this.#event = Math.max(t, this.#event + 180 + random.int(600));
    const slow = random.uniform() < 0.1 ? 300_000 : 18_000;
    const arrival = this.#event + 84_000 + Math.floor(random.exponential(slow));
    this.#recv = Math.max(arrival, this.#recv + random.int(40));
    this.#delta = 13_000 + random.int(5000);
    this.#step();
    return this.#event;
  }

  #step(): void {
    // Real steps: 80 % one, 7 % none, the rest gaps left by other channels' messages.
    const u = this.#random.uniform();
    this.#seq += u < 0.8 ? 1 : u < 0.87 ? 0 : 2 + this.#random.geometric(0.5);
  }

  /** Writes a trade of the event at hand: the book it carries is the one before. Arguments as {@linkcode book}. */
  trade(instrument: number, side: number, price: number, size: number, before: Book): void {
    this.#head(this.#trades, instrument, ACTIONS.T, side, 0, price, size, 0);
    this.book(instrument, ACTIONS.T, side, 0, price, size, 0, before);
  }

  /**
   * Writes a record of the event at hand.
   *
   * @param instrument Number of the instrument.
   * @param action Code of the action.
   * @param side Code of the side.
   * @param depth Level, 0 best.
   * @param price Points; NaN is undefined.
   * @param size Contracts.
   * @param flags Bits.
   * @param book The book the record carries.
   */
  book(
    instrument: number,
    action: number,
    side: number,
    depth: number,
    price: number,
    size: number,
    flags: number,
    book: Book,
  ): void {
    if (action !== ACTIONS.T && (flags & 0x20) === 0) this.#step();
    const row = this.#books.length;
    this.#head(this.#books, instrument, action, side, depth, price, size, flags);
    this.#ladder(row, book, this.#instruments[instrument].tick);
  }

  /**
   * Writes a snapshot record: an earlier event's time, received at `t`.
   *
   * @param instrument Number of the instrument.
   * @param t ns since the origin.
   * @param book The book as it stands.
   */
  snapshot(instrument: number, t: number, book: Book): void {
    this.#recv = Math.max(this.#recv, t);
    this.book(instrument, ACTIONS.A, SIDES.N, 0, NaN, 0, SNAPSHOT, book);
  }

  /**
   * Writes the first event of a session: the book is cleared, an auction prints, the ten best of each side appear.
   *
   * @param instrument Number of the instrument.
   * @param auction Price (points) and size of the print.
   * @param book The book as it will stand; deeper levels come into sight later.
   */
  opening(instrument: number, auction: { price: number; size: number }, book: Book): void {
    const shown = {
      ...book,
      size: new Int32Array(book.size.length),
      count: new Int32Array(book.count.length),
    };
    this.book(instrument, ACTIONS.R, SIDES.N, 0, NaN, 0, 0, shown);
    this.trade(instrument, SIDES.N, auction.price, auction.size, shown);
    for (let k = 0; k < 2 * BOOK_LEVELS; k++) {
      const depth = k >> 1, index = k % 2 === 0 ? book.bid - depth : book.ask + depth;
      const side = k % 2 === 0 ? SIDES.B : SIDES.A, size = book.size[index];
      const price = priceOf(book.lowTick + index, this.#instruments[instrument].tick);
      shown.size[index] = size;
      shown.count[index] = book.count[index];
      const flags = k === 2 * BOOK_LEVELS - 1 ? LAST : 0;
      this.book(instrument, ACTIONS.A, side, depth, price, size, flags, shown);
    }
  }

  #head(
    to: Columns,
    instrument: number,
    action: number,
    side: number,
    depth: number,
    price: number,
    size: number,
    flags: number,
  ): void {
    const row = to.length++;
    to.event[row] = this.#event;
    to.recv[row] = this.#recv;
    to.delta[row] = this.#delta;
    to.seq[row] = this.#seq;
    to.instrument[row] = instrument;
    to.action[row] = action;
    to.side[row] = side;
    to.depth[row] = depth;
    to.price[row] = price;
    to.size[row] = size;
    to.flags[row] = flags;
  }

  #ladder(row: number, book: Book, tick: number): void {
    const { bidPx, bidSz, bidCt, askPx, askSz, askCt } = this.#ladders;
    const { size, count, lowTick } = book;
    for (let level = 0, at = book.bid; level < BOOK_LEVELS; level++, at--) {
      while (at >= 0 && size[at] === 0) at--;
      bidPx[level][row] = at < 0 ? NaN : priceOf(lowTick + at, tick);
      bidSz[level][row] = at < 0 ? 0 : size[at];
      bidCt[level][row] = at < 0 ? 0 : count[at];
    }
    for (let level = 0, at = book.ask; level < BOOK_LEVELS; level++, at++) {
      while (at < size.length && size[at] === 0) at++;
      const empty = at >= size.length;
      askPx[level][row] = empty ? NaN : priceOf(lowTick + at, tick);
      askSz[level][row] = empty ? 0 : size[at];
      askCt[level][row] = empty ? 0 : count[at];
    }
  }

  /**
   * Hands over what was gathered.
   *
   * @param utcDate Date of the file the rows belong to.
   */
  take(utcDate: string): Piece[] {
    const pieces: Piece[] = [];
    if (this.#trades.length > 0) {
      const batch = this.#finish("trades", this.#trades);
      pieces.push({ table: "trades", utcDate, batch });
      this.#trades = new Columns();
    }
    if (this.#books.length > 0) {
      const batch = this.#finish("mbp-10", this.#books, this.#ladders);
      pieces.push({ table: "mbp-10", utcDate, batch });
      this.#books = new Columns();
      this.#ladders = new Ladders();
    }
    return pieces;
  }

  #finish(table: "trades" | "mbp-10", from: Columns, ladders?: Ladders): Batch {
    const n = from.length;
    const first = this.#rows[table];
    this.#rows[table] += n;
    const flags = from.flags.subarray(0, n);
    const head: Record<string, Column> = {
      ts_event_ns: addOrigin(from.event, n, this.#originNs),
      ts_recv_ns: addOrigin(from.recv, n, this.#originNs),
      ts_in_delta: from.delta.subarray(0, n),
      source: { codes: new Int32Array(n), values: ["simulated"] },
      ingest: { codes: new Int32Array(n), values: [this.#source] },
      row: addOrigin(Float64Array.from({ length: n }, (_, i) => first + i), n, 0n),
      contract: { codes: from.instrument.subarray(0, n), values: this.#instruments.map((i) => i.name) },
      instrument_id: new Uint32Array(n),
      publisher_id: new Uint16Array(n).fill(PUBLISHER),
    };
    const ids = head.instrument_id as Uint32Array;
    for (let i = 0; i < n; i++) ids[i] = this.#instruments[from.instrument[i]].id;
    const price = from.price.subarray(0, n), size = from.size.subarray(0, n);
    const depth = from.depth.subarray(0, n), seq = addOrigin(from.seq, n, 0n);
    const action = { codes: from.action.subarray(0, n), values: ACTION_NAMES };
    const side = { codes: from.side.subarray(0, n), values: SIDE_NAMES };
    if (!ladders) {
      const aggressor = Int8Array.from(side.codes, (code) => AGGRESSORS[code]);
      return { length: n, columns: { ...head, price, size, side, aggressor, action, depth, flags, seq } };
    }
    const columns: Record<string, Column> = { ...head, action, side, depth, price, size };
    const { bidPx, bidSz, askPx, askSz, bidCt, askCt } = ladders;
    for (const [name, levels] of Object.entries({ bidPx, bidSz, askPx, askSz, bidCt, askCt })) {
      const prefix = `${name.slice(0, 3)}_${name.slice(3).toLowerCase()}`;
      levels.forEach((column, level) => columns[`${prefix}_${level + 1}`] = column.subarray(0, n));
    }
    columns.is_snapshot = Int8Array.from(flags, (f) => f & 0x20 ? 1 : 0);
    return { length: n, columns: { ...columns, flags, seq } };
  }
}

/** Price of a tick number, rounded to the cent: the spread's tick of 0.05 is not a binary fraction. */
function priceOf(tickNumber: number, tick: number): number {
  return tick === 0.25 ? tickNumber * 0.25 : Math.round(tickNumber * tick * 100) / 100;
}

function addOrigin(offsets: Float64Array, n: number, origin: bigint): BigInt64Array {
  const words = new Uint32Array(2 * n);
  const low = Number(BigInt.asUintN(32, origin)), high = Number(origin >> 32n);
  // Two words a value instead of a BigInt, which would be an allocation a row.
  for (let i = 0; i < n; i++) {
    const carry = Math.floor(offsets[i] / 4294967296);
    const sum = low + (offsets[i] - carry * 4294967296);
    const over = sum >= 4294967296 ? 1 : 0;
    words[2 * i] = sum - over * 4294967296;
    words[2 * i + 1] = high + carry + over;
  }
  return new BigInt64Array(words.buffer);
}
