/**
 * What each instrument traded in a session, rows set aside included.
 *
 * @module
 */
import {
  type Batch,
  canonicalNames,
  f64,
  i64,
  MINUTE_NS,
  type NamePair,
  namePairs,
  relativeNs,
  type Session,
  sessionHours,
  u32,
} from "../base/mod.ts";
import { type Lake, releaseMemory } from "../lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, type TableSchema } from "../schema/mod.ts";
import { hourPairs, readPair } from "./restore.ts";

/** One contract's part in a session. */
export interface ContractCount {
  /** Name it goes by in the session. */
  contract: string;
  /** Its instrument id. */
  instrumentId: number;
  /** Contracts traded in the regular session. */
  regular: number;
  /** Contracts traded before it opens. */
  beforeOpen: number;
  /** Contracts traded in the whole session. */
  whole: number;
  /** Book records. */
  books: number;
  /** Last price of each regular minute, NaN where it did not trade. */
  minutes: LastPrices;
}

/** The last price of each minute, whatever the order in which prices come. */
export interface LastPrices {
  /** Prices. */
  price: Float64Array;
  /** ns from the session's start of each price. */
  at: Float64Array;
  /** Sequence number of each price, the later of equal times. */
  seq: Float64Array;
}

/**
 * Counts the contracts of a session: its instruments, whatever their rows are called.
 *
 * @param lake The lake.
 * @param session The session.
 * @param symbol Product.
 * @returns The contracts, by instrument id.
 */
export async function countContracts(
  lake: Lake,
  session: Session,
  symbol: string,
): Promise<ContractCount[]> {
  const counts = new Map<number, ContractCount>(), pairs: NamePair[] = [];
  for (const hour of sessionHours(session)) {
    await countTable(lake, FUTURES_TRADES, hour, session, counts, pairs);
    await countTable(lake, FUTURES_MBP10, hour, session, counts, pairs);
  }
  for (const [id, name] of canonicalNames(symbol, pairs)) counts.get(id)!.contract = name;
  return [...counts.values()].sort((a, b) => a.instrumentId - b.instrumentId);
}

const TRADE_COLUMNS = ["ts_event_ns", "contract", "instrument_id", "price", "size", "seq"];
const BOOK_COLUMNS = ["contract", "instrument_id"];

async function countTable(
  lake: Lake,
  table: TableSchema,
  hour: number,
  session: Session,
  counts: Map<number, ContractCount>,
  pairs: NamePair[],
): Promise<void> {
  const trades = table === FUTURES_TRADES;
  for (const pair of await hourPairs(lake, table, hour)) {
    const { kept, aside } = readPair(lake, table, pair, trades ? TRADE_COLUMNS : BOOK_COLUMNS);
    // Whatever the reason: shares are the same before and after the filter, before and after dedup.
    for (const batch of [kept, aside]) {
      pairs.push(...namePairs(batch));
      if (trades) addTrades(batch, session, counts);
      else addBooks(batch, session, counts);
    }
    await releaseMemory(false);
  }
}

/** The count of an instrument; asked for where the instrument changes from row to row. */
function countOf(id: number, session: Session, counts: Map<number, ContractCount>): ContractCount {
  let count = counts.get(id);
  if (!count) counts.set(id, count = newCount(id, session));
  return count;
}

function newCount(instrumentId: number, session: Session): ContractCount {
  const minutes = Number(session.closeNs - session.openNs) / MINUTE_NS;
  const empty = () => new Float64Array(minutes).fill(NaN);
  return {
    contract: "",
    instrumentId,
    regular: 0,
    beforeOpen: 0,
    whole: 0,
    books: 0,
    minutes: { price: empty(), at: empty(), seq: empty() },
  };
}

function addBooks(batch: Batch, session: Session, counts: Map<number, ContractCount>): void {
  const id = u32(batch, "instrument_id");
  for (let i = 0, count: ContractCount | undefined; i < id.length; i++) {
    if (count?.instrumentId !== id[i]) count = countOf(id[i], session, counts);
    count.books++;
  }
}

function addTrades(batch: Batch, session: Session, counts: Map<number, ContractCount>): void {
  const ts = relativeNs(i64(batch, "ts_event_ns"), session.startNs);
  const open = Number(session.openNs - session.startNs), close = Number(session.closeNs - session.startNs);
  const id = u32(batch, "instrument_id"), price = f64(batch, "price"), size = u32(batch, "size");
  const seq = Float64Array.from(i64(batch, "seq"), Number);
  for (let i = 0, count: ContractCount | undefined; i < id.length; i++) {
    if (count?.instrumentId !== id[i]) count = countOf(id[i], session, counts);
    count.whole += size[i];
    if (ts[i] < open) count.beforeOpen += size[i];
    else if (ts[i] < close) {
      count.regular += size[i];
      if (!Number.isNaN(price[i])) {
        keepLast(count.minutes, Math.floor((ts[i] - open) / MINUTE_NS), price[i], ts[i], seq[i]);
      }
    }
  }
}

/** Of equal time and number the later in the file counts, as the feed tells several fills of one message in order. */
function keepLast(last: LastPrices, minute: number, price: number, at: number, seq: number): void {
  if (last.at[minute] > at || (last.at[minute] === at && last.seq[minute] > seq)) return;
  last.price[minute] = price;
  last.at[minute] = at;
  last.seq[minute] = seq;
}
