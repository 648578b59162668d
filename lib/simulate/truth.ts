/**
 * What really happened in a simulated session: what no stage of the pipeline may see, and every test may.
 *
 * @module
 */
import { absoluteNs, type Batch, type Column, stringsOf } from "../base/mod.ts";

/** A touched level. Times are ns since the session's start until they are put into a batch. */
export interface TouchTruth {
  /** Open of the touched bar. */
  t: number;
  /** Kind of level. */
  kind: string;
  /** SPY dollars. */
  level: number;
  /** +1 approached from below, −1 from above. */
  direction: number;
  /** Latent D: −1 defended, 0 neutral, +1 pulled. */
  d: number;
  /** Best quotes' imbalance at the bar's close. */
  imbalance: number;
  /** Dealer gamma near the level, normalised; NaN without option data. */
  dealer_gamma: number;
  /** Hazard of a break, in the direction of approach. */
  p_break: number;
  /** The same as the chance that the upper barrier is reached first. */
  p_up: number;
  /** Upper barrier, ES points. */
  upper: number;
  /** Lower barrier, ES points. */
  lower: number;
  /** +1 the barrier beyond the level was reached first, −1 the other, 0 neither. */
  outcome: number;
  /** When. */
  outcome_t: number;
  /** End of the watch. */
  until: number;
}

/** An iceberg gave of its reserve. */
export interface RefillTruth {
  /** Event time, ns since the session's start. */
  t: number;
  /** ES points. */
  price: number;
  /** +1 ask, −1 bid. */
  side: number;
  /** Contracts that came out of the reserve: traded unseen, or shown anew. */
  size: number;
}

/** The state of a regular minute. */
export interface MinuteTruth {
  /** Minute's start, ns since the session's start. */
  t: number;
  /** SPY dollars a point of the leading contract, at the minute's end. */
  spy_per_es: number;
  /** SPY dollars at the minute's end. */
  spot: number;
  /** ES/10 − SPY in dollars, at the minute's end. */
  basis: number;
  /** At-the-money volatility of same-day options, per √year of trading time. */
  iv: number;
  /** Expected standard deviation of the minute's change, ES points. */
  sigma: number;
  /** Latent pressure. */
  pressure: number;
  /** Drift of the fair price, ES points a minute. */
  drift: number;
}

/** A fault that was planted. */
export interface PlantedFault {
  /** Kind, a key of `FAULTS`. */
  kind: string;
  /** `trades`, `mbp-10`, `options`, or a file's name. */
  table: string;
  /** Rows, or bytes of a file, concerned. */
  count: number;
  /** ns UTC of the first row concerned, as text; empty for files. */
  first_ts_ns: string;
  /** ns UTC of the last. */
  last_ts_ns: string;
  /** What was done, for a person. */
  detail: string;
}

/** Everything true about a session, as tables. */
export interface Truth {
  /** A row a touched level of a bar. */
  touches: Batch;
  /** A row a minute. */
  minutes: Batch;
  /** A row each time an iceberg gave of its reserve. */
  icebergs: Batch;
  /** A row an option print, in the order of the flat file. */
  options: Batch;
  /** What was planted. */
  faults: PlantedFault[];
}

const TIME_COLUMNS: Record<string, string> = { t: "ts_ns", outcome_t: "outcome_ts_ns", until: "until_ns" };

/**
 * Rows of plain objects as a batch; times become ns UTC.
 *
 * @param rows Objects with the same keys; numbers become f64, strings utf8.
 * @param keys The keys, in column order.
 * @param originNs ns UTC that times count from.
 */
export function truthBatch<T extends object>(
  rows: readonly T[],
  keys: readonly (keyof T & string)[],
  originNs: bigint,
): Batch {
  const columns: Record<string, Column> = {};
  for (const key of keys) {
    const values = rows.map((row) => row[key]);
    if (key in TIME_COLUMNS) {
      columns[TIME_COLUMNS[key]] = absoluteNs(Float64Array.from(values as number[]), originNs);
    } else if (typeof values[0] === "string") columns[key] = stringsOf(values as string[]);
    else columns[key] = Float64Array.from(values as number[]);
  }
  return { length: rows.length, columns };
}

/** Columns of the touches' table. */
export const TOUCH_KEYS = [
  "t",
  "kind",
  "level",
  "direction",
  "d",
  "imbalance",
  "dealer_gamma",
  "p_break",
  "p_up",
  "upper",
  "lower",
  "outcome",
  "outcome_t",
] as const;
/** Columns of the minutes' table. */
export const MINUTE_KEYS = ["t", "spy_per_es", "spot", "basis", "iv", "sigma", "pressure", "drift"] as const;
/** Columns of the icebergs' table. */
export const REFILL_KEYS = ["t", "price", "side", "size"] as const;
