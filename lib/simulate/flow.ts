/**
 * The state of one contract's order flow: its book, who is at work in it and where the price should be.
 *
 * Price moves only when a best queue is used up. Which queue, is a matter of where the fair price is: takers
 * (takers.ts) and makers (makers.ts) lean toward it, each with noise.
 *
 * @module
 */
import type { Random } from "../base/mod.ts";
import { type Book, BOOK_SPAN, emptyBook } from "./book.ts";

/** An order that shows a part and holds the rest back. */
export interface Iceberg {
  /** Tick index, −1 when there is none. */
  index: number;
  /** Contracts shown after each refill. */
  shown: number;
  /** Contracts still hidden. */
  reserve: number;
}

/** Zone of a level that is approached, where the two sides' sizes are not what they usually are. */
export interface Zone {
  /** First tick index; above `high` when there is no zone. */
  low: number;
  /** Last tick index. */
  high: number;
  /** Multiple of the usual target size, of bids. */
  bids: number;
  /** The same of asks. */
  asks: number;
}

/** A contract with its book and the state of its flow. */
export interface Flow {
  /** Number of the instrument in the recorder. */
  instrument: number;
  /** Price step, points. */
  tick: number;
  /** The book. */
  book: Book;
  /** Fair price, tick index (fractional). */
  fair: number;
  /** Target size of the best level. */
  best: number;
  /** Target size of deeper levels. */
  deep: number;
  /** Mean size of an order. */
  order: number;
  /** Signs of the metaorders at work and trades left in each. */
  signs: Int8Array;
  /** Trades left in each metaorder. */
  left: Int32Array;
  /** The metaorder that traded last. */
  working: number;
  /** Icebergs on the bid and on the ask. */
  icebergs: [bid: Iceberg, ask: Iceberg];
  /** Touched zone. */
  zone: Zone;
  /** Messages of the market at scale 1 that one message stands for: a quieter market does as much in a minute. */
  haste: number;
}

/** Metaorders at work at a time. */
export const META_ORDERS = 3;

/**
 * A contract with a full book around a price.
 *
 * @param instrument Number of the instrument.
 * @param options Price step, price to stand at (points), target size of deeper levels, messages of the market at
 *   scale 1 that one stands for.
 * @param random Draws the first book.
 */
export function makeFlow(
  instrument: number,
  options: { tick: number; price: number; deep: number; haste: number },
  random: Random,
): Flow {
  const book = emptyBook(options.price / options.tick);
  const flow: Flow = {
    instrument,
    tick: options.tick,
    book,
    fair: options.price / options.tick - book.lowTick,
    best: options.deep / 2,
    deep: options.deep,
    order: 1,
    signs: new Int8Array(META_ORDERS),
    left: new Int32Array(META_ORDERS),
    working: 0,
    icebergs: [{ index: -1, shown: 0, reserve: 0 }, { index: -1, shown: 0, reserve: 0 }],
    zone: { low: 0, high: -1, bids: 1, asks: 1 },
    haste: options.haste,
  };
  for (let i = 0; i < BOOK_SPAN; i++) {
    book.size[i] = 1 + Math.round(options.deep * (0.4 + 0.5 * random.uniform() + 0.5 * random.uniform()));
    book.count[i] = 1 + Math.floor(book.size[i] * (0.3 + 0.3 * random.uniform()));
  }
  return flow;
}

/** Price of a tick index, points. */
export function priceAt(flow: Flow, index: number): number {
  const ticks = flow.book.lowTick + index;
  return flow.tick === 0.25 ? ticks * 0.25 : Math.round(ticks * flow.tick * 100) / 100;
}

/** Mid price, tick index (halves). */
export function midOf(flow: Flow): number {
  return (flow.book.bid + flow.book.ask) / 2;
}
