/**
 * Quarantine: the tables of rows set aside, each with its reason.
 *
 * @module
 */
import { column, type TableSchema } from "./table.ts";

/** Why a row lies in quarantine. */
export const REASONS = {
  /** The filter kept another contract. */
  contract: "other_contract",
  /** A second ingest of the same data brought it. */
  duplicate: "duplicate",
  /** Another kind of source brought the same option print, and says more of it. */
  otherSource: "other_source",
  /** Its `ts_event_ns` is undefined or outside the years 2000 to 2099. */
  undated: "undated",
  /** It came after its minute had been closed (the live signals; Bronze has it). */
  late: "late",
} as const;

/** The table of a table's rows in quarantine: the same columns and `reason`. */
export function quarantineTable(table: TableSchema): TableSchema {
  const columns = { ...table.columns, reason: column("utf8", "–", "why the row was set aside") };
  return {
    ...table,
    name: `quarantine.${table.name}`,
    location: { ...table.location, folder: `quarantine/${table.location.folder}` },
    columns,
  };
}
