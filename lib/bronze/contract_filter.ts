/**
 * The contract filter: one contract a trade date in Bronze, the others in quarantine until they are wanted.
 *
 * @module
 */
import {
  type Config,
  type Effects,
  isOutright,
  LakeError,
  namedByInstrument,
  type Session,
  sessionHours,
  sessionOf,
  takeRows,
} from "../base/mod.ts";
import {
  type ContractChoice,
  contractPath,
  type FileEntry,
  type Lake,
  noRows,
  type RowCounts,
  type Run,
  runStage,
  sessionFolder,
  settled,
  stageContract,
  toFrame,
  type Transaction,
  writeFrame,
} from "../lake/mod.ts";
import { FUTURES_MBP10, FUTURES_ROLLS, FUTURES_TRADES, REASONS, type TableSchema } from "../schema/mod.ts";
import { type ContractCount, countContracts } from "./census.ts";
import { type ContractRule, judgeChoice } from "./contract_choice.ts";
import {
  bronzeDates,
  hourPairs,
  moveRows,
  readPair,
  restoreDate,
  type RestoreReport,
  rowsWhere,
} from "./restore.ts";
import { rollRows } from "./rolls.ts";
import { type Stock, Stocks } from "./stock.ts";

/** How to filter. */
export interface FilterOptions {
  /** The rule. */
  rule: ContractRule;
  /** Shares that pass and fail, minutes of the calendar spread. */
  config: Config["filter"];
  /** Product. */
  symbol: string;
  /** Say what would be done, write nothing. */
  dryRun?: boolean;
}

/** What the filter did with a trade date. */
export interface FilterReport {
  /** The choice. */
  choice: ContractChoice;
  /** Rows of both tables: before, kept, taken out. */
  rows: RowCounts;
  /** Rows that an earlier choice had taken out and this one brought back; part of `rows.in`. */
  broughtBack: number;
  /** Calendar spreads recorded. */
  rolls: number;
  /** Rows of each contract as they came and as they stand, by contract. */
  stock: Stock[];
}

const TABLES: readonly TableSchema[] = [FUTURES_TRADES, FUTURES_MBP10];
const STAGE = "filter";

/**
 * Filters a trade date: records the calendar spreads, then moves the rows of the other contracts to quarantine and
 * those of the chosen one back from it, all in one transaction. Running again changes nothing.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @param options See {@linkcode FilterOptions}.
 * @param effects Told of a choice that rests on little.
 * @returns What was done; nothing is moved where Bronze lacks the contract that the calendar wants.
 * @throws {LakeError} If the date has no futures in Bronze.
 */
export async function filterDate(
  lake: Lake,
  date: string,
  options: FilterOptions,
  effects: Effects,
): Promise<FilterReport> {
  return await settled(lake, (view) => filterOnce(view, date, options, effects));
}

async function filterOnce(
  lake: Lake,
  date: string,
  options: FilterOptions,
  effects: Effects,
): Promise<FilterReport> {
  const { rule, config, symbol, dryRun = false } = options;
  const session = sessionOf(date);
  const contracts = await countContracts(lake, session, symbol);
  if (contracts.length === 0) {
    throw new LakeError(
      `Cannot filter ${date}: no ES rows in Bronze; run backfill --date ${date} first`,
      lake.root,
    );
  }
  const known = contracts.some(({ contract }) => isOutright(symbol, contract));
  const needsPrior = rule === "prior" || (rule === "calendar" && !known);
  const prior = needsPrior ? await priorContracts(lake, date, symbol) : [];
  const choice = judgeChoice({ date, symbol, contracts, prior }, rule, config);
  warnAbout(choice, effects);
  const absent = !(choice.contract in choice.shares);
  if (dryRun || absent) {
    const { rows, broughtBack, stock } = absent
      ? { rows: noRows(), broughtBack: 0, stock: [] }
      : await keepContract(undefined, lake, session, { choice, contracts });
    return { choice, rows, broughtBack, rolls: 0, stock };
  }
  const work = async ({ tx, manifest }: Run): Promise<FilterReport> => {
    const rolls = await stageRolls(tx, session, contracts, choice.contract, options);
    await stageContract(tx, choice);
    const { rows, broughtBack, inputs, stock } = await keepContract(tx, lake, session, {
      choice,
      contracts,
    });
    manifest.rows = rows;
    manifest.inputs = inputs;
    Object.assign(manifest.facts, { choice, rolls, brought_back: broughtBack });
    return { choice, rows, broughtBack, rolls, stock };
  };
  return (await runStage(lake, STAGE, { date, rule }, work)).result;
}

function warnAbout(
  { date, contract, contract_rule, counted, shares }: ContractChoice,
  effects: Effects,
): void {
  const held = Object.keys(shares).join(", ");
  if (!(contract in shares)) {
    effects.warn(
      `${date}: the calendar wants ${contract}, Bronze holds ${held}; nothing moved; try --rule session`,
    );
  }
  if (contract_rule === "whole_date") {
    effects.warn(
      `${date}: ${contract} was chosen by the whole date's volume, which was not known at the time`,
    );
  }
  if (counted !== "regular_volume") {
    effects.warn(`${date}: no trades in the regular session; shares are by ${counted.replace("_", " ")}`);
  }
}

/** Contracts of the latest earlier session that has regular trades. */
async function priorContracts(lake: Lake, date: string, symbol: string): Promise<ContractCount[]> {
  for (const earlier of (await bronzeDates(lake, TABLES)).reverse()) {
    if (earlier >= date) continue;
    const contracts = await countContracts(lake, sessionOf(earlier), symbol);
    if (contracts.some((count) => count.regular > 0)) return contracts;
  }
  return [];
}

async function stageRolls(
  tx: Transaction,
  session: Session,
  contracts: readonly ContractCount[],
  chosen: string,
  { symbol, config }: FilterOptions,
): Promise<number> {
  const rows = rollRows(session, contracts, chosen, { symbol, window: config.spreadMinutes });
  const path = rollsPath(session.date);
  if (rows.length === 0) tx.remove(path);
  else writeFrame(await tx.stage(path), toFrame(FUTURES_ROLLS, rows));
  return rows.length;
}

function rollsPath(date: string): string {
  return `${sessionFolder(FUTURES_ROLLS, date)}/part-0000.parquet`;
}

/** What {@linkcode keepContract} did, and the Bronze files it read. */
interface Kept {
  rows: RowCounts;
  broughtBack: number;
  inputs: FileEntry[];
  stock: Stock[];
}

/** Stages, or without a transaction counts, the moves that leave one contract in Bronze. */
async function keepContract(
  tx: Transaction | undefined,
  lake: Lake,
  session: Session,
  { choice: { contract }, contracts }: { choice: ContractChoice; contracts: readonly ContractCount[] },
): Promise<Kept> {
  const names = new Map(contracts.map(({ instrumentId, contract }) => [instrumentId, contract]));
  const rows = noRows(), inputs: FileEntry[] = [], stock = new Stocks();
  let broughtBack = 0;
  for (const table of TABLES) {
    for (const hour of sessionHours(session)) {
      for (const pair of await hourPairs(lake, table, hour)) {
        const pairRows = readPair(lake, table, pair, ["instrument_id"]);
        const kept = namedByInstrument(pairRows.kept, names),
          aside = namedByInstrument(pairRows.aside, names);
        const out = rowsWhere(kept, { contract: (value) => value !== contract });
        const back = rowsWhere(aside, {
          contract: (value) => value === contract,
          reason: (value) => value === REASONS.contract,
        });
        if (pair.kept) inputs.push({ path: pair.file, rows: kept.length });
        rows.in += kept.length + back.length;
        rows.filtered += out.length;
        broughtBack += back.length;
        const mine = takeRows(aside, rowsWhere(aside, { reason: (value) => value === REASONS.contract }));
        for (const batch of [kept, mine]) {
          stock.count(table.name, batch, "contract", (name) => name === contract);
        }
        if (tx) await moveRows(tx, lake, table, pair, { out, reason: REASONS.contract, back });
      }
    }
  }
  rows.out = rows.in - rows.filtered;
  return { rows, broughtBack, inputs, stock: stock.list };
}

/**
 * Undoes the filter of a trade date: every row it took out comes back, its choice and spreads are forgotten.
 *
 * @param lake The lake.
 * @param date Trade date.
 * @param options `dryRun`: only count.
 */
export async function unfilterDate(
  lake: Lake,
  date: string,
  options: { dryRun?: boolean } = {},
): Promise<RestoreReport> {
  const forget = [contractPath(date), rollsPath(date)];
  return await restoreDate(lake, date, {
    stage: STAGE,
    tables: TABLES,
    reasons: [REASONS.contract],
    forget,
    ...options,
  });
}
