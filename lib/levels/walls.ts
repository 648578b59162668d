/**
 * CALL_WALL and PUT_WALL: the strikes where dealers' gamma is largest.
 *
 * @module
 */
import { optionGamma } from "../base/mod.ts";
import type { OptionBoard } from "./option_board.ts";

/**
 * Strikes of largest |q·Γ(S, K, τ, last volatility)|: of calls at K ≥ S, of puts at K ≤ S; ties go to the nearest.
 *
 * @param board Prints so far; a contract without a volatility does not count.
 * @param spot S, SPY dollars.
 * @param years τ, years.
 * @param slack Slack of K against S, dollars.
 * @returns SPY dollars, NaN where every product is zero or unknown.
 */
export function walls(
  board: OptionBoard,
  spot: number,
  years: number,
  slack: number,
): { call: number; put: number } {
  let call = NaN, put = NaN, callWeight = 0, putWeight = 0;
  for (let i = 0; i < board.length; i++) {
    const strike = board.strike[i];
    if (strike >= spot - slack) {
      const weight = Math.abs(board.callQ[i] * optionGamma(spot, strike, years, board.callIv[i]));
      if (weight > callWeight) {
        callWeight = weight;
        call = strike;
      }
    }
    if (strike <= spot + slack) {
      const weight = Math.abs(board.putQ[i] * optionGamma(spot, strike, years, board.putIv[i]));
      if (weight > 0 && weight >= putWeight) {
        putWeight = weight;
        put = strike;
      }
    }
  }
  return { call, put };
}
