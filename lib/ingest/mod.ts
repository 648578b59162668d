/**
 * Bytes of the feeds to column batches and back; writes nothing.
 *
 * @module
 */
export { shown } from "./shown.ts";
export * from "./dbn/mod.ts";
export * from "./polygon/mod.ts";
