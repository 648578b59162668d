/**
 * Writes DBN metadata; the inverse of `decodeMetadata`.
 *
 * @module
 */
import { type DbnMetadata, PRELUDE_BYTES, SYMBOL_LENGTHS, UNDEF_U64 } from "./metadata.ts";

/** Bytes of the fixed fields, prelude and the four counts' own lengths apart, in every version. */
const FIXED_BYTES = 100;

/**
 * Metadata of a query for the records of some raw symbols, with the defaults of a current file.
 *
 * @param fields Any field that differs from: version 3, dataset `GLBX.MDP3`, mixed schema, open end, no limit,
 *   raw symbols resolved to instrument ids, no `ts_out`, no symbols.
 */
export function makeMetadata(fields: Partial<DbnMetadata> = {}): DbnMetadata {
  const version = fields.version ?? 3;
  return {
    version,
    dataset: "GLBX.MDP3",
    schema: 0xffff,
    startNs: 0n,
    endNs: UNDEF_U64,
    limit: 0n,
    recordCount: UNDEF_U64,
    stypeIn: 1,
    stypeOut: 0,
    tsOut: false,
    symbolLength: SYMBOL_LENGTHS[version],
    symbols: [],
    partial: [],
    notFound: [],
    mappings: [],
    ...fields,
  };
}

/**
 * Metadata as bytes, prelude included; version 3 is padded to a multiple of 8.
 *
 * @param metadata Every field; `recordCount` is written in version 1 only.
 * @throws {RangeError} If a text does not fit its field, or the version is not 1, 2 or 3.
 */
export function encodeMetadata(metadata: DbnMetadata): Uint8Array {
  const { version } = metadata;
  const symbolLength = version === 1 ? SYMBOL_LENGTHS[1] : metadata.symbolLength;
  if (![1, 2, 3].includes(version)) {
    throw new RangeError(`Cannot encode metadata: version ${version}, wanted 1, 2 or 3`);
  }
  const lists = [metadata.symbols, metadata.partial, metadata.notFound];
  const listBytes = lists.reduce((sum, list) => sum + 4 + list.length * symbolLength, 0);
  const mappingBytes = metadata.mappings.reduce(
    (sum, m) => sum + symbolLength + 4 + m.intervals.length * (8 + symbolLength),
    4,
  );
  const plain = PRELUDE_BYTES + FIXED_BYTES + 4 + listBytes + mappingBytes;
  const total = version === 3 ? Math.ceil(plain / 8) * 8 : plain;
  const bytes = new Uint8Array(total);
  const writer = { bytes, view: new DataView(bytes.buffer), offset: 0 };
  bytes.set([0x44, 0x42, 0x4e, version]);
  writer.view.setUint32(4, total - PRELUDE_BYTES, true);
  writer.offset = PRELUDE_BYTES;
  writeFixed(writer, metadata);
  for (const list of lists) {
    writeU32(writer, list.length);
    for (const symbol of list) writeText(writer, symbol, symbolLength);
  }
  writeU32(writer, metadata.mappings.length);
  for (const { rawSymbol, intervals } of metadata.mappings) {
    writeText(writer, rawSymbol, symbolLength);
    writeU32(writer, intervals.length);
    for (const { start, end, symbol } of intervals) {
      writeU32(writer, start);
      writeU32(writer, end);
      writeText(writer, symbol, symbolLength);
    }
  }
  return bytes;
}

interface Writer {
  bytes: Uint8Array;
  view: DataView;
  offset: number;
}

function writeFixed(writer: Writer, metadata: DbnMetadata): void {
  const { view } = writer;
  writeText(writer, metadata.dataset, 16);
  view.setUint16(writer.offset, metadata.schema, true);
  const longs = [metadata.startNs, metadata.endNs, metadata.limit];
  if (metadata.version === 1) longs.push(metadata.recordCount);
  longs.forEach((value, i) => view.setBigUint64(writer.offset + 2 + 8 * i, value, true));
  writer.offset += 2 + 8 * longs.length;
  writer.bytes.set([metadata.stypeIn, metadata.stypeOut, metadata.tsOut ? 1 : 0], writer.offset);
  if (metadata.version > 1) view.setUint16(writer.offset + 3, metadata.symbolLength, true);
  writer.offset = PRELUDE_BYTES + FIXED_BYTES;
  writeU32(writer, 0);
}

function writeU32(writer: Writer, value: number): void {
  writer.view.setUint32(writer.offset, value, true);
  writer.offset += 4;
}

function writeText(writer: Writer, text: string, length: number): void {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > length || bytes.includes(0)) {
    throw new RangeError(`Cannot encode metadata: "${text}" does not fit a field of ${length} bytes`);
  }
  writer.bytes.set(bytes, writer.offset);
  writer.offset += length;
}
