/**
 * Compaction: an hour of Bronze as one table, deduplicated and in time order.
 *
 * @module
 */
import pl, { type DataFrame } from "nodejs-polars";
import { type Batch, i64, relativeNs, strings, takeRows } from "../base/mod.ts";
import { fromFrame, type Lake, readTable } from "../lake/mod.ts";
import { dedupKeep, OPTIONS_TRADES, recordKey, sameElsewhere, type TableSchema } from "../schema/mod.ts";

/** The order of Silver; `row` and `ingest` make it total. */
const ORDER = ["ts_event_ns", "seq", "row", "ingest"];

/** An hour of Bronze, compacted. */
export interface CompactHour {
  /** Its rows with all columns of the Bronze table, in one chunk. */
  frame: DataFrame;
  /** Rows read. */
  rowsIn: number;
  /** Rows left out because another ingest brought the same records. */
  duplicates: number;
}

/**
 * Compacts one hour: what a second ingest added goes, the rest is ordered by `ts_event_ns, seq, row, ingest`.
 * The result does not depend on the order of files or of rows in them.
 *
 * @param lake The lake.
 * @param table The Bronze table.
 * @param files Its files of the hour, relative paths, at least one.
 * @throws {LakeError} If a file cannot be read.
 * @throws {SchemaError} If a file is not what the table declares.
 */
export function compactHour(lake: Lake, table: TableSchema, files: readonly string[]): CompactHour {
  return compactFrame(table, readBronze(lake, table, files));
}

/**
 * Reads some Bronze files of one table as one frame, checked against its declaration.
 *
 * @param lake The lake.
 * @param table The Bronze table.
 * @param files Relative paths, at least one.
 * @throws {LakeError} If a file cannot be read.
 * @throws {SchemaError} If a file is not what the table declares.
 */
export function readBronze(lake: Lake, table: TableSchema, files: readonly string[]): DataFrame {
  const frames = files.map((file) => readTable(lake, table, file));
  return frames.length === 1 ? frames[0] : pl.concat(frames, { how: "vertical", rechunk: true });
}

/**
 * Compacts rows of one Bronze table that are in memory; see {@linkcode compactHour}.
 *
 * @param table The Bronze table.
 * @param all Rows with all its columns.
 */
export function compactFrame(table: TableSchema, all: DataFrame): CompactHour {
  const keys = fromFrame(table, all, ORDER);
  const kept = strings(keys, "ingest").values.length > 1 ? keepRows(table, all) : all;
  const sorted = isOrdered(keys)
    ? kept
    : kept.sort({ by: ORDER, descending: false, nullsLast: false, maintainOrder: true });
  return { frame: sorted.rechunk(), rowsIn: all.height, duplicates: all.height - kept.height };
}

function keepRows(table: TableSchema, frame: DataFrame): DataFrame {
  const all = fromFrame(table, frame), copied = dedupKeep(all, recordKey(table));
  const keep = table === OPTIONS_TRADES ? withoutElsewhere(all, copied) : copied;
  if (keep.length === frame.height) return frame;
  const mask = new Int8Array(frame.height);
  for (const row of keep) mask[row] = 1;
  return frame.withColumn(pl.Series("_keep", mask)).filter(pl.col("_keep").eq(pl.lit(1))).drop("_keep");
}

/** Of some rows of option prints those that no other kind of source tells more of. */
function withoutElsewhere(prints: Batch, rows: Uint32Array): Uint32Array {
  const surplus = new Set(sameElsewhere(takeRows(prints, rows)));
  return surplus.size === 0 ? rows : rows.filter((_, i) => !surplus.has(i));
}

function isOrdered(keys: Batch): boolean {
  const ts = relativeNs(i64(keys, "ts_event_ns"), keys.length ? i64(keys, "ts_event_ns")[0] : 0n);
  const seq = relativeNs(i64(keys, "seq"), 0n), row = relativeNs(i64(keys, "row"), 0n);
  const ingest = strings(keys, "ingest"), sorted = ingest.values.toSorted();
  const rank = ingest.values.map((value) => sorted.indexOf(value));
  for (let i = 1; i < keys.length; i++) {
    const step = ts[i] - ts[i - 1] || seq[i] - seq[i - 1] || row[i] - row[i - 1] ||
      rank[ingest.codes[i]] - rank[ingest.codes[i - 1]];
    if (step < 0) return false;
  }
  return true;
}
