/**
 * Column batches from Arrow IPC streams.
 *
 * @module
 */
import { type Batch, BusError, type Column, type Numbers, STORAGE, type Strings } from "../base/mod.ts";
import type { ColumnSpec, TableSchema } from "../schema/mod.ts";
import { ARROW, nullOf } from "./arrow_batch.ts";
import { type Chunk, type StreamField, streamMessages } from "./arrow_stream.ts";
import { fail, FlatError } from "./flat.ts";

/** A record batch, and what each of its columns' dictionaries held when it came. */
interface Rows {
  chunks: Chunk[];
  dictionaries: (Dictionary | undefined)[];
}

/** Values of a dictionary; later ones may be added to the same array. */
interface Dictionary {
  values: string[];
  size: number;
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
    return batchOf(schema, rows, payload, subject);
  } catch (cause) {
    if (!(cause instanceof FlatError)) throw cause;
    throw new BusError(`its payload is no Arrow IPC stream (${cause.message})`, subject, { cause });
  }
}

function batchOf(schema: TableSchema, rows: number, payload: Uint8Array, subject: string): Batch {
  const batches: Rows[] = [], dictionaries = new Map<bigint, string[]>();
  let fields: StreamField[] = [], total = 0;
  for (const message of streamMessages(payload)) {
    if (message.kind === "schema") {
      fields = message.fields;
      refuseOther(schema, fields, subject);
    } else if (message.kind === "dictionary") {
      const { id, delta, chunk } = message, known = dictionaries.get(id);
      if (delta && !known) fail("an addition to a dictionary that did not come");
      const values = delta ? known! : [];
      for (const text of textsOf(chunk)) values.push(text ?? fail("a dictionary with a null"));
      dictionaries.set(id, values);
    } else {
      total += message.length;
      const ofColumns = fields.map(({ dictionary: id }): Dictionary | undefined => {
        if (id === undefined) return undefined;
        const values = dictionaries.get(id) ?? fail("rows before their dictionary");
        return { values, size: values.length };
      });
      batches.push({ chunks: message.chunks, dictionaries: ofColumns });
    }
  }
  const missing = fields.some(({ dictionary: id }) => id !== undefined && !dictionaries.has(id));
  if (missing && dictionaries.size > 0) fail("it ends before its dictionaries");
  if (total !== rows) {
    throw new BusError(`its header says ${rows} rows, its payload has ${total}`, subject);
  }
  const columns = Object.entries(schema.columns).map(([name, spec], c) => {
    const chunks = batches.map((batch) => batch.chunks[c]), where = `${subject}: column ${name}`;
    if (spec.dtype === "utf8") {
      const own = batches.map((batch) => batch.dictionaries[c]);
      return [name, stringColumn(chunks, own, total, spec, where)];
    }
    return [name, numberColumn(chunks, total, spec, where)];
  });
  return { length: total, columns: Object.fromEntries(columns) };
}

function refuseOther(schema: TableSchema, fields: readonly StreamField[], subject: string): void {
  const wanted = Object.entries(schema.columns), found = fields.map(({ name }) => name);
  if (wanted.length !== found.length || wanted.some(([name], i) => name !== found[i])) {
    const names = wanted.map(([name]) => name);
    throw new BusError(`its columns are ${found.join(", ") || "none"}, wanted ${names.join(", ")}`, subject);
  }
  for (const [i, [name, { dtype }]] of wanted.entries()) {
    const { type, dictionary } = fields[i],
      is = dictionary === undefined ? type : `Dictionary<Int32, ${type}>`;
    const should = dtype === "utf8" ? "Dictionary<Int32, Utf8>" : String(ARROW[dtype]);
    if (is !== should && !(dtype === "utf8" && is === "Utf8")) {
      throw new BusError(`found ${is}, wanted ${should}`, `${subject}: column ${name}`);
    }
  }
}

/** Whether a row of a chunk has a value. */
function isThere({ validity }: Chunk, row: number): boolean {
  return validity === undefined || ((validity[row >> 3] >> (row & 7)) & 1) === 1;
}

/** Copies the values of chunks one after another, whatever their bytes are aligned to. */
function copied<T extends Numbers>(chunks: readonly Chunk[], out: T): T {
  const bytes = new Uint8Array(out.buffer), width = out.BYTES_PER_ELEMENT;
  let at = 0;
  for (const { length, buffers: [values] } of chunks) {
    bytes.set(values.subarray(0, length * width), at);
    at += length * width;
  }
  return out;
}

function numberColumn(
  chunks: readonly Chunk[],
  total: number,
  { dtype, nullable }: ColumnSpec,
  where: string,
): Column {
  const out = new STORAGE[dtype](total), isBool = dtype === "bool";
  if (!isBool) copied(chunks, out);
  const none = out instanceof Float64Array ? NaN : nullOf(out);
  let at = 0;
  for (const chunk of chunks) {
    const { length, validity, buffers: [values] } = chunk;
    if (validity && (!nullable || none === undefined)) {
      throw new BusError("it holds a null, wanted none", where);
    }
    for (let i = 0; isBool && i < length; i++) out[at + i] = (values[i >> 3] >> (i & 7)) & 1;
    refuseNone(out.subarray(at, at + length), chunk, nullable, where);
    for (let i = 0; validity && i < length; i++) if (!isThere(chunk, i)) out[at + i] = none!;
    at += length;
  }
  return out;
}

/** Refuses values that would pass for nulls; NaN is one where nulls are allowed. */
function refuseNone(values: Numbers, chunk: Chunk, nullable: boolean, where: string): void {
  const none = nullOf(values), floats = values instanceof Float64Array;
  if (none === undefined && (nullable || !floats)) return;
  for (let i = 0; i < values.length; i++) {
    const isNone = floats ? Number.isNaN(values[i]) : values[i] === none;
    if (isNone && isThere(chunk, i)) {
      throw new BusError(`row ${i} holds ${values[i]}, which is no value`, where);
    }
  }
}

function stringColumn(
  chunks: readonly Chunk[],
  dictionaries: readonly (Dictionary | undefined)[],
  total: number,
  { nullable }: ColumnSpec,
  where: string,
): Strings {
  const index = new Map<string, number>(), codesOf = new Map<string[], number[]>();
  const codeOf = (text: string): number => {
    const known = index.get(text);
    if (known !== undefined) return known;
    index.set(text, index.size);
    return index.size - 1;
  };
  const coded = dictionaries[0] !== undefined, codes = new Int32Array(total);
  if (coded) copied(chunks, codes);
  let at = 0;
  for (const [c, chunk] of chunks.entries()) {
    if (chunk.validity && !nullable) throw new BusError("it holds a null, wanted none", where);
    if (coded) {
      const { values, size } = dictionaries[c]!, known = codesOf.get(values) ?? [];
      codesOf.set(values, known);
      // A value may come twice, in one dictionary or in several; here each has one code.
      while (known.length < size) known.push(codeOf(values[known.length]));
      for (let i = 0; i < chunk.length; i++) {
        const code = codes[at + i];
        if (!isThere(chunk, i)) codes[at + i] = -1;
        else if (code >= 0 && code < size) codes[at + i] = known[code];
        else throw new BusError(`row ${i} names value ${code} of a dictionary of ${size}`, where);
      }
    } else {for (const [i, text] of textsOf(chunk).entries()) {
        codes[at + i] = text === null ? -1 : codeOf(text);
      }}
    at += chunk.length;
  }
  return { codes, values: [...index.keys()] };
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Texts of a chunk; null where there is none. */
function textsOf(chunk: Chunk): (string | null)[] {
  const { length, buffers: [offsets, text] } = chunk;
  if (length === 0 && offsets.length < 4) return [];
  const view = new DataView(offsets.buffer, offsets.byteOffset, offsets.length);
  let from = view.getInt32(0, true);
  if (from < 0 || from > text.length) fail(`text from ${from} of ${text.length} bytes`);
  return Array.from({ length }, (_, i) => {
    const start = from, end = view.getInt32(4 * (i + 1), true);
    if (end < start || end > text.length) fail(`text from ${start} to ${end} of ${text.length} bytes`);
    from = end;
    return isThere(chunk, i) ? decoded(text.subarray(start, end)) : null;
  });
}

function decoded(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return fail("text that is not UTF-8");
  }
}
