/**
 * What a table's schema is: a name, a version and its columns with dtype, unit, meaning and null rule.
 *
 * Writers, readers, validators and the lake's README are all derived from these declarations.
 *
 * @module
 */
import { type Batch, type Dtype, isStrings, SchemaError, STORAGE } from "../base/mod.ts";

/** One column of a table. */
export interface ColumnSpec {
  /** Storage type. */
  dtype: Dtype;
  /** Unit: `ns UTC`, `$`, `ES points`, `contracts`, … or `–`. */
  unit: string;
  /** What the value means. */
  description: string;
  /** Whether nulls are allowed; NaN is a null. Other numbers of an `f64` column are finite. */
  nullable: boolean;
  /** Whether a time is kept as it was sent, whatever it says; others are of this century. */
  asSent?: boolean;
}

/** Where a table lies in the lake and how it is cut. */
export interface Location {
  /** Folder below the lake's root, without partitions: `bronze/futures/trades`. */
  folder: string;
  /** First partition key and value, such as `symbol=ES`; empty if none. */
  owner: string;
  /** Cut by UTC hour of the time column, by session date, or one file. */
  by: "hour" | "session" | "file";
}

/** A table's declaration. */
export interface TableSchema {
  /** Name without version: `futures.trades`. */
  name: string;
  /** Version; a change of columns raises it. */
  version: number;
  /** One sentence on what a row is. */
  row: string;
  /** Where it lies. */
  location: Location;
  /** Columns in file order. */
  columns: Record<string, ColumnSpec>;
  /** The command that writes it. */
  writer: string;
  /** The commands that read it. */
  readers: readonly string[];
}

/** Id of a schema: `futures.trades.v1`. */
export function schemaId(table: TableSchema): string {
  return `${table.name}.v${table.version}`;
}

/**
 * Declares a column.
 *
 * @param dtype Storage type.
 * @param unit Unit, `–` for none.
 * @param description What the value means.
 * @param nullable Whether nulls are allowed; defaults to false.
 */
export function column(dtype: Dtype, unit: string, description: string, nullable = false): ColumnSpec {
  return { dtype, unit, description, nullable };
}

/** The same column with times kept as they were sent. */
export function asSent(spec: ColumnSpec): ColumnSpec {
  return { ...spec, asSent: true };
}

/** Whether a column holds times that must make sense. */
export function isTime({ dtype, unit, asSent = false }: ColumnSpec): boolean {
  return dtype === "i64" && unit === "ns UTC" && !asSent;
}

/**
 * The columns of a table but for some.
 *
 * @param columns Declared columns.
 * @param names Names to leave out.
 */
export function without(columns: Record<string, ColumnSpec>, ...names: string[]): Record<string, ColumnSpec> {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => !names.includes(name)));
}

/**
 * Checks that a batch has exactly a table's columns, each of its dtype and length, and puts them in file order.
 *
 * @param table The declaration.
 * @param batch The rows.
 * @returns The same arrays, columns in declared order.
 * @throws {SchemaError} At the first column that is missing, extra, of another type or of another length.
 */
export function conform(table: TableSchema, batch: Batch): Batch {
  const columns: Batch["columns"] = {};
  for (const [name, spec] of Object.entries(table.columns)) {
    const found = batch.columns[name];
    if (!found) throw new SchemaError("the column is missing", schemaId(table), name);
    const values = isStrings(found) ? found.codes : found;
    if ((spec.dtype === "utf8") !== isStrings(found) || !(values instanceof STORAGE[spec.dtype])) {
      throw new SchemaError(`found ${found.constructor.name}, wanted ${spec.dtype}`, schemaId(table), name);
    }
    if (values.length !== batch.length) {
      throw new SchemaError(`found ${values.length} values for ${batch.length} rows`, schemaId(table), name);
    }
    columns[name] = found;
  }
  for (const name of Object.keys(batch.columns)) {
    if (!(name in table.columns)) throw new SchemaError("the column is not declared", schemaId(table), name);
  }
  return { length: batch.length, columns };
}
