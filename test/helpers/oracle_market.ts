/**
 * Gold of many small simulated sessions with the truth beside it, in memory and over both cores: the simulator's
 * rows go through Silver's and Gold's own functions, without a lake between them.
 *
 * @module
 */
import {
  type Batch,
  concatBatches,
  CONFIG,
  f64,
  HOUR_NS,
  hourStartNs,
  i64,
  i8,
  relativeNs,
  runJobs,
  sessionHours,
  sliceBatch,
  strings,
  takeRows,
} from "../../lib/base/mod.ts";
import { booksWanted, type HourEvents, playSession } from "../../lib/gold/mod.ts";
import { historyFrom, lowerBound } from "../../lib/levels/mod.ts";
import { type Dataset, datasetOf } from "../../lib/ml/mod.ts";
import { scaleRows } from "../../lib/silver/mod.ts";
import { simulateDay, type SimulatedDay, type SimulatedEffects } from "../../lib/simulate/mod.ts";
import { enrichDay, leaderOf, leaderRows } from "../simulate/_day.ts";

/** A date to simulate. */
export interface OracleJob {
  /** Trade date. */
  date: string;
  /** Seed of the market. */
  seed: string;
  /** Activity. */
  scale: number;
  /** What follows touches. */
  effects: SimulatedEffects;
}

/** A date's Gold and what the simulator knows of it. */
export interface OracleDate {
  /** Rows of Gold. */
  signals: Batch;
  /** Float64Array (n): the simulator's chance of a break at each row; NaN where the kind of level is not its own. */
  chance: Float64Array;
}

/** Plays a date. */
export async function oracleDate({ date, ...options }: OracleJob): Promise<OracleDate> {
  const day = simulateDay({ ...options, date }), { session } = day;
  const { builder } = await playSession(
    {
      session,
      contract: leaderOf(day).name,
      history: historyFrom([], { session, contract: leaderOf(day).name }, [], CONFIG.levels),
      config: CONFIG,
    },
    hoursOf(day),
  );
  const { signals } = builder.tables();
  return { signals, chance: chanceOf(signals, day) };
}

async function* hoursOf(day: SimulatedDay): AsyncGenerator<HourEvents> {
  const { session } = day, { state, rows } = enrichDay(day), wanted = booksWanted(session, CONFIG);
  const tables = [leaderRows(day, day.trades), leaderRows(day, day.books), rows];
  const times = tables.map((table) => relativeNs(i64(table, "ts_event_ns"), session.startNs));
  for (const hour of sessionHours(session)) {
    const start = Number(hourStartNs(hour) - session.startNs);
    const [trades, books, options] = tables.map((table, k) =>
      sliceBatch(table, lowerBound(times[k], start), lowerBound(times[k], start + HOUR_NS))
    );
    // Only the midnight snapshot goes back in time, in an hour whose books nothing looks at.
    yield {
      hour,
      trades,
      books: wanted(hour) ? books : sliceBatch(books, 0, 0),
      options,
      scale: scaleRows(state.scaler),
    };
  }
}

/** The chance of a break in each row's own direction. The truth has one touch of a kind a bar; a strike takes a round price's place. */
function chanceOf(signals: Batch, { truth: { touches } }: SimulatedDay): Float64Array {
  const key = (ts: bigint, kind: string) => `${ts} ${kind === "STRIKE" ? "ROUND" : kind}`;
  const kinds = strings(touches, "kind"), known = new Map<string, number>();
  i64(touches, "ts_ns").forEach((ts, i) =>
    known.set(key(ts, kinds.values[kinds.codes[i]]), f64(touches, "p_up")[i])
  );
  const kind = strings(signals, "level_kind"), direction = i8(signals, "direction_sign");
  return Float64Array.from(
    i64(signals, "ts_ns"),
    (ts, i) => {
      const up = known.get(key(ts, kind.values[kind.codes[i]])) ?? NaN;
      return direction[i] > 0 ? up : 1 - up;
    },
  );
}

/** A market of several dates, ready to be learned from. */
export interface OracleMarket {
  /** All dates. */
  dataset: Dataset;
  /** Float64Array (n): the simulator's chance of a break at each row, NaN where it has none. */
  chance: Float64Array;
}

/** Simulates dates over both cores. */
export async function oracleMarket(
  dates: readonly string[],
  options: Omit<OracleJob, "date">,
): Promise<OracleMarket> {
  const jobs = dates.map((date): OracleJob => ({ date, ...options })), done = new Map<string, OracleDate>();
  const worker = new URL("./oracle_worker.ts", import.meta.url);
  for await (const { job, result } of runJobs<OracleJob, OracleDate>(worker, jobs)) {
    if (!result.ok) throw new Error(`${job.date}: ${result.message}`);
    done.set(job.date, result.value);
  }
  const all = dates.map((date) => done.get(date)!);
  return {
    dataset: datasetOf(concatBatches(all.map(({ signals }) => signals)), "simulated"),
    chance: Float64Array.from(all.flatMap(({ chance }) => [...chance])),
  };
}

/** Rows of a market in another order, or a choice of them, with another part of their columns. */
export function withColumns({ dataset }: OracleMarket, columns: Batch["columns"]): Dataset {
  return { ...dataset, batch: { ...dataset.batch, columns: { ...dataset.batch.columns, ...columns } } };
}

/** Columns whose rows are those of `order`. */
export function permuted({ batch }: Dataset, names: readonly string[], order: Uint32Array): Batch["columns"] {
  return takeRows({
    length: batch.length,
    columns: Object.fromEntries(names.map((n) => [n, batch.columns[n]])),
  }, order)
    .columns;
}
