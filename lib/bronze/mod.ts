/**
 * Bronze: the data as it came. Backfill, contract filter, dedup, and the way back.
 *
 * @module
 */
export { backfill, type BackfillOptions, type BackfillReport } from "./backfill.ts";
export {
  dropRemains,
  type IngestPlan,
  planIngest,
  type Range,
  type SourceRows,
  type Stored,
  storedRange,
  storeRows,
} from "./ingest.ts";
export { isDated, type Part, PART_ROWS, PartWriter } from "./part_writer.ts";
export {
  coversAny,
  type DateCondition,
  type DbnSource,
  describeSource,
  eachDate,
  parseConditions,
  type Source,
  utcDatesOf,
  wrongSource,
} from "./sources.ts";
export { calendarSpread } from "./rolls.ts";
export { type ContractCount, countContracts } from "./census.ts";
export {
  type ChoiceInputs,
  chooseContract,
  type ContractRule,
  isRollWeek,
  judgeChoice,
} from "./contract_choice.ts";
export { filterDate, type FilterOptions, type FilterReport, unfilterDate } from "./contract_filter.ts";
export { dedupDate, type DedupOptions, type DedupReport, undoDedup } from "./dedup.ts";
export { auditChecks, auditLake, type AuditOptions, type AuditReport, type CheckId } from "./audit/mod.ts";
export type { Stock } from "./stock.ts";
export { bronzeDates, type RestoreReport } from "./restore.ts";
export { type IngestOptions, ingestOptions, type OptionSource, type OptionsReport } from "./options.ts";
