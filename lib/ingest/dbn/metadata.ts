/**
 * DBN metadata, versions 1 to 3: what stands before the records.
 *
 * @module
 */
import { addDays, dayNumber, DecodeError } from "../../base/mod.ts";
import { HEADER_BYTES, isRtype, isSchema } from "./layout.ts";

/** Bytes before the metadata proper: magic, version and length. */
export const PRELUDE_BYTES = 8;
/** Length of a symbol field: version 1, and versions 2 and 3. */
export const SYMBOL_LENGTHS = { 1: 22, 2: 71, 3: 71 } as const;
/** `end` of an open query, and `record_count` where the writer did not know it. */
export const UNDEF_U64: bigint = 2n ** 64n - 1n;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const DATASET_BYTES = 16;
/** The last symbology that the vendor's package knows, and what stands for none. */
const MOST_STYPE = 15, NO_STYPE = 255;
const RESERVED_BYTES = { 1: 47, 2: 53, 3: 53 } as const;
/** The shortest symbol field of any version: one byte a symbol would let a few kilobytes name millions. */
const LEAST_SYMBOL_LENGTH = SYMBOL_LENGTHS[1];
/** More metadata than any real query has (a symbol with one interval takes 150 bytes). */
const MAX_METADATA_BYTES = 2 ** 28;

/** A span of UTC dates in which a symbol meant one thing. */
export interface MappingInterval {
  /** First date, as the number yyyymmdd. */
  start: number;
  /** The date after the last, as the number yyyymmdd. */
  end: number;
  /** What it meant, in `stypeOut`: with `instrument_id` the id in decimal. */
  symbol: string;
}

/** What one requested symbol meant over time. */
export interface SymbolMapping {
  /** The symbol in `stypeIn`, such as `ESZ5`. */
  rawSymbol: string;
  /** Its meanings, by date. */
  intervals: MappingInterval[];
}

/** Metadata of a DBN stream, every field as in the file. */
export interface DbnMetadata {
  /** DBN version. */
  version: 1 | 2 | 3;
  /** Dataset code such as `GLBX.MDP3`. */
  dataset: string;
  /** Schema code, see `SCHEMA_CODES`. */
  schema: number;
  /** Start of the query, ns UTC. */
  startNs: bigint;
  /** End of the query, ns UTC; 2^64 − 1 when open. */
  endNs: bigint;
  /** Most records asked for; 0 when unlimited. */
  limit: bigint;
  /** Records in the stream, 2^64 − 1 when unknown; kept by version 1 only. */
  recordCount: bigint;
  /** Symbology of the request (0 instrument_id, 1 raw_symbol, 3 continuous, 4 parent). */
  stypeIn: number;
  /** Symbology of the mappings' intervals. */
  stypeOut: number;
  /** Whether every record carries 8 more bytes, the gateway's sending time. */
  tsOut: boolean;
  /** Bytes of a symbol field. */
  symbolLength: number;
  /** Symbols asked for. */
  symbols: string[];
  /** Those resolved on some dates only. */
  partial: string[];
  /** Those not resolved. */
  notFound: string[];
  /** What the symbols meant, by date. */
  mappings: SymbolMapping[];
}

/** Where the bytes being read are, and what they are called in errors. */
interface Cursor {
  view: DataView;
  offset: number;
  name: string;
}

/**
 * Length of the whole metadata, prelude included, from its first bytes.
 *
 * @param head At least {@linkcode PRELUDE_BYTES} bytes from the start of the stream.
 * @param name File or stream name for errors.
 * @throws {DecodeError} If these are not the first bytes of a DBN stream of version 1, 2 or 3.
 */
export function metadataLength(head: Uint8Array, name: string): number {
  const magic = String.fromCharCode(...head.subarray(0, 3));
  if (magic !== "DBN") throw new DecodeError(explainMagic(head), name, 0);
  const version = head[3];
  if (version < 1 || version > 3) {
    throw new DecodeError(
      `DBN version ${version}, wanted 1, 2 or 3; update the reader or ask for an older version`,
      name,
      3,
    );
  }
  const length = new DataView(head.buffer, head.byteOffset).getUint32(4, true);
  if (length > MAX_METADATA_BYTES) {
    throw new DecodeError(
      `metadata of ${length} bytes, wanted at most ${MAX_METADATA_BYTES}; the file is damaged`,
      name,
      4,
    );
  }
  return PRELUDE_BYTES + length;
}

function explainMagic(head: Uint8Array): string {
  if (String.fromCharCode(...head.subarray(0, 3)) === "DBZ") return LEGACY;
  const hex = Array.from(head.subarray(0, 4), (b) => b.toString(16).padStart(2, "0")).join(" ");
  if (4 * head[0] >= HEADER_BYTES && isRtype(head[1])) {
    return `no metadata, the stream begins with ${hex} as a record does; a fragment must be joined to its metadata`;
  }
  return `it begins with ${hex}, wanted "DBN" or a zstd frame; this is not a DBN file`;
}

/** What is said of a file in the format before DBN. */
export const LEGACY = "it is in the legacy DBZ format; download it again as DBN, or convert it with `dbn`";

/**
 * Reads metadata.
 *
 * @param bytes Exactly {@linkcode metadataLength} bytes from the start of the stream.
 * @param name File or stream name for errors.
 * @throws {DecodeError} If a field runs past the end, or holds what DBN does not define.
 */
export function decodeMetadata(bytes: Uint8Array, name: string): DbnMetadata {
  metadataLength(bytes, name);
  const cursor: Cursor = {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    offset: PRELUDE_BYTES,
    name,
  };
  const version = bytes[3] as 1 | 2 | 3;
  const dataset = readText(cursor, DATASET_BYTES, "dataset");
  const schema = readUint(cursor, 2, "schema");
  if (!isSchema(schema)) {
    throw new DecodeError(
      `schema ${schema}, wanted one that DBN defines; the file is damaged`,
      name,
      cursor.offset - 2,
    );
  }
  const startNs = readU64(cursor, "start");
  const endNs = readU64(cursor, "end");
  const limit = readU64(cursor, "limit");
  const recordCount = version === 1 ? readU64(cursor, "record_count") : UNDEF_U64;
  const stypeIn = readStype(cursor, "stype_in");
  const stypeOut = readStype(cursor, "stype_out");
  const tsOut = readUint(cursor, 1, "ts_out") !== 0;
  const symbolLength = version === 1 ? SYMBOL_LENGTHS[1] : readUint(cursor, 2, "symbol_cstr_len");
  if (symbolLength < LEAST_SYMBOL_LENGTH) {
    throw new DecodeError(
      `symbol_cstr_len is ${symbolLength}, wanted ${SYMBOL_LENGTHS[version]}; the file is damaged`,
      name,
      cursor.offset - 2,
    );
  }
  advance(cursor, RESERVED_BYTES[version], "reserved bytes");
  const definition = readUint(cursor, 4, "schema_definition_length");
  if (definition !== 0) {
    throw new DecodeError(
      `a schema definition of ${definition} bytes, wanted none; DBN does not define one`,
      name,
      cursor.offset - 4,
    );
  }
  const symbols = readSymbols(cursor, symbolLength, "symbols");
  const partial = readSymbols(cursor, symbolLength, "partial");
  const notFound = readSymbols(cursor, symbolLength, "not_found");
  const mappings = readMappings(cursor, symbolLength);
  const tail = bytes.subarray(cursor.offset).findIndex((b) => b !== 0);
  if (tail >= 0) {
    throw new DecodeError(
      "bytes after the mappings, wanted the end of the metadata",
      name,
      cursor.offset + tail,
    );
  }
  return {
    version,
    dataset,
    schema,
    startNs,
    endNs,
    limit,
    recordCount,
    stypeIn,
    stypeOut,
    tsOut,
    symbolLength,
    symbols,
    partial,
    notFound,
    mappings,
  };
}

function readMappings(cursor: Cursor, symbolLength: number): SymbolMapping[] {
  const count = readCount(cursor, symbolLength + 4, "mappings");
  return Array.from({ length: count }, (_, i) => {
    const rawSymbol = readText(cursor, symbolLength, `symbol of mapping ${i}`);
    const intervals = readCount(cursor, symbolLength + 8, `intervals of mapping ${i}`);
    return {
      rawSymbol,
      intervals: Array.from({ length: intervals }, (_, k) => ({
        start: readDate(cursor, `start of interval ${k} of mapping ${i}`),
        end: readDate(cursor, `end of interval ${k} of mapping ${i}`),
        symbol: readText(cursor, symbolLength, `symbol of interval ${k} of mapping ${i}`),
      })),
    };
  });
}

function readSymbols(cursor: Cursor, symbolLength: number, what: string): string[] {
  const count = readCount(cursor, symbolLength, what);
  return Array.from({ length: count }, (_, i) => readText(cursor, symbolLength, `${what} ${i}`));
}

/** Reads a count and refuses one whose items cannot fit, before anything is allocated for them. */
function readCount(cursor: Cursor, itemBytes: number, what: string): number {
  const at = cursor.offset;
  const count = readUint(cursor, 4, `count of ${what}`);
  const left = cursor.view.byteLength - cursor.offset;
  if (count * itemBytes > left) {
    throw new DecodeError(
      `${count} ${what} need ${count * itemBytes} bytes, the metadata has ${left} left; the file is damaged`,
      cursor.name,
      at,
    );
  }
  return count;
}

function readText(cursor: Cursor, length: number, what: string): string {
  const at = advance(cursor, length, what);
  const bytes = new Uint8Array(cursor.view.buffer, cursor.view.byteOffset + at, length);
  const zero = bytes.indexOf(0), end = zero < 0 ? length : zero;
  for (let i = end; i < length; i++) {
    if (bytes[i] !== 0) {
      throw new DecodeError(`bytes after the end of ${what}; the file is damaged`, cursor.name, at + i);
    }
  }
  try {
    return UTF8.decode(bytes.subarray(0, end));
  } catch (cause) {
    throw new DecodeError(`${what} is not UTF-8 text; the file is damaged`, cursor.name, at, { cause });
  }
}

function readUint(cursor: Cursor, bytes: 1 | 2 | 4, what: string): number {
  const at = advance(cursor, bytes, what);
  if (bytes === 1) return cursor.view.getUint8(at);
  return bytes === 2 ? cursor.view.getUint16(at, true) : cursor.view.getUint32(at, true);
}

/** Reads a symbology; a mixed request has none. */
function readStype(cursor: Cursor, what: "stype_in" | "stype_out"): number {
  const value = readUint(cursor, 1, what);
  if (value > MOST_STYPE && !(what === "stype_in" && value === NO_STYPE)) {
    throw new DecodeError(
      `${what} is ${value}, wanted one that DBN defines; the file is damaged`,
      cursor.name,
      cursor.offset - 1,
    );
  }
  return value;
}

/** Reads a date of the calendar, yyyymmdd. */
function readDate(cursor: Cursor, what: string): number {
  const value = readUint(cursor, 4, what);
  if (!isDate(isoDate(value))) {
    throw new DecodeError(
      `${what} is ${value}, wanted a date yyyymmdd; the file is damaged`,
      cursor.name,
      cursor.offset - 4,
    );
  }
  return value;
}

/** Whether the calendar has a date `YYYY-MM-DD`. */
export function isDate(date: string): boolean {
  return !Number.isNaN(dayNumber(date)) && addDays(date, 0) === date;
}

/** `2025-12-16` from the number 20251216. */
export function isoDate(yyyymmdd: number): string {
  const text = String(yyyymmdd).padStart(8, "0");
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
}

function readU64(cursor: Cursor, what: string): bigint {
  return cursor.view.getBigUint64(advance(cursor, 8, what), true);
}

/** Moves past a field and returns where it began. */
function advance(cursor: Cursor, length: number, what: string): number {
  const at = cursor.offset;
  if (at + length > cursor.view.byteLength) {
    throw new DecodeError(
      `the metadata ends at byte ${cursor.view.byteLength}, inside ${what}; the file is damaged`,
      cursor.name,
      at,
    );
  }
  cursor.offset += length;
  return at;
}
