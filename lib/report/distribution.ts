/**
 * Counts of a column's values, for display: bins of numbers, shares of words.
 *
 * @module
 */
import { type Batch, isNullAt, isStrings } from "../base/mod.ts";
import type { Feature } from "../schema/mod.ts";

/** Values of one column, counted. */
export interface Distribution {
  /** The contract's entry. */
  feature: Feature;
  /** Known values. */
  known: number;
  /** Nulls. */
  nulls: number;
  /** Bins of a numeric column, equally wide; absent for words and when nothing is known. */
  bins?: Bins;
  /** Rows by value of a text or bool column, largest first; absent for numbers. */
  words?: { word: string; rows: number }[];
}

/** Equally wide bins. */
export interface Bins {
  /** Left edge of the first bin. */
  low: number;
  /** Right edge of the last bin. */
  high: number;
  /** Known values in each bin; those beyond an edge are in the bin at it. */
  counts: number[];
  /** Values below `low` and above `high`, counted in the outer bins. */
  beyond: number;
  /** Smallest, median and largest known value. */
  quantiles: [min: number, median: number, max: number];
}

const BIN_COUNT = 32;

/**
 * Bins known numbers.
 *
 * @param values Known values, any order; at least one.
 * @param options `range` [low, high] where it is fixed, else the inner 98 % of the values; `whole` numbers get bins
 * of whole width; `count` is the most bins, 32 by default.
 */
export function binValues(
  values: Float64Array,
  options: { range?: readonly [number, number]; whole?: boolean; count?: number } = {},
): Bins {
  const { range, whole = false, count = BIN_COUNT } = options;
  const sorted = values.toSorted(), last = sorted.length - 1;
  const at = (q: number) => sorted[Math.round(q * last)];
  let [low, high] = range ?? [at(0.01), at(0.99)];
  let size = count;
  if (whole) {
    const width = Math.max(1, Math.ceil((high - low + 1) / count));
    size = Math.ceil((high - low + 1) / width);
    low -= 0.5;
    high = low + size * width;
  } else if (high === low) {
    const half = Math.abs(low) * 0.01 || 0.5;
    [low, high] = [low - half, high + half];
  }
  const counts = new Array<number>(size).fill(0);
  let beyond = 0;
  for (const value of values) {
    const bin = Math.floor(((value - low) / (high - low)) * size);
    if (value < low || value > high) beyond++;
    counts[Math.max(0, Math.min(size - 1, bin))]++;
  }
  return { low, high, counts, beyond, quantiles: [sorted[0], at(0.5), sorted[last]] };
}

/**
 * Counts a column.
 *
 * @param rows The table.
 * @param feature The column's entry in features.json; not an i64 one.
 */
export function distributionOf(rows: Batch, feature: Feature): Distribution {
  const column = rows.columns[feature.name];
  if (isStrings(column)) return wordsOf(feature, column.codes, column.values, rows.length);
  if (column instanceof BigInt64Array) {
    throw new TypeError(`Cannot count ${feature.name}: i64 columns are times or ids`);
  }
  const isNull = isNullAt(column, feature.dtype);
  const values = Float64Array.from(column).filter((_, row) => !isNull(row));
  if (feature.dtype === "bool") {
    return wordsOf(
      feature,
      Int32Array.from(column, (v) => (v === 0 || v === 1 ? v : -1)),
      ["no", "yes"],
      rows.length,
    );
  }
  const counted = { feature, known: values.length, nulls: rows.length - values.length };
  if (values.length === 0) return counted;
  const [low, high] = feature.range ?? [null, null];
  const fixed = low === -1 && high === 1 || high === 100;
  const whole = /^i/.test(feature.dtype);
  return {
    ...counted,
    bins: binValues(values, { whole, ...(fixed && !whole ? { range: [low!, high!] as const } : {}) }),
  };
}

function wordsOf(
  feature: Feature,
  codes: Int32Array,
  values: readonly string[],
  length: number,
): Distribution {
  const counts = new Array<number>(values.length).fill(0);
  let known = 0;
  for (const code of codes) {
    if (code < 0) continue;
    counts[code]++;
    known++;
  }
  const words = values.map((word, i) => ({ word, rows: counts[i] })).filter((w) => w.rows > 0)
    .sort((a, b) => b.rows - a.rows || (a.word < b.word ? -1 : 1));
  return { feature, known, nulls: length - known, words };
}
