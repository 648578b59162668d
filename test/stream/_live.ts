/**
 * Lakes, servers and services for the tests of the stream.
 *
 * @module
 */
import assert from "node:assert/strict";
import pl, { type DataFrame } from "nodejs-polars";
import { CONFIG, type Effects, previousTradingDay, sessionOf, SILENT } from "../../lib/base/mod.ts";
import { BRONZE_TIER, buildGold, FEATURE_COLUMNS, goldParts } from "../../lib/gold/mod.ts";
import { type Lake, openLake, parquetFiles, readFrame, tableFolder } from "../../lib/lake/mod.ts";
import {
  feedColumns,
  FUTURES_MBP10,
  FUTURES_TRADES,
  LIVE_LABELS,
  LIVE_SIGNALS,
  OPTIONS_TRADES,
  type TableSchema,
} from "../../lib/schema/mod.ts";
import { simulatedLake } from "../helpers/simulated_lake.ts";
import { until } from "../helpers/until.ts";
import {
  type Bus,
  type BusOptions,
  closeBus,
  ensureStream,
  MARKET,
  type Message,
  Metrics,
  openBus,
  publish,
  replayMessages,
  runBronzeService,
  runGoldService,
  runSignalService,
  type StreamSettings,
} from "../../lib/stream/mod.ts";

/** The session that is played live. */
export const DATE = "2025-12-16";

/** Settings under which a test need not wait. */
export const FAST: StreamSettings = {
  ...CONFIG.stream,
  flushSeconds: 0.2,
  ackSeconds: 2,
  batchMs: 60_000,
  inFlightMs: 120_000,
  toleranceMs: 600_000,
  retryMs: [50, 500],
  checkSeconds: 0.5,
  readBackSeconds: 6,
};

/** Connects to a test's server. */
export function testBus(
  url: string,
  config = FAST,
  effects: Effects = SILENT,
  access: Partial<BusOptions> = {},
): Promise<Bus> {
  return openBus({ url, name: "test", ...access }, config, effects);
}

/** Effects that keep their lines. */
export function kept(): Effects & { lines: string[] } {
  const lines: string[] = [];
  return { ...SILENT, lines, log: (line) => lines.push(line), warn: (line) => lines.push(line) };
}

/** A service that runs in this process. */
export interface Running {
  /** Its numbers. */
  metrics: Metrics;
  /** Drains and ends it. */
  stop(): Promise<void>;
  /** Settles when it ends by itself. */
  ended: Promise<void>;
}

/** Starts one of the services with a connection of its own. */
export async function startService(
  name: "bronze" | "signal" | "gold",
  url: string,
  lake: Lake,
  config = FAST,
  effects: Effects = SILENT,
): Promise<Running> {
  const bus = await testBus(url, config, effects), controller = new AbortController();
  const metrics = new Metrics(name), options = { bus, lake, metrics, signal: controller.signal };
  const ended = name === "bronze"
    ? runBronzeService(options)
    : name === "gold"
    ? runGoldService(options)
    : runSignalService({ ...options, config: CONFIG });
  ended.catch(() => {});
  return {
    metrics,
    ended,
    async stop() {
      controller.abort();
      await ended.finally(() => closeBus(bus));
    },
  };
}

/** An empty lake in a temporary folder. */
export async function emptyLake(): Promise<Lake> {
  return await openLake(await Deno.makeTempDir({ prefix: "tidemark-live-" }));
}

/** Most event time by which messages are put out of order, ns. */
const DISORDER_NS = 300_000_000_000n;

/** Sends some messages after the one that follows them, some twice, and some twice under another id. */
export async function* disordered(messages: AsyncIterable<Message>): AsyncGenerator<Message> {
  let held: Message | undefined, n = 0;
  for await (const message of messages) {
    n++;
    const near = held?.lastNs !== undefined && message.lastNs !== undefined &&
      message.lastNs - held.lastNs < DISORDER_NS;
    if (held && !near) yield held;
    if (!held && n % 3 === 0 && message.lastNs !== undefined) {
      held = message;
      continue;
    }
    yield message;
    if (held && near) yield held;
    if (n % 4 === 0) yield message;
    // The server cannot know that these rows are the same.
    if (n % 5 === 0) yield { ...message, headers: { ...message.headers, "Nats-Msg-Id": `again-${n}` } };
    held = undefined;
  }
  if (held) yield held;
}

/** All rows of a table cut by hour, as one frame; undefined without files. */
export async function rowsOf(lake: Lake, table: TableSchema): Promise<DataFrame | undefined> {
  const frames: DataFrame[] = [], folder = `${lake.root}/${tableFolder(table)}`;
  for (const date of await names(folder)) {
    for (const hour of await names(`${folder}/${date}`)) {
      for (const file of await parquetFiles(lake, `${tableFolder(table)}/${date}/${hour}`)) {
        frames.push(readFrame(`${lake.root}/${file}`));
      }
    }
  }
  return frames.length > 0 ? pl.concat(frames) : undefined;
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Rows of a table in the lake so far. */
export async function countRows(lake: Lake, table: TableSchema): Promise<number> {
  return (await rowsOf(lake, table))?.height ?? 0;
}

/** A day or more to play live. */
export interface LiveDay {
  /** Its dates. */
  dates: readonly string[];
  /** The lake that the batch builds from, with its Gold. */
  batch: Lake;
  /** A lake that knows the session before only. */
  live: Lake;
  /** Removes both. */
  remove(): Promise<void>;
}

/** Simulates some days in a row and the one before them. */
export async function liveDay(scale: number, dates: readonly string[] = [DATE]): Promise<LiveDay> {
  const before = previousTradingDay(dates[0]), options = { seed: "live", scale };
  const batch = await simulatedLake([before, ...dates], options);
  const live = await simulatedLake([before], options);
  for (const date of dates) await buildGold(batch, date, { tier: BRONZE_TIER, config: CONFIG });
  return {
    dates,
    batch,
    live,
    async remove() {
      for (const { root } of [batch, live]) await Deno.remove(root, { recursive: true });
    },
  };
}

/** Rows that the live Gold will have. */
export function goldRows({ batch, dates }: LiveDay): DataFrame {
  return pl.concat(dates.map((date) => readFrame(`${batch.root}/${goldParts(date).signals}`)));
}

/** Waits until the labels of every touch are in the live lake. */
export async function untilComplete(day: LiveDay, seconds = 120): Promise<void> {
  const { height } = goldRows(day);
  await until("live Gold is complete", async () => await countRows(day.live, LIVE_LABELS) >= height, seconds);
}

/** Asserts that the live lake holds every row of the batch's once: Bronze but for its origin, signals and labels. */
export async function assertLiveEqualsBatch(day: LiveDay): Promise<void> {
  for (const table of [FUTURES_TRADES, FUTURES_MBP10, OPTIONS_TRADES]) {
    const order = ["ts_event_ns", "seq", "row"];
    const wanted = (await rowsOf(day.batch, table))!.sort(order);
    const found = (await rowsOf(day.live, table))!.sort(order);
    assertSameFrames(found, wanted, feedColumns(table), table.name);
  }
  const order = ["ts_ns", "event_id"], wanted = goldRows(day).sort(order);
  assert.ok(wanted.height > 100, "touches to compare");
  assertSameFrames((await rowsOf(day.live, LIVE_SIGNALS))!.sort(order), wanted, FEATURE_COLUMNS, "signals");
  const labels = Object.keys(LIVE_LABELS.columns);
  assertSameFrames((await rowsOf(day.live, LIVE_LABELS))!.sort(order), wanted, labels, "labels");
}

function assertSameFrames(
  found: DataFrame,
  wanted: DataFrame,
  columns: readonly string[],
  what: string,
): void {
  assert.equal(found.height, wanted.height, `${what}: rows`);
  for (const name of columns) {
    const same = found.getColumn(name).seriesEqual(wanted.getColumn(name), true);
    assert.ok(same, `${what}: column ${name} differs`);
  }
}

/** Messages of trades alone: a day that is made and played in a moment. */
export async function tradeMessages(batchMs = 600_000): Promise<{ messages: Message[]; rows: number }> {
  const lake = await simulatedLake([DATE], { seed: "trades", scale: 0.01 }, ["trades"]);
  const messages = await Array.fromAsync(replayMessages(lake, sessionOf(DATE), { ...FAST, batchMs }));
  await Deno.remove(lake.root, { recursive: true });
  return { messages, rows: messages.reduce((n, m) => n + Number(m.headers["Tidemark-Rows"]), 0) };
}

/** Publishes messages in their order, whatever their times. */
export async function publishAll(bus: Bus, messages: readonly Message[]): Promise<void> {
  await ensureStream(bus, MARKET);
  for (const message of messages) await publish(bus, message);
}
