/**
 * Weights of a head: its rows are not those of another, and its labels end sooner.
 *
 * @module
 */
import { type Config, MINUTE_NS, SECOND_NS, uniqueness } from "../base/mod.ts";
import type { Dataset } from "./dataset.ts";
import type { Head } from "./heads.ts";

/**
 * Uniqueness of each row's label among the rows of its date that the head asks about, over the head's own spans: from
 * t1, or of the first passage from the moment the row is available, to the end of what the question asks about.
 *
 * @param head The head.
 * @param dataset The data set.
 * @param labels Float64Array (n): its labels; NaN where the question does not arise.
 * @param config The forward window.
 * @returns Float64Array (n): weights in (0, 1]; NaN where the question does not arise.
 */
export function headWeights(
  head: Head,
  { startNs, availableNs, dateIndex }: Pick<Dataset, "startNs" | "availableNs" | "dateIndex">,
  labels: Float64Array,
  { labels: { forwardSeconds } }: Pick<Config, "labels">,
): Float64Array {
  const weights = new Float64Array(labels.length).fill(NaN), byDate = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    if (Number.isNaN(labels[row])) continue;
    const mine = byDate.get(dateIndex[row]);
    if (mine) mine.push(row);
    else byDate.set(dateIndex[row], [row]);
  }
  const wait = (head.horizon ?? 0) * MINUTE_NS, length = (head.seconds ?? forwardSeconds) * SECOND_NS;
  const known = head.kind === "first_passage" ? availableNs : startNs;
  for (const rows of byDate.values()) {
    const origin = known[rows[0]];
    const start = Float64Array.from(rows, (row) => Number(known[row] - origin) + wait);
    const mine = uniqueness(start, start.map((from) => from + length));
    rows.forEach((row, k) => weights[row] = mine[k]);
  }
  return weights;
}
