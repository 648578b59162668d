/**
 * Naive twins of lib/features/pressure.ts, scores.ts and normalised.ts, from the row's other columns.
 *
 * @module
 */

/** A row's columns by name. */
export type Row = Record<string, number | string | null>;

/** Columns of the group `pressure`. */
export function naivePressures(row: Row, sign: number): Record<string, number> {
  const x = (name: string) => row[name] as number;
  const clip = (v: number) => v > 1 ? 1 : v < -1 ? -1 : v;
  const mean = (all: number[]) => {
    const known = all.filter((v) => !Number.isNaN(v));
    return known.reduce((s, v) => s + v, 0) / known.length;
  };
  const liquidity = (Math.tanh(-x("barrier_delta_liq") / (2 * x("barrier_theta"))) +
    clip(1 - x("wall_ratio") / 2)) / 2;
  const tape = sign * (x("tape_imbalance") + clip(60 * x("tape_price_velocity") / x("atr"))) / 2;
  const gamma = Math.tanh(-x("gamma_norm") / 0.1);
  const reversion = Math.tanh(
    -sign * mean([x("mean_reversion_pressure_200"), x("mean_reversion_pressure_400")]),
  );
  return {
    liquidity_pressure: liquidity,
    tape_pressure: tape,
    gamma_pressure: gamma,
    gamma_accel_pressure: Math.tanh(-x("gamma_flow_accel_3m") / 50_000),
    reversion_pressure: reversion,
    net_break_pressure: mean([liquidity, tape, gamma, reversion, -x("confluence_pressure")]),
  };
}

/** Columns of the group `score`. */
export function naiveScores(row: Row, sign: number): Record<string, number> {
  const x = (name: string) => row[name] as number;
  const state = { VACUUM: 100, WEAK: 75, CONSUMED: 60, NEUTRAL: 50, ABSORPTION: 0, WALL: 0 };
  const effect = { AMPLIFY: 100, NEUTRAL: 50, DAMPEN: 0 };
  const liquidity = state[row.barrier_state as keyof typeof state] ?? NaN;
  const hedge = effect[row.fuel_effect as keyof typeof effect] ?? NaN;
  const v = 60 * x("tape_price_velocity") / x("atr"), imbalance = x("tape_imbalance");
  let tape = (v * sign > 0 ? 25 * Math.min(1, Math.abs(v)) : 0 * v) +
    (imbalance * sign > 0 ? 25 * Math.abs(imbalance) : 0 * imbalance);
  if (row.sweep_direction === sign) tape = 100;
  return {
    liquidity_score: liquidity,
    hedge_score: hedge,
    tape_score: tape,
    break_score: 0.45 * liquidity + 0.35 * hedge + 0.2 * tape,
  };
}

/** Columns of the groups `normalised` and `sparse`. */
export function naiveTransforms(row: Row): Record<string, number> {
  const out: Record<string, number> = {};
  for (
    const name of [
      "distance",
      "distance_signed",
      "level_minus_pm_high",
      "level_minus_pm_low",
      "level_minus_sma_200",
      "level_minus_sma_400",
      "confluence_min_distance",
      "approach_distance",
    ]
  ) {
    out[`${name}_atr`] = (row[name] as number) / (row.atr as number);
    out[`${name}_pct`] = (row[name] as number) / (row.spot as number);
  }
  for (const name of ["wall_ratio", "barrier_delta_liq"]) {
    const x = row[name] as number;
    out[`${name}_nonzero`] = Number.isNaN(x) ? NaN : Number(x !== 0);
    out[`${name}_log`] = x < 0 ? -Math.log1p(-x) : Math.log1p(x);
  }
  return out;
}
