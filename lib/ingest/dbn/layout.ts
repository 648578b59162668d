/**
 * The fixed facts of DBN: names, sizes and offsets. Everything is little-endian, and so is every machine Deno
 * runs on, so records are read through typed-array views.
 *
 * @module
 */
import { BOOK_LEVELS } from "../../schema/mod.ts";

/** A record type that becomes a table; every other type is skipped by its length and counted. */
export type DbnTable = "trades" | "mbp-10";

/** Units of a price in a dollar. */
export const PRICE_SCALE = 1e9;

/** Bits of the `flags` column. */
export const FLAGS = {
  /** Last record of its event. */
  last: 0x80,
  /** From a snapshot, not from an event of the moment. */
  snapshot: 0x20,
  /** `ts_recv` is not to be trusted. */
  badTsRecv: 0x08,
  /** The book may be wrong: messages were lost. */
  maybeBadBook: 0x04,
} as const;

/** Bytes of a record header, the least a record can have. */
export const HEADER_BYTES = 16;
/** The longest record: its length field is one byte that counts 4-byte words. */
export const MAX_RECORD_BYTES = 255 * 4;
/**
 * How a field is stored in the record and in its column. `char` is one byte of text, `sequence` a u32 that
 * becomes i64, `aggressor` and `snapshot` are read from the side and the flags and not written.
 */
export type FieldKind =
  | "i64"
  | "i32"
  | "u32"
  | "u16"
  | "u8"
  | "price"
  | "char"
  | "sequence"
  | "aggressor"
  | "snapshot";

/** A column and where its value lies in the record. */
export interface Field {
  /** Column name. */
  name: string;
  /** Storage. */
  kind: FieldKind;
  /** Byte offset from the start of the record. */
  offset: number;
}

/** Where the fields of a table's record lie. */
export interface RecordLayout {
  /** Record type byte. */
  rtype: number;
  /** Length in bytes, without `ts_out`. */
  bytes: number;
  /** The columns, in the table's order. */
  fields: readonly Field[];
}

const LEVELS_OFFSET = 48;
const LEVEL_BYTES = 32;

/** The two record layouts. */
export const LAYOUTS: Record<DbnTable, RecordLayout> = {
  "trades": {
    rtype: 0x00,
    bytes: LEVELS_OFFSET,
    fields: [
      ...fields("i64", ["ts_event_ns", 8], ["ts_recv_ns", 32]),
      ...fields("i32", ["ts_in_delta", 40]),
      ...fields("u32", ["instrument_id", 4]),
      ...fields("u16", ["publisher_id", 2]),
      ...fields("price", ["price", 16]),
      ...fields("u32", ["size", 24]),
      ...fields("char", ["side", 29]),
      ...fields("aggressor", ["aggressor", 29]),
      ...fields("char", ["action", 28]),
      ...fields("u8", ["depth", 31], ["flags", 30]),
      ...fields("sequence", ["seq", 44]),
    ],
  },
  "mbp-10": {
    rtype: 0x0a,
    bytes: LEVELS_OFFSET + BOOK_LEVELS * LEVEL_BYTES,
    fields: [
      ...fields("i64", ["ts_event_ns", 8], ["ts_recv_ns", 32]),
      ...fields("i32", ["ts_in_delta", 40]),
      ...fields("u32", ["instrument_id", 4]),
      ...fields("u16", ["publisher_id", 2]),
      ...fields("char", ["action", 28], ["side", 29]),
      ...fields("u8", ["depth", 31]),
      ...fields("price", ["price", 16]),
      ...fields("u32", ["size", 24]),
      ...levels("price", "bid_px", 0),
      ...levels("u32", "bid_sz", 16),
      ...levels("price", "ask_px", 8),
      ...levels("u32", "ask_sz", 20),
      ...levels("u32", "bid_ct", 24),
      ...levels("u32", "ask_ct", 28),
      ...fields("snapshot", ["is_snapshot", 30]),
      ...fields("u8", ["flags", 30]),
      ...fields("sequence", ["seq", 44]),
    ],
  },
};

function fields(kind: FieldKind, ...places: [name: string, offset: number][]): Field[] {
  return places.map(([name, offset]) => ({ name, kind, offset }));
}

function levels(kind: FieldKind, prefix: string, offset: number): Field[] {
  return Array.from({ length: BOOK_LEVELS }, (_, level) => ({
    name: `${prefix}_${level + 1}`,
    kind,
    offset: LEVELS_OFFSET + level * LEVEL_BYTES + offset,
  }));
}

/** Schema codes of the metadata, by name; 0xFFFF is a stream of mixed schemas. */
export const SCHEMA_CODES: Readonly<Record<string, number>> = {
  "mbo": 0,
  "mbp-1": 1,
  "mbp-10": 2,
  "tbbo": 3,
  "trades": 4,
  "ohlcv-1s": 5,
  "ohlcv-1m": 6,
  "ohlcv-1h": 7,
  "ohlcv-1d": 8,
  "definition": 9,
  "statistics": 10,
  "status": 11,
  "imbalance": 12,
  "ohlcv-eod": 13,
  "cmbp-1": 14,
  "cbbo-1s": 15,
  "cbbo-1m": 16,
  "tcbbo": 17,
  "bbo-1s": 18,
  "bbo-1m": 19,
  "mixed": 0xffff,
};

/** Name of a record type and the least bytes of its record, by version where these differ. */
const RTYPES: Readonly<Record<number, readonly [name: string, ...bytes: number[]]>> = {
  0x00: ["trades", 48],
  0x01: ["mbp-1", 80],
  0x0a: ["mbp-10", 368],
  0x11: ["ohlcv-deprecated", 56],
  0x12: ["status", 40],
  0x13: ["definition", 360, 400, 520],
  0x14: ["imbalance", 112],
  0x15: ["error", 80, 320, 320],
  0x16: ["symbol-mapping", 80, 176, 176],
  0x17: ["system", 80, 320, 320],
  0x18: ["statistics", 64, 64, 80],
  0x20: ["ohlcv-1s", 56],
  0x21: ["ohlcv-1m", 56],
  0x22: ["ohlcv-1h", 56],
  0x23: ["ohlcv-1d", 56],
  0x24: ["ohlcv-eod", 56],
  0xa0: ["mbo", 56],
  0xb1: ["cmbp-1", 80],
  0xc0: ["cbbo-1s", 80],
  0xc1: ["cbbo-1m", 80],
  0xc2: ["tcbbo", 80],
  0xc3: ["bbo-1s", 80],
  0xc4: ["bbo-1m", 80],
};

/** Name of a schema code, `schema N` where it has none. */
export function schemaName(code: number): string {
  return Object.keys(SCHEMA_CODES).find((name) => SCHEMA_CODES[name] === code) ?? `schema ${code}`;
}

/** Whether a schema code is one that DBN defines. */
export function isSchema(code: number): boolean {
  return Object.values(SCHEMA_CODES).includes(code);
}

/** Name of a record type byte, `rtype 0xNN` where it has none. */
export function rtypeName(rtype: number): string {
  return RTYPES[rtype]?.[0] ?? `rtype 0x${rtype.toString(16).padStart(2, "0")}`;
}

/** Whether a record type byte is one that DBN defines. */
export function isRtype(rtype: number): boolean {
  return rtype in RTYPES;
}

/**
 * Least bytes of a type's record.
 *
 * @param rtype Record type byte.
 * @param version DBN version.
 * @returns Undefined for a type that DBN does not define.
 */
export function leastBytes(rtype: number, version: 1 | 2 | 3): number | undefined {
  const [, ...bytes] = RTYPES[rtype] ?? [];
  return bytes[version - 1] ?? bytes[0];
}
