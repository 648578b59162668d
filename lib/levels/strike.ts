/**
 * STRIKE: 0DTE strikes that trade far more than their neighbours.
 *
 * @module
 */
import type { OptionBoard } from "./option_board.ts";

/** When a strike is a level. */
export interface StrikeOptions {
  /** Volume a strike must exceed, contracts. */
  volume: number;
  /** Multiple of the neighbourhood's median volume it must reach. */
  medianRatio: number;
  /** Neighbourhood of that median, dollars, the strike itself included. */
  neighbourhood: number;
  /** Slack of price comparisons, dollars. */
  slack: number;
}

/**
 * Strikes with volume so far (calls and puts) above `volume` and at least `medianRatio` times the median volume of the
 * printed strikes around them, however far from the spot: the runway and a violent bar look that far.
 *
 * @param board Prints so far.
 * @returns SPY dollars, ascending.
 */
export function strikeLevels(board: OptionBoard, options: StrikeOptions): number[] {
  const levels: number[] = [];
  for (let i = 0; i < board.length; i++) {
    const strike = board.strike[i], volume = board.callVolume[i] + board.putVolume[i];
    if (
      volume > options.volume &&
      volume >= options.medianRatio * medianAround(board, i, options.neighbourhood + options.slack)
    ) {
      levels.push(strike);
    }
  }
  return levels;
}

function medianAround(board: OptionBoard, center: number, reach: number): number {
  let first = center, end = center + 1;
  while (first > 0 && board.strike[center] - board.strike[first - 1] <= reach) first--;
  while (end < board.length && board.strike[end] - board.strike[center] <= reach) end++;
  const volumes = new Float64Array(end - first);
  for (let i = first; i < end; i++) volumes[i - first] = board.callVolume[i] + board.putVolume[i];
  volumes.sort();
  const middle = volumes.length >> 1;
  return volumes.length % 2 === 1 ? volumes[middle] : (volumes[middle - 1] + volumes[middle]) / 2;
}
