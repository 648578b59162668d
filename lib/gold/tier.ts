/**
 * The tier Gold is built from: Silver, or Bronze through Silver's functions, with the same bytes.
 *
 * @module
 */
import {
  type Batch,
  type Config,
  f64,
  fallbackName,
  i64,
  type Instrument,
  LakeError,
  previousTradingDay,
  relativeNs,
  type Session,
  sessionOf,
  strings,
} from "../base/mod.ts";
import {
  chosenInstrument,
  instrumentsIn,
  type Lake,
  parquetFiles,
  readBatch,
  sessionFiles,
  sessionFolder,
} from "../lake/mod.ts";
import { type EarlierSession, type History, historyFrom, type Roll } from "../levels/mod.ts";
import { FUTURES_ROLLS, type TableSchema } from "../schema/mod.ts";
import type { HourEvents } from "./sources.ts";

/** Where a session's events come from. */
export interface Tier {
  /** `silver` or `bronze`. */
  name: "silver" | "bronze";
  /** The table of ES trades, for the contract and the history. */
  trades: TableSchema;
  /** Relative paths of every file the session's events are read from. */
  inputs(lake: Lake, session: Session, config: Config): Promise<string[]>;
  /** The session's events, hour by hour. */
  hours(lake: Lake, session: Session, contract: string, config: Config): AsyncIterable<HourEvents>;
  /** ES trades of some files of one hour, deduplicated and in time order: `ts_event_ns` and `price`. */
  tradesOf(lake: Lake, files: readonly string[]): Batch;
}

/**
 * The contract of a session: the filter's choice, else the only instrument its trades are of.
 *
 * @param lake The lake.
 * @param tier Where to look.
 * @param session The session.
 * @param symbol Product.
 * @returns Name and instrument, undefined without trades.
 * @throws {LakeError} If there are several and the filter has not chosen.
 */
export async function contractOf(
  lake: Lake,
  tier: Tier,
  session: Session,
  symbol: string,
): Promise<Required<Instrument> | undefined> {
  const { date } = session, chosen = await chosenInstrument(lake, date, symbol);
  if (chosen) return chosen;
  const hours = await sessionFiles(lake, tier.trades, session);
  const files = hours.flatMap(({ files }) => files.map((file) => [tier.trades, file] as const));
  const found = instrumentsIn(lake, symbol, files);
  if (found.length > 1) {
    throw new LakeError(
      `Cannot use ${date}: its trades hold ${
        found.map(({ contract }) => contract).join(", ")
      }; run deno task filter --date ${date}`,
      lake.root,
    );
  }
  return found[0];
}

/** What a session's history is read from. */
export interface HistoryInputs {
  /** Relative paths of the earlier sessions' regular trades and of the recorded rolls. */
  files: string[];
  /** Contract of each earlier session by date. */
  contracts: Record<string, string>;
}

function earlierSessions(session: Session, config: Config): Session[] {
  const earlier: Session[] = [];
  for (let date = session.date; earlier.length < config.levels.historySessions;) {
    date = previousTradingDay(date);
    earlier.unshift(sessionOf(date));
  }
  return earlier;
}

/** A session's trade files of the hours that hold its regular session. */
async function regularFiles(lake: Lake, table: TableSchema, session: Session): Promise<string[]> {
  const hour = (ns: bigint) => Number(ns / 3_600_000_000_000n);
  const found = await sessionFiles(lake, table, session);
  return found.filter((f) => f.hour >= hour(session.openNs) && f.hour <= hour(session.closeNs - 1n)).flatMap((
    f,
  ) => f.files);
}

/** Names what {@linkcode readHistory} will read, for the content key. */
export async function historyInputs(
  lake: Lake,
  tier: Tier,
  session: Session,
  config: Config,
): Promise<HistoryInputs> {
  const files: string[] = [], contracts: Record<string, string> = {};
  for (const earlier of earlierSessions(session, config)) {
    const trades = await regularFiles(lake, tier.trades, earlier);
    files.push(...trades, ...await parquetFiles(lake, sessionFolder(FUTURES_ROLLS, earlier.date)));
    const found = trades.length > 0 ? await contractOf(lake, tier, earlier, config.market.symbol) : undefined;
    if (found) contracts[earlier.date] = found.contract;
  }
  return { files, contracts };
}

/**
 * The history of a session: what earlier sessions in the lake left, in this contract's prices. A session of the same
 * instrument needs no shift, whatever it was called there.
 *
 * @param lake The lake.
 * @param tier Where earlier trades are read from.
 * @param session The session to come.
 * @param current Its contract.
 * @param config How many sessions.
 */
export async function readHistory(
  lake: Lake,
  tier: Tier,
  session: Session,
  current: Instrument,
  config: Config,
): Promise<History> {
  const { symbol } = config.market;
  const earlier: EarlierSession[] = [], rolls: Roll[] = [];
  for (const past of earlierSessions(session, config)) {
    const files = await regularFiles(lake, tier.trades, past);
    const found = files.length > 0 ? await contractOf(lake, tier, past, symbol) : undefined;
    if (found) {
      const trades = pricesOf(tier.tradesOf(lake, files), past);
      earlier.push({ session: past, contract: found.contract, trades });
      rolls.push(...sameInstrument(symbol, found));
    }
    rolls.push(...readRolls(lake, await parquetFiles(lake, sessionFolder(FUTURES_ROLLS, past.date))));
  }
  rolls.push(...sameInstrument(symbol, current));
  return historyFrom(earlier, { session, contract: current.contract }, rolls, config.levels);
}

/** A contract's name and its instrument cost the same: the way from a name to the other names of the instrument. */
function sameInstrument(symbol: string, { contract, instrumentId }: Instrument): Roll[] {
  if (instrumentId === undefined) return [];
  return [{ from: contract, to: fallbackName(symbol, instrumentId), spread: 0 }];
}

function pricesOf(trades: Batch, session: Session): EarlierSession["trades"] {
  const ts = relativeNs(i64(trades, "ts_event_ns"), session.startNs), price = f64(trades, "price");
  let n = 0;
  for (let i = 0; i < ts.length; i++) {
    if (!(price[i] > 0)) continue;
    ts[n] = ts[i];
    price[n++] = price[i];
  }
  return { length: n, ts, price };
}

function readRolls(lake: Lake, files: readonly string[]): Roll[] {
  const rows = readBatch(lake, FUTURES_ROLLS, files, ["from_contract", "to_contract", "spread_es"]);
  const from = strings(rows, "from_contract"),
    to = strings(rows, "to_contract"),
    spread = f64(rows, "spread_es");
  return Array.from(
    spread,
    (value, i) => ({ from: from.values[from.codes[i]], to: to.values[to.codes[i]], spread: value }),
  );
}
