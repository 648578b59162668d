/**
 * Silver tables: deduplicated, sorted, options enriched.
 *
 * @module
 */
import { FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES } from "./bronze.ts";
import { column, type TableSchema, without } from "./table.ts";

/** ES trades of the chosen contract, deduplicated, in time order. */
export const SILVER_TRADES: TableSchema = {
  ...FUTURES_TRADES,
  name: "silver.futures.trades",
  location: { ...FUTURES_TRADES.location, folder: "silver/futures/trades" },
  columns: without(FUTURES_TRADES.columns, "ingest", "row"),
  writer: "silver",
  readers: ["gold", "report"],
};

/** ES books of the chosen contract, deduplicated, in time order. */
export const SILVER_MBP10: TableSchema = {
  ...FUTURES_MBP10,
  name: "silver.futures.mbp10",
  location: { ...FUTURES_MBP10.location, folder: "silver/futures/mbp10" },
  columns: without(FUTURES_MBP10.columns, "ingest", "row"),
  writer: "silver",
  readers: ["gold", "report"],
};

/** Option prints with aggressor, spot, volatility and greeks. */
export const SILVER_OPTIONS: TableSchema = {
  ...OPTIONS_TRADES,
  name: "silver.options.trades_enriched",
  location: { ...OPTIONS_TRADES.location, folder: "silver/options/trades_enriched" },
  columns: {
    ...without(OPTIONS_TRADES.columns, "ingest", "row", "aggressor"),
    aggressor: column(
      "i8",
      "–",
      "+1 buyer, −1 seller, 0 unknown, late, cancelled or multi-leg (against the contract's last print, repriced)",
    ),
    flow: column("bool", "–", "whether the print counts in the flow: not cancelled, not corrected"),
    single_leg: column("bool", "–", "whether the print is neither late, multi-leg nor stock-tied"),
    spot: column("f64", "$", "last ES trade at or before the print × spy_per_es", true),
    spy_per_es: column("f64", "SPY $ per ES point", "scale at the print", true),
    t_years: column(
      "f64",
      "trading years",
      "trading seconds to the close / (252 × 6.5 × 3600), at least 5 minutes",
      true,
    ),
    iv: column(
      "f64",
      "per √trading year",
      "implied volatility in trading time, about 2.3× below calendar-time vendors",
      true,
    ),
    iv_source: column("utf8", "–", "trade, other_right, surface, carried or default", true),
    delta: column("f64", "shares per share", "Black–Scholes delta", true),
    gamma: column("f64", "per $", "Black–Scholes gamma", true),
    dealer_flow: column("f64", "shares per $", "−aggressor × size × gamma × 100", true),
  },
  writer: "silver",
  readers: ["gold", "report"],
};

/** SPY per ES, a row a minute in which it is known to have changed. */
export const SILVER_SCALE: TableSchema = {
  name: "silver.scale",
  version: 1,
  row: "the scale from a minute on, until the next row",
  location: { folder: "silver/scale", owner: OPTIONS_TRADES.location.owner, by: "session" },
  columns: {
    ts_ns: column("i64", "ns UTC", "start of the minute from which the scale holds"),
    contract: column("utf8", "–", "futures contract it converts"),
    spy_per_es: column("f64", "SPY $ per ES point", "the scale"),
    scale_source: column("utf8", "–", "parity, previous or fixed"),
    pairs: column("i32", "pairs", "pairs in the median"),
  },
  writer: "silver",
  readers: ["silver", "gold", "report", "audit"],
};
