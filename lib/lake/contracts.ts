/**
 * Which contract was chosen for each trade date: written by the filter, read by every later stage.
 *
 * @module
 */
import { z } from "zod";
import {
  canonicalNames,
  fallbackName,
  type Instrument,
  isInstrumentName,
  namePairs,
  PAIR_COLUMNS,
} from "../base/mod.ts";
import type { TableSchema } from "../schema/mod.ts";
import { listFolder } from "./files.ts";
import { readJson } from "./json.ts";
import { readBatch } from "./parquet.ts";
import type { Lake } from "./root.ts";
import type { Transaction } from "./transaction.ts";

const FOLDER = "_meta/contracts";

const CHOICE = z.object({
  contract: z.string(),
  instrument_id: z.number(),
  rule: z.enum(["calendar", "prior", "session"]),
  contract_rule: z.enum(["calendar", "prior", "premarket", "whole_date", "session"]),
  counted: z.enum(["regular_volume", "session_volume", "book_records"]),
  share: z.number(),
  roll_week: z.boolean(),
  status: z.enum(["pass", "warn", "fail"]),
  shares: z.record(z.string(), z.number()),
});

/** The contract of a trade date and how it came to be chosen. */
export interface ContractChoice {
  /** Trade date. */
  date: string;
  /** The chosen contract: the name its instrument goes by on the date, whatever its rows are called. */
  contract: string;
  /** Its instrument id. */
  instrument_id: number;
  /** The rule asked for. */
  rule: "calendar" | "prior" | "session";
  /** The rule that decided: a fallback of the one asked for where that had nothing to go by. */
  contract_rule: "calendar" | "prior" | "premarket" | "whole_date" | "session";
  /** What the shares are shares of. */
  counted: "regular_volume" | "session_volume" | "book_records";
  /** Share of the chosen contract, 0 to 1. */
  share: number;
  /** Whether the date lies in the week of a roll, in which a low share is expected. */
  roll_week: boolean;
  /** Verdict on the share. */
  status: "pass" | "warn" | "fail";
  /** Share of each contract, largest first. */
  shares: Record<string, number>;
}

/** Relative path of a date's choice. */
export function contractPath(date: string): string {
  return `${FOLDER}/${date}.json`;
}

/** Stages a date's choice; it commits with the rows it concerns. */
export async function stageContract(tx: Transaction, choice: ContractChoice): Promise<void> {
  await tx.write(contractPath(choice.date), JSON.stringify(choice, null, 2) + "\n");
}

/**
 * The contract chosen for a trade date, if the filter has run on it.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @throws {LakeError} If the stored choice cannot be read.
 */
export async function readContract(lake: Lake, date: string): Promise<ContractChoice | undefined> {
  const shape = CHOICE.extend({ date: z.literal(date) });
  return await readJson(lake, contractPath(date), shape, { remedy: `run filter --date ${date}` });
}

/** The choices of all dates the filter has run on, by date. */
export async function readContracts(lake: Lake): Promise<ContractChoice[]> {
  lake.seen?.folder(FOLDER);
  const names = (await listFolder(`${lake.root}/${FOLDER}`)).map(({ name }) => name);
  const dates = names.flatMap((name) => /^(\d{4}-\d\d-\d\d)\.json$/.exec(name)?.[1] ?? []);
  const choices = await Promise.all(dates.map((date) => readContract(lake, date)));
  return choices.filter((choice) => choice !== undefined);
}

/**
 * The instrument the filter chose for a trade date, if it has run on it; a choice of a continuous name, as earlier
 * versions made it, does not tell one.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @param symbol Product.
 * @throws {LakeError} If the stored choice cannot be read.
 */
export async function chosenInstrument(
  lake: Lake,
  date: string,
  symbol: string,
): Promise<Required<Instrument> | undefined> {
  const choice = await readContract(lake, date);
  if (!choice) return undefined;
  const { contract, instrument_id: instrumentId } = choice;
  const tells = isInstrumentName(contract) || contract === fallbackName(symbol, instrumentId);
  return tells ? { contract, instrumentId } : undefined;
}

/**
 * The instruments of some files of futures, by name.
 *
 * @param lake The lake.
 * @param symbol Product.
 * @param files Relative paths, each with its table.
 * @throws {LakeError} If a file cannot be read.
 * @throws {SchemaError} If a file is not what its table declares.
 */
export function instrumentsIn(
  lake: Lake,
  symbol: string,
  files: readonly (readonly [TableSchema, string])[],
): Required<Instrument>[] {
  const pairs = files.flatMap(([table, file]) => namePairs(readBatch(lake, table, [file], PAIR_COLUMNS)));
  return [...canonicalNames(symbol, pairs)].map(([instrumentId, contract]) => ({ contract, instrumentId }))
    .sort((a, b) => (a.contract < b.contract ? -1 : 1));
}
