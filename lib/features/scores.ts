/**
 * Scores from 0 to 100 that sum up a touch: 100 speaks for a break.
 *
 * @module
 */
import type { Config } from "../base/mod.ts";
import { velocityInAtr } from "./pressure.ts";

/** Columns of the group `score`. */
export interface ScoreFeatures {
  /** Of the barrier's state. */
  liquidity_score: number;
  /** Of the fuel's effect. */
  hedge_score: number;
  /** Of the tape in the break direction. */
  tape_score: number;
  /** 0.45 liquidity + 0.35 hedge + 0.20 tape. */
  break_score: number;
}

/** Columns that scores derive from; NaN or null is null. */
export interface ScoreInputs {
  /** VACUUM, CONSUMED, WALL, ABSORPTION, WEAK or NEUTRAL. */
  barrier_state: string | null;
  /** AMPLIFY, NEUTRAL or DAMPEN. */
  fuel_effect: string | null;
  /** +1, −1, 0 without a sweep. */
  sweep_direction: number;
  /** $/s. */
  tape_price_velocity: number;
  /** (buy − sell)/(buy + sell). */
  tape_imbalance: number;
  /** $. */
  atr: number;
}

/**
 * Scores of a touch. The tape's is 100 on a sweep in the break direction, else 25·min(1, |60·v/ATR|) + 25·|imbalance|,
 * each where its sign is the break's. Null in, null out.
 *
 * @param direction +1 UP, −1 DOWN.
 * @param inputs Columns of the row.
 * @param config Points and weights.
 */
export function scoreFeatures(
  direction: 1 | -1,
  inputs: ScoreInputs,
  config: Config["scores"],
): ScoreFeatures {
  const liquidity = points(config.liquidity, inputs.barrier_state);
  const hedge = points(config.hedge, inputs.fuel_effect);
  const tape = tapeScore(direction, inputs, config.tape);
  const { weights } = config;
  return {
    liquidity_score: liquidity,
    hedge_score: hedge,
    tape_score: tape,
    break_score: weights.liquidity * liquidity + weights.hedge * hedge + weights.tape * tape,
  };
}

function points(table: Readonly<Record<string, number>>, name: string | null): number {
  return name === null ? NaN : table[name];
}

function tapeScore(direction: 1 | -1, inputs: ScoreInputs, config: Config["scores"]["tape"]): number {
  if (inputs.sweep_direction === direction) return config.sweep;
  const speed = direction * velocityInAtr(inputs.tape_price_velocity, inputs.atr);
  const imbalance = direction * inputs.tape_imbalance;
  return config.velocity * Math.min(1, Math.max(0, speed)) + config.imbalance * Math.max(0, imbalance);
}
