/**
 * The contracts: a declaration for every table, which rows are copies, findings and verdicts.
 *
 * @module
 */
export * from "./bronze.ts";
export * from "./day_profile.ts";
export { dedupKeep, feedColumns, recordKey } from "./dedup.ts";
export * from "./findings.ts";
export * from "./other_source.ts";
export * from "./quarantine.ts";
export * from "./silver.ts";
export * from "./table.ts";
export * from "./features.ts";
export * from "./gold.ts";
export * from "./live.ts";
export * from "./models.ts";
export * from "./lake_readme.ts";
