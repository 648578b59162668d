/**
 * First passage: the first trade that is far enough from the anchor.
 *
 * @module
 */
import type { Tape } from "../levels/mod.ts";

/** Trades that labels look at: ascending `ts` in ns since session start, price in ES points. */
export type Trades = Pick<Tape, "length" | "ts" | "price">;

/** How far is far enough. */
export interface Barrier {
  /** Price moves are counted from, ES points. */
  anchor: number;
  /** Distance, dollars, bounds inclusive. */
  distance: number;
  /** SPY per ES of the row. */
  scale: number;
  /** Slack of the comparison, dollars. */
  slack: number;
}

/**
 * First of the rows `[first, end)` whose price is `distance` or more from the anchor on either side.
 *
 * @param trades All trades.
 * @param first First row.
 * @param end One past the last row.
 * @returns Row and side (+1 above the anchor, −1 below); row −1, side 0 if none is.
 */
export function firstPassage(
  trades: Trades,
  first: number,
  end: number,
  barrier: Barrier,
): { row: number; side: -1 | 0 | 1 } {
  const { anchor, scale } = barrier, wanted = barrier.distance - barrier.slack;
  for (let row = first; row < end; row++) {
    const move = (trades.price[row] - anchor) * scale;
    if (Math.abs(move) >= wanted) return { row, side: move > 0 ? 1 : -1 };
  }
  return { row: -1, side: 0 };
}

/**
 * Barrier of the volatility-scaled first passage: U = max(floor, factor·σ·√minutes).
 *
 * @param sigma σ: standard deviation of one-minute changes, dollars; NaN gives NaN.
 * @param config Floor in dollars, factor and minutes.
 * @returns Dollars.
 */
export function passageBarrier(
  sigma: number,
  config: { passageFloor: number; passageFactor: number; passageMinutes: number },
): number {
  return Math.max(config.passageFloor, config.passageFactor * sigma * Math.sqrt(config.passageMinutes));
}
