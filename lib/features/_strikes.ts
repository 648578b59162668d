/**
 * Sums by strike, and the strikes near a level.
 *
 * @module
 */
import { lowerBound, type OptionBoard } from "../levels/mod.ts";

/** Columns by strike, ascending. */
export interface ByStrike {
  /** Number of strikes. */
  length: number;
  /** Float64Array: strike, dollars, ascending. */
  strike: Float64Array;
}

/** The strikes of a board, copied: the board moves on, a bar's columns stay. */
export function strikesOf(board: OptionBoard): ByStrike {
  return { length: board.length, strike: board.strike.slice(0, board.length) };
}

/** Rows `[from, to)` whose strikes lie within `distance` dollars of `level`, bounds inclusive by the slack. */
export function strikesNear(
  columns: ByStrike,
  level: number,
  distance: number,
  slack: number,
): { from: number; to: number } {
  const from = lowerBound(columns.strike, level - distance - slack, columns.length);
  let to = from;
  while (to < columns.length && columns.strike[to] <= level + distance + slack) to++;
  return { from, to };
}

/** Σ of a column over rows `[from, to)`, in strike order. */
export function sumNear(values: Float64Array, rows: { from: number; to: number }): number {
  let sum = 0;
  for (let i = rows.from; i < rows.to; i++) sum += values[i];
  return sum;
}
