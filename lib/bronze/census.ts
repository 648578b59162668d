/**
 * What each contract traded in a session, rows set aside included.
 *
 * @module
 */
import {
  type Batch,
  f64,
  i64,
  MINUTE_NS,
  relativeNs,
  type Session,
  sessionHours,
  type Strings,
  strings,
  u32,
} from "../base/mod.ts";
import { type Lake, releaseMemory } from "../lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, type TableSchema } from "../schema/mod.ts";
import { hourPairs, readPair } from "./restore.ts";

/** One contract's part in a session. */
export interface ContractCount {
  /** Name. */
  contract: string;
  /** Lowest of its instrument ids. */
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
 * Counts the contracts of a session.
 *
 * @param lake The lake.
 * @param session The session.
 * @returns The contracts, by instrument id.
 */
export async function countContracts(lake: Lake, session: Session): Promise<ContractCount[]> {
  const counts = new Map<string, ContractCount>();
  for (const hour of sessionHours(session)) {
    await countTable(lake, FUTURES_TRADES, hour, session, counts);
    await countTable(lake, FUTURES_MBP10, hour, session, counts);
  }
  return [...counts.values()].sort((a, b) => a.instrumentId - b.instrumentId);
}

const TRADE_COLUMNS = ["ts_event_ns", "contract", "instrument_id", "price", "size", "seq"];
const BOOK_COLUMNS = ["contract", "instrument_id"];

async function countTable(
  lake: Lake,
  table: TableSchema,
  hour: number,
  session: Session,
  counts: Map<string, ContractCount>,
): Promise<void> {
  const trades = table === FUTURES_TRADES;
  for (const pair of await hourPairs(lake, table, hour)) {
    const { kept, aside } = readPair(lake, table, pair, trades ? TRADE_COLUMNS : BOOK_COLUMNS);
    // Whatever the reason: shares are the same before and after the filter, before and after dedup.
    for (const batch of [kept, aside]) {
      if (trades) addTrades(batch, session, counts);
      else addBooks(batch, session, counts);
    }
    await releaseMemory(false);
  }
}

/** The count of each value of a batch's `contract`. */
function countsOf(batch: Batch, session: Session, counts: Map<string, ContractCount>): ContractCount[] {
  const { values } = strings(batch, "contract");
  return values.map((contract) => {
    let count = counts.get(contract);
    if (!count) counts.set(contract, count = newCount(contract, session));
    return count;
  });
}

function newCount(contract: string, session: Session): ContractCount {
  const minutes = Number(session.closeNs - session.openNs) / MINUTE_NS;
  const empty = () => new Float64Array(minutes).fill(NaN);
  return {
    contract,
    instrumentId: Infinity,
    regular: 0,
    beforeOpen: 0,
    whole: 0,
    books: 0,
    minutes: { price: empty(), at: empty(), seq: empty() },
  };
}

function addBooks(batch: Batch, session: Session, counts: Map<string, ContractCount>): void {
  const of = countsOf(batch, session, counts);
  const { codes }: Strings = strings(batch, "contract");
  const id = u32(batch, "instrument_id");
  for (let i = 0; i < codes.length; i++) {
    const count = of[codes[i]];
    count.books++;
    if (id[i] < count.instrumentId) count.instrumentId = id[i];
  }
}

function addTrades(batch: Batch, session: Session, counts: Map<string, ContractCount>): void {
  const of = countsOf(batch, session, counts);
  const { codes }: Strings = strings(batch, "contract");
  const ts = relativeNs(i64(batch, "ts_event_ns"), session.startNs);
  const open = Number(session.openNs - session.startNs), close = Number(session.closeNs - session.startNs);
  const id = u32(batch, "instrument_id"), price = f64(batch, "price"), size = u32(batch, "size");
  const seq = Float64Array.from(i64(batch, "seq"), Number);
  for (let i = 0; i < codes.length; i++) {
    const count = of[codes[i]];
    if (id[i] < count.instrumentId) count.instrumentId = id[i];
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
