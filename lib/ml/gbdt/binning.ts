/**
 * From columns of numbers to bins of one byte.
 *
 * @module
 */
import { ModelError, Random } from "../../base/mod.ts";
import { isCategorical, MISSING_BIN, TOP_THRESHOLD, type TrainData } from "./common.ts";

/** Values looked at to place a feature's bins; more rows are sampled down to this. */
const BIN_SAMPLE = 200_000;

/** Largest category code: a node's bit set must stay small. */
const MAX_CATEGORY = 1_048_575;

/** How one feature's values fall into bins. */
export interface FeatureBins {
  /** Whether bins are categories rather than ranges. */
  categorical: boolean;
  /** Value bins, the missing one apart. */
  numBins: number;
  /** Numeric: upper bound, inclusive, of each bin, (numBins); the last is the top. Empty for categories. */
  thresholds: Float64Array;
  /** Categorical: code of each bin, most frequent first, (numBins). Empty for numbers. */
  categories: Int32Array;
  /** Range or categories as LightGBM's `feature_infos` writes them. */
  info: string;
}

/** A training set in bins: four features a word, so that one load serves four histograms. */
export interface BinnedMatrix {
  /** Rows. */
  n: number;
  /** Bins of every feature, constant ones included. */
  bins: FeatureBins[];
  /** The feature of each slot: the features that vary, in column order. */
  slots: Int32Array;
  /** Bin of slot s and row i: byte s mod 4 of word [s >> 2][i]; each n long. */
  words: Int32Array[];
}

/**
 * Places the bins of a numeric column: one a distinct value when they are few, else ranges of about equal
 * count, a value more frequent than that ending its bin (LightGBM's GreedyFindBin).
 *
 * @param column Values; NaN is missing.
 * @param maxBins Bins at most.
 * @param seed Seed of the sample taken from more than 200,000 rows.
 */
export function findNumericBins(column: Float64Array, maxBins: number, seed: number): FeatureBins {
  const sorted = sampleKnown(column, seed).sort();
  const values = new Float64Array(sorted.length), counts = new Int32Array(sorted.length);
  let distinct = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== values[distinct - 1]) values[distinct++] = sorted[i];
    counts[distinct - 1]++;
  }
  const thresholds = boundsOf(values.subarray(0, distinct), counts, sorted.length, maxBins);
  if (distinct > 0) thresholds.push(TOP_THRESHOLD);
  let min = Infinity, max = -Infinity;
  for (const x of column) {
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return {
    categorical: false,
    numBins: thresholds.length,
    thresholds: Float64Array.from(thresholds),
    categories: new Int32Array(0),
    info: min < max ? `[${min}:${max}]` : "none",
  };
}

/**
 * Gives the most frequent categories a bin each, equal counts in order of code; the rest share the missing bin.
 *
 * @param column Category codes; NaN is missing.
 * @param maxBins Bins at most.
 */
export function findCategoricalBins(column: Float64Array, maxBins: number): FeatureBins {
  const counts = new Map<number, number>();
  for (const code of column) if (code === code) counts.set(code, (counts.get(code) ?? 0) + 1);
  const ordered = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([code]) => code);
  const categories = Int32Array.from(ordered.slice(0, maxBins));
  return {
    categorical: true,
    numBins: categories.length,
    thresholds: new Float64Array(0),
    categories,
    info: ordered.length > 1 ? ordered.join(":") : "none",
  };
}

/**
 * Puts every feature of a training set into bins.
 *
 * @param data Checked training data.
 * @param maxBins Value bins of a feature at most, 2 to 255.
 * @param seed Seed of the samples bins are placed on.
 * @throws {ModelError} If a value is infinite, or a category is not an integer from 0 to 1,048,575.
 */
export function binTrainData(data: TrainData, maxBins: number, seed: number): BinnedMatrix {
  const bins = data.features.map((column, f) => {
    const categorical = isCategorical(data, f);
    checkColumn(column, data.names[f], categorical);
    return categorical ? findCategoricalBins(column, maxBins) : findNumericBins(column, maxBins, seed);
  });
  const n = data.labels.length;
  const slots = Int32Array.from(bins.keys()).filter((f) =>
    bins[f].info !== "none" || varies(data.features[f])
  );
  const words = Array.from({ length: Math.ceil(slots.length / 4) }, () => new Int32Array(n));
  slots.forEach((f, slot) => addToWords(bins[f], data.features[f], words[slot >> 2], 8 * (slot & 3)));
  return { n, bins, slots, words };
}

/** Bin of one value: the missing bin for NaN and for categories without a bin. */
export function binOf(bins: FeatureBins, value: number): number {
  if (value !== value) return MISSING_BIN;
  if (!bins.categorical) return lowerBound(bins.thresholds, value);
  const bin = bins.categories.indexOf(value);
  return bin < 0 ? MISSING_BIN : bin;
}

/** First bin whose upper bound is not below the value. */
function lowerBound(thresholds: Float64Array, value: number): number {
  let low = 0;
  // Halves the range without a branch on the value, which no processor could guess.
  for (let length = thresholds.length; length > 1;) {
    const half = length >> 1;
    low += half * Number(thresholds[low + half - 1] < value);
    length -= half;
  }
  return low;
}

function addToWords(bins: FeatureBins, column: Float64Array, words: Int32Array, shift: number): void {
  if (!bins.categorical) {
    const { thresholds } = bins;
    for (let i = 0; i < column.length; i++) {
      const x = column[i];
      words[i] |= (x === x ? lowerBound(thresholds, x) : MISSING_BIN) << shift;
    }
    return;
  }
  const binOfCode = new Map<number, number>();
  bins.categories.forEach((code, bin) => binOfCode.set(code, bin));
  for (let i = 0; i < column.length; i++) words[i] |= (binOfCode.get(column[i]) ?? MISSING_BIN) << shift;
}

function checkColumn(column: Float64Array, name: string, categorical: boolean): void {
  for (let i = 0; i < column.length; i++) {
    const x = column[i];
    if (x !== x) continue;
    if (categorical && !(Number.isInteger(x) && x >= 0 && x <= MAX_CATEGORY)) {
      const wanted = `an integer code from 0 to ${MAX_CATEGORY}, or NaN for missing`;
      throw new ModelError(`Cannot train: category "${name}" is ${x} in row ${i}, wanted ${wanted}`, name);
    }
    if (Math.abs(x) > TOP_THRESHOLD) {
      throw new ModelError(
        `Cannot train: feature "${name}" is ${x} in row ${i}, wanted a finite number, or NaN for missing`,
        name,
      );
    }
  }
}

/** Whether a column of one value or none also has missing ones, so that it can be split. */
function varies(column: Float64Array): boolean {
  const missing = column.reduce((count, x) => count + (x === x ? 0 : 1), 0);
  return missing > 0 && missing < column.length;
}

/** The values that are not missing, or a sample of them. */
function sampleKnown(column: Float64Array, seed: number): Float64Array {
  const known = new Float64Array(column.length);
  let count = 0;
  for (let i = 0; i < column.length; i++) {
    known[count] = column[i];
    count += Number(column[i] === column[i]);
  }
  if (count <= BIN_SAMPLE) return known.subarray(0, count);
  const random = new Random(`${seed}/bins`);
  const out = new Float64Array(BIN_SAMPLE);
  for (let i = 0, taken = 0; taken < BIN_SAMPLE; i++) {
    if (random.uniform() * (count - i) < BIN_SAMPLE - taken) out[taken++] = known[i];
  }
  return out;
}

/** A number t with a ≤ t < b, halfway where that is possible. */
function between(a: number, b: number): number {
  const middle = a + (b - a) / 2;
  return middle < b ? middle : a;
}

/** Upper bounds of all bins but the last, for `values` ascending and distinct and the rows of each. */
function boundsOf(values: Float64Array, counts: Int32Array, total: number, maxBins: number): number[] {
  if (values.length <= maxBins) return Array.from(values.subarray(1), (x, i) => between(values[i], x));
  const isBig = (i: number) => counts[i] * maxBins >= total;
  let binsLeft = maxBins, rowsLeft = total;
  for (let i = 0; i < values.length; i++) {
    if (isBig(i)) binsLeft--, rowsLeft -= counts[i];
  }
  let size = rowsLeft / binsLeft;
  const bounds: number[] = [];
  for (let i = 0, inBin = 0; i < values.length - 1 && bounds.length < maxBins - 1; i++) {
    const big = isBig(i);
    inBin += counts[i];
    if (!big) rowsLeft -= counts[i];
    if (!big && inBin < size && !(isBig(i + 1) && inBin >= Math.max(1, size / 2))) continue;
    bounds.push(between(values[i], values[i + 1]));
    inBin = 0;
    if (!big) size = rowsLeft / --binsLeft;
  }
  return bounds;
}
