/**
 * The lake: the only room that opens files under it.
 *
 * @module
 */
export * from "./faults.ts";
export * from "./files.ts";
export * from "./lake.ts";
export * from "./lock.ts";
export * from "./parquet.ts";
export * from "./partitions.ts";
export * from "./text.ts";
export * from "./transaction.ts";
export * from "./keys.ts";
export * from "./manifest.ts";
export * from "./contracts.ts";
export * from "./ingests.ts";
export * from "./memory.ts";
export * from "./background_writer.ts";
export * from "./download.ts";
