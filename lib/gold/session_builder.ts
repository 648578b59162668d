/**
 * One session's Gold, minute by minute: the batch build is the stream played fast.
 *
 * For each minute, in this order: `openMinute` offers levels from what has happened; events of the minute are
 * appended; `closeMinute` makes the bar, its touches and their features. Nothing later can have been seen.
 *
 * @module
 */
import {
  type Batch,
  type Config,
  dayNumber,
  f64,
  i64,
  MINUTE_NS,
  type Session,
  strings,
} from "../base/mod.ts";
import {
  appendBooks,
  appendSweeps,
  appendTouch,
  type BarContext,
  barContext,
  barrierFeatures,
  closeMinute as closeBooks,
  derivedFeatures,
  distanceOf,
  dropBefore,
  type Ledger,
  newLedger,
  newSweeps,
  newTouchLog,
  quoteFeatures,
  signedDistanceOf,
  type Sweeps,
  tapeFeatures,
  type TouchLog,
} from "../features/mod.ts";
import { labelTouches } from "../labels/mod.ts";
import {
  closeBar,
  type History,
  type Level,
  LEVEL_KINDS,
  levelsAt,
  newBoard,
  newSession,
  type OptionBoard,
  type SessionState,
  type Touch,
  touchesOf,
} from "../levels/mod.ts";
import { FEATURES, GOLD_BARS, GOLD_LEVELS, GOLD_SIGNALS } from "../schema/mod.ts";
import { appendOptions, appendTrades } from "./append.ts";
import { eventId } from "./identity.ts";
import { Sink } from "./sink.ts";

/** What a session is built from besides its events. */
export interface SessionInputs {
  /** The calendar's session. */
  session: Session;
  /** Futures contract of the date. */
  contract: string;
  /** What earlier sessions left. */
  history: History;
  /** Windows and thresholds. */
  config: Config;
}

/** The three Gold tables of a session. */
export interface SessionTables {
  /** Rows of features.json. */
  signals: Batch;
  /** One-minute bars. */
  bars: Batch;
  /** Levels offered to each regular bar. */
  levels: Batch;
}

/** Columns known when a bar closes: all but the labels. */
export const FEATURE_COLUMNS: readonly string[] = FEATURES.filter((f) => f.available !== "label").map((f) =>
  f.name
);

/** Builds one session. Feed it minutes in order. */
export class SessionBuilder {
  /** The session so far; live services read its counters. */
  readonly state: SessionState;
  /** Touches so far, in row order. */
  readonly touches: Touch[] = [];
  /** σ of each touch, dollars. */
  readonly sigma: number[] = [];
  readonly #inputs: SessionInputs;
  readonly #board: OptionBoard = newBoard();
  readonly #ledger: Ledger;
  readonly #sweeps: Sweeps = newSweeps();
  readonly #log: TouchLog = newTouchLog();
  readonly #signals = new Sink(GOLD_SIGNALS, FEATURE_COLUMNS);
  readonly #bars = new Sink(GOLD_BARS);
  readonly #levels = new Sink(GOLD_LEVELS);
  #minute = -MINUTE_NS;
  #offered: Level[] = [];
  #scale: Scale;

  /**
   * A session before its first minute.
   *
   * @param inputs Session, contract, history, config.
   */
  constructor(inputs: SessionInputs) {
    this.#inputs = inputs;
    this.state = newSession(inputs.session, inputs.history);
    this.#ledger = newLedger(inputs.session.startNs, inputs.config, this.state.mids);
    this.#scale = { spyPerEs: inputs.config.scale.fixed, source: "fixed" };
  }

  /**
   * Opens the minute at `ts`: fixes its scale and the levels offered to its bar.
   *
   * @param ts Minute start, ns since session start, after every minute opened before.
   * @param scale The scale known at `ts`.
   * @returns Levels offered; none outside the regular session.
   */
  openMinute(ts: number, scale: Scale): Level[] {
    const { state } = this, { config, session } = this.#inputs;
    this.#minute = ts;
    this.#scale = config.scale.mode === "fixed" ? { spyPerEs: config.scale.fixed, source: "fixed" } : scale;
    const regular = ts >= state.at.open && ts < state.at.close;
    this.#offered = regular ? levelsAt(state, this.#board, ts, this.#scale.spyPerEs, config) : [];
    const date = dayNumber(session.date), tsNs = session.startNs + BigInt(ts);
    for (const { kind, level, levelEs } of this.#offered) {
      this.#levels.add({ date, ts_ns: tsNs, level_kind: LEVEL_KINDS[kind], level, level_es: levelEs });
    }
    return this.#offered;
  }

  /** Appends trades of the open minute, in time order. */
  appendTrades(trades: Batch): void {
    appendTrades(this.state, trades);
  }

  /** Appends enriched option prints of the open minute, in time order. */
  appendOptions(prints: Batch): void {
    appendOptions(this.state, prints);
  }

  /** Appends book records of the open minute, in time order. */
  appendBooks(books: Batch): void {
    appendBooks(this.#ledger, books);
  }

  /**
   * Closes the open minute.
   *
   * @returns Number of touches it made; their rows are the last of {@linkcode features}.
   */
  closeMinute(): number {
    const { state } = this, { config, session, contract } = this.#inputs, ts = this.#minute;
    closeBooks(this.#ledger, ts);
    appendSweeps(this.#sweeps, state.tape, config);
    const bar = closeBar(state, ts);
    if (bar < 0) return 0;
    const { bars } = state, { spyPerEs, source } = this.#scale;
    const date = dayNumber(session.date), tsNs = session.startNs + BigInt(ts);
    this.#bars.add({
      date,
      ts_ns: tsNs,
      contract,
      spy_per_es: spyPerEs,
      open: bars.open[bar],
      high: bars.high[bar],
      low: bars.low[bar],
      close: bars.close[bar],
      volume: bars.volume[bar],
      trades: bars.trades[bar],
    });
    const touches = touchesOf(state, bar, this.#offered, spyPerEs, config);
    if (touches.length > 0) {
      const context = barContext(state, this.#board, bar, spyPerEs, config);
      for (const touch of touches) this.#add(touch, context, { date, tsNs, contract, source });
    }
    dropBefore(this.#ledger, ts + MINUTE_NS);
    return touches.length;
  }

  #add(
    touch: Touch,
    context: BarContext,
    bar: { date: number; tsNs: bigint; contract: string; source: string },
  ): void {
    const { state } = this, { config, session } = this.#inputs;
    const barrier = barrierFeatures(this.#ledger, touch, config);
    const tape = tapeFeatures(state, touch, this.#sweeps, config);
    const flow = { ...barrier, ...tape };
    const derived = derivedFeatures(
      touch,
      { state, log: this.#log, levels: this.#offered, context, flow },
      config,
    );
    appendTouch(this.#log, touch, flow, derived.attempt_cluster);
    this.touches.push(touch);
    this.sigma.push(context.volatility);
    const kind = LEVEL_KINDS[touch.kind], direction = touch.direction > 0 ? "UP" : "DOWN";
    const identity = {
      event_id: eventId(session.date, bar.tsNs, kind, touch.level, direction),
      date: bar.date,
      symbol: config.market.symbol,
      ts_ns: bar.tsNs,
      available_ts_ns: bar.tsNs + BigInt(MINUTE_NS),
      contract: bar.contract,
      spy_per_es: touch.scale,
      scale_source: bar.source,
    };
    const level = {
      level_kind: kind,
      level_code: touch.kind,
      level: touch.level,
      level_es: touch.levelEs,
      spot: touch.spot,
      direction,
      direction_sign: touch.direction,
      crossed: touch.crossed ? 1 : 0,
      distance: distanceOf(touch),
      distance_signed: signedDistanceOf(touch),
      atr: context.atr,
    };
    this.#signals.add(identity, level, barrier, quoteFeatures(this.#ledger, touch.ts), tape, derived);
  }

  /** Rows so far without their labels, {@linkcode FEATURE_COLUMNS}, from the `from`-th on. */
  features(from = 0): Batch {
    return this.#signals.batch(from);
  }

  /**
   * Labels of the touches so far.
   *
   * @param knownUntil Everything before this has been appended, ns since session start; defaults to the last trade.
   */
  labels(knownUntil?: number): Batch {
    const { session, config } = this.#inputs;
    return labelTouches(this.touches, this.state.tape, this.state.mids, {
      sigma: Float64Array.from(this.sigma),
      startNs: session.startNs,
      config,
      ...(knownUntil === undefined ? {} : { knownUntil }),
    });
  }

  /** The session's tables with labels. */
  tables(): SessionTables {
    const features = this.features(), labels = this.labels();
    const columns = { ...features.columns, ...labels.columns };
    return {
      signals: {
        length: features.length,
        columns: Object.fromEntries(FEATURES.map((f) => [f.name, columns[f.name]])),
      },
      bars: this.#bars.batch(),
      levels: this.#levels.batch(),
    };
  }
}

/** SPY per ES and where it came from. */
export interface Scale {
  /** SPY dollars per ES point. */
  spyPerEs: number;
  /** `parity`, `previous` or `fixed`. */
  source: string;
}

/**
 * The scale that holds at a moment.
 *
 * @param rows Rows of the scale table, ascending.
 * @param ns Moment, ns UTC.
 * @param fixed What holds before the first row.
 */
export function scaleOf(rows: Batch, ns: bigint, fixed: number): Scale {
  const ts = i64(rows, "ts_ns"), value = f64(rows, "spy_per_es"), source = strings(rows, "scale_source");
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ts[middle] <= ns) low = middle + 1;
    else high = middle;
  }
  return low === 0
    ? { spyPerEs: fixed, source: "fixed" }
    : { spyPerEs: value[low - 1], source: source.values[source.codes[low - 1]] };
}
