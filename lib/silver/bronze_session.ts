/**
 * A session as Bronze holds it: its files, its contract, its trades.
 *
 * @module
 */
import type { DataFrame } from "nodejs-polars";
import {
  type Batch,
  calendarContract,
  concatBatches,
  CONFIG,
  f64,
  i64,
  LakeError,
  relativeNs,
  type Session,
} from "../base/mod.ts";
import {
  chosenInstrument,
  emptyBatch,
  fromFrame,
  instrumentsIn,
  type Lake,
  sessionFiles,
} from "../lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES, type TableSchema } from "../schema/mod.ts";
import { compactHour } from "./compact.ts";
import type { FuturesTape } from "./enrich.ts";

/** Files of one UTC hour. */
export interface HourFiles {
  /** UTC hour number. */
  hour: number;
  /** Relative paths. */
  files: string[];
}

/** The Bronze files of a session, hour by hour. */
export interface BronzeSession {
  /** The session. */
  session: Session;
  /** ES trades. */
  trades: HourFiles[];
  /** ES books. */
  books: HourFiles[];
  /** Option prints. */
  options: HourFiles[];
}

/**
 * Lists a session's Bronze files.
 *
 * @param lake The lake.
 * @param session The session.
 */
export async function bronzeSession(lake: Lake, session: Session): Promise<BronzeSession> {
  return {
    session,
    trades: await sessionFiles(lake, FUTURES_TRADES, session),
    books: await sessionFiles(lake, FUTURES_MBP10, session),
    options: await sessionFiles(lake, OPTIONS_TRADES, session),
  };
}

/** All files of a session, relative paths. */
export function allFiles(bronze: BronzeSession): string[] {
  return [...bronze.trades, ...bronze.books, ...bronze.options].flatMap((hour) => hour.files);
}

/**
 * The contract of a session: what the one instrument of its futures rows goes by; without any, the filter's choice,
 * else the calendar's.
 *
 * @param lake The lake.
 * @param bronze The session's files.
 * @throws {LakeError} If its rows are of several instruments, or a file cannot be read.
 */
export async function sessionContract(lake: Lake, bronze: BronzeSession): Promise<string> {
  const { date } = bronze.session, { symbol } = CONFIG.market;
  const filesOf = (table: TableSchema, hours: readonly HourFiles[]) =>
    hours.flatMap(({ files }) => files.map((file) => [table, file] as const));
  const found = instrumentsIn(lake, symbol, [
    ...filesOf(FUTURES_TRADES, bronze.trades),
    ...filesOf(FUTURES_MBP10, bronze.books),
  ]);
  if (found.length > 1) {
    const names = found.map(({ contract }) => contract).join(", ");
    throw new LakeError(
      `Cannot use the Bronze of ${date}: found contracts ${names}, wanted one; run filter --date ${date}`,
      lake.root,
    );
  }
  const chosen = await chosenInstrument(lake, date, symbol), [only = chosen] = found;
  if (!only) return calendarContract(symbol, date);
  // Rows set aside may name the instrument when those that stand do not.
  return only.instrumentId === chosen?.instrumentId ? chosen.contract : only.contract;
}

/** Columns of trades that a tape is made of. */
const TAPE_COLUMNS = ["ts_event_ns", "price"];

/**
 * The tape of a session from its Bronze trades.
 *
 * @param lake The lake.
 * @param bronze The session's files.
 * @throws {LakeError} If a file cannot be read.
 */
export function bronzeTape(lake: Lake, bronze: BronzeSession): FuturesTape {
  const hours = bronze.trades.map(({ files }) => tapeHour(compactHour(lake, FUTURES_TRADES, files).frame));
  return tapeOf(hours, bronze.session);
}

/** What a tape needs of an hour of compacted trades. */
export function tapeHour(trades: DataFrame): Batch {
  return fromFrame(FUTURES_TRADES, trades, TAPE_COLUMNS);
}

/** The tape of a session from {@linkcode tapeHour} of each of its hours, in their order. */
export function tapeOf(hours: readonly Batch[], session: Session): FuturesTape {
  const trades = hours.length ? concatBatches(hours) : emptyBatch(FUTURES_TRADES, TAPE_COLUMNS);
  const ts = relativeNs(i64(trades, "ts_event_ns"), session.startNs);
  return { length: trades.length, ts, price: f64(trades, "price") };
}
