/**
 * One side of a ten-level book, in ticks.
 *
 * @module
 */

/** Price levels of a book side. */
export const BOOK_LEVELS = 10;
/** Ticks a price may have: 262,144 ES points. More is not a price, and would only be memory. */
const MAX_TICKS = 2 ** 20;

/** One side of a book, best level first. */
export interface BookSide {
  /** Float64Array (10): prices as fed, −1 where the level is empty. */
  price: Float64Array;
  /** Float64Array (10): contracts. */
  size: Float64Array;
  /** Int32Array (10): prices in ticks; the first `levels` count. */
  tick: Int32Array;
  /** How many levels are listed. */
  levels: number;
  /** Contracts of all listed levels. */
  total: number;
  /** Whether the listed prices go strictly from better to worse. */
  ordered: boolean;
}

/** An empty side. */
export function emptySide(): BookSide {
  return {
    price: new Float64Array(BOOK_LEVELS).fill(-1),
    size: new Float64Array(BOOK_LEVELS),
    tick: new Int32Array(BOOK_LEVELS),
    levels: 0,
    total: 0,
    ordered: true,
  };
}

/**
 * A price in ticks.
 *
 * @param price ES points.
 * @param tickEs Points a tick.
 * @throws {RangeError} If it is not a price: NaN, negative or beyond 262,144 points.
 */
export function tickOf(price: number, tickEs: number): number {
  const tick = Math.round(price / tickEs);
  if (!(tick >= 0 && tick < MAX_TICKS)) {
    throw new RangeError(
      `Cannot place price ${price} in the book: wanted 0 to ${MAX_TICKS * tickEs} points; ` +
        "run audit on this date and set the row aside",
    );
  }
  return tick;
}

/**
 * Brings `tick`, `levels`, `total` and `ordered` in line with the side's prices and sizes.
 *
 * @param side The side, IN/OUT.
 * @param sign +1 ask, −1 bid: `sign × tick` grows from better to worse.
 * @param tickEs Points a tick.
 */
export function rankSide(side: BookSide, sign: number, tickEs: number): void {
  let levels = 0, total = 0, ordered = true;
  while (levels < BOOK_LEVELS && side.price[levels] !== -1) {
    const tick = tickOf(side.price[levels], tickEs);
    side.tick[levels] = tick;
    if (levels > 0 && sign * tick <= sign * side.tick[levels - 1]) ordered = false;
    total += side.size[levels++];
  }
  side.levels = levels;
  side.total = total;
  side.ordered = ordered;
}

/**
 * The worst price still visible, as `sign × tick`: the tenth level's, or infinity where fewer are shown.
 *
 * @param side The side.
 * @param sign +1 ask, −1 bid.
 */
export function visibleLimit(side: BookSide, sign: number): number {
  return side.levels < BOOK_LEVELS ? Infinity : sign * side.tick[BOOK_LEVELS - 1];
}

/** A copy that later changes do not reach. */
export function copySide(side: BookSide): BookSide {
  return { ...side, price: side.price.slice(), size: side.size.slice(), tick: side.tick.slice() };
}
