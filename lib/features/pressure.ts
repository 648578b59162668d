/**
 * Pressures in [−1, 1]: what pushes toward a break of the level (positive) or away from it.
 *
 * @module
 */
import { type Config, MINUTE_NS, SECOND_NS } from "../base/mod.ts";
import { clip, meanOf, ratio, squash } from "./_numbers.ts";

/** Columns of the group `pressure`. */
export interface PressureFeatures {
  /** clip((tanh(−Δ/2θ) + clip(1 − wall_ratio/2))/2). */
  liquidity_pressure: number;
  /** clip(sign × (imbalance + clip(60·price_velocity/ATR))/2). */
  tape_pressure: number;
  /** tanh(−gamma_norm/0.1). */
  gamma_pressure: number;
  /** tanh(−gamma_flow_accel_3m/50,000). */
  gamma_accel_pressure: number;
  /** tanh(−sign × mean of the mean-reversion pressures that are known). */
  reversion_pressure: number;
  /** clip(mean of the known among liquidity, tape, gamma, reversion, −confluence). */
  net_break_pressure: number;
}

/** Columns that pressures derive from; NaN is null. */
export interface PressureInputs {
  /** Δ, contracts. */
  barrier_delta_liq: number;
  /** θ, contracts. */
  barrier_theta: number;
  /** Defending depth against its trailing mean. */
  wall_ratio: number;
  /** (buy − sell)/(buy + sell). */
  tape_imbalance: number;
  /** $/s. */
  tape_price_velocity: number;
  /** $. */
  atr: number;
  /** Dealers' net share of the gamma. */
  gamma_norm: number;
  /** Shares per $ per minute². */
  gamma_flow_accel_3m: number;
  /** Deviations above the average. */
  mean_reversion_pressure_200: number;
  /** Deviations above the average. */
  mean_reversion_pressure_400: number;
  /** Share of all weights. */
  confluence_pressure: number;
}

/**
 * Price velocity in average true ranges a minute: 60·v/ATR; null when the ATR is 0.
 *
 * @param priceVelocity v, $/s.
 * @param atr Average true range, $.
 */
export function velocityInAtr(priceVelocity: number, atr: number): number {
  return ratio(MINUTE_NS / SECOND_NS * priceVelocity, atr);
}

/**
 * Pressures of a touch. Null in, null out; the net one is the mean of those known.
 *
 * @param direction +1 UP, −1 DOWN.
 * @param inputs Columns of the row.
 * @param config Scales of the gamma pressures.
 */
export function pressureFeatures(
  direction: 1 | -1,
  inputs: PressureInputs,
  config: Pick<Config["fuel"], "effectThreshold" | "pressureScale">,
): PressureFeatures {
  const emptying = squash(ratio(-inputs.barrier_delta_liq, 2 * inputs.barrier_theta));
  const liquidity = clip((emptying + clip(1 - inputs.wall_ratio / 2)) / 2);
  const speed = clip(velocityInAtr(inputs.tape_price_velocity, inputs.atr));
  const tape = clip(direction * (inputs.tape_imbalance + speed) / 2) + 0;
  const gamma = squash(-inputs.gamma_norm / config.effectThreshold);
  const stretch = meanOf([inputs.mean_reversion_pressure_200, inputs.mean_reversion_pressure_400]);
  const reversion = squash(-direction * stretch);
  return {
    liquidity_pressure: liquidity,
    tape_pressure: tape,
    gamma_pressure: gamma,
    gamma_accel_pressure: squash(-inputs.gamma_flow_accel_3m / config.pressureScale),
    reversion_pressure: reversion,
    net_break_pressure: clip(meanOf([liquidity, tape, gamma, reversion, -inputs.confluence_pressure])) + 0,
  };
}
