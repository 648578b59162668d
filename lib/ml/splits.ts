/**
 * Walk-forward splits by date: train on the past, look at validation dates, be judged on what comes after.
 *
 * @module
 */
import { type Config, ModelError } from "../base/mod.ts";

/** Trade dates of one fold, each list ascending. */
export interface Fold {
  /** Dates learned from: every one before the validation dates and the embargo. */
  train: string[];
  /** Dates early stopping and calibrators look at. */
  valid: string[];
  /** Dates metrics are taken on. */
  test: string[];
}

/** How dates are split. */
export interface SplitOptions {
  /** Validation dates of each fold. */
  valid: number;
  /** Test dates, the last ones, over all folds. */
  test: number;
  /** Test dates a fold covers at most. */
  foldDates: number;
  /** Sessions left out before validation and before test dates. */
  embargo: number;
}

/**
 * Validation and test dates when no count is given: a share of the dates, and for the test as many as a verdict wants
 * as soon as there are dates enough.
 *
 * @param dates Dates there are.
 * @param config Shares, and the counts of a verdict.
 */
export function defaultSpans(
  dates: number,
  { training }: Pick<Config, "training">,
): Pick<SplitOptions, "valid" | "test"> {
  const { shares, bootstrap, verdictFrom } = training;
  const share = (s: number) => Math.max(1, Math.round(s * dates)), test = share(shares.test);
  return {
    valid: share(shares.valid),
    test: dates >= verdictFrom ? Math.max(test, bootstrap.minDates) : test,
  };
}

/**
 * Folds with an expanding training set, in time order; nothing is shuffled. The test dates are cut into blocks of
 * nearly equal length; before each come the embargo, its validation dates, the embargo, and all earlier dates.
 *
 * @param dates Distinct trade dates, ascending.
 * @param options Counts of dates.
 * @throws {ModelError} If there are too few dates for one training date.
 */
export function walkForward(dates: readonly string[], options: SplitOptions): Fold[] {
  const { valid, test, foldDates, embargo } = options;
  const wanted = test + valid + 2 * embargo + 1;
  if (dates.length < wanted) {
    throw new ModelError(
      `Cannot split ${dates.length} dates: ${test} test, ${valid} validation, twice ${embargo} embargoed and one ` +
        `training date make ${wanted}; build more Gold or give a smaller --val or --test`,
      "dates",
    );
  }
  const folds: Fold[] = [], count = Math.ceil(test / foldDates), first = dates.length - test;
  for (let k = 0; k < count; k++) {
    const start = first + Math.round(k * test / count), end = first + Math.round((k + 1) * test / count);
    const validEnd = start - embargo, validStart = validEnd - valid;
    folds.push({
      train: dates.slice(0, validStart - embargo),
      valid: dates.slice(validStart, validEnd),
      test: dates.slice(start, end),
    });
  }
  return folds;
}

/** Times of the rows of a set, ns UTC; label spans are [start, end). */
export interface Spans {
  /** Row numbers. */
  rows: Uint32Array;
  /** BigInt64Array: start of each row's label span, of all rows. */
  startNs: BigInt64Array;
  /** BigInt64Array: end of each row's label span, of all rows. */
  endNs: BigInt64Array;
}

/**
 * Asserts that the spans of the earlier set have all ended when the first of the later set begins.
 *
 * @param earlier Training rows, or validation rows against test rows.
 * @param later Rows judged on.
 * @param what What the earlier rows are, for the message.
 * @throws {ModelError} If a span of the earlier set reaches into the later set.
 */
export function assertPurged(earlier: Spans, later: Spans, what: string): void {
  if (later.rows.length === 0) return;
  let begin = later.startNs[later.rows[0]];
  for (const row of later.rows) if (later.startNs[row] < begin) begin = later.startNs[row];
  for (const row of earlier.rows) {
    if (earlier.endNs[row] <= begin) continue;
    throw new ModelError(
      `Cannot split: the label of ${what} row ${row} ends at ${
        earlier.endNs[row]
      } ns, after ${begin} ns, where the ` +
        "next set begins; validate Gold",
      "label_end_ts_ns",
    );
  }
}
