/**
 * Gold from Bronze, through Silver's functions: the same bytes as from Silver, and input that can be cut anywhere.
 *
 * @module
 */
import pl, { type DataFrame } from "nodejs-polars";
import {
  type Batch,
  concatBatches,
  type Config,
  f64,
  HOUR_NS,
  hourStartNs,
  i64,
  previousTradingDay,
  relativeNs,
  type Session,
  sessionHours,
  sessionOf,
} from "../base/mod.ts";
import { emptyBatch, fromFrame, type Lake } from "../lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES, type TableSchema } from "../schema/mod.ts";
import {
  advanceScale,
  allFiles,
  bronzeScale,
  type BronzeSession,
  bronzeSession,
  compactFrame,
  compactHour,
  enrich,
  type FuturesTape,
  newEnricher,
  readBronze,
  type Scale,
  scaleRows,
} from "../silver/mod.ts";
import { TRADE_COLUMNS } from "./append.ts";
import { BOOK_COLUMN_NAMES, booksWanted, type HourEvents } from "./sources.ts";
import type { Tier } from "./tier.ts";

/** The tier that reads what `backfill` and `options` wrote. */
export const BRONZE_TIER: Tier = {
  name: "bronze",
  trades: FUTURES_TRADES,
  async inputs(lake, session, config) {
    const wanted = booksWanted(session, config), bronze = await bronzeSession(lake, session);
    const before = await bronzeSession(lake, previousSessionOf(session));
    return [
      ...allFiles({ ...bronze, books: bronze.books.filter((f) => wanted(f.hour)) }),
      // The session before leaves its scale.
      ...allFiles({ ...before, books: [] }),
    ];
  },
  async *hours(lake, session, contract, config) {
    const source = new BronzeSource(lake, await bronzeSession(lake, session), config);
    yield* source.hours(contract, await bronzeScale(lake, previousTradingDay(session.date), config));
  },
  tradesOf: (lake, files) => {
    const byFolder = Map.groupBy(files, (file) => file.slice(0, file.lastIndexOf("/")));
    const hours = [...byFolder.values()].map((hour) =>
      fromFrame(FUTURES_TRADES, compactHour(lake, FUTURES_TRADES, hour).frame, ["ts_event_ns", "price"])
    );
    return hours.length > 0 ? concatBatches(hours) : emptyBatch(FUTURES_TRADES, ["ts_event_ns", "price"]);
  },
};

function previousSessionOf(session: Session): Session {
  return sessionOf(previousTradingDay(session.date));
}

/** One session's Bronze rows in memory, to be played whole or cut. */
export class BronzeSource {
  readonly #lake: Lake;
  readonly #bronze: BronzeSession;
  readonly #config: Config;
  readonly #raw = new Map<string, DataFrame>();
  readonly #keep: boolean;

  /**
   * A source of one session.
   *
   * @param lake The lake.
   * @param bronze The session's files.
   * @param config Windows.
   * @param keep Whether rows stay in memory to be played again; defaults to false.
   */
  constructor(lake: Lake, bronze: BronzeSession, config: Config, keep = false) {
    this.#lake = lake;
    this.#bronze = bronze;
    this.#config = config;
    this.#keep = keep;
  }

  /**
   * The session's events in time order, from Bronze rows before a cut.
   *
   * @param contract The session's contract.
   * @param before The scale the session before ended with, if known.
   * @param cut Rows at or after it are taken out before anything else is done, ns UTC; defaults to none.
   */
  async *hours(contract: string, before: Scale | undefined, cut?: bigint): AsyncGenerator<HourEvents> {
    const { session } = this.#bronze, wanted = booksWanted(session, this.#config);
    const enricher = newEnricher(session, contract, before, this.#config), tape = newTape();
    for (const hour of sessionHours(session)) {
      const trades = this.#compact(FUTURES_TRADES, this.#bronze.trades, hour, cut);
      const books = wanted(hour) ? this.#compact(FUTURES_MBP10, this.#bronze.books, hour, cut) : undefined;
      const prints = this.#compact(OPTIONS_TRADES, this.#bronze.options, hour, cut);
      const es = trades
        ? fromFrame(FUTURES_TRADES, trades, TRADE_COLUMNS)
        : emptyBatch(FUTURES_TRADES, TRADE_COLUMNS);
      grow(tape, es, session);
      const options = enrich(
        enricher,
        prints ? fromFrame(OPTIONS_TRADES, prints) : emptyBatch(OPTIONS_TRADES),
        tape,
      );
      advanceScale(
        enricher.scaler,
        Number(hourStartNs(hour) - session.startNs) + HOUR_NS,
        this.#config.scale,
      );
      yield {
        hour,
        trades: es,
        books: books
          ? fromFrame(FUTURES_MBP10, books, BOOK_COLUMN_NAMES)
          : emptyBatch(FUTURES_MBP10, BOOK_COLUMN_NAMES),
        options,
        scale: scaleRows(enricher.scaler),
      };
    }
  }

  #compact(
    table: TableSchema,
    hours: readonly { hour: number; files: string[] }[],
    hour: number,
    cut: bigint | undefined,
  ): DataFrame | undefined {
    const files = hours.find((h) => h.hour === hour)?.files;
    if (!files || (cut !== undefined && hourStartNs(hour) >= cut)) return undefined;
    const name = `${table.name} ${hour}`;
    const raw = this.#raw.get(name) ?? readBronze(this.#lake, table, files);
    if (this.#keep) this.#raw.set(name, raw);
    // The literal goes through text: a bigint in an expression is rounded to a double.
    const known = cut === undefined || hourStartNs(hour + 1) <= cut
      ? raw
      : raw.filter(pl.col("ts_event_ns").lt(pl.lit(String(cut)).cast(pl.Int64)));
    return compactFrame(table, known).frame;
  }
}

function newTape(): FuturesTape {
  return { length: 0, ts: new Float64Array(0), price: new Float64Array(0) };
}

/** Appends an hour's trades, copying what is there once an hour. */
function grow(tape: FuturesTape, trades: Batch, session: Session): void {
  const ts = new Float64Array(tape.length + trades.length), price = new Float64Array(ts.length);
  ts.set(tape.ts.subarray(0, tape.length));
  price.set(tape.price.subarray(0, tape.length));
  ts.set(relativeNs(i64(trades, "ts_event_ns"), session.startNs), tape.length);
  price.set(f64(trades, "price"), tape.length);
  Object.assign(tape, { length: ts.length, ts, price });
}
