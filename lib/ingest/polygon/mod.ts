/**
 * Option prints as Polygon (Massive) delivers them: flat files to column batches, and both over the network.
 *
 * @module
 */
export type { PrintBatch } from "./flat_columns.ts";
export * from "./flat_file.ts";
export * from "./gunzip.ts";
export * from "./occ_ticker.ts";
export { fetchFlatFile, type FlatFileObject, listFlatFiles, type TransferOptions } from "./flat_files.ts";
export { openBucket, type S3Bucket, type S3Bytes, type S3Object, type S3Settings } from "./s3.ts";
export { listContracts, openRest, type Page, type RestService, type RestSettings } from "./rest.ts";
export { fetchTrades, type TradesRequest } from "./rest_trades.ts";
export { type Clock, SYSTEM_CLOCK } from "./retry.ts";
export type { Spool } from "./spool.ts";
