/** Nearest neighbours by looking at every row: median imputation, standardising, filters, one neighbour a cluster. */
import { type Batch, i32, i64, type Strings, strings } from "../../lib/base/mod.ts";

/** Coordinates of columns: what is missing is the median of `fitted` rows, whose mean and deviation scale all. */
export function naiveScale(columns: Float64Array[], fitted: number[]): (values: number[]) => number[] {
  const scales = columns.map((column) => {
    const known = fitted.map((row) => column[row]).filter((x) => !Number.isNaN(x)).sort((a, b) => a - b);
    const n = known.length, median = n === 0 ? 0 : (known[(n - 1) >> 1] + known[n >> 1]) / 2;
    const filled = fitted.map((row) => Number.isNaN(column[row]) ? median : column[row]);
    const mean = filled.reduce((s, x) => s + x, 0) / filled.length;
    const deviation = Math.sqrt(filled.reduce((s, x) => s + (x - mean) ** 2, 0) / filled.length);
    return { median, mean, deviation: deviation > 0 ? deviation : 1 };
  });
  // Points are 32-bit floats.
  return (values) =>
    values.map((x, k) => {
      const { median, mean, deviation } = scales[k];
      return Math.fround(((Number.isNaN(x) ? median : x) - mean) / deviation);
    });
}

/** What one query wants. */
export interface NaiveQuery {
  point: number[];
  atNs: bigint;
  k: number;
  allows: (row: number) => boolean;
}

/** Event ids and distances of the nearest rows with an outcome that was known, nearest first, one a cluster. */
export function naiveNeighbours(batch: Batch, points: number[][], query: NaiveQuery): [string, number][] {
  const ends = i64(batch, "label_end_ts_ns"),
    text = (name: string, row: number) => {
      const { codes, values }: Strings = strings(batch, name);
      return codes[row] < 0 ? "UNDEFINED" : values[codes[row]];
    };
  const cluster = (row: number) =>
    [
      i32(batch, "date")[row],
      text("level_kind", row),
      text("direction", row),
      i32(batch, "attempt_cluster")[row],
    ].join();
  const found = points.map((point, row) => ({
    row,
    distance: Math.sqrt(point.reduce((s, x, k) => s + (x - query.point[k]) ** 2, 0)),
  })).filter(({ row }) =>
    text("outcome", row) !== "UNDEFINED" && ends[row] < query.atNs && query.allows(row)
  );
  found.sort((a, b) => a.distance - b.distance || Number(ends[a.row] - ends[b.row]) || a.row - b.row);
  const seen = new Set<string>();
  return found.filter(({ row }) => !seen.has(cluster(row)) && seen.add(cluster(row))).slice(0, query.k)
    .map(({ row, distance }) => [text("event_id", row), distance]);
}
