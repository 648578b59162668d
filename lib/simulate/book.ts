/**
 * A limit order book on a grid of ticks.
 *
 * @module
 */

/** Ticks a book can move over in a session. */
export const BOOK_SPAN = 16_384;

/** Sizes and order counts by tick; ticks up to `bid` are bids, from `ask` on asks, empty between. */
export interface Book {
  /** Int32Array (BOOK_SPAN): contracts at each tick. */
  size: Int32Array;
  /** Int32Array (BOOK_SPAN): orders at each tick. */
  count: Int32Array;
  /** Index of the best bid. */
  bid: number;
  /** Index of the best ask. */
  ask: number;
  /** Tick number of index 0; price = (lowTick + index) × tick. */
  lowTick: number;
}

/**
 * A book with nothing in it.
 *
 * @param midTick Tick number around which it will stand.
 */
export function emptyBook(midTick: number): Book {
  const lowTick = Math.round(midTick) - BOOK_SPAN / 2;
  return {
    size: new Int32Array(BOOK_SPAN),
    count: new Int32Array(BOOK_SPAN),
    bid: BOOK_SPAN / 2 - 1,
    ask: BOOK_SPAN / 2,
    lowTick,
  };
}

/**
 * Adds to a tick's size; a tick between the best quotes becomes the best of `side`.
 *
 * @param book Changed in place.
 * @param side +1 ask, −1 bid.
 * @param index Tick index on that side.
 * @param size Contracts, > 0.
 * @param orders Orders added, 0 when one grows.
 */
export function addSize(book: Book, side: number, index: number, size: number, orders: number): void {
  book.size[index] += size;
  book.count[index] += orders;
  if (side > 0) {
    if (index < book.ask) book.ask = index;
  } else if (index > book.bid) book.bid = index;
}

/**
 * Takes size from a tick; when it is empty and was the best, the best moves to the next tick that holds orders.
 *
 * @param book Changed in place.
 * @param side +1 ask, −1 bid.
 * @param index Tick index on that side.
 * @param size Contracts, at most what is there.
 * @param orders Orders removed; counts stay between 1 and the size while anything is left.
 */
export function takeSize(book: Book, side: number, index: number, size: number, orders: number): void {
  const left = book.size[index] - size;
  book.size[index] = left;
  book.count[index] = left === 0 ? 0 : Math.max(1, Math.min(book.count[index] - orders, left));
  if (left > 0) return;
  if (side > 0 && index === book.ask) {
    while (book.size[++book.ask] === 0);
  } else if (side < 0 && index === book.bid) {
    while (book.size[--book.bid] === 0);
  }
}

/** Levels that hold orders between the best of a side and a tick: the tick's depth, 0 for the best. */
export function depthOf(book: Book, side: number, index: number): number {
  let depth = 0;
  for (let i = side > 0 ? book.ask : book.bid; i !== index; i += side) if (book.size[i] > 0) depth++;
  return depth;
}
