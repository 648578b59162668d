/**
 * Verdicts: whether one set of predictions is better than another by more than the luck of the dates.
 *
 * @module
 */
import { Random } from "../base/mod.ts";

/** How a comparison is made. */
export interface BootstrapOptions {
  /** Resamples of the dates. */
  resamples: number;
  /** Two-sided error, 0.05 for a 95 % interval. */
  alpha: number;
  /** Dates under which there is no verdict. */
  minDates: number;
  /** Seed of the resampling. */
  seed: number;
}

/** A difference of mean losses, baseline − model: positive where the model is better. */
export interface LossDifference {
  /** Weighted mean over rows. */
  difference: number;
  /** Interval of level 1 − alpha; null where too few dates give none. */
  interval: [number, number] | null;
  /** Two-sided p-value of no difference; null with fewer than two dates. */
  p: number | null;
  /** Dates with rows. */
  dates: number;
}

/** What a comparison says. */
export type Verdict = "beats" | "no different" | "worse" | "insufficient";

/** A comparison judged among those of all heads. */
export interface JudgedDifference extends LossDifference {
  /** The p-value after Holm's adjustment over the family; null of what cannot be judged. */
  p_holm: number | null;
  /** What it says. */
  verdict: Verdict;
}

/**
 * Bootstrap-t of the weighted mean difference of losses, dates drawn with replacement: a date's rows share its
 * market, so only dates count as independent. Each resample is studentised, as the plain percentile interval is too
 * narrow for twenty dates.
 *
 * Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), 12.5 and 15.4.
 *
 * @param differences Float64Array (n): loss of the baseline − loss of the model.
 * @param weights Float64Array (n): row weights.
 * @param dates Int32Array (n): number of each row's date.
 */
export function compareLosses(
  differences: Float64Array,
  weights: Float64Array,
  dates: Int32Array,
  options: BootstrapOptions,
): LossDifference {
  const { sums, totals } = sumByDate(differences, weights, dates), n = sums.length;
  const every = Uint32Array.from(sums.keys());
  const { mean, error } = studentise(sums, totals, every);
  if (n < 2) return { difference: mean, interval: null, p: null, dates: n };
  const random = new Random(`${options.seed}/bootstrap`), drawn = new Uint32Array(n);
  const ts = new Float64Array(options.resamples);
  for (let b = 0; b < options.resamples; b++) {
    for (let k = 0; k < n; k++) drawn[k] = random.int(n);
    const again = studentise(sums, totals, drawn);
    ts[b] = ratio(again.mean - mean, again.error);
  }
  ts.sort();
  const at = (q: number) => ts[Math.min(ts.length - 1, Math.max(0, Math.round(q * (ts.length + 1)) - 1))];
  const observed = ratio(mean, error);
  // A t statistic at least as far out, on either side, among the resamples and the sample itself.
  const above = ts.length - lowerCount(ts, observed), below = upperCount(ts, observed);
  const p = Math.min(1, 2 * (1 + Math.min(above, below)) / (1 + ts.length));
  const low = mean - at(1 - options.alpha / 2) * error, high = mean - at(options.alpha / 2) * error;
  const interval: [number, number] | null = Number.isFinite(low) && Number.isFinite(high)
    ? [low, high]
    : null;
  return { difference: mean, interval, p, dates: n };
}

function sumByDate(differences: Float64Array, weights: Float64Array, dates: Int32Array) {
  const index = new Map<number, number>();
  for (const date of dates) if (!index.has(date)) index.set(date, index.size);
  const sums = new Float64Array(index.size), totals = new Float64Array(index.size);
  for (let i = 0; i < differences.length; i++) {
    const k = index.get(dates[i])!;
    sums[k] += weights[i] * differences[i];
    totals[k] += weights[i];
  }
  return { sums, totals };
}

/** Ratio of sums over the drawn dates, and its standard error by linearisation. */
function studentise(
  sums: Float64Array,
  totals: Float64Array,
  drawn: Uint32Array,
): { mean: number; error: number } {
  let sum = 0, total = 0, squares = 0;
  for (const k of drawn) {
    sum += sums[k];
    total += totals[k];
  }
  const mean = sum / total;
  for (const k of drawn) squares += (sums[k] - mean * totals[k]) ** 2;
  const n = drawn.length;
  return { mean, error: Math.sqrt(squares * n / (n - 1)) / total };
}

/** x / error; a resample of one date alone has no error and says nothing but the sign. */
function ratio(x: number, error: number): number {
  return error > 0 ? x / error : x === 0 ? 0 : x > 0 ? Infinity : -Infinity;
}

/** Number of values below x, of ascending values. */
function lowerCount(sorted: Float64Array, x: number): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Number of values at most x, of ascending values. */
function upperCount(sorted: Float64Array, x: number): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Holm's adjustment of p-values: the family-wise error of all heads together stays below the level asked for.
 *
 * Source: Holm, "A simple sequentially rejective multiple test procedure" (1979).
 *
 * @param ps P-values; null ones are not tested and stay null.
 * @returns Adjusted p-values in the same order.
 */
export function holm(ps: readonly (number | null)[]): (number | null)[] {
  const tested = ps.flatMap((p, i) => p === null ? [] : [{ p, i }]).sort((a, b) => a.p - b.p || a.i - b.i);
  const adjusted: (number | null)[] = ps.map(() => null);
  let highest = 0;
  tested.forEach(({ p, i }, rank) => {
    highest = Math.max(highest, Math.min(1, (tested.length - rank) * p));
    adjusted[i] = highest;
  });
  return adjusted;
}

/**
 * Judges the same comparison of several heads together. Of too few dates there is nothing to judge, and what is not
 * judged costs the others nothing.
 *
 * @param found The difference of each head.
 * @param options Level and fewest dates.
 */
export function judgeDifferences(
  found: readonly LossDifference[],
  options: Pick<BootstrapOptions, "alpha" | "minDates">,
): JudgedDifference[] {
  const adjusted = holm(found.map(({ p, dates }) => dates < options.minDates ? null : p));
  return found.map((one, k) => ({
    ...one,
    p_holm: adjusted[k],
    verdict: verdictOf(one, adjusted[k], options.alpha),
  }));
}

function verdictOf(found: LossDifference, adjusted: number | null, alpha: number): Verdict {
  if (adjusted === null) return "insufficient";
  if (adjusted >= alpha) return "no different";
  return found.difference > 0 ? "beats" : "worse";
}
