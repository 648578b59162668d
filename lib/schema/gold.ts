/**
 * Gold's other tables: bars and the levels offered to each of them.
 *
 * @module
 */
import { column, type TableSchema } from "./table.ts";

const DATE = column("date", "days since 1970-01-01", "trade date");

/** One-minute bars of a session, all hours. */
export const GOLD_BARS: TableSchema = {
  name: "gold.bars",
  version: 1,
  row: "a one-minute bar with at least one trade",
  location: { folder: "gold/research", owner: "", by: "session" },
  columns: {
    date: DATE,
    ts_ns: column("i64", "ns UTC", "bar open"),
    contract: column("utf8", "–", "futures contract"),
    spy_per_es: column("f64", "SPY $ per ES point", "scale known at the bar's open"),
    open: column("f64", "ES points", "first price"),
    high: column("f64", "ES points", "highest price"),
    low: column("f64", "ES points", "lowest price"),
    close: column("f64", "ES points", "last price"),
    volume: column("f64", "contracts", "traded size"),
    trades: column("f64", "trades", "number of trades"),
  },
  writer: "gold",
  readers: ["report", "notebooks"],
};

/** Levels offered to each regular bar. */
export const GOLD_LEVELS: TableSchema = {
  name: "gold.levels",
  version: 1,
  row: "a level offered to a bar: its value from events before the bar's open",
  location: { folder: "gold/research", owner: "", by: "session" },
  columns: {
    date: DATE,
    ts_ns: column("i64", "ns UTC", "open of the bar it is offered to"),
    level_kind: column("utf8", "–", "kind of level"),
    level: column("f64", "$", "SPY dollars"),
    level_es: column("f64", "ES points", "futures points"),
  },
  writer: "gold",
  readers: ["causality", "report", "notebooks"],
};
