/**
 * Heads: the questions models answer about a touch, and the rows and labels of each.
 *
 * @module
 */
import { type Batch, type Config, f64, i8, isStrings, ModelError, NULL_I8, strings } from "../base/mod.ts";
import { eventOf } from "./dataset.ts";

/** A question. */
export interface Head {
  /** `tradeable_2_4m`, `direction_4m`, `strength_signed_4m`, `reach_1_60s_4m`, …, `fp_outcome`. */
  name: string;
  /** What kind of question. */
  kind: "tradeable" | "direction" | "strength" | "reach" | "first_passage";
  /** Loss: a probability or a number of dollars. */
  objective: "binary" | "regression";
  /** Minutes from the bar's open to t1; none for first passage. */
  horizon?: number;
  /** Dollars to reach, of `reach`. */
  dollars?: number;
  /** Seconds from t1 within which, of `reach`. */
  seconds?: number;
}

/**
 * All heads: for each horizon whether $2 is reached on a side, which side is first, the signed strength, and
 * whether each distance is reached within each time; and the volatility-scaled first passage.
 *
 * @param config Horizons, thresholds, and the distances and times of `reach`.
 */
export function allHeads(config: Pick<Config, "labels" | "training">): Head[] {
  const { reach } = config.training, heads: Head[] = [];
  for (const horizon of config.labels.horizons) {
    const at = `${horizon}m`;
    heads.push(
      { name: `tradeable_2_${at}`, kind: "tradeable", objective: "binary", horizon },
      { name: `direction_${at}`, kind: "direction", objective: "binary", horizon },
      { name: `strength_signed_${at}`, kind: "strength", objective: "regression", horizon },
    );
    for (const dollars of reach.dollars) {
      for (const seconds of reach.seconds) {
        const name = `reach_${dollars}_${seconds}s_${at}`;
        heads.push({ name, kind: "reach", objective: "binary", horizon, dollars, seconds });
      }
    }
  }
  heads.push({ name: "fp_outcome", kind: "first_passage", objective: "binary" });
  return heads;
}

/** Labels of a head. */
export interface HeadLabels {
  /** Float64Array (n): 0 or 1, dollars for strength; NaN: the question does not arise for this row. */
  labels: Float64Array;
  /** Tradeable rows of `direction` left out since both sides were reached and Gold does not say which first. */
  undecided: number;
}

/**
 * The labels of a head.
 *
 * - `tradeable`: 1 when either excursion reaches $2; every row whose outcome is not UNDEFINED.
 * - `direction`: 1 when the break side is reached, on tradeable rows.
 * - `strength`: excursion with − against the approach, dollars.
 * - `reach`: 1 when the price is `dollars` from the anchor on either side within `seconds` of t1.
 * - `first_passage`: 1 when the break side's barrier is reached first, on rows where one of the two is.
 *
 * @param head The head.
 * @param batch Gold rows.
 * @param threshold Dollars that make a row tradeable, and the slack of price comparisons.
 * @throws {ModelError} If a row with an outcome has no label.
 */
export function headLabels(
  head: Head,
  batch: Batch,
  threshold: { dollars: number; slack: number },
): HeadLabels {
  const n = batch.length, labels = new Float64Array(n).fill(NaN);
  if (head.kind === "first_passage") {
    const outcome = i8(batch, "fp_outcome");
    for (let i = 0; i < n; i++) {
      if (outcome[i] === 1 || outcome[i] === -1) labels[i] = outcome[i] === 1 ? 1 : 0;
    }
    return { labels, undecided: 0 };
  }
  const suffix = `_${head.horizon}m`, { codes, values } = strings(batch, `outcome${suffix}`);
  const defined = (i: number) => codes[i] >= 0 && values[codes[i]] !== "UNDEFINED";
  const read = (name: string) => column(batch, `${name}${suffix}`, defined);
  let undecided = 0;
  if (head.kind === "tradeable") {
    const reached = read("tradeable_2");
    for (let i = 0; i < n; i++) if (defined(i)) labels[i] = reached(i);
  } else if (head.kind === "strength") {
    const strength = read("strength_signed");
    for (let i = 0; i < n; i++) if (defined(i)) labels[i] = strength(i);
  } else if (head.kind === "direction") {
    const withIt = read("excursion_with"), against = read("excursion_against");
    const enough = threshold.dollars - threshold.slack;
    for (let i = 0; i < n; i++) {
      if (!defined(i)) continue;
      const up = withIt(i) >= enough, down = against(i) >= enough;
      if (up && down) undecided++;
      else if (up || down) labels[i] = up ? 1 : 0;
    }
  } else {
    const seconds = f64(batch, `time_to_threshold_${head.dollars}${suffix}`);
    for (let i = 0; i < n; i++) if (defined(i)) labels[i] = seconds[i] <= head.seconds! ? 1 : 0;
  }
  return { labels, undecided };
}

/** A label column that must have a value wherever `wanted` says so. */
function column(batch: Batch, name: string, wanted: (row: number) => boolean): (row: number) => number {
  const values = batch.columns[name];
  if (!values || isStrings(values) || values instanceof BigInt64Array) {
    throw new ModelError(`Cannot train: label column "${name}" is not a column of numbers`, name);
  }
  const none = values instanceof Int8Array ? NULL_I8 : NaN;
  for (let i = 0; i < batch.length; i++) {
    if (!wanted(i) || (values[i] !== none && Number.isFinite(values[i]))) continue;
    throw new ModelError(
      `Cannot train: label "${name}" of row ${i} (${eventOf(batch, i)}) is ${
        values[i]
      } although its outcome is known; validate Gold`,
      name,
    );
  }
  return (row) => values[row];
}
