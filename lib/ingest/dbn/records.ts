/**
 * Record bytes to columns: field by field, so that each loop reads and writes one kind of number.
 *
 * @module
 */
import type { Column, Numbers } from "../../base/mod.ts";
import { type Field, type FieldKind, FLAGS, PRICE_SCALE } from "./layout.ts";

/** Record bytes as the arrays they are read through; all are views of the same bytes. */
export interface RecordViews {
  /** Bytes. */
  u8: Uint8Array;
  /** Pairs of bytes. */
  u16: Uint16Array;
  /** Words. */
  u32: Uint32Array;
  /** Words, signed. */
  i32: Int32Array;
}

/** Records in a row in memory. */
export interface RecordRun {
  /** The bytes they lie in. */
  views: RecordViews;
  /** Byte offset of the first, a multiple of 4. */
  offset: number;
  /** Bytes from one to the next, a multiple of 4. */
  stride: number;
  /** How many. */
  count: number;
}

/** Side and action are any byte: a string's code is its byte, so that none is lost. */
const BYTE_STRINGS: string[] = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
const BUY = "B".charCodeAt(0);
const SELL = "A".charCodeAt(0);

/** High words between which every price survives the way to f64 and back: |units| < 2^51. */
const EXACT_HIGH = 2 ** 19;
const TWO_32 = 2 ** 32;

/**
 * Views of bytes whose start is a multiple of 4 in their buffer.
 *
 * @param bytes Whole records.
 */
export function viewRecords(bytes: Uint8Array): RecordViews {
  const { buffer, byteOffset, byteLength } = bytes;
  return {
    u8: bytes,
    u16: new Uint16Array(buffer, byteOffset, byteLength >> 1),
    u32: new Uint32Array(buffer, byteOffset, byteLength >> 2),
    i32: new Int32Array(buffer, byteOffset, byteLength >> 2),
  };
}

/**
 * Storage that {@linkcode copyField} fills; 64-bit columns are pairs of words until {@linkcode toColumn}.
 *
 * @param kind The field's storage.
 * @param capacity Number of rows.
 */
export function allocateField(kind: FieldKind, capacity: number): Exclude<Numbers, BigInt64Array> {
  switch (kind) {
    case "i64":
    case "sequence":
      return new Uint32Array(2 * capacity);
    case "price":
      return new Float64Array(capacity);
    case "u32":
      return new Uint32Array(capacity);
    case "u16":
      return new Uint16Array(capacity);
    case "u8":
      return new Uint8Array(capacity);
    case "aggressor":
    case "snapshot":
      return new Int8Array(capacity);
    default:
      return new Int32Array(capacity);
  }
}

/**
 * The first rows of a field's storage as a column of a batch, nothing copied.
 *
 * @param kind The field's storage.
 * @param storage What {@linkcode allocateField} gave.
 * @param length Number of rows filled.
 */
export function toColumn(
  kind: FieldKind,
  storage: Exclude<Numbers, BigInt64Array>,
  length: number,
): Column {
  if (kind === "i64" || kind === "sequence") {
    return new BigInt64Array(storage.buffer, storage.byteOffset, length);
  }
  const values = storage.subarray(0, length) as Numbers;
  return kind === "char" ? { codes: values as Int32Array, values: BYTE_STRINGS } : values;
}

/**
 * Copies one field of a run of records into its storage.
 *
 * @param field Which.
 * @param run The records, IN.
 * @param storage What {@linkcode allocateField} gave, OUT.
 * @param at First row to fill.
 * @returns −1, or the index in the run of a price that f64 cannot hold.
 */
export function copyField(
  { kind, offset }: Field,
  run: RecordRun,
  storage: Exclude<Numbers, BigInt64Array>,
  at: number,
): number {
  const { views, stride, count } = run;
  const byte = run.offset + offset;
  switch (kind) {
    case "price":
      return copyPrices(views, byte >> 2, stride >> 2, count, storage as Float64Array, at);
    case "i64":
      copyLongs(views.u32, byte >> 2, stride >> 2, count, storage as Uint32Array, at);
      break;
    case "u32":
      copyWords(views.u32, byte >> 2, stride >> 2, count, storage as Uint32Array, at);
      break;
    case "i32":
      copySigned(views.i32, byte >> 2, stride >> 2, count, storage as Int32Array, at);
      break;
    case "sequence":
      for (let i = 0, s = byte >> 2; i < count; i++, s += stride >> 2) storage[2 * (at + i)] = views.u32[s];
      break;
    case "u16":
      for (let i = 0, s = byte >> 1; i < count; i++, s += stride >> 1) storage[at + i] = views.u16[s];
      break;
    case "u8":
    case "char":
      for (let i = 0, s = byte; i < count; i++, s += stride) storage[at + i] = views.u8[s];
      break;
    case "aggressor":
      for (let i = 0, s = byte; i < count; i++, s += stride) {
        const side = views.u8[s];
        storage[at + i] = side === BUY ? 1 : side === SELL ? -1 : 0;
      }
      break;
    case "snapshot":
      for (let i = 0, s = byte; i < count; i++, s += stride) {
        storage[at + i] = (views.u8[s] & FLAGS.snapshot) === 0 ? 0 : 1;
      }
  }
  return -1;
}

function copyWords(
  src: Uint32Array,
  s: number,
  stride: number,
  n: number,
  out: Uint32Array,
  at: number,
): void {
  for (let i = 0; i < n; i++, s += stride) out[at + i] = src[s];
}

function copySigned(
  src: Int32Array,
  s: number,
  stride: number,
  n: number,
  out: Int32Array,
  at: number,
): void {
  for (let i = 0; i < n; i++, s += stride) out[at + i] = src[s];
}

/** Words instead of BigInt elements: a BigInt is an allocation. */
function copyLongs(
  src: Uint32Array,
  s: number,
  stride: number,
  n: number,
  out: Uint32Array,
  at: number,
): void {
  for (let i = 0, o = 2 * at; i < n; i++, s += stride, o += 2) {
    out[o] = src[s];
    out[o + 1] = src[s + 1];
  }
}

function copyPrices(
  { u32, i32 }: RecordViews,
  s: number,
  stride: number,
  n: number,
  out: Float64Array,
  at: number,
): number {
  for (let i = 0; i < n; i++, s += stride) {
    const low = u32[s], high = i32[s + 1];
    if (high >= -EXACT_HIGH && high < EXACT_HIGH) out[at + i] = (high * TWO_32 + low) / PRICE_SCALE;
    else if (high === 0x7fffffff && low === 0xffffffff) out[at + i] = NaN;
    else {
      const price = exactPrice(high, low);
      if (Number.isNaN(price)) return i;
      out[at + i] = price;
    }
  }
  return -1;
}

/** A price beyond 2^51 units, or NaN where the way back gives other units. */
function exactPrice(high: number, low: number): number {
  const units = BigInt(high) << 32n | BigInt(low);
  const price = Number(units) / PRICE_SCALE;
  return BigInt(Math.round(price * PRICE_SCALE)) === units ? price : NaN;
}
