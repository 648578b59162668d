/**
 * The index: past touches as points, with what came of them. Rows lie in the order in which their labels ended, so
 * that what was known at a moment is a prefix.
 *
 * @module
 */
import {
  type Batch,
  f64,
  i32,
  i64,
  i8,
  ModelError,
  NULL_I8,
  type Strings,
  strings,
  takeRows,
} from "../../base/mod.ts";
import { ROW_GROUP } from "./dot_kernel.ts";
import { coordinate, fitScale, type Scale } from "./scaling.ts";

/** What the rows of an index are, apart from their features; labels are those of the primary horizon. */
export const ENTRY_COLUMNS = [
  "event_id",
  "date",
  "ts_ns",
  "label_end_ts_ns",
  "level_kind",
  "direction",
  "gamma_bucket",
  "attempt_cluster",
  "outcome",
  "tradeable_2",
  "strength_signed",
  "strength_abs",
  "time_to_threshold_1",
  "time_to_threshold_2",
] as const;

/** An index of past touches. */
export interface RetrievalIndex {
  /** Scale of each feature: the coordinates, in order. */
  scales: Scale[];
  /** Entries: {@linkcode ENTRY_COLUMNS} of the n rows. */
  entries: Batch;
  /** BigInt64Array (n): end of the label, ns UTC, ascending. */
  endNs: BigInt64Array;
  /** Int32Array (n): number of the row's cluster: touches of one date, kind, direction and attempt cluster. */
  cluster: Int32Array;
  /** Memory of the points: n rows of `stride` floats from address 0, padded with zeros; then room for searches. */
  memory: WebAssembly.Memory;
  /** Float32Array (n × stride): the points, a view of `memory`. */
  points: Float32Array;
  /** Coordinates of a point in memory: features, rounded up to a multiple of 4. */
  stride: number;
  /** Float64Array (n): squared length of each point. */
  squares: Float64Array;
  /** First byte behind the points. */
  pointsEnd: number;
}

/** Bytes of a page of WebAssembly memory. */
const PAGE = 65536;

/** Memory kept behind the points for the queries and results of searching threads. */
const SEARCH_PAGES = 64;

/** Most pages a memory can have. */
const MOST_PAGES = 65536;

/** Columns of features, each n long. */
export interface FeatureColumns {
  /** Names. */
  names: string[];
  /** Values, NaN where missing. */
  columns: Float64Array[];
}

/**
 * Fits the scales of features on some rows.
 *
 * @param features Columns of all rows.
 * @param rows Rows to fit on, such as the training rows.
 */
export function fitScales({ names, columns }: FeatureColumns, rows: Uint32Array): Scale[] {
  return names.map((name, k) => fitScale(name, columns[k], rows));
}

/**
 * Builds an index of the rows whose outcome is known.
 *
 * @param batch Gold rows, {@linkcode ENTRY_COLUMNS} among their columns.
 * @param features Columns of the rows' features, in the order of `scales`.
 * @param scales Scales of the features.
 * @throws {ModelError} If no row has an outcome, or there are too many for 4 GiB.
 */
export function buildIndex(batch: Batch, features: FeatureColumns, scales: Scale[]): RetrievalIndex {
  const outcome = strings(batch, "outcome"), undefinedCode = outcome.values.indexOf("UNDEFINED");
  const end = i64(batch, "label_end_ts_ns");
  const rows = Uint32Array.from(outcome.codes.keys())
    .filter((row) => outcome.codes[row] >= 0 && outcome.codes[row] !== undefinedCode)
    .sort((a, b) => end[a] < end[b] ? -1 : end[a] > end[b] ? 1 : a - b);
  const n = rows.length, stride = Math.ceil(scales.length / 4) * 4;
  if (n === 0) throw new ModelError("Cannot build an index: no row has an outcome", "outcome");
  // A group of rows may reach one beyond the last.
  const pointsEnd = 4 * stride * (n + ROW_GROUP - 1), pages = Math.ceil(pointsEnd / PAGE) + SEARCH_PAGES;
  if (pages > MOST_PAGES) {
    throw new ModelError(
      `Cannot build an index of ${n} rows: they need more than 4 GiB; give fewer dates`,
      "rows",
    );
  }
  const memory = memoryOf(pages, n);
  const points = new Float32Array(memory.buffer, 0, n * stride);
  scales.forEach((scale, k) => {
    const column = features.columns[k];
    for (let i = 0; i < n; i++) points[i * stride + k] = coordinate(column[rows[i]], scale);
  });
  const entries = takeRows(
    { length: batch.length, columns: Object.fromEntries(ENTRY_COLUMNS.map((c) => [c, batch.columns[c]])) },
    rows,
  );
  return {
    scales,
    entries,
    endNs: i64(entries, "label_end_ts_ns"),
    cluster: clustersOf(entries),
    memory,
    points,
    stride,
    squares: squaresOf(points, n, stride),
    pointsEnd: Math.ceil(pointsEnd / 16) * 16,
  };
}

function memoryOf(pages: number, rows: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: MOST_PAGES, shared: true });
  } catch (cause) {
    const wanted = `${(pages * PAGE / 2 ** 20).toFixed(0)} MiB`;
    throw new ModelError(`Cannot build an index of ${rows} rows: there is no memory for ${wanted}`, "rows", {
      cause,
    });
  }
}

/** Squared length of each point, in double precision. */
export function squaresOf(points: Float32Array, n: number, stride: number): Float64Array {
  const squares = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = i * stride; k < (i + 1) * stride; k++) sum += points[k] * points[k];
    squares[i] = sum;
  }
  return squares;
}

function clustersOf(entries: Batch): Int32Array {
  const date = i32(entries, "date"), attempt = i32(entries, "attempt_cluster");
  const kind = strings(entries, "level_kind").codes, direction = strings(entries, "direction").codes;
  const numbers = new Map<string, number>(), out = new Int32Array(entries.length);
  for (let i = 0; i < out.length; i++) {
    const key = `${date[i]}/${kind[i]}/${direction[i]}/${attempt[i]}`;
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, number = numbers.size);
    out[i] = number;
  }
  return out;
}

/** What neighbours' outcomes are read from. */
export interface Outcomes {
  /** Outcome of each row. */
  outcome: Strings;
  /** Int8Array (n): whether $2 was reached; −128 unknown. */
  tradeable: Int8Array;
  /** Float64Array (n): signed strength, dollars. */
  strength: Float64Array;
  /** Float64Array (n): the larger excursion, dollars. */
  strengthAbs: Float64Array;
  /** Float64Array (n): seconds to $1, NaN if not reached. */
  secondsLow: Float64Array;
  /** Float64Array (n): seconds to $2, NaN if not reached. */
  seconds: Float64Array;
}

/** The outcomes of an index's rows. @throws {ModelError} If a known outcome lacks its labels. */
export function outcomesOf({ entries }: RetrievalIndex): Outcomes {
  const found: Outcomes = {
    outcome: strings(entries, "outcome"),
    tradeable: i8(entries, "tradeable_2"),
    strength: f64(entries, "strength_signed"),
    strengthAbs: f64(entries, "strength_abs"),
    secondsLow: f64(entries, "time_to_threshold_1"),
    seconds: f64(entries, "time_to_threshold_2"),
  };
  const bad = found.strength.findIndex((x, i) => Number.isNaN(x) || found.tradeable[i] === NULL_I8);
  if (bad < 0) return found;
  const { codes, values } = strings(entries, "event_id");
  throw new ModelError(
    `Cannot use the index: ${values[codes[bad]]} has an outcome but no strength; validate Gold`,
    "strength_signed",
  );
}
