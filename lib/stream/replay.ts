/**
 * Replay: a session of Bronze as messages, in the order and at the pace in which it happened, or faster.
 *
 * @module
 */
import {
  type Batch,
  BusError,
  ConflictError,
  hourStartNs,
  i64,
  LakeError,
  relativeNs,
  type Session,
  sessionHours,
  sliceBatch,
} from "../base/mod.ts";
import {
  emptyBatch,
  fromFrame,
  hashFiles,
  hashJson,
  hourFolder,
  type Lake,
  parquetFiles,
  Seen,
} from "../lake/mod.ts";
import { lowerBound } from "../levels/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, OPTIONS_TRADES } from "../schema/mod.ts";
import { compactHour } from "../silver/mod.ts";
import { type Bus, publish, type StreamSettings } from "./bus.ts";
import { answered, claimed, claimOf, missingOf, refuseUnfound, REMEDY } from "./claims.ts";
import { encodeMessage, type Message } from "./payload.ts";
import { pause } from "./pause.ts";
import { Ranges } from "./positions.ts";
import { ensureStream, type StreamState } from "./streams.ts";
import { MARKET, wireOf } from "./subjects.ts";

/** Tables of a replay, in the order in which those of one stretch of time are sent. */
const TABLES = [FUTURES_TRADES, OPTIONS_TRADES, FUTURES_MBP10] as const;

/** How messages are cut. */
export type ReplayCut = Pick<StreamSettings, "batchMs" | "batchRows">;

/** Hash digits in a publisher's name. */
const DIGITS = 12;

/**
 * The messages of a session: per stretch of event time those of each table, rows by `ts_event_ns, seq, row` without
 * what a second ingest added, rows of one moment never apart. The same Bronze and cut give the same messages with the
 * same ids. The last message has no rows and says that the session is complete.
 *
 * @param lake The lake.
 * @param session The session.
 * @param cut Length of a stretch, and rows of a message.
 * @throws {LakeError} If the lake has no Bronze of the session.
 * @throws {ConflictError} If another changes it before all is sent.
 */
export async function* replayMessages(lake: Lake, session: Session, cut: ReplayCut): AsyncGenerator<Message> {
  const hours = sessionHours(session), seen = new Seen(lake.root), view = { root: lake.root, seen };
  const files = await Promise.all(
    hours.map((hour) => Promise.all(TABLES.map((table) => parquetFiles(view, hourFolder(table, hour))))),
  );
  const all = files.flat(2);
  if (all.length === 0) {
    throw new LakeError(
      `Cannot replay ${session.date}: the lake "${lake.root}" has no Bronze of it; run deno task backfill`,
      lake.root,
    );
  }
  const content = hashJson({
    files: Object.values(await hashFiles(view, all)),
    cut: [cut.batchMs, cut.batchRows],
  });
  const publisher = `replay-${session.date}-${content.slice(0, DIGITS)}`;
  let sequence = 0;
  for (const [h, hour] of hours.entries()) {
    const origin = hourStartNs(hour);
    const feeds = TABLES.map((table, t) => {
      const names = Object.keys(wireOf(table).schema.columns);
      const rows = files[h][t].length > 0
        ? fromFrame(table, compactHour(view, table, files[h][t]).frame, names)
        : emptyBatch(table, names);
      return { table, rows, ts: relativeNs(i64(rows, "ts_event_ns"), origin), at: 0 };
    });
    // What was published cannot be taken back: rows of another state of Bronze are not sent after those of this one.
    const changed = seen.changed;
    if (changed !== undefined) throw new ConflictError(lake.root, changed);
    for (;;) {
      const next = Math.min(...feeds.map(({ ts, at }) => ts[at] ?? Infinity));
      if (next === Infinity) break;
      const stretch = cut.batchMs * 1e6, end = (Math.floor(next / stretch) + 1) * stretch;
      for (const feed of feeds) {
        const last = lowerBound(feed.ts, end);
        while (feed.at < last) {
          const to = cutAfter(feed.ts, feed.at, last, cut.batchRows);
          const rows = sliceBatch(feed.rows, feed.at, to);
          yield encodeMessage(feed.table, rows, { publisher, sequence: sequence++ });
          feed.at = to;
        }
      }
    }
  }
  yield heartbeat(publisher, sequence, session.endNs);
}

/** Row after the last of a message that begins at `from`: rows of one moment stay together. */
function cutAfter(ts: Float64Array, from: number, end: number, rows: number): number {
  let to = Math.min(from + rows, end);
  while (to < end && ts[to] === ts[to - 1]) to++;
  return to;
}

/**
 * A message without rows that says that nothing earlier will follow: it lets bars close when nothing happens.
 *
 * @param publisher Who sends it.
 * @param sequence How many of theirs came before.
 * @param completeNs The moment, ns UTC.
 */
export function heartbeat(publisher: string, sequence: number, completeNs: bigint): Message {
  const { schema } = wireOf(FUTURES_TRADES);
  const none: Batch = emptyBatch(FUTURES_TRADES, Object.keys(schema.columns));
  return encodeMessage(FUTURES_TRADES, none, { publisher, sequence }, completeNs);
}

/** How a replay is paced and watched. */
export interface ReplayOptions {
  /** Times real time; 0 is as fast as the server acknowledges. */
  speed: number;
  /** Stops it. */
  signal?: AbortSignal;
  /** Called for each message that is stored. */
  stored?: (message: Message, ack: { sequence: number; duplicate: boolean }) => void;
}

/** What was published. */
export interface Replayed {
  /** Messages stored now. */
  messages: number;
  /** Messages that the server had already. */
  duplicates: number;
}

/**
 * Publishes messages in order. At most `inFlightMs` of event time is unacknowledged, so that a fault of the server
 * cannot disorder more than the services put in order again. At the end every message that the server said it has is
 * looked for in the stream.
 *
 * @param bus The connection.
 * @param messages Messages by event time.
 * @param options Speed, signal.
 * @throws {BusError} If a message cannot be published at all, or the stream does not have what it says it has.
 */
export async function replay(
  bus: Bus,
  messages: AsyncIterable<Message>,
  options: ReplayOptions,
): Promise<Replayed> {
  const { speed, signal } = options, done: Replayed = { messages: 0, duplicates: 0 };
  const window = BigInt(bus.config.inFlightMs * 1e6);
  const stream = await ensureStream(bus, MARKET), said = new Ranges(), again = new Ranges();
  await refuseUnfound(bus, MARKET.name);
  let inFlight: { lastNs: bigint; ack: Promise<void> }[] = [];
  let failure: unknown;
  let start: { wall: number; ns: bigint } | undefined;
  for await (const message of messages) {
    if (signal?.aborted || failure !== undefined) break;
    const at = message.lastNs ?? inFlight.at(-1)?.lastNs ?? 0n;
    if (speed > 0 && message.lastNs !== undefined) {
      start ??= { wall: performance.now(), ns: message.lastNs };
      const due = start.wall + Number(message.lastNs - start.ns) / 1e6 / speed,
        wait = due - performance.now();
      if (wait > 0) await pause(wait, signal);
    }
    while (inFlight.length > 0 && at - inFlight[0].lastNs > window) await inFlight.shift()!.ack;
    // A heartbeat's promise holds for everything before it: it waits until that is stored.
    if (message.lastNs === undefined) {
      await Promise.all(inFlight.map(({ ack }) => ack));
      inFlight = [];
    }
    const ack = publish(bus, message, signal).then((stored) => {
      said.add(stored.sequence);
      if (stored.duplicate) again.add(stored.sequence);
      stored.duplicate ? done.duplicates++ : done.messages++;
      options.stored?.(message, stored);
    }).catch((error) => {
      if (!signal?.aborted) failure ??= error;
    });
    inFlight.push({ lastNs: at, ack });
  }
  await Promise.all(inFlight.map(({ ack }) => ack));
  if (failure !== undefined) throw failure;
  if (!signal?.aborted) await refuseMissing(bus, stream, said, again, signal);
  return done;
}

/** Looks for what the server said it has; what it stored just now may have expired since. */
async function refuseMissing(
  bus: Bus,
  { created }: StreamState,
  said: Ranges,
  again: Ranges,
  signal?: AbortSignal,
): Promise<void> {
  const missing = await missingOf(bus, { name: MARKET.name, created }, said, signal);
  if (missing.next(1) === undefined) return;
  const claim = await answered(bus, MARKET.name, () => claimOf(bus, MARKET.name));
  const where = `stream ${MARKET.name} of ${bus.where}`;
  let lost = 0, removed = 0;
  for (let n = missing.next(1); n !== undefined; n = missing.next(n + 1)) {
    if (claimed(claim, n, n) > 0) lost++;
    else if (again.has(n)) removed++;
  }
  if (lost > 0) {
    throw new BusError(
      `it says it has stored ${said.size} messages, and does not have ${lost} of them; ${REMEDY}`,
      where,
    );
  }
  if (removed > 0) {
    throw new BusError(
      `${removed} messages were removed from it, and the server drops them when they come again within ${bus.config.duplicateHours} h; remove the stream (nats stream rm ${MARKET.name}), start the services again, and replay once more`,
      where,
    );
  }
}
