/**
 * DBN (Databento Binary Encoding), versions 1 to 3: bytes to column batches and back.
 *
 * @module
 */
export { type DbnTable, FLAGS, rtypeName, SCHEMA_CODES, schemaName } from "./layout.ts";
export { type DbnMetadata, decodeMetadata, type MappingInterval, type SymbolMapping } from "./metadata.ts";
export { isZstd } from "./magic.ts";
export { encodeMetadata, makeMetadata } from "./metadata_encode.ts";
export { DbnDecoder, type DecodeOptions } from "./decoder.ts";
export { encodeMbp10, encodeTrades } from "./encoder.ts";
export type { Notice, StreamMapping } from "./messages.ts";
export { type DbnStream, openDbn } from "./open_dbn.ts";
export { parseSymbology, type SymbolResolver, symbolResolver, type SymbolSpan } from "./symbols.ts";
export type { DbnBatch } from "./table_builder.ts";
export { compressZstd } from "./zstd.ts";
