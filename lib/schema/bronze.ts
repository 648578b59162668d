/**
 * Bronze tables: every field of the feed, as it came.
 *
 * @module
 */
import { CONFIG } from "../base/mod.ts";
import { asSent, column, type ColumnSpec, type TableSchema } from "./table.ts";

const ES = `symbol=${CONFIG.market.symbol}`;
const SPY = `underlying=${CONFIG.market.underlying}`;

/** Depth levels of an MBP-10 book. */
export const BOOK_LEVELS = 10;

const STAMPS: Record<string, ColumnSpec> = {
  ts_event_ns: column("i64", "ns UTC", "when the venue says it happened"),
  ts_recv_ns: asSent(column("i64", "ns UTC", "when the feed's server received it")),
};
const ORIGIN: Record<string, ColumnSpec> = {
  source: column("utf8", "–", "kind of source: dbn, nats, flatfile, rest or simulated"),
  ingest: column(
    "utf8",
    "–",
    "first 12 hex of the source's sha256 and -n, the n-th ingest of it; a stream's name and date",
  ),
  row: column("i64", "rows", "ordinal in the ingest, from 0"),
};
const INSTRUMENT: Record<string, ColumnSpec> = {
  contract: column(
    "utf8",
    "–",
    "outright contract such as ESZ5, or ES_<instrument_id> where no name is known",
  ),
  instrument_id: column("u32", "–", "the venue's instrument id"),
  publisher_id: column("u16", "–", "the feed's publisher id"),
};
const DELTA = { ts_in_delta: column("i32", "ns", "ts_recv_ns minus the venue's sending time") };

/** ES trades as the feed reports them. */
export const FUTURES_TRADES: TableSchema = {
  name: "futures.trades",
  version: 1,
  row: "a trade of an ES future",
  location: { folder: "bronze/futures/trades", owner: ES, by: "hour" },
  writer: "backfill",
  readers: ["audit", "filter", "dedup", "silver", "gold", "causality", "replay"],
  columns: {
    ...STAMPS,
    ...DELTA,
    ...ORIGIN,
    ...INSTRUMENT,
    price: column("f64", "ES points", "trade price", true),
    size: column("u32", "contracts", "trade size"),
    side: column("utf8", "–", "side as in the feed: B buy aggressor, A sell aggressor, N none"),
    aggressor: column("i8", "–", "+1 buyer, −1 seller, 0 unknown"),
    action: column("utf8", "–", "T trade; others as in the feed"),
    depth: column("u8", "levels", "book level of the event"),
    flags: column("u8", "bits", "0x80 last of event, 0x20 snapshot, 0x08 bad ts_recv, 0x04 maybe-bad book"),
    seq: column("i64", "–", "channel-wide sequence number"),
  },
};

/** The ten price levels' columns, in file order: bid prices, bid sizes, ask prices, ask sizes, counts. */
export const BOOK_COLUMNS: Record<string, ColumnSpec> = {
  ...ladder("bid_px", "f64", "ES points", "bid price of level", true),
  ...ladder("bid_sz", "u32", "contracts", "bid size of level"),
  ...ladder("ask_px", "f64", "ES points", "ask price of level", true),
  ...ladder("ask_sz", "u32", "contracts", "ask size of level"),
  ...ladder("bid_ct", "u32", "orders", "bid orders of level"),
  ...ladder("ask_ct", "u32", "orders", "ask orders of level"),
};

function ladder(prefix: string, dtype: "f64" | "u32", unit: string, text: string, nullable = false) {
  return Object.fromEntries(
    Array.from({ length: BOOK_LEVELS }, (_, i) => [
      `${prefix}_${i + 1}`,
      column(dtype, unit, `${text} ${i + 1}${nullable ? ", null where the level is empty" : ""}`, nullable),
    ]),
  );
}

/** ES order book, ten levels, a row a record of the feed. */
export const FUTURES_MBP10: TableSchema = {
  name: "futures.mbp10",
  version: 1,
  row: "a record of the ten-level ES order book: an event and the book with it",
  location: { folder: "bronze/futures/mbp10", owner: ES, by: "hour" },
  writer: "backfill",
  readers: ["audit", "filter", "dedup", "silver", "gold", "causality", "replay"],
  columns: {
    ...STAMPS,
    ...DELTA,
    ...ORIGIN,
    ...INSTRUMENT,
    action: column("utf8", "–", "A add, C cancel, M modify, R clear, T trade, F fill"),
    side: column("utf8", "–", "side of the book (of a trade: the aggressor); N none or both"),
    depth: column("u8", "levels", "book level of the event, 0 best"),
    price: column("f64", "ES points", "price of the event", true),
    size: column("u32", "contracts", "size of the event; of a modify the order's new size"),
    ...BOOK_COLUMNS,
    is_snapshot: column("bool", "–", "whether the record is part of a snapshot (flag 0x20)"),
    flags: column("u8", "bits", "0x80 last of event, 0x20 snapshot, 0x08 bad ts_recv, 0x04 maybe-bad book"),
    seq: column("i64", "–", "channel-wide sequence number"),
  },
};

/** SPY option prints, every expiration. */
export const OPTIONS_TRADES: TableSchema = {
  name: "options.trades",
  version: 1,
  row: "a print of a SPY option",
  location: { folder: "bronze/options/trades", owner: SPY, by: "hour" },
  writer: "options",
  readers: ["audit", "dedup", "silver", "gold", "causality", "replay"],
  columns: {
    ...STAMPS,
    ...ORIGIN,
    underlying: column("utf8", "–", "root of the option symbol"),
    option_symbol: column("utf8", "–", "OCC ticker with O: prefix"),
    exp_date: column("date", "days since 1970-01-01", "expiration date"),
    strike: column("f64", "$", "strike"),
    right: column("utf8", "–", "C call, P put"),
    price: column("f64", "$", "print price of one share's worth"),
    size: column("u32", "contracts", "print size"),
    aggressor: column("i8", "–", "0 in Bronze: the feed has none, Silver signs"),
    exchange: column("i16", "–", "exchange code of the feed"),
    conditions: column("utf8", "–", "condition codes as in the feed, comma separated", true),
    correction: column("i16", "–", "correction indicator; not 0 means cancelled or corrected", true),
    seq: column("i64", "–", "sequence number where the feed has one", true),
  },
};

/** Calendar spread at a roll, recorded by the filter before it takes the other contract's rows out. */
export const FUTURES_ROLLS: TableSchema = {
  name: "futures.rolls",
  version: 1,
  row: "the price of the next contract over the current one, at the end of a session's common minutes",
  location: { folder: "bronze/futures/rolls", owner: ES, by: "session" },
  writer: "filter",
  readers: ["gold", "audit", "report"],
  columns: {
    date: column("date", "days since 1970-01-01", "trade date measured"),
    from_contract: column("utf8", "–", "contract of this session"),
    to_contract: column("utf8", "–", "contract of the next session"),
    spread_es: column("f64", "ES points", "median over the minutes of to − from, last prices"),
    minutes: column("i32", "minutes", "common regular minutes in the median"),
    as_of_ns: column("i64", "ns UTC", "end of the last minute used"),
  },
};
