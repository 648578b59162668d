/**
 * Arrow IPC streams from untrusted bytes, as far as our tables need them: every length, offset, count, dictionary id
 * and buffer is bounded by the bytes that are there before anything is made of them.
 *
 * @module
 */
import { fail, type FlatTable, rootTable } from "./flat.ts";

/** A field of a schema. */
export interface StreamField {
  /** Its name. */
  name: string;
  /** Its type as Arrow writes it, `Int64`; of a dictionary that of its values. */
  type: string;
  /** Id of its dictionary; undefined without one. */
  dictionary: bigint | undefined;
}

/** A column of a record batch. */
export interface Chunk {
  /** Rows. */
  length: number;
  /** Bits of the rows that have a value; undefined where all have. */
  validity: Uint8Array | undefined;
  /** Its buffers after that: values, or offsets and text. */
  buffers: Uint8Array[];
}

/** A message of a stream. */
export type StreamMessage =
  | { kind: "schema"; fields: StreamField[] }
  | { kind: "dictionary"; id: bigint; delta: boolean; chunk: Chunk }
  | { kind: "rows"; length: number; chunks: Chunk[] };

const SCHEMA = 1, DICTIONARY = 2, ROWS = 3;
const CONTINUATION = 0xffffffff;
/** Versions 4 and 5 of the format are alike in what we read. */
const VERSIONS = [3, 4];
const UTF8 = "Utf8";

/**
 * The messages of a stream.
 *
 * @param bytes All of it.
 * @throws {FlatError} If they break the format, or use what our tables do not need.
 */
export function* streamMessages(bytes: Uint8Array): Generator<StreamMessage> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let fields: StreamField[] | undefined;
  for (let at = 0; at < bytes.length;) {
    if (at + 8 > bytes.length || view.getUint32(at, true) !== CONTINUATION) fail(`no message at byte ${at}`);
    const length = view.getInt32(at + 4, true);
    at += 8;
    if (length === 0) {
      if (at < bytes.length) fail(`${bytes.length - at} bytes after its end`);
      break;
    }
    if (length < 0 || at + length > bytes.length) {
      fail(`a message of ${length} bytes, ${bytes.length - at} left`);
    }
    // A copy: its fields are aligned to where it begins.
    const message = rootTable(bytes.slice(at, at + length));
    at += length;
    if (!VERSIONS.includes(message.short(0))) fail(`version ${message.short(0)}`);
    const bodyLength = bounded(message.long(3), bytes.length - at, "a body");
    const body = bytes.subarray(at, at + bodyLength);
    at += bodyLength;
    const kind = message.byte(1), header = message.table(2) ?? fail("a message without a header");
    checkMetadata(message, 4);
    if (kind === SCHEMA) {
      if (fields || bodyLength > 0) fail("a second schema, or one with a body");
      fields = schemaFields(header);
      yield { kind: "schema", fields };
    } else if (!fields) fail("it does not begin with a schema");
    else if (kind === DICTIONARY) {
      const id = header.long(0), data = header.table(1) ?? fail("a dictionary without values");
      if (!fields.some(({ dictionary }) => dictionary === id)) fail(`dictionary ${id} of no column`);
      const { chunks: [chunk] } = rowsOf(data, body, [UTF8]);
      yield { kind: "dictionary", id, delta: header.byte(2) !== 0, chunk };
    } else if (kind === ROWS) {
      const types = fields.map(({ type, dictionary }) => dictionary === undefined ? type : "Int32");
      yield { kind: "rows", ...rowsOf(header, body, types) };
    } else fail(`a message of kind ${kind}`);
  }
  if (!fields) fail("it is empty");
}

/** A count that is at most what there is room for. */
function bounded(n: bigint, most: number, what: string): number {
  if (n < 0n || n > BigInt(most)) fail(`${what} of ${n}, at most ${most}`);
  return Number(n);
}

/** Names and values that someone added are not read, but must be sound. */
function checkMetadata(table: FlatTable, index: number): void {
  for (const pair of table.tables(index)) {
    pair.text(0);
    pair.text(1);
  }
}

function schemaFields(schema: FlatTable): StreamField[] {
  if (schema.short(0) !== 0) fail("its numbers are big-endian");
  checkMetadata(schema, 2);
  schema.count(3, 8);
  return schema.tables(1).map((field) => {
    checkMetadata(field, 6);
    if (field.count(5, 4) > 0) fail("a column of columns");
    // Whether it may hold nulls is ours to say; the mark must be sound.
    field.byte(1);
    const coded = field.table(4), name = field.text(0);
    const type = typeName(field.byte(2), field.table(3) ?? fail("a column without a type"));
    if (!coded) return { name, type, dictionary: undefined };
    const index = coded.table(1);
    if (type !== UTF8 || !index || typeName(2, index) !== "Int32" || coded.short(3) !== 0) {
      fail(`a dictionary of ${type} that is not numbered by Int32`);
    }
    // And so must the mark of an ordered dictionary.
    coded.byte(2);
    return { name, type, dictionary: coded.long(0) };
  });
}

/** An Arrow type by its number and parameters, as Arrow writes it. */
function typeName(kind: number, type: FlatTable): string {
  if (kind === 2) return `${type.byte(1) === 0 ? "Uint" : "Int"}${type.int(0)}`;
  if (kind === 3) return `Float${[16, 32, 64][type.short(0)] ?? "?"}`;
  if (kind === 5) return UTF8;
  if (kind === 6) return "Bool";
  if (kind === 8) return type.short(0, 1) === 0 ? "Date32<DAY>" : "Date64<MILLISECOND>";
  return `type ${kind}`;
}

/** Bits of a value; text has offsets. */
function bitsOf(type: string): number {
  if (type === UTF8 || type.startsWith("Date32")) return 32;
  if (type === "Bool") return 1;
  const bits = /^(?:Int|Uint|Float)(8|16|32|64)$/.exec(type);
  return bits ? Number(bits[1]) : fail(`a column of ${type}`);
}

/** Columns of a record batch, each with its buffers. */
function rowsOf(
  batch: FlatTable,
  body: Uint8Array,
  types: readonly string[],
): { length: number; chunks: Chunk[] } {
  // A row of any of our tables has eight bytes and more, a text of a dictionary an offset of four.
  const length = bounded(batch.long(0), body.length, "a number of rows");
  if (batch.has(3)) fail("it is compressed");
  if (batch.count(4, 8) > 0) fail("buffers of views");
  const nodes = batch.count(1, 16), places = batch.count(2, 16);
  const wanted = types.reduce((n, type) => n + (type === UTF8 ? 3 : 2), 0);
  if (nodes !== types.length || places !== wanted) {
    fail(`${nodes} columns of ${places} buffers, wanted ${types.length} of ${wanted}`);
  }
  const counts = batch.pairs(1), spans = batch.pairs(2);
  let used = 0, next = 0;
  const buffer = () => {
    const offset = bounded(spans[next++], body.length, "an offset");
    const size = bounded(spans[next++], body.length - offset, "a buffer");
    if (offset % 8 !== 0) fail(`a buffer at ${offset}, wanted a multiple of 8`);
    // Buffers that share bytes would let a small message become a big one.
    if ((used += size) > body.length) fail(`buffers of ${used} bytes and more in a body of ${body.length}`);
    return body.subarray(offset, offset + size);
  };
  const chunks = types.map((type, i): Chunk => {
    const rows = bounded(counts[2 * i], body.length, "a column");
    if (rows !== length) fail(`a column of ${rows} rows in a batch of ${length}`);
    const nulls = bounded(counts[2 * i + 1], length, "a number of nulls");
    const bits = buffer(), validity = nulls > 0 ? bits : undefined;
    if (validity && length - ones(validity, length) !== nulls) fail(`a column that has not ${nulls} nulls`);
    const buffers = type === UTF8 ? [buffer(), buffer()] : [buffer()];
    const needed = Math.ceil((bitsOf(type) * (type === UTF8 && length > 0 ? length + 1 : length)) / 8);
    // Arrow for JavaScript writes no values where all booleans are null.
    if (buffers[0].length < needed && !(type === "Bool" && nulls === length)) {
      fail(`a column of ${buffers[0].length} bytes of values, wanted ${needed}`);
    }
    return { length, validity, buffers };
  });
  return { length, chunks };
}

/** How many of the first bits are set; all of them are there. */
function ones(bits: Uint8Array, length: number): number {
  if (8 * bits.length < length) fail(`${8 * bits.length} bits for ${length} rows`);
  let n = 0;
  for (let i = 0; i < length; i++) n += (bits[i >> 3] >> (i & 7)) & 1;
  return n;
}
