/**
 * Context: time of day, volatility, where the level stands among other levels and moving averages.
 *
 * @module
 */
import { type Config, MINUTE_NS } from "../base/mod.ts";
import { type Level, LEVEL_KINDS, type LevelKind, type SessionState, type Touch } from "../levels/mod.ts";
import { ratio } from "./_numbers.ts";
import type { AverageOfBar } from "./moving_averages.ts";

/** Columns of the group `context`. */
export interface ContextFeatures {
  /** 1 if the bar opens within 15 minutes of the regular open. */
  is_first_15m: 0 | 1;
  /** Whole minutes from the regular open to the bar's open. */
  bars_since_open: number;
  /** Sample standard deviation of one-minute changes of close over 30 minutes, $. */
  rv_30m: number;
  /** Level − premarket high, $. */
  level_minus_pm_high: number;
  /** Level − premarket low, $. */
  level_minus_pm_low: number;
  /** SMA-200 as offered to the bar, $. */
  sma_200: number;
  /** SMA-400 as offered to the bar, $. */
  sma_400: number;
  /** Level − SMA-200, $. */
  level_minus_sma_200: number;
  /** Level − SMA-400, $. */
  level_minus_sma_400: number;
  /** Change of SMA-200 over 20 minutes, $/min. */
  sma_200_slope: number;
  /** Change of SMA-200 over 5 two-minute bars, $/min. */
  sma_200_slope_5bar: number;
  /** Change of SMA-400 over 20 minutes, $/min. */
  sma_400_slope: number;
  /** Change of SMA-400 over 5 two-minute bars, $/min. */
  sma_400_slope_5bar: number;
  /** SMA-200 − SMA-400, $. */
  sma_spread: number;
  /** (level − SMA-200)/(σ₂₀ √(2·200/3)); null when σ₂₀ is 0. */
  mean_reversion_pressure_200: number;
  /** Change of (close − SMA-200) over 10 minutes, $/min. */
  mean_reversion_velocity_200: number;
  /** (level − SMA-400)/(σ₂₀ √(2·400/3)); null when σ₂₀ is 0. */
  mean_reversion_pressure_400: number;
  /** Change of (close − SMA-400) over 10 minutes, $/min. */
  mean_reversion_velocity_400: number;
}

/** What the context of all of a bar's touches rests on, in SPY $. */
export interface ContextBasis {
  /** Realised volatility over 30 minutes. */
  volatility: number;
  /** σ₂₀: deviation of the last 20 one-minute changes. */
  changeDeviation: number;
  /** SMA-200 and SMA-400. */
  averages: readonly [AverageOfBar, AverageOfBar];
}

/**
 * Context of a touch. Premarket levels and averages are those offered to the bar; an absent one is null.
 *
 * The deviation of a price from the mean of its last n two-minute closes is σ₁√(2n/3) for a random walk whose
 * one-minute changes have deviation σ₁: the scale of the reversion pressures.
 *
 * @param state Its session's moments are read.
 * @param touch The touch.
 * @param levels Levels offered to the bar.
 * @param basis Of the bar.
 * @param config Length of the first stretch of the session, minutes.
 */
export function contextFeatures(
  state: Pick<SessionState, "at">,
  touch: Pick<Touch, "ts" | "level">,
  levels: readonly Level[],
  basis: ContextBasis,
  config: Pick<Config["levels"], "openingRangeMinutes">,
): ContextFeatures {
  const minutes = (touch.ts - state.at.open) / MINUTE_NS;
  const [fast, slow] = basis.averages;
  const pressure = (average: AverageOfBar) =>
    ratio(touch.level - average.value, basis.changeDeviation * Math.sqrt(2 * average.n / 3));
  return {
    is_first_15m: minutes < config.openingRangeMinutes ? 1 : 0,
    bars_since_open: minutes,
    rv_30m: basis.volatility,
    level_minus_pm_high: touch.level - levelOf(levels, "PM_HIGH"),
    level_minus_pm_low: touch.level - levelOf(levels, "PM_LOW"),
    sma_200: fast.value,
    sma_400: slow.value,
    level_minus_sma_200: touch.level - fast.value,
    level_minus_sma_400: touch.level - slow.value,
    sma_200_slope: fast.slope,
    sma_200_slope_5bar: fast.slopeBars,
    sma_400_slope: slow.slope,
    sma_400_slope_5bar: slow.slopeBars,
    sma_spread: fast.value - slow.value,
    mean_reversion_pressure_200: pressure(fast),
    mean_reversion_velocity_200: fast.reversionVelocity,
    mean_reversion_pressure_400: pressure(slow),
    mean_reversion_velocity_400: slow.reversionVelocity,
  };
}

function levelOf(levels: readonly Level[], kind: LevelKind): number {
  return levels.find((level) => LEVEL_KINDS[level.kind] === kind)?.level ?? NaN;
}
