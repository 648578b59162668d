/**
 * The option board: what each 0DTE contract has shown so far.
 *
 * Strikes, walls and fuel read it; the batch and the live service advance it minute by minute.
 *
 * @module
 */
import { type Config, SECOND_NS } from "../base/mod.ts";
import { lowerBound, type SessionState } from "./state.ts";

/** Volume, signed flow and volatility by strike, ascending; arrays may be longer than `length`. */
export interface OptionBoard {
  /** Number of strikes with a print. */
  length: number;
  /** Rows of the option tape consumed. */
  rows: number;
  /** Float64Array: strike, dollars, ascending. */
  strike: Float64Array;
  /** Float64Array: contracts printed in calls so far. */
  callVolume: Float64Array;
  /** Float64Array: contracts printed in puts so far. */
  putVolume: Float64Array;
  /** Float64Array: q of the calls, −Σ aggressor·size since 09:30, contracts. */
  callQ: Float64Array;
  /** Float64Array: q of the puts. */
  putQ: Float64Array;
  /** Float64Array: last known volatility of the call, NaN where none. */
  callIv: Float64Array;
  /** Float64Array: last known volatility of the put, NaN where none. */
  putIv: Float64Array;
}

/** An empty board. */
export function newBoard(): OptionBoard {
  const column = () => new Float64Array(64);
  return {
    length: 0,
    rows: 0,
    strike: column(),
    callVolume: column(),
    putVolume: column(),
    callQ: column(),
    putQ: column(),
    callIv: column(),
    putIv: column(),
  };
}

/**
 * Takes in the option prints before `before` that the board has not seen.
 *
 * @param board IN/OUT.
 * @param state The session so far.
 * @param before ns since session start.
 * @throws {RangeError} If the board has already seen a print at or after `before`.
 */
export function advanceBoard(board: OptionBoard, state: SessionState, before: number): void {
  const { options, at } = state;
  if (board.rows > 0 && options.ts[board.rows - 1] >= before) {
    throw new RangeError(`Cannot take the board back to ${before}: it is at ${options.ts[board.rows - 1]}`);
  }
  for (; board.rows < options.length && options.ts[board.rows] < before; board.rows++) {
    const row = board.rows, i = rowOfStrike(board, options.strike[row]);
    const call = options.isCall[row] === 1;
    (call ? board.callVolume : board.putVolume)[i] += options.size[row];
    if (options.ts[row] >= at.open) {
      (call ? board.callQ : board.putQ)[i] -= options.aggressor[row] * options.size[row];
    }
    const iv = options.iv[row];
    if (!Number.isNaN(iv)) (call ? board.callIv : board.putIv)[i] = iv;
  }
}

/** Index of a strike, put in its place with nothing known if it is new. */
function rowOfStrike(board: OptionBoard, strike: number): number {
  const i = lowerBound(board.strike, strike, board.length);
  if (i < board.length && board.strike[i] === strike) return i;
  const n = board.length++;
  for (const [name, empty] of BLANK) {
    if (n === board[name].length) {
      const grown = new Float64Array(2 * n);
      grown.set(board[name]);
      board[name] = grown;
    }
    board[name].copyWithin(i + 1, i, n);
    board[name][i] = empty;
  }
  board.strike[i] = strike;
  return i;
}

const BLANK = [
  ["strike", NaN],
  ["callVolume", 0],
  ["putVolume", 0],
  ["callQ", 0],
  ["putQ", 0],
  ["callIv", NaN],
  ["putIv", NaN],
] as const;

/**
 * Years to the close of the options that expire today: trading seconds ÷ seconds of a trading year, at least the floor.
 *
 * @param at The session's moments.
 * @param moment ns since session start.
 * @param config Seconds in a year and the floor in minutes.
 * @returns Years, NaN from the close on.
 */
export function yearsToClose(
  at: SessionState["at"],
  moment: number,
  config: Pick<Config["options"], "yearSeconds" | "floorMinutes">,
): number {
  if (moment >= at.close) return NaN;
  const seconds = (at.close - Math.max(moment, at.open)) / SECOND_NS;
  return Math.max(seconds, config.floorMinutes * 60) / config.yearSeconds;
}
