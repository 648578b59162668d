/**
 * Column batches as Arrow IPC streams, and back.
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
  tableFromIPC,
  tableToIPC,
  Uint16,
  Uint32,
  Uint8,
  Utf8,
  Vector,
} from "apache-arrow";
import {
  type Batch,
  BusError,
  type Column,
  concatBatches,
  type Dtype,
  isStrings,
  NULL_I16,
  NULL_I32,
  NULL_I64,
  NULL_I8,
  type Numbers,
  type Strings,
  stringsOf,
  TidemarkError,
} from "../base/mod.ts";
import type { ColumnSpec, TableSchema } from "../schema/mod.ts";

const ARROW: Record<Exclude<Dtype, "utf8">, DataType> = {
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

function nullOf(column: Numbers): number | bigint | undefined {
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

/**
 * Rows of an Arrow IPC stream.
 *
 * @param schema The columns wanted, in order.
 * @param rows How many.
 * @param payload The stream.
 * @param subject Where it came from, for the message.
 * @throws {BusError} If it is none, or holds something else.
 */
export function decodeBatch(schema: TableSchema, rows: number, payload: Uint8Array, subject: string): Batch {
  try {
    // A copy: the payload may be a view of the socket's buffer, at any offset.
    const table = tableFromIPC(payload.slice());
    if (table.numRows !== rows) {
      throw new BusError(`its header says ${rows} rows, its payload has ${table.numRows}`, subject);
    }
    return batchOf(schema, table, subject);
  } catch (cause) {
    if (cause instanceof TidemarkError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BusError(`its payload is no Arrow IPC stream (${why})`, subject, { cause });
  }
}

function batchOf(schema: TableSchema, table: Table, subject: string): Batch {
  const names = Object.keys(schema.columns), found = table.schema.fields.map((field) => field.name);
  if (names.length !== found.length || names.some((name, i) => name !== found[i])) {
    throw new BusError(`its columns are ${found.join(", ") || "none"}, wanted ${names.join(", ")}`, subject);
  }
  const batches = table.batches.map(({ data }) => ({
    length: data.length,
    columns: Object.fromEntries(
      Object.entries(schema.columns).map(([name, spec], i) => [
        name,
        columnOf(data.children[i], spec, `${subject}: column ${name}`),
      ]),
    ),
  }));
  return batches.length > 0 ? concatBatches(batches) : emptyOf(schema);
}

function emptyOf(schema: TableSchema): Batch {
  const none = Object.entries(schema.columns).map(([name, spec]) => {
    return [name, spec.dtype === "utf8" ? stringsOf([]) : columnOf(emptyData(spec), spec, name)];
  });
  return { length: 0, columns: Object.fromEntries(none) };
}

function emptyData({ dtype }: ColumnSpec): Data {
  return makeData({ type: ARROW[dtype as Exclude<Dtype, "utf8">] as Int32, length: 0 });
}

const UTF8 = "Utf8", DICTIONARY = "Dictionary<Int32, Utf8>";

function columnOf(data: Data, { dtype, nullable }: ColumnSpec, where: string): Column {
  const type = String(data.type);
  const wanted = dtype === "utf8" ? DICTIONARY : String(ARROW[dtype]);
  if (type !== wanted && !(dtype === "utf8" && type === UTF8)) {
    throw new BusError(`found ${type}, wanted ${wanted}`, where);
  }
  if (data.nullCount > 0 && !nullable) throw new BusError("it holds a null, wanted none", where);
  if (dtype === "utf8") return type === UTF8 ? plainStrings(data) : dictionaryStrings(data, where);
  if (dtype === "bool") return booleans(data, where);
  const values = (data.values as Numbers).subarray(0, data.length) as Numbers;
  if (values.length < data.length) {
    throw new BusError(`it has ${values.length} values, wanted ${data.length}`, where);
  }
  if (data.nullCount > 0) {
    const none = values instanceof Float64Array ? NaN : nullOf(values)!;
    for (let i = 0; i < data.length; i++) if (!data.getValid(i)) values[i] = none;
  }
  return values;
}

function booleans(data: Data, where: string): Int8Array {
  const bits = data.values as Uint8Array, out = new Int8Array(data.length);
  // Arrow writes no values where all are null.
  if (data.nullCount === data.length) return out.fill(NULL_I8);
  if (8 * bits.length < data.offset + data.length) {
    throw new BusError(`it has ${8 * bits.length} values, wanted ${data.length}`, where);
  }
  for (let i = 0; i < out.length; i++) {
    const at = data.offset + i;
    out[i] = data.getValid(i) ? (bits[at >> 3] >> (at & 7)) & 1 : NULL_I8;
  }
  return out;
}

function plainStrings(data: Data): Strings {
  return stringsOf(new Vector([data]).toArray() as unknown as (string | null)[]);
}

function dictionaryStrings(data: Data, where: string): Strings {
  const values = [...data.dictionary ?? []] as string[];
  const codes = (data.values as Int32Array).subarray(0, data.length);
  if (codes.length < data.length) {
    throw new BusError(`it has ${codes.length} values, wanted ${data.length}`, where);
  }
  for (let i = 0; i < codes.length; i++) {
    if (data.nullCount > 0 && !data.getValid(i)) codes[i] = -1;
    else if (codes[i] < 0 || codes[i] >= values.length) {
      throw new BusError(`row ${i} names value ${codes[i]} of a dictionary of ${values.length}`, where);
    }
  }
  return { codes, values };
}
