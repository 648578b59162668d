/**
 * Bytes of the feeds to column batches and back; writes nothing.
 *
 * @module
 */
export * from "./dbn/mod.ts";
export * from "./polygon/mod.ts";
