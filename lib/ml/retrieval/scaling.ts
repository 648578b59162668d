/**
 * How a feature vector becomes a point: median for what is missing, then mean 0 and standard deviation 1.
 *
 * @module
 */
import type { Feature } from "../../schema/mod.ts";

/** A feature's place and scale, from the rows it was fitted on. */
export interface Scale {
  /** Feature name. */
  name: string;
  /** Stands for a missing value. */
  median: number;
  /** Mean, after imputation. */
  mean: number;
  /** Standard deviation, after imputation; 1 for a constant. */
  deviation: number;
}

/** The number that merely codes `level_kind`: neither ordered nor a distance. */
const CODES = new Set(["level_code"]);

/** Features that distances can be taken in: numbers and flags; kinds and states are for filters. */
export function distanceFeatures(features: readonly Feature[]): Feature[] {
  return features.filter((feature) => feature.dtype !== "utf8" && !CODES.has(feature.name));
}

/**
 * Fits a feature's scale.
 *
 * @param name Feature name.
 * @param column Float64Array (n): values of all rows, NaN where missing.
 * @param rows Rows to fit on; at least one.
 */
export function fitScale(name: string, column: Float64Array, rows: Uint32Array): Scale {
  const values = new Float64Array(rows.length);
  let present = 0;
  for (let i = 0; i < rows.length; i++) {
    const value = column[rows[i]];
    if (!Number.isNaN(value)) values[present++] = value;
  }
  const known = values.subarray(0, present).sort();
  const middle = (known.length - 1) / 2;
  const median = known.length === 0 ? 0 : (known[Math.floor(middle)] + known[Math.ceil(middle)]) / 2;
  let sum = 0, squares = 0;
  for (let i = 0; i < rows.length; i++) sum += fill(column[rows[i]], median);
  const mean = sum / rows.length;
  for (let i = 0; i < rows.length; i++) squares += (fill(column[rows[i]], median) - mean) ** 2;
  const deviation = Math.sqrt(squares / rows.length);
  return { name, median, mean, deviation: deviation > 0 ? deviation : 1 };
}

/** A value as a coordinate. */
export function coordinate(value: number, { median, mean, deviation }: Scale): number {
  return (fill(value, median) - mean) / deviation;
}

function fill(value: number, median: number): number {
  return Number.isNaN(value) ? median : value;
}
