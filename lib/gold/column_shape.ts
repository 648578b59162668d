/**
 * How the values of a column are spread, and whether that is what features.json says to expect.
 *
 * @module
 */
import { type Column, isStrings } from "../base/mod.ts";
import type { Expectation } from "../schema/mod.ts";

/** The known values of a column at a glance. */
export interface ColumnShape {
  /** Known values. */
  known: number;
  /** The value that occurs most often. */
  commonest: string;
  /** Its share of the known values. */
  commonestShare: number;
  /** Share of zeros. */
  zeroShare: number;
  /** Distance of the 5 % and 95 % quantiles, as a share of the larger of the two; NaN for text and times. */
  spread: number;
  /** Ascending values; empty for text and times. */
  sorted: Float64Array;
}

/** Known values under which nothing is said: few touches of a quiet hour are honestly alike. */
const FEWEST = 30;
/** Expected share of the commonest value from which one value alone may be honest. */
const MOSTLY_ONE = 0.98;
/** Expected share from which the outer quantiles may be the same value. */
const MAY_COINCIDE = 0.9;

/**
 * The shape of a column.
 *
 * @param column The column.
 * @param isNull Whether a row's value is null.
 */
export function shapeOf(column: Column, isNull: (row: number) => boolean): ColumnShape {
  if (isStrings(column)) {
    const codes = column.codes.filter((_, i) => !isNull(i)).sort(), [at, runs] = longestRun(codes);
    return shape(codes.length, { commonest: column.values[codes[at]], runs, zeros: 0 });
  }
  if (column instanceof BigInt64Array) {
    const times = column.filter((_, i) => !isNull(i)).sort(), [at, runs] = longestRun(times);
    const zeros = times.reduce((n, t) => t === 0n ? n + 1 : n, 0);
    return shape(times.length, { commonest: String(times[at]), runs, zeros });
  }
  const sorted = Float64Array.from(column).filter((_, i) => !isNull(i)).sort(),
    [at, runs] = longestRun(sorted);
  const zeros = sorted.reduce((n, x) => x === 0 ? n + 1 : n, 0);
  const quantile = (q: number) => sorted[Math.round(q * (sorted.length - 1))];
  const low = quantile(0.05), high = quantile(0.95), larger = Math.max(Math.abs(low), Math.abs(high));
  return {
    ...shape(sorted.length, { commonest: String(sorted[at]), runs, zeros }),
    spread: larger > 0 ? (high - low) / larger : 0,
    sorted,
  };
}

function shape(known: number, of: { commonest: string; runs: number; zeros: number }): ColumnShape {
  return {
    known,
    commonest: of.commonest,
    commonestShare: known > 0 ? of.runs / known : 0,
    zeroShare: known > 0 ? of.zeros / known : 0,
    spread: NaN,
    sorted: new Float64Array(0),
  };
}

/** Place and length of the longest run of equal values. */
function longestRun(sorted: ArrayLike<number | bigint>): [at: number, length: number] {
  let at = 0, longest = 0, begin = 0;
  for (let i = 0; i < sorted.length; i++) {
    // -0 and 0 sort apart and are equal.
    if (sorted[i] !== sorted[begin]) begin = i;
    if (i - begin + 1 > longest) [at, longest] = [begin, i - begin + 1];
  }
  return [at, longest];
}

/** What is wrong with a shape: `dead` holds one value, `uniform` hardly more. */
export interface ShapeFault {
  /** Check it breaks. */
  check: "columns.dead" | "columns.uniform";
  /** What was found and what was expected. */
  text: string;
}

/**
 * Compares a column with what is expected of it.
 *
 * @param found The shape.
 * @param expected The expectation of features.json.
 * @returns The fault, or nothing where there is none or too few values to say.
 */
export function shapeFault(found: ColumnShape, expected: Expectation): ShapeFault | undefined {
  const { known, commonest, commonestShare, zeroShare, spread } = found;
  if (known < FEWEST) return undefined;
  const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;
  const expects = (share: number) => `features.json expects at most ${percent(share)}`;
  const dead = (share: number, most: number) => share === 1 && most < MOSTLY_ONE;
  if (dead(commonestShare, expected.commonest) || dead(zeroShare, expected.zeros)) {
    const most = zeroShare === 1 ? expected.zeros : expected.commonest;
    return { check: "columns.dead", text: `is ${commonest} on all ${known} rows, ${expects(most)}` };
  }
  if (commonestShare > expected.commonest) {
    return {
      check: "columns.uniform",
      text: `is ${commonest} on ${percent(commonestShare)} of ${known} rows, ${expects(expected.commonest)}`,
    };
  }
  if (zeroShare > expected.zeros) {
    return {
      check: "columns.uniform",
      text: `is 0 on ${percent(zeroShare)} of ${known} rows, ${expects(expected.zeros)}`,
    };
  }
  if (spread < expected.spread && expected.commonest < MAY_COINCIDE) {
    return {
      check: "columns.dead",
      text:
        `spreads by ${
          spread.toExponential(1)
        } of its size between its 5 % and 95 % quantiles, features.json ` +
        `expects at least ${expected.spread}`,
    };
  }
  return undefined;
}
