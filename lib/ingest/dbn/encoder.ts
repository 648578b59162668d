/**
 * Columns to record bytes; the inverse of the decoder.
 *
 * @module
 */
import { type Batch, type Column, isStrings, type Strings } from "../../base/mod.ts";
import { type DbnTable, type Field, LAYOUTS, PRICE_SCALE } from "./layout.ts";
import { type RecordViews, viewRecords } from "./records.ts";

/** Rows written at a time, so that their bytes stay in the processor's cache while the fields pass over them. */
const BLOCK_ROWS = 1024;
const TWO_32 = 2 ** 32;

/**
 * Trades as record bytes, 48 a row, without `ts_out`.
 *
 * @param batch Has every column of the record: `ts_event_ns`, `ts_recv_ns`, `ts_in_delta`, `instrument_id`,
 *   `publisher_id`, `price` (NaN is undefined), `size`, `side`, `action`, `depth`, `flags`, `seq`. Others are
 *   not looked at.
 * @throws {TypeError} If a column is missing or stored otherwise.
 * @throws {RangeError} If a value does not fit the record.
 */
export function encodeTrades(batch: Batch): Uint8Array {
  return encodeRecords("trades", batch);
}

/**
 * Books as record bytes, 368 a row, without `ts_out`.
 *
 * @param batch As for {@linkcode encodeTrades}, and the 60 columns `bid_px_1` to `ask_ct_10`.
 * @throws {TypeError} If a column is missing or stored otherwise.
 * @throws {RangeError} If a value does not fit the record.
 */
export function encodeMbp10(batch: Batch): Uint8Array {
  return encodeRecords("mbp-10", batch);
}

function encodeRecords(table: DbnTable, batch: Batch): Uint8Array {
  const { bytes: stride, rtype, fields } = LAYOUTS[table];
  const out = new Uint8Array(batch.length * stride);
  const views = viewRecords(out);
  const sources = fields.map((field) => sourceOf(field, batch));
  for (let from = 0; from < batch.length; from += BLOCK_ROWS) {
    const to = Math.min(from + BLOCK_ROWS, batch.length);
    for (let row = from; row < to; row++) views.u16[row * stride >> 1] = rtype << 8 | stride >> 2;
    for (let f = 0; f < fields.length; f++) writeField(fields[f], sources[f], views, stride, from, to);
  }
  return out;
}

/** What a field's writer reads: the column itself, its words, or the bytes of its dictionary. */
type Source = Exclude<Column, Strings | BigInt64Array> | { codes: Int32Array; bytes: Uint8Array } | undefined;

const STORED_AS = {
  i64: BigInt64Array,
  sequence: BigInt64Array,
  i32: Int32Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
  price: Float64Array,
} as const;

function sourceOf({ name, kind }: Field, batch: Batch): Source {
  if (kind === "aggressor" || kind === "snapshot") return undefined;
  const column = batch.columns[name];
  if (kind === "char") {
    if (!column || !isStrings(column)) throw new TypeError(`Cannot encode column "${name}": wanted strings`);
    return { codes: column.codes, bytes: dictionaryBytes(name, column) };
  }
  const type = STORED_AS[kind];
  if (!(column instanceof type)) {
    throw new TypeError(`Cannot encode column "${name}": wanted ${type.name}`);
  }
  if (column.length !== batch.length) {
    throw new RangeError(`Cannot encode column "${name}": ${column.length} rows, wanted ${batch.length}`);
  }
  return column instanceof BigInt64Array
    ? new Uint32Array(column.buffer, column.byteOffset, 2 * column.length)
    : column;
}

/** The byte of each string that is used; the dictionary may hold others. */
function dictionaryBytes(name: string, { codes, values }: Strings): Uint8Array {
  const used = new Uint8Array(values.length);
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] < 0) throw new RangeError(`Cannot encode column "${name}": null at row ${row}`);
    used[codes[row]] = 1;
  }
  return Uint8Array.from(values, (text, code) => {
    if (used[code] === 1 && (text.length !== 1 || text.charCodeAt(0) > 255)) {
      throw new RangeError(`Cannot encode column "${name}": "${text}" is not one byte of text`);
    }
    return text.charCodeAt(0);
  });
}

function writeField(
  { name, kind, offset }: Field,
  source: Source,
  { u8, u16, u32, i32 }: RecordViews,
  stride: number,
  from: number,
  to: number,
): void {
  const word = offset >> 2, step = stride >> 2;
  switch (kind) {
    case "price":
      return writePrices(name, source as Float64Array, u32, word, step, from, to);
    case "u32":
      return writeWords(source as Uint32Array, u32, word, step, from, to);
    case "i64":
      return writeLongs(source as Uint32Array, u32, word, step, from, to);
    case "sequence":
      return writeSequence(name, source as Uint32Array, u32, word, step, from, to);
    case "i32":
      for (let row = from; row < to; row++) i32[row * step + word] = (source as Int32Array)[row];
      return;
    case "u16":
      for (let row = from; row < to; row++) {
        u16[row * (stride >> 1) + (offset >> 1)] = (source as Uint16Array)[row];
      }
      return;
    case "u8":
      for (let row = from; row < to; row++) u8[row * stride + offset] = (source as Uint8Array)[row];
      return;
    case "char": {
      const { codes, bytes } = source as { codes: Int32Array; bytes: Uint8Array };
      for (let row = from; row < to; row++) u8[row * stride + offset] = bytes[codes[row]];
    }
  }
}

function writeWords(
  src: Uint32Array,
  out: Uint32Array,
  word: number,
  step: number,
  from: number,
  to: number,
): void {
  for (let row = from, w = from * step + word; row < to; row++, w += step) out[w] = src[row];
}

function writeLongs(
  src: Uint32Array,
  out: Uint32Array,
  word: number,
  step: number,
  from: number,
  to: number,
): void {
  for (let row = from, w = from * step + word; row < to; row++, w += step) {
    out[w] = src[2 * row];
    out[w + 1] = src[2 * row + 1];
  }
}

function writeSequence(
  name: string,
  src: Uint32Array,
  out: Uint32Array,
  word: number,
  step: number,
  from: number,
  to: number,
): void {
  for (let row = from, w = from * step + word; row < to; row++, w += step) {
    if (src[2 * row + 1] !== 0) {
      throw new RangeError(`Cannot encode column "${name}": row ${row} does not fit 32 bits`);
    }
    out[w] = src[2 * row];
  }
}

function writePrices(
  name: string,
  src: Float64Array,
  out: Uint32Array,
  word: number,
  step: number,
  from: number,
  to: number,
): void {
  for (let row = from, w = from * step + word; row < to; row++, w += step) {
    const units = Math.round(src[row] * PRICE_SCALE);
    const high = Math.floor(units / TWO_32);
    if (high >= -0x80000000 && high < 0x80000000) {
      out[w] = units - high * TWO_32;
      out[w + 1] = high;
    } else if (Number.isNaN(units)) {
      out[w] = 0xffffffff;
      out[w + 1] = 0x7fffffff;
    } else {
      throw new RangeError(`Cannot encode column "${name}": price ${src[row]} at row ${row} does not fit`);
    }
  }
}
