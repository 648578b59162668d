/**
 * The lake: the only room that opens files under it.
 *
 * @module
 */
export * from "./lake.ts";
export { commitLock, lockFile } from "./lock.ts";
export { writeAtomic } from "./files.ts";
export { finishDecided, recover, type Stuck } from "./journal.ts";
export { Seen, type SeenPaths } from "./seen.ts";
export * from "./settled.ts";
export * from "./sums.ts";
export * from "./parquet.ts";
export * from "./partitions.ts";
export * from "./text.ts";
export * from "./transaction.ts";
export * from "./hash.ts";
export * from "./json.ts";
export * from "./keys.ts";
export * from "./manifest.ts";
export * from "./contracts.ts";
export * from "./doctor.ts";
export * from "./ingests.ts";
export * from "./memory.ts";
export * from "./background_writer.ts";
export * from "./download.ts";
