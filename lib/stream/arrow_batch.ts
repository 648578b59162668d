/**
 * Column batches as Arrow IPC streams.
 *
 * @module
 */
import {
  Bool,
  type Data,
  type DataType,
  DateDay,
  Dictionary,
  Field,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Uint16,
  Uint32,
  Uint8,
  Utf8,
  Vector,
} from "apache-arrow";
import {
  type Batch,
  type Dtype,
  isStrings,
  NULL_I16,
  NULL_I32,
  NULL_I64,
  NULL_I8,
  type Numbers,
  type Strings,
} from "../base/mod.ts";
import type { ColumnSpec, TableSchema } from "../schema/mod.ts";

/** Arrow's type of each dtype; text is a dictionary. */
export const ARROW: Record<Exclude<Dtype, "utf8">, DataType> = {
  f64: new Float64(),
  i64: new Int64(),
  i32: new Int32(),
  i16: new Int16(),
  i8: new Int8(),
  u32: new Uint32(),
  u16: new Uint16(),
  u8: new Uint8(),
  bool: new Bool(),
  date: new DateDay(),
};

/**
 * Rows as an Arrow IPC stream of one record batch.
 *
 * @param schema The columns, in order.
 * @param batch Rows that conform to it.
 */
export function encodeBatch(schema: TableSchema, batch: Batch): Uint8Array {
  const fields: Field[] = [], children: Data[] = [];
  let dictionary = 0;
  for (const [name, spec] of Object.entries(schema.columns)) {
    const column = batch.columns[name];
    const data = isStrings(column) ? stringData(column, dictionary++) : numberData(column, spec);
    fields.push(new Field(name, data.type, spec.nullable));
    children.push(data);
  }
  const declared = new Schema(fields);
  const rows = makeData({ type: new Struct(fields), length: batch.length, nullCount: 0, children });
  return tableToIPC(new Table([new RecordBatch(declared, rows)]), "stream");
}

function numberData(column: Numbers, { dtype, nullable }: ColumnSpec): Data {
  const none = nullable ? nullBits(column) : undefined;
  const data = dtype === "bool" ? bitsOf(column.length, (i) => column[i] === 1) : column;
  const type = ARROW[dtype as Exclude<Dtype, "utf8">] as Int32;
  return makeData({ type, length: column.length, ...none ?? { nullCount: 0 }, data: data as Int32Array });
}

function stringData({ codes, values }: Strings, id: number): Data {
  // A slice of a long table names a few of its dictionary's values: only those travel.
  const map = new Int32Array(values.length).fill(-1), used: string[] = [], own = new Int32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code < 0) continue;
    if (map[code] < 0) map[code] = used.push(values[code]) - 1;
    own[i] = map[code];
  }
  const texts = used.map((value) => new TextEncoder().encode(value));
  const valueOffsets = new Int32Array(used.length + 1);
  texts.forEach((text, i) => valueOffsets[i + 1] = valueOffsets[i] + text.length);
  const data = new Uint8Array(valueOffsets[used.length]);
  texts.forEach((text, i) => data.set(text, valueOffsets[i]));
  const dictionary = new Vector([
    makeData({ type: new Utf8(), length: used.length, nullCount: 0, valueOffsets, data }),
  ]);
  const none = nullBits(codes, -1);
  return makeData({
    type: new Dictionary(new Utf8(), new Int32(), id),
    length: codes.length,
    ...none ?? { nullCount: 0 },
    data: own,
    dictionary,
  });
}

/** What stands for null in a column; undefined where it has none, NaN aside. */
export function nullOf(column: Numbers): number | bigint | undefined {
  if (column instanceof BigInt64Array) return NULL_I64;
  if (column instanceof Int32Array) return NULL_I32;
  if (column instanceof Int16Array) return NULL_I16;
  return column instanceof Int8Array ? NULL_I8 : undefined;
}

/** Validity bits and number of nulls; undefined where there is none. */
function nullBits(column: Numbers, none: number | bigint | undefined = nullOf(column)) {
  const isNull = column instanceof Float64Array
    ? (i: number) => Number.isNaN(column[i])
    : (i: number) => column[i] === none;
  let nullCount = 0;
  for (let i = 0; i < column.length; i++) if (isNull(i)) nullCount++;
  if (nullCount === 0) return undefined;
  return { nullCount, nullBitmap: bitsOf(column.length, (i) => !isNull(i)) };
}

function bitsOf(length: number, isSet: (i: number) => boolean): Uint8Array {
  const bits = new Uint8Array((length + 7) >> 3);
  for (let i = 0; i < length; i++) if (isSet(i)) bits[i >> 3] |= 1 << (i & 7);
  return bits;
}
