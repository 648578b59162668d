/**
 * Fuel: the gamma dealers hold near a level, from 0DTE prints since the open.
 *
 * @module
 */
import { type Config, optionGamma } from "../base/mod.ts";
import {
  advanceBoard,
  type OptionBoard,
  type SessionState,
  type Touch,
  yearsToClose,
} from "../levels/mod.ts";
import { ratio } from "./_numbers.ts";
import { type ByStrike, strikesNear, strikesOf, sumNear } from "./_strikes.ts";

/** The part of the config that fuel and dealer flow read. */
export type FuelConfig = Pick<Config, "fuel" | "options" | "market">;

/** Dealers' gamma by strike at a bar's close. */
export interface StrikeGammas extends ByStrike {
  /** Float64Array: Σ q·Γ·100 of the strike's call and put, shares per $1. */
  exposure: Float64Array;
  /** Float64Array: Σ volume·Γ·100 of the same contracts. */
  gross: Float64Array;
  /** Float64Array: contracts of the strike whose volatility is known. */
  known: Float64Array;
}

/** Columns of the group `fuel` that tell what dealers hold. */
export interface FuelFeatures {
  /** Σ q·Γ(S, K, τ, iv)·100, shares per $1. */
  gamma_exposure: number;
  /** gamma_exposure ÷ Σ volume·Γ·100. */
  gamma_norm: number;
  /** AMPLIFY, DAMPEN or NEUTRAL. */
  fuel_effect: string | null;
  /** SHORT, LONG or UNKNOWN. */
  gamma_bucket: string;
}

/**
 * Dealers' gamma by strike at the end of a bar: q = −Σ aggressor·size a contract since 09:30, Γ at the bar's close,
 * at the trading time left to the session's close and at the contract's last known volatility. A contract without
 * one does not count.
 *
 * @param state The session so far.
 * @param board The session's option board, advanced to `end`.
 * @param end End of the bar, ns since session start.
 * @param spot Bar close, SPY $.
 * @param config Years, floor and shares a contract.
 */
export function strikeGammas(
  state: SessionState,
  board: OptionBoard,
  end: number,
  spot: number,
  config: Pick<Config, "options" | "market">,
): StrikeGammas {
  advanceBoard(board, state, end);
  const strikes = strikesOf(board), n = strikes.length;
  const exposure = new Float64Array(n), gross = new Float64Array(n), known = new Float64Array(n);
  const years = yearsToClose(state.at, end, config.options), shares = config.market.optionShares;
  const count = (i: number, q: number, volume: number, iv: number) => {
    const gamma = optionGamma(spot, strikes.strike[i], years, iv);
    if (Number.isNaN(gamma)) return;
    exposure[i] += q * gamma * shares;
    gross[i] += volume * gamma * shares;
    known[i]++;
  };
  for (let i = 0; i < n; i++) {
    if (board.callVolume[i] > 0) count(i, board.callQ[i], board.callVolume[i], board.callIv[i]);
    if (board.putVolume[i] > 0) count(i, board.putQ[i], board.putVolume[i], board.putIv[i]);
  }
  return { ...strikes, exposure, gross, known };
}

/**
 * What dealers hold within $2 of the touched level; null (UNKNOWN) when no contract there has printed with a known
 * volatility. `gamma_norm` is also null where every gamma vanishes.
 *
 * @param touch The touch.
 * @param gammas Of the touch's bar.
 * @param config Distance and threshold.
 */
export function fuelFeatures(
  touch: Pick<Touch, "level">,
  gammas: StrikeGammas,
  config: Pick<Config, "fuel" | "market">,
): FuelFeatures {
  const near = strikesNear(gammas, touch.level, config.fuel.strikeDistance, config.market.slack);
  if (sumNear(gammas.known, near) === 0) {
    return { gamma_exposure: NaN, gamma_norm: NaN, fuel_effect: null, gamma_bucket: "UNKNOWN" };
  }
  const exposure = sumNear(gammas.exposure, near);
  const norm = ratio(exposure, sumNear(gammas.gross, near));
  return {
    gamma_exposure: exposure,
    gamma_norm: norm,
    fuel_effect: fuelEffect(norm, config.fuel.effectThreshold),
    gamma_bucket: exposure < 0 ? "SHORT" : "LONG",
  };
}

/** Dealers short gamma trade with a move and amplify it; long, against it. */
function fuelEffect(norm: number, threshold: number): string | null {
  if (Number.isNaN(norm)) return null;
  if (norm < -threshold) return "AMPLIFY";
  return norm > threshold ? "DAMPEN" : "NEUTRAL";
}
