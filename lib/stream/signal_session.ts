/**
 * One session's signals, minute by minute, from rows as they arrive: the same calls as the batch build makes.
 *
 * @module
 */
import {
  type Batch,
  hoursOf,
  i64,
  MINUTE_NS,
  relativeNs,
  SECOND_NS,
  strings,
  takeRows,
} from "../base/mod.ts";
import {
  BOOK_COLUMN_NAMES,
  booksWanted,
  SessionBuilder,
  type SessionInputs,
  TRADE_COLUMNS,
} from "../gold/mod.ts";
import { labelTouches } from "../labels/mod.ts";
import { emptyBatch } from "../lake/mod.ts";
import {
  FUTURES_MBP10,
  FUTURES_TRADES,
  LIVE_LABELS,
  OPTIONS_TRADES,
  type TableSchema,
} from "../schema/mod.ts";
import { advanceScale, enrich, type Enricher, newEnricher, type Scale } from "../silver/mod.ts";
import { Reorder } from "./reorder.ts";

/** Columns that a row needs besides those that features read. */
const ORDER_COLUMNS = ["ts_event_ns", "seq", "row"];

/** Columns kept of each table; of options all but `source`, as enrichment hands them on. */
const KEPT: ReadonlyMap<TableSchema, readonly string[]> = new Map([
  [FUTURES_TRADES, [...new Set([...TRADE_COLUMNS, ...ORDER_COLUMNS])]],
  [FUTURES_MBP10, [...new Set([...BOOK_COLUMN_NAMES, ...ORDER_COLUMNS])]],
  [
    OPTIONS_TRADES,
    Object.keys(OPTIONS_TRADES.columns).filter((name) => name !== "source" && name !== "ingest"),
  ],
]);

/** What a closed minute gave. */
export interface ClosedMinute {
  /** Its number, whole minutes since the session's start. */
  minute: number;
  /** Features of its touches; undefined without any. */
  signals?: Batch;
  /** Labels that are known now, of touches that had none; undefined without any. */
  labels?: Batch;
  /** Whether it has a bar. */
  bar: boolean;
}

/** A session in the making, fed with rows in any order. */
export class SignalSession {
  /** What it is built from. */
  readonly inputs: SessionInputs;
  /** Minutes before this one are closed; minutes since the session's start. */
  nextMinute = 0;
  readonly #builder: SessionBuilder;
  readonly #enricher: Enricher;
  readonly #waiting: Map<TableSchema, Reorder>;
  readonly #wanted: (hour: number) => boolean;
  readonly #span: number;
  #signals = 0;
  #labelled = 0;

  /**
   * @param inputs Session, contract, history, config.
   * @param previous What the previous session's scale ended with, if known.
   */
  constructor(inputs: SessionInputs, previous: Scale | undefined) {
    const { session, contract, config } = inputs;
    this.inputs = inputs;
    this.#builder = new SessionBuilder(inputs);
    this.#enricher = newEnricher(session, contract, previous, config);
    this.#wanted = booksWanted(session, config);
    this.#waiting = new Map(
      [...KEPT].map(([table, names]) => [table, new Reorder(emptyBatch(table, names), session.startNs)]),
    );
    const { horizons, forwardSeconds } = config.labels;
    this.#span = Math.max(...horizons) * MINUTE_NS + forwardSeconds * SECOND_NS;
  }

  /** Minutes of the session. */
  get minutes(): number {
    const { session } = this.inputs;
    return Number(session.endNs - session.startNs) / MINUTE_NS;
  }

  /** Rows that wait for their minute to close. */
  get waiting(): number {
    return [...this.#waiting.values()].reduce((n, { length }) => n + length, 0);
  }

  /** Moment before which nothing is accepted any more, ns UTC. */
  get closedNs(): bigint {
    return this.inputs.session.startNs + BigInt(this.nextMinute) * BigInt(MINUTE_NS);
  }

  /**
   * Takes rows of this session that are not before {@linkcode closedNs}; rows of other contracts are passed over.
   *
   * @param table Their table.
   * @param rows All its columns but `source` and `ingest`.
   */
  add(table: TableSchema, rows: Batch): void {
    const kept = KEPT.get(table);
    if (!kept) return;
    const mine = table === OPTIONS_TRADES ? rows : this.#ofInterest(table, rows);
    const columns = Object.fromEntries(kept.map((name) => [name, mine.columns[name]]));
    this.#waiting.get(table)!.add({ length: mine.length, columns });
  }

  /** Rows of the session's contract; of books those in hours that some window looks at. */
  #ofInterest(table: TableSchema, rows: Batch): Batch {
    const { codes, values } = strings(rows, "contract"), own = values.indexOf(this.inputs.contract);
    const hours = table === FUTURES_MBP10 ? hoursOf(i64(rows, "ts_event_ns")) : undefined;
    const picked = Uint32Array.from(codes.keys()).filter((i) =>
      codes[i] === own && (hours === undefined || this.#wanted(hours[i]))
    );
    return picked.length === rows.length ? rows : takeRows(rows, picked);
  }

  /** Closes the next minute: opens it with the scale and levels known at its start, appends its rows, makes its bar. */
  closeNext(): ClosedMinute {
    const { session, config } = this.inputs, builder = this.#builder, minute = this.nextMinute++;
    const ts = minute * MINUTE_NS, endNs = this.closedNs;
    const rows = (table: TableSchema) => this.#waiting.get(table)!.take(endNs);
    advanceScale(this.#enricher.scaler, ts, config.scale);
    const { spyPerEs, source } = this.#enricher.scaler.now;
    builder.openMinute(ts, { spyPerEs, source });
    builder.appendTrades(rows(FUTURES_TRADES));
    const prints = rows(OPTIONS_TRADES);
    if (prints.length > 0) builder.appendOptions(enrich(this.#enricher, prints, builder.state.tape));
    builder.appendBooks(rows(FUTURES_MBP10));
    const bars = builder.state.bars.length, touches = builder.closeMinute();
    const closed: ClosedMinute = { minute, bar: builder.state.bars.length > bars };
    if (touches > 0) {
      closed.signals = builder.features(this.#signals);
      this.#signals += touches;
    }
    const labels = this.#newLabels(this.nextMinute === this.minutes);
    if (labels) closed.labels = labels;
    if (session.endNs < endNs) throw new RangeError(`Cannot close minute ${minute}: the session is over`);
    return closed;
  }

  /** Labels of the touches whose windows are over, at the session's end of all that are left. */
  #newLabels(all: boolean): Batch | undefined {
    const { touches, state, sigma } = this.#builder, { tape } = state, first = this.#labelled;
    const known = tape.length > 0 ? tape.ts[tape.length - 1] : -Infinity;
    let last = first;
    while (last < touches.length && (all || touches[last].ts + this.#span < known)) last++;
    if (last === first) return undefined;
    this.#labelled = last;
    // A row's weight depends on the touches whose spans meet its own, and on no others.
    let from = first, to = last;
    while (from > 0 && touches[from - 1].ts + this.#span > touches[first].ts) from--;
    while (to < touches.length && touches[to].ts < touches[last - 1].ts + this.#span) to++;
    const { session, config } = this.inputs;
    const labels = labelTouches(touches.slice(from, to), tape, state.mids, {
      sigma: Float64Array.from(sigma.slice(from, to)),
      startNs: session.startNs,
      knownUntil: known,
      config,
    });
    const rows = Uint32Array.from({ length: last - first }, (_, i) => first - from + i);
    const identity = takeRows(
      this.#builder.features(first),
      Uint32Array.from({ length: last - first }, (_, i) => i),
    );
    const columns = { ...identity.columns, ...takeRows(labels, rows).columns };
    return {
      length: last - first,
      columns: Object.fromEntries(Object.keys(LIVE_LABELS.columns).map((name) => [name, columns[name]])),
    };
  }
}

/** Splits rows at a moment: those before it, and the others. */
export function splitAt(rows: Batch, ns: bigint): { before: Batch; after: Batch } {
  const ts = relativeNs(i64(rows, "ts_event_ns"), ns), all = Uint32Array.from(ts.keys());
  const before = all.filter((i) => ts[i] < 0);
  if (before.length === 0) return { before: takeRows(rows, before), after: rows };
  return { before: takeRows(rows, before), after: takeRows(rows, all.filter((i) => ts[i] >= 0)) };
}
