/**
 * A session's events, hour by hour, from Silver.
 *
 * @module
 */
import {
  type Batch,
  type Config,
  hourStartNs,
  i64,
  MINUTE_NS,
  relativeNs,
  type Session,
  sessionHours,
} from "../base/mod.ts";
import { emptyBatch, type Lake, parquetFiles, readBatch, sessionFiles, sessionFolder } from "../lake/mod.ts";
import {
  BOOK_LEVELS,
  SILVER_MBP10,
  SILVER_OPTIONS,
  SILVER_SCALE,
  SILVER_TRADES,
  type TableSchema,
} from "../schema/mod.ts";
import { OPTION_COLUMNS, TRADE_COLUMNS } from "./append.ts";

/** Events of one UTC hour of a session, each table in time order. */
export interface HourEvents {
  /** The hour, UTC hours since the epoch. */
  hour: number;
  /** Rows with {@linkcode TRADE_COLUMNS}. */
  trades: Batch;
  /** Rows with {@linkcode BOOK_COLUMN_NAMES}; empty in hours that no window looks at. */
  books: Batch;
  /** Rows with {@linkcode OPTION_COLUMNS}. */
  options: Batch;
  /** Rows of the scale table, at least those that hold at some moment of the hour. */
  scale: Batch;
}

/** Columns of Silver books that Gold reads. */
export const BOOK_COLUMN_NAMES: readonly string[] = [
  "ts_event_ns",
  "action",
  "side",
  "price",
  "size",
  ...["bid_px", "bid_sz", "ask_px", "ask_sz"].flatMap((c) =>
    Array.from({ length: BOOK_LEVELS }, (_, i) => `${c}_${i + 1}`)
  ),
  "is_snapshot",
  "flags",
];

/**
 * Whether Gold looks at the books of an hour: the trailing window before the open, to the close.
 *
 * @param session The session.
 * @param config The barrier's windows.
 */
export function booksWanted(session: Session, config: Pick<Config, "barrier">): (hour: number) => boolean {
  const from = session.openNs - BigInt(config.barrier.trailingMinutes * MINUTE_NS);
  return (hour) => hourStartNs(hour + 1) > from && hourStartNs(hour) < session.closeNs;
}

/**
 * A session's Silver events in time order: every hour of the session, also those without events.
 *
 * @param lake The lake.
 * @param session The session.
 * @param config The barrier's windows.
 */
export async function* silverHours(
  lake: Lake,
  session: Session,
  config: Pick<Config, "barrier">,
): AsyncGenerator<HourEvents> {
  const filesOf = async (table: TableSchema) =>
    new Map((await sessionFiles(lake, table, session)).map(({ hour, files }) => [hour, files]));
  const trades = await filesOf(SILVER_TRADES),
    books = await filesOf(SILVER_MBP10),
    options = await filesOf(SILVER_OPTIONS);
  const scale = readBatch(
    lake,
    SILVER_SCALE,
    await parquetFiles(lake, sessionFolder(SILVER_SCALE, session.date)),
  );
  const wanted = booksWanted(session, config);
  for (const hour of sessionHours(session)) {
    yield {
      hour,
      trades: readBatch(lake, SILVER_TRADES, trades.get(hour) ?? [], TRADE_COLUMNS),
      books: wanted(hour)
        ? readBatch(lake, SILVER_MBP10, books.get(hour) ?? [], BOOK_COLUMN_NAMES)
        : emptyBatch(SILVER_MBP10, BOOK_COLUMN_NAMES),
      options: readBatch(lake, SILVER_OPTIONS, options.get(hour) ?? [], OPTION_COLUMNS),
      scale,
    };
  }
}

/** Times of a batch in ns since session start, for slicing. */
export function offsetsOf(batch: Batch, session: Session): Float64Array {
  return relativeNs(i64(batch, "ts_event_ns"), session.startNs);
}
