/**
 * Normalised and sparse transforms of other columns.
 *
 * @module
 */
import type { Touch } from "../levels/mod.ts";
import { ratio } from "./_numbers.ts";

/** The distances that are normalised, $. */
export const DISTANCES = [
  "distance",
  "distance_signed",
  "level_minus_pm_high",
  "level_minus_pm_low",
  "level_minus_sma_200",
  "level_minus_sma_400",
  "confluence_min_distance",
  "approach_distance",
] as const;

/** Name of a distance column. */
export type Distance = typeof DISTANCES[number];

/** Columns of the group `normalised`. */
export type NormalisedFeatures = Record<`${Distance}_atr` | `${Distance}_pct`, number>;

/** Columns that are mostly zero. */
export const SPARSE = ["wall_ratio", "barrier_delta_liq"] as const;

/** Columns of the group `sparse`. */
export type SparseFeatures = Record<`${typeof SPARSE[number]}_${"nonzero" | "log"}`, number>;

/** Column `distance` of the group `level`: |level − spot|, SPY $. */
export function distanceOf(touch: Pick<Touch, "level" | "spot">): number {
  return Math.abs(touch.level - touch.spot);
}

/** Column `distance_signed` of the group `level`: level − spot, SPY $. */
export function signedDistanceOf(touch: Pick<Touch, "level" | "spot">): number {
  return touch.level - touch.spot;
}

/**
 * Each distance ÷ ATR (`_atr`; null when the ATR is 0) and ÷ spot (`_pct`, a share).
 *
 * @param distances Distances, SPY $.
 * @param atr Average true range, SPY $.
 * @param spot Bar close, SPY $.
 */
export function normalisedFeatures(
  distances: Record<Distance, number>,
  atr: number,
  spot: number,
): NormalisedFeatures {
  const out: Partial<NormalisedFeatures> = {};
  for (const name of DISTANCES) {
    out[`${name}_atr`] = ratio(distances[name], atr);
    out[`${name}_pct`] = ratio(distances[name], spot);
  }
  return out as NormalisedFeatures;
}

/**
 * Each mostly-zero column in two: whether it is not zero (0 or 1), and sign·log1p(|x|); null stays null.
 *
 * @param values The columns.
 */
export function sparseFeatures(values: Record<typeof SPARSE[number], number>): SparseFeatures {
  const out: Partial<SparseFeatures> = {};
  for (const name of SPARSE) {
    const x = values[name];
    out[`${name}_nonzero`] = Number.isNaN(x) ? NaN : x === 0 ? 0 : 1;
    out[`${name}_log`] = Math.sign(x) * Math.log1p(Math.abs(x));
  }
  return out as SparseFeatures;
}
