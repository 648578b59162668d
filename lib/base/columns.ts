/**
 * Column batches: a table in flight as a struct of equally long arrays, one per column.
 *
 * Nulls are values, so that hot loops need no bitmaps: NaN in a Float64Array, the type's minimum in a signed
 * integer array, code −1 in a string column. Unsigned columns have no null.
 *
 * @module
 */

/** Types a column can have; `date` is days since 1970-01-01, `bool` is 0 or 1. */
export type Dtype =
  | "f64"
  | "i64"
  | "i32"
  | "i16"
  | "i8"
  | "u32"
  | "u16"
  | "u8"
  | "utf8"
  | "bool"
  | "date";

/** A string column: codes into a dictionary; −1 is null. */
export interface Strings {
  /** Int32Array (n): index into `values`, −1 for null. */
  codes: Int32Array;
  /** The dictionary. */
  values: string[];
}

/** Numeric storage of a column. */
export type Numbers =
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** A column of a batch. */
export type Column = Numbers | Strings;

/** A table in flight: `length` rows, one array a column. */
export interface Batch {
  /** Number of rows; columns may be views of longer buffers but have exactly this length. */
  length: number;
  /** Columns by name. */
  columns: Record<string, Column>;
}

/** Null of an i64 column. */
export const NULL_I64 = -(2n ** 63n);
/** Null of an i32 or date column. */
export const NULL_I32 = -(2 ** 31);
/** Null of an i16 column. */
export const NULL_I16 = -(2 ** 15);
/** Null of an i8 or bool column. */
export const NULL_I8 = -128;

/** The array class that stores each dtype; `utf8` stores codes. */
export const STORAGE = {
  f64: Float64Array,
  i64: BigInt64Array,
  i32: Int32Array,
  i16: Int16Array,
  i8: Int8Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
  utf8: Int32Array,
  bool: Int8Array,
  date: Int32Array,
} as const;

/** Whether a column holds strings. */
export function isStrings(column: Column): column is Strings {
  return "codes" in column;
}

/**
 * A column of `length` nulls (zeros where the dtype has no null).
 *
 * @param dtype The column's type.
 * @param length Number of rows.
 */
export function nullColumn(dtype: Dtype, length: number): Column {
  switch (dtype) {
    case "utf8":
      return { codes: new Int32Array(length).fill(-1), values: [] };
    case "f64":
      return new Float64Array(length).fill(NaN);
    case "i64":
      return new BigInt64Array(length).fill(NULL_I64);
    case "i32":
    case "date":
      return new Int32Array(length).fill(NULL_I32);
    case "i16":
      return new Int16Array(length).fill(NULL_I16);
    case "i8":
    case "bool":
      return new Int8Array(length).fill(NULL_I8);
    default:
      return new STORAGE[dtype](length);
  }
}

/**
 * Tells which rows of a column hold no value.
 *
 * @param column The column.
 * @param dtype Its dtype: a date and an i32, a bool and an i8 are stored alike.
 */
export function isNullAt(column: Column, dtype: Dtype): (row: number) => boolean {
  if (isStrings(column)) return (row) => column.codes[row] < 0;
  if (column instanceof Float64Array) return (row) => Number.isNaN(column[row]);
  const [none] = nullColumn(dtype, 1) as Exclude<Numbers, Float64Array>;
  return /^u/.test(dtype) ? () => false : (row) => column[row] === none;
}

/**
 * A string column from plain strings; null stays null. For short columns, not for hot paths.
 *
 * @param strings The values.
 */
export function stringsOf(strings: readonly (string | null)[]): Strings {
  const index = new Map<string, number>();
  const codes = new Int32Array(strings.length);
  for (let i = 0; i < strings.length; i++) {
    const s = strings[i];
    if (s === null) {
      codes[i] = -1;
      continue;
    }
    let code = index.get(s);
    if (code === undefined) index.set(s, code = index.size);
    codes[i] = code;
  }
  return { codes, values: [...index.keys()] };
}

/** A string column that repeats one value. */
export function repeatString(value: string, length: number): Strings {
  return { codes: new Int32Array(length), values: [value] };
}

/**
 * Rows `[start, end)` of a batch as views, nothing copied.
 *
 * @param batch The rows to look at.
 * @param start First row.
 * @param end One past the last row.
 */
export function sliceBatch(batch: Batch, start: number, end: number): Batch {
  const columns: Record<string, Column> = {};
  for (const [name, column] of Object.entries(batch.columns)) {
    columns[name] = isStrings(column)
      ? { codes: column.codes.subarray(start, end), values: column.values }
      : column.subarray(start, end) as Numbers;
  }
  return { length: end - start, columns };
}

/**
 * The rows of `batch` at `rows`, in that order, copied.
 *
 * @param batch The rows to pick from.
 * @param rows Uint32Array (m): row numbers.
 */
export function takeRows(batch: Batch, rows: Uint32Array): Batch {
  const columns: Record<string, Column> = {}, runs = runsOf(rows);
  for (const [name, column] of Object.entries(batch.columns)) {
    columns[name] = isStrings(column)
      ? { codes: take(column.codes, rows, runs) as Int32Array, values: column.values }
      : take(column, rows, runs);
  }
  return { length: rows.length, columns };
}

/** Rows in a run from which copying runs is faster than gathering rows. */
const LONG_RUN = 16;

/** Where each run of consecutive rows begins, and the end; undefined where runs are short. */
function runsOf(rows: Uint32Array): Uint32Array | undefined {
  const starts = new Uint32Array(Math.floor(rows.length / LONG_RUN) + 2);
  let n = 0;
  for (let i = 0; i < rows.length; i++) {
    if (i > 0 && rows[i] === rows[i - 1] + 1) continue;
    if (n === starts.length - 1) return undefined;
    starts[n++] = i;
  }
  starts[n++] = rows.length;
  return starts.subarray(0, n);
}

function take(source: Numbers, rows: Uint32Array, runs: Uint32Array | undefined): Numbers {
  const out = new (source.constructor as new (n: number) => Numbers)(rows.length);
  if (runs) {
    for (let r = 0; r + 1 < runs.length; r++) {
      const first = rows[runs[r]], length = runs[r + 1] - runs[r];
      out.set(source.subarray(first, first + length) as never, runs[r]);
    }
    return out;
  }
  // A loop a width: one loop over every type of array is ten times slower, and a BigInt is an allocation a row.
  const view = <T>(words: new (buffer: ArrayBufferLike, offset: number, length: number) => T, size: number) =>
    [source, out].map((c) => new words(c.buffer, c.byteOffset, c.byteLength / size));
  switch (source.BYTES_PER_ELEMENT) {
    case 8: {
      const [from, to] = view(Uint32Array, 4);
      for (let i = 0; i < rows.length; i++) {
        to[2 * i] = from[2 * rows[i]];
        to[2 * i + 1] = from[2 * rows[i] + 1];
      }
      return out;
    }
    case 4: {
      const [from, to] = view(Uint32Array, 4);
      for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]];
      return out;
    }
    case 2: {
      const [from, to] = view(Uint16Array, 2);
      for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]];
      return out;
    }
    default: {
      const [from, to] = view(Uint8Array, 1);
      for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]];
      return out;
    }
  }
}

/**
 * Batches one after another as one batch, copied; all must have the same columns.
 *
 * @param batches At least one batch.
 * @throws {RangeError} If there is no batch.
 */
export function concatBatches(batches: readonly Batch[]): Batch {
  if (batches.length === 0) throw new RangeError("Cannot concatenate batches: none given");
  if (batches.length === 1) return batches[0];
  const length = batches.reduce((n, b) => n + b.length, 0);
  const columns: Record<string, Column> = {};
  for (const [name, first] of Object.entries(batches[0].columns)) {
    const parts = batches.map((b) => b.columns[name]);
    columns[name] = isStrings(first)
      ? concatStrings(parts as Strings[], length)
      : concatNumbers(parts as Numbers[], length);
  }
  return { length, columns };
}

function concatNumbers(parts: readonly Numbers[], length: number): Numbers {
  const out = new (parts[0].constructor as new (n: number) => Float64Array)(length);
  let at = 0;
  for (const part of parts) {
    out.set(part as Float64Array, at);
    at += part.length;
  }
  return out as Numbers;
}

function concatStrings(parts: readonly Strings[], length: number): Strings {
  const index = new Map<string, number>();
  const codes = new Int32Array(length);
  let at = 0;
  for (const part of parts) {
    const map = part.values.map((v) => {
      let code = index.get(v);
      if (code === undefined) index.set(v, code = index.size);
      return code;
    });
    for (let i = 0; i < part.codes.length; i++) codes[at + i] = part.codes[i] < 0 ? -1 : map[part.codes[i]];
    at += part.codes.length;
  }
  return { codes, values: [...index.keys()] };
}

/** Float64Array column `name` of a batch. @throws {TypeError} If it is missing or of another type. */
export function f64(batch: Batch, name: string): Float64Array {
  return typed(batch, name, Float64Array);
}
/** BigInt64Array column `name` of a batch. @throws {TypeError} If it is missing or of another type. */
export function i64(batch: Batch, name: string): BigInt64Array {
  return typed(batch, name, BigInt64Array);
}
/** Uint32Array column `name` of a batch. @throws {TypeError} If it is missing or of another type. */
export function u32(batch: Batch, name: string): Uint32Array {
  return typed(batch, name, Uint32Array);
}
/** Int32Array column `name` of a batch. @throws {TypeError} If it is missing or of another type. */
export function i32(batch: Batch, name: string): Int32Array {
  return typed(batch, name, Int32Array);
}
/** Int16Array column `name` of a batch. @throws {TypeError} If it is missing or of another type. */
export function i16(batch: Batch, name: string): Int16Array {
  return typed(batch, name, Int16Array);
}
/** Int8Array column `name` of a batch. @throws {TypeError} If it is missing or of another type. */
export function i8(batch: Batch, name: string): Int8Array {
  return typed(batch, name, Int8Array);
}
/** Uint8Array column `name` of a batch. @throws {TypeError} If it is missing or of another type. */
export function u8(batch: Batch, name: string): Uint8Array {
  return typed(batch, name, Uint8Array);
}
/** String column `name` of a batch. @throws {TypeError} If it is missing or of another type. */
export function strings(batch: Batch, name: string): Strings {
  const column = batch.columns[name];
  if (!column || !isStrings(column)) {
    throw new TypeError(`Cannot read string column "${name}": not in the batch`);
  }
  return column;
}

function typed<T extends Numbers>(batch: Batch, name: string, type: { new (n: number): T; name: string }): T {
  const column = batch.columns[name];
  if (!(column instanceof type)) {
    throw new TypeError(
      `Cannot read column "${name}": found ${column?.constructor.name ?? "none"}, wanted ${type.name}`,
    );
  }
  return column;
}
