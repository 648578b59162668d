/**
 * Rows in, columns out: collects touches, bars and levels by column name and makes batches of a schema.
 *
 * Touches are a few thousand a day; the hot paths are elsewhere, so plain arrays serve.
 *
 * @module
 */
import {
  type Batch,
  type Column,
  NULL_I16,
  NULL_I32,
  NULL_I64,
  NULL_I8,
  SchemaError,
  STORAGE,
  stringsOf,
} from "../base/mod.ts";
import { schemaId, type TableSchema } from "../schema/mod.ts";

/** A cell: NaN or null is a null. */
export type Cell = number | bigint | string | null;

/** Collects rows of one table. */
export class Sink {
  readonly #table: TableSchema;
  readonly #cells: Record<string, Cell[]>;
  #length = 0;

  /**
   * @param table Declaration of the rows.
   * @param columns Columns to collect; defaults to all of the table.
   */
  constructor(table: TableSchema, columns: readonly string[] = Object.keys(table.columns)) {
    this.#table = table;
    this.#cells = Object.fromEntries(columns.map((name) => [name, []]));
  }

  /** Rows so far. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds a row given in parts.
   *
   * @param parts Objects whose keys are columns; together they hold each collected column exactly once.
   * @throws {SchemaError} If a key is no collected column, comes twice, or a column is missing.
   */
  add(...parts: object[]): void {
    let given = 0;
    for (const part of parts) {
      for (const [name, value] of Object.entries(part)) {
        const cells = this.#cells[name];
        if (!cells) throw new SchemaError("the column is not declared", schemaId(this.#table), name);
        if (cells.length !== this.#length) {
          throw new SchemaError("the column comes twice", schemaId(this.#table), name);
        }
        cells.push(value as Cell);
        given++;
      }
    }
    const names = Object.keys(this.#cells);
    if (given !== names.length) {
      const missing = names.filter((name) => this.#cells[name].length === this.#length);
      throw new SchemaError(`the row lacks ${missing.join(", ")}`, schemaId(this.#table));
    }
    this.#length++;
  }

  /** The rows from the `from`-th on as a batch of the collected columns. */
  batch(from = 0): Batch {
    const columns: Record<string, Column> = {};
    for (const [name, cells] of Object.entries(this.#cells)) {
      columns[name] = columnOf(cells.slice(from), this.#table.columns[name].dtype);
    }
    return { length: this.#length - from, columns };
  }
}

function columnOf(cells: Cell[], dtype: keyof typeof STORAGE): Column {
  if (dtype === "utf8") return stringsOf(cells as (string | null)[]);
  if (dtype === "i64") return BigInt64Array.from(cells, (c) => (c === null ? NULL_I64 : c as bigint));
  const none = dtype === "f64"
    ? NaN
    : dtype === "i32" || dtype === "date"
    ? NULL_I32
    : dtype === "i16"
    ? NULL_I16
    : NULL_I8;
  const out = new (STORAGE[dtype] as new (n: number) => Float64Array)(cells.length);
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    out[i] = cell === null || Number.isNaN(cell) ? none : Number(cell);
  }
  return out;
}
