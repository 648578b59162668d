/**
 * Bytes of the feeds to column batches and back; writes nothing.
 *
 * @module
 */
export { excerpt } from "./excerpt.ts";
export * from "./dbn/mod.ts";
export * from "./polygon/mod.ts";
