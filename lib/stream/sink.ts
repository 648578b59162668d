/**
 * From a stream into the lake, every row once: the machine that the Bronze and the Gold service share.
 *
 * Messages are held until there are enough or it is time; then their rows, and which messages they came from, are
 * committed in one transaction, and only then acknowledged. A message that comes again, because the server delivers
 * it twice or a publisher sent it twice, is known by what was committed with the rows.
 *
 * @module
 */
import type { ConsumerInfo } from "@nats-io/jetstream";
import type { Batch } from "../base/mod.ts";
import { type Lake, lockFile, type Transaction } from "../lake/mod.ts";
import { type Bus, closedFor, nameOf, reasonOf } from "./bus.ts";
import type { Metrics } from "./metrics.ts";
import { pause } from "./pause.ts";
import type { Received } from "./payload.ts";
import { type Positions, readPositions } from "./positions.ts";
import { pulled } from "./pulled.ts";
import { SinkSession } from "./sink_session.ts";
import { consumerName, ensureConsumer, ensureStream, sameStream, type StreamState } from "./streams.ts";
import { streamIngest, type StreamSpec } from "./subjects.ts";

/** Rows of a message on their way into the lake. */
export interface Arrived extends Received {
  /** Sequence of the message in the stream. */
  streamSequence: number;
}

/** What a service does with rows. */
export interface Sink {
  /** Name of the service. */
  name: "bronze" | "gold";
  /** The stream it reads. */
  stream: StreamSpec;
  /**
   * Stages rows.
   *
   * @param tx Where.
   * @param arrived Messages that are new, by stream sequence.
   * @param ingest Id of the stream.
   * @param stem Start of the names of its files, the same whenever the same messages come first.
   * @returns Rows staged.
   */
  stage(tx: Transaction, arrived: readonly Arrived[], ingest: string, stem: string): Promise<number>;
}

/** What a service runs with. */
export interface ServiceOptions {
  /** The connection. */
  bus: Bus;
  /** The lake. */
  lake: Lake;
  /** Its numbers. */
  metrics: Metrics;
  /** Ends it: what is held is made durable first. */
  signal: AbortSignal;
}

/**
 * Runs a service until its signal fires.
 *
 * @param sink What to do with rows.
 * @param options Connection, lake, numbers, signal.
 * @throws {BusError} If the stream or consumer is not as wanted, or the connection is closed for good.
 * @throws {LakeError} If another process serves the lake, or its files cannot be written until the end.
 */
export async function runSink(sink: Sink, options: ServiceOptions): Promise<void> {
  const { bus, lake, signal } = options;
  const stream = await ensureStream(bus, sink.stream);
  using _lock = await lockFile(
    lake,
    `_meta/stream/${sink.name}.lock`,
    `another ${sink.name} service writes to it`,
  );
  const ingest = streamIngest(sink.stream.name, stream.created), path = positionsPath(sink.name, ingest);
  const positions = await readPositions(lake, path), consumer = await consumerName(sink.name, lake);
  await reclaim(sink, options, consumer, positions, stream);
  const session = new SinkSession(sink, options, { ingest, path, positions });
  const flush = setInterval(() => void session.tick(), Math.min(1000, 250 * bus.config.flushSeconds));
  try {
    while (!signal.aborted && session.failure === undefined) {
      await sameStream(bus, sink.stream.name, stream.created);
      await consumeOnce(sink, options, consumer, session);
    }
  } finally {
    await session.flush();
    clearInterval(flush);
  }
  if (session.failure !== undefined) throw session.failure;
}

/**
 * Has everything delivered again if messages were acknowledged that the lake does not know: it was removed, or
 * restored to what it was.
 */
async function reclaim(
  { name, stream }: Sink,
  { bus }: ServiceOptions,
  consumer: string,
  positions: Positions,
  { firstSequence }: StreamState,
): Promise<void> {
  const info = await ensureConsumer(bus, stream.name, consumer);
  const missing = acknowledged(info, firstSequence) -
    positions.stream.count(firstSequence, info.delivered.stream_seq);
  if (missing > 0) {
    bus.effects.warn(
      `${name}: the lake lacks ${missing} messages that it had acknowledged; the server delivers them again`,
    );
    await bus.manager.consumers.delete(stream.name, consumer);
    await ensureConsumer(bus, stream.name, consumer);
  }
  const gone = firstSequence - 1 - positions.stream.count(1, firstSequence - 1);
  if (gone > 0) {
    bus.effects.warn(
      `${name}: the server no longer has ${gone} messages before ${firstSequence} that the lake lacks; replay or backfill them`,
    );
  }
}

function acknowledged({ delivered, num_ack_pending }: ConsumerInfo, first: number): number {
  return delivered.stream_seq < first ? 0 : delivered.stream_seq - first + 1 - num_ack_pending;
}

/** Takes messages until the signal fires, the service fails, or the server ends the delivery. */
async function consumeOnce(
  { name, stream }: Sink,
  { bus, signal }: ServiceOptions,
  consumer: string,
  session: SinkSession,
): Promise<void> {
  const ends = AbortSignal.any([signal, session.failed]);
  try {
    for await (const message of pulled(await bus.js.consumers.get(stream.name, consumer), ends)) {
      await session.take(message);
    }
  } catch (cause) {
    if (ends.aborted) return;
    if (bus.connection.isClosed()) throw await closedFor(bus, cause);
    bus.effects.warn(`${name}: ${reasonOf(cause)}; trying again`);
    // It may have been removed by someone, or belong to a server that is not up again.
    if (nameOf(cause) === "ConsumerNotFoundError") await ensureConsumer(bus, stream.name, consumer);
  }
  await pause(bus.config.retryMs[0], ends);
}

function positionsPath(service: string, ingest: string): string {
  return `_meta/stream/${service}-${ingest}.json`;
}

/** Rows of each table, in the order of the messages. */
export function byTable(arrived: readonly Arrived[], rowsOf: (a: Arrived) => Batch = (a) => a.batch) {
  const tables = new Map<Arrived["wire"], Batch[]>();
  for (const a of arrived) {
    if (a.batch.length === 0) continue;
    const batches = tables.get(a.wire) ?? [];
    batches.push(rowsOf(a));
    tables.set(a.wire, batches);
  }
  return tables;
}
