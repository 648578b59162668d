/**
 * What the live services write: touches as their bars close, and their labels when they are known.
 *
 * Joined by `event_id` they are the rows of `gold.signals`.
 *
 * @module
 */
import { CONFIG } from "../base/mod.ts";
import { FEATURES, GOLD_SIGNALS } from "./features.ts";
import type { TableSchema } from "./table.ts";

const OWNER = `underlying=${CONFIG.market.underlying}`;

function columnsOf(wanted: (name: string, available: string) => boolean): TableSchema["columns"] {
  const names = FEATURES.filter((f) => wanted(f.name, f.available)).map((f) => f.name);
  return Object.fromEntries(names.map((name) => [name, GOLD_SIGNALS.columns[name]]));
}

/** Touches with every feature, known when their bar closes. */
export const LIVE_SIGNALS: TableSchema = {
  name: "levels.signals",
  version: GOLD_SIGNALS.version,
  row: "a touch of a level with its features, written when its bar closed",
  location: { folder: "gold/levels/signals", owner: OWNER, by: "hour" },
  columns: columnsOf((_, available) => available !== "label"),
  writer: "live",
  readers: ["notebooks"],
};

/** Labels of those touches. */
export const LIVE_LABELS: TableSchema = {
  name: "levels.labels",
  version: GOLD_SIGNALS.version,
  row: "the labels of a touch, written when its last forward window was over",
  location: { folder: "gold/levels/labels", owner: OWNER, by: "hour" },
  columns: columnsOf((name, available) =>
    available === "label" || ["event_id", "date", "ts_ns"].includes(name)
  ),
  writer: "live",
  readers: ["notebooks"],
};
