/**
 * Out-of-sample predictions as rows of a table: what training keeps, and what is judged.
 *
 * @module
 */
import { type Batch, type Strings, takeRows } from "../base/mod.ts";
import type { Dataset } from "./dataset.ts";
import type { TrainPlan } from "./plan.ts";
import type { HeadResult } from "./train_head.ts";

/**
 * The rows of the table `models.predictions`, head after head.
 *
 * @param dataset The data set.
 * @param plan The plan the heads were trained by.
 * @param results Trained heads.
 */
export function predictionRows(
  { batch }: Dataset,
  plan: TrainPlan,
  results: readonly HeadResult[],
): Batch {
  const all = results.flatMap(({ predictions }) => Array.from(predictions.row));
  const rows = Uint32Array.from(all), identity = ["event_id", "date", "ts_ns", "level_kind"];
  const columns = Object.fromEntries(identity.map((name) => [name, batch.columns[name]]));
  const planned = ({ head: name }: HeadResult) => plan.heads.find(({ head }) => head.name === name)!;
  const join = (pick: (result: HeadResult) => Float64Array) => {
    const out = new Float64Array(rows.length);
    results.reduce((at, result) => (out.set(pick(result), at), at + result.predictions.row.length), 0);
    return out;
  };
  const repeat = (values: string[], pick: (result: HeadResult, k: number) => ArrayLike<number>): Strings => ({
    codes: Int32Array.from(results.flatMap((result, k) => Array.from(pick(result, k)))),
    values,
  });
  return {
    length: rows.length,
    columns: {
      head: repeat(
        results.map((r) => r.head),
        (r, k) => new Int32Array(r.predictions.row.length).fill(k),
      ),
      fold: Int32Array.from(results.flatMap((r) => Array.from(r.predictions.fold))),
      part: repeat(["valid", "test"], (r) => r.predictions.test),
      ...takeRows({ length: batch.length, columns }, rows).columns,
      label: join((r) => Float64Array.from(r.predictions.row, (row) => planned(r).labels[row])),
      weight: join((r) => Float64Array.from(r.predictions.row, (row) => planned(r).weights[row])),
      prediction: join((r) => r.predictions.prediction),
      base_rate: join((r) => r.predictions.base_rate),
      volatility: join((r) => r.predictions.volatility),
    },
  };
}
