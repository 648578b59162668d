/**
 * The Gold data set as models see it: numbers by column, rows by date.
 *
 * @module
 */
import {
  type Batch,
  dateOfDay,
  i32,
  i64,
  isStrings,
  ModelError,
  NULL_I32,
  NULL_I8,
  type Numbers,
  SchemaError,
  strings,
} from "../base/mod.ts";
import { hashFiles, type Lake, readBatch, settled, tableFolder } from "../lake/mod.ts";
import { type Feature, FEATURES, GOLD_SIGNALS, schemaId } from "../schema/mod.ts";

/** The consolidated data set, relative to the lake. */
export const DATASET_PATH = `${tableFolder(GOLD_SIGNALS)}/signals.parquet`;

/** Touches of several dates. */
export interface Dataset {
  /** All Gold columns. */
  batch: Batch;
  /** sha256 of the file they came from, hex. */
  hash: string;
  /** Distinct trade dates, ascending. */
  dates: string[];
  /** Int32Array (n): index of each row's date in `dates`. */
  dateIndex: Int32Array;
  /** BigInt64Array (n): bar open, ns UTC. */
  startNs: BigInt64Array;
  /** BigInt64Array (n): when the row's features are known, ns UTC. */
  availableNs: BigInt64Array;
  /** BigInt64Array (n): end of the label span, ns UTC. */
  endNs: BigInt64Array;
  /** Float64Array (n): label_weight, positive: what each row is worth among all; heads weigh by their own rows. */
  weights: Float64Array;
}

/** Feature columns as numbers, in shared memory where workers read them. */
export interface FeatureMatrix {
  /** Names, one a column. */
  names: string[];
  /** Whether a column holds category codes. */
  categorical: boolean[];
  /** Float64Array (n) a column; NaN is null. */
  columns: Float64Array[];
}

/**
 * Reads the consolidated data set.
 *
 * @param lake The lake.
 * @throws {LakeError} If it is not there or cannot be read.
 * @throws {SchemaError} If a column is missing or of another dtype.
 * @throws {ModelError} If it has no rows, or a weight that is not positive.
 */
export async function readDataset(lake: Lake): Promise<Dataset> {
  return await settled(lake, async (view) => {
    const batch = readBatch(view, GOLD_SIGNALS, [DATASET_PATH]);
    return datasetOf(batch, (await hashFiles(view, [DATASET_PATH]))[DATASET_PATH]);
  });
}

/**
 * A data set of Gold rows at hand.
 *
 * @param batch All Gold columns.
 * @param hash What the rows are known by.
 * @throws {ModelError} If there are no rows, or a weight is not a positive number.
 */
export function datasetOf(batch: Batch, hash: string): Dataset {
  if (batch.length === 0) throw new ModelError("Cannot train: Gold has no rows; run deno task gold", "rows");
  const days = i32(batch, "date"), distinct = [...new Set(days)].sort((a, b) => a - b);
  const index = new Map(distinct.map((day, k) => [day, k]));
  const weights = batch.columns.label_weight as Float64Array;
  const bad = weights.findIndex((w) => !(w > 0 && w < Infinity));
  if (bad >= 0) {
    throw new ModelError(
      `Cannot train: label_weight of row ${bad} (${eventOf(batch, bad)}) is ${
        weights[bad]
      }, wanted above 0; validate Gold`,
      "label_weight",
    );
  }
  return {
    batch,
    hash,
    dates: distinct.map(dateOfDay),
    dateIndex: days.map((day) => index.get(day)!),
    startNs: i64(batch, "ts_ns"),
    availableNs: i64(batch, "available_ts_ns"),
    endNs: i64(batch, "label_end_ts_ns"),
    weights,
  };
}

/** The event id of a row, for messages. */
export function eventOf(batch: Batch, row: number): string {
  const { codes, values } = strings(batch, "event_id");
  return values[codes[row]] ?? "no event_id";
}

/**
 * Features as numbers: bool 0 and 1, a string its place among the contract's `values`, null NaN.
 *
 * @param batch Gold rows.
 * @param features Wanted features.
 * @param shared Whether the columns lie in shared memory; defaults to false.
 * @throws {SchemaError} If a string is not among the contract's values.
 */
export function featureMatrix(batch: Batch, features: readonly Feature[], shared = false): FeatureMatrix {
  return {
    names: features.map((f) => f.name),
    categorical: features.map((f) => f.dtype === "utf8"),
    columns: features.map((feature) => {
      const bytes = 8 * batch.length;
      const out = new Float64Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
      fillFeature(batch, feature, out);
      return out;
    }),
  };
}

/** Some rows of the columns, copied: what a model predicts from. */
export function columnsAt({ columns }: Pick<FeatureMatrix, "columns">, rows: Uint32Array): Float64Array[] {
  return columns.map((column) => Float64Array.from(rows, (row) => column[row]));
}

/** The contract's entry of a Gold column. */
export function featureNamed(name: string): Feature {
  const found = FEATURES.find((f) => f.name === name);
  if (!found) throw new SchemaError("the column is not declared", schemaId(GOLD_SIGNALS), name);
  return found;
}

function fillFeature(batch: Batch, feature: Feature, out: Float64Array): void {
  const column = batch.columns[feature.name];
  if (!column) throw new SchemaError("the column is missing", schemaId(GOLD_SIGNALS), feature.name);
  if (isStrings(column)) {
    const place = column.values.map((value) => feature.values?.indexOf(value) ?? -1);
    for (let i = 0; i < out.length; i++) {
      const code = column.codes[i];
      out[i] = code < 0 ? NaN : place[code];
      if (out[i] !== -1) continue;
      throw new SchemaError(
        `"${column.values[code]}" in row ${i} is not one of its values`,
        schemaId(GOLD_SIGNALS),
        feature.name,
      );
    }
    return;
  }
  fillNumbers(column, out);
}

function fillNumbers(column: Numbers, out: Float64Array): void {
  if (column instanceof BigInt64Array) throw new TypeError("Cannot use a column of i64 as a feature");
  out.set(column);
  const none = column instanceof Int8Array ? NULL_I8 : column instanceof Int32Array ? NULL_I32 : NaN;
  if (Number.isNaN(none)) return;
  for (let i = 0; i < out.length; i++) if (out[i] === none) out[i] = NaN;
}
