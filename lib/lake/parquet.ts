/**
 * Parquet in and out: batches and polars frames to files of declared schemas, and back.
 *
 * @module
 */
import pl, { type DataFrame, type DataType, type Expr, type Series } from "nodejs-polars";
import {
  type Batch,
  type Column,
  concatBatches,
  type Dtype,
  isStrings,
  LakeError,
  NULL_I16,
  NULL_I32,
  NULL_I64,
  NULL_I8,
  nullColumn,
  type Numbers,
  SchemaError,
} from "../base/mod.ts";
import { conform, schemaId, type TableSchema } from "../schema/mod.ts";
import { reason } from "./lake.ts";
import type { Lake } from "./root.ts";

const POLARS: Record<Dtype, DataType> = {
  f64: pl.Float64,
  i64: pl.Int64,
  i32: pl.Int32,
  i16: pl.Int16,
  i8: pl.Int8,
  u32: pl.UInt32,
  u16: pl.UInt16,
  u8: pl.UInt8,
  utf8: pl.String,
  bool: pl.Bool,
  date: pl.Date,
};

/**
 * A polars frame of a batch, nulls as nulls.
 *
 * @param table The declaration; columns come in its order.
 * @param batch The rows.
 * @throws {SchemaError} If the batch is not what the table declares, or a column that allows none holds a null.
 */
export function toFrame(table: TableSchema, batch: Batch): DataFrame {
  const checked = conform(table, batch);
  const series: Series[] = [], changes: Expr[] = [];
  for (const [name, spec] of Object.entries(table.columns)) {
    const column = checked.columns[name];
    if (!spec.nullable) checkNoNulls(table, name, column);
    series.push(
      isStrings(column) ? stringSeries(name, column.codes, column.values) : numberSeries(name, column),
    );
    const change = changeOf(name, spec, column);
    if (change) changes.push(change);
  }
  const frame = pl.DataFrame(series);
  return changes.length > 0 ? frame.withColumns(...changes) : frame;
}

function numberSeries(name: string, values: Numbers): Series {
  return pl.Series(name, values as Float64Array);
}

function stringSeries(name: string, codes: Int32Array, values: string[]): Series {
  const n = codes.length;
  if (values.length === 0 || n < values.length) {
    return pl.Series(name, Array.from(codes, (code) => (code < 0 ? null : values[code])), pl.String);
  }
  const dictionary = pl.Series("values", values, pl.String);
  if (values.length === 1 && !codes.includes(-1)) {
    return dictionary.extendConstant(values[0], n - 1).alias(name);
  }
  // A gather from the dictionary, padded to the frame's height, is one native pass; a null code gathers null.
  const frame = pl.DataFrame([
    dictionary.extendConstant(null as unknown as string, n - values.length),
    pl.Series("code", codes),
  ]);
  const code = pl.when(pl.col("code").lt(pl.lit(0))).then(pl.lit(null)).otherwise(pl.col("code")).cast(
    pl.UInt32,
  );
  return frame.select(pl.col("values").gather(code).alias(name)).getColumn(name);
}

/**
 * What makes a series of numbers the column: nulls where it has them, truths and dates. Nothing where it is that
 * already: an expression costs as much as the series of a small file.
 */
function changeOf(
  name: string,
  { dtype, nullable }: TableSchema["columns"][string],
  column: Column,
): Expr | undefined {
  const cast = dtype === "bool" ? pl.Bool : dtype === "date" ? pl.Date : undefined;
  if (!nullable || !hasNull(column)) return cast && pl.col(name).cast(cast);
  const col = pl.col(name);
  if (dtype === "f64") return col.fillNan(null);
  const masked = pl.when(col.eq(nullLiteral(dtype))).then(pl.lit(null)).otherwise(col).alias(name);
  return cast ? masked.cast(cast) : masked;
}

/** Whether a column that may hold nulls does. */
function hasNull(column: Column): boolean {
  if (isStrings(column)) return false; // A null code becomes a null as it is.
  if (column instanceof Float64Array) {
    for (let i = 0; i < column.length; i++) if (column[i] !== column[i]) return true;
    return false;
  }
  if (column instanceof BigInt64Array) return column.includes(NULL_I64);
  return column.includes(
    column instanceof Int8Array ? NULL_I8 : column instanceof Int16Array ? NULL_I16 : NULL_I32,
  );
}

function checkNoNulls(table: TableSchema, name: string, column: Column): void {
  // Only a dictionary's codes have a null of their own where none is declared.
  if (!isStrings(column) || !column.codes.includes(-1)) return;
  const nulls = column.codes.filter((code) => code === -1).length;
  throw new SchemaError(`${nulls} nulls in a column that allows none`, schemaId(table), name);
}

/**
 * A batch of a polars frame, the inverse of {@linkcode toFrame}.
 *
 * @param table The declaration.
 * @param frame Rows with at least the wanted columns.
 * @param names Wanted columns; defaults to all.
 * @param where Where the frame came from, for the message.
 * @throws {SchemaError} If a column is missing or of another type.
 */
export function fromFrame(
  table: TableSchema,
  frame: DataFrame,
  names: readonly string[] = Object.keys(table.columns),
  where = "memory",
): Batch {
  checkFrame(table, frame, names, where);
  const columns: Record<string, Column> = {};
  for (const name of names) columns[name] = columnOf(frame.getColumn(name), table.columns[name].dtype);
  return { length: frame.height, columns };
}

/**
 * Checks that a frame has some columns of a table, each of its type.
 *
 * @param table The declaration.
 * @param frame The rows.
 * @param names Columns it must have; others are allowed.
 * @param where Where the frame came from, for the message.
 * @throws {SchemaError} At the first column that is not declared, missing or of another type.
 */
export function checkFrame(
  table: TableSchema,
  frame: DataFrame,
  names: readonly string[],
  where: string,
): void {
  // One native call for all types: a call a column takes longer than reading a small file.
  const types = frame.dtypes, found = new Map(frame.columns.map((name, i) => [name, types[i]]));
  for (const name of names) {
    const spec = table.columns[name], type = found.get(name);
    if (!spec) throw new SchemaError("the column is not declared", schemaId(table), name);
    if (!type) throw new SchemaError(`the column is missing in ${where}`, schemaId(table), name);
    if (!type.equals(POLARS[spec.dtype])) {
      throw new SchemaError(`found ${type} in ${where}, wanted ${spec.dtype}`, schemaId(table), name);
    }
  }
}

function columnOf(series: Series, dtype: Dtype): Column {
  const name = series.name;
  if (series.length === 0) return nullColumn(dtype, 0);
  if (dtype === "utf8") return stringsOfSeries(series);
  const physical = dtype === "date"
    ? series.cast(pl.Int32)
    : dtype === "bool"
    ? series.cast(pl.Int8)
    : series;
  const filled = physical.nullCount() === 0
    ? physical
    : pl.DataFrame([physical]).select(pl.col(name).fillNull(nullLiteral(dtype)).cast(physical.dtype))
      .getColumn(name);
  return filled.toTypedArray() as Numbers;
}

function nullLiteral(dtype: Dtype): Expr {
  switch (dtype) {
    case "f64":
      return pl.lit(NaN);
    case "i64":
      return pl.lit("-9223372036854775808").cast(pl.Int64);
    case "i32":
    case "date":
      return pl.lit(NULL_I32).cast(pl.Int32);
    case "i16":
      return pl.lit(NULL_I16).cast(pl.Int16);
    case "i8":
    case "bool":
      return pl.lit(NULL_I8).cast(pl.Int8);
    default:
      return pl.lit(0);
  }
}

function stringsOfSeries(series: Series): Column {
  const { name, length } = series, nulls = series.nullCount();
  if (nulls === 0 && series.nUnique() === 1) {
    return { codes: new Int32Array(length), values: [series.get(0)] };
  }
  const physical = series.cast(pl.Categorical).cast(pl.UInt32).cast(pl.Int32);
  const filled = nulls === 0
    ? physical
    : pl.DataFrame([physical]).select(pl.col(name).fillNull(pl.lit(-1)).cast(pl.Int32)).getColumn(name);
  const codes = filled.toTypedArray() as Int32Array;
  // Categories may be numbered for the whole process: renumber from 0 by first occurrence.
  const numbers = new Map<number, number>([[-1, -1]]), first: number[] = [];
  let before = -1, number = -1;
  for (let i = 0; i < length; i++) {
    if (codes[i] !== before) {
      const known = numbers.get(before = codes[i]);
      number = known ?? first.push(i) - 1;
      if (known === undefined) numbers.set(before, number);
    }
    codes[i] = number;
  }
  return { codes, values: series.gather(first).toArray() as string[] };
}

/**
 * Writes a frame as zstd Parquet.
 *
 * @param path Absolute path, usually staged by a transaction.
 * @param frame The rows.
 * @throws {LakeError} If the file cannot be written.
 */
export function writeFrame(path: string, frame: DataFrame): void {
  try {
    frame.writeParquet(path, { compression: "zstd" });
  } catch (cause) {
    throw new LakeError(`Cannot write "${path}": ${reason(cause)}; free space or mend permissions`, path, {
      cause,
    });
  }
}

/**
 * Reads one Parquet file as a frame.
 *
 * @param path Absolute path.
 * @param columns Wanted columns; defaults to all.
 * @throws {LakeError} If it cannot be read: missing, cut short, not Parquet, or without a wanted column.
 */
export function readFrame(path: string, columns?: readonly string[]): DataFrame {
  try {
    return pl.readParquet(path, columns ? { columns: [...columns] } : {});
  } catch (cause) {
    throw new LakeError(
      `Cannot read "${path}": ${reason(cause)}; restore the file or rebuild the stage that writes it`,
      path,
      { cause },
    );
  }
}

/**
 * Reads Parquet files of one table as a batch, rows in the order of the files.
 *
 * @param lake The lake.
 * @param table The declaration that every file is checked against.
 * @param files Relative paths.
 * @param names Wanted columns; defaults to all.
 * @throws {LakeError} If a file cannot be read.
 * @throws {SchemaError} If a file is not what the table declares.
 */
export function readBatch(
  lake: Lake,
  table: TableSchema,
  files: readonly string[],
  names?: readonly string[],
): Batch {
  const wanted = names ?? Object.keys(table.columns);
  if (files.length === 0) return emptyBatch(table, wanted);
  return concatBatches(
    files.map((file) => fromFrame(table, readLakeFrame(lake, file, names), wanted, file)),
  );
}

/**
 * Reads one Parquet file of the lake as a frame.
 *
 * @param lake The lake.
 * @param file Relative path.
 * @param columns Wanted columns; defaults to all.
 * @throws {LakeError} If it cannot be read: missing, cut short, not Parquet, or without a wanted column.
 */
export function readLakeFrame(lake: Lake, file: string, columns?: readonly string[]): DataFrame {
  lake.seen?.file(file);
  return readFrame(`${lake.root}/${file}`, columns);
}

/** A batch of a table without rows. */
export function emptyBatch(table: TableSchema, names: readonly string[] = Object.keys(table.columns)): Batch {
  return {
    length: 0,
    columns: Object.fromEntries(names.map((name) => [name, nullColumn(table.columns[name].dtype, 0)])),
  };
}
