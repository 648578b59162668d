/**
 * The signal service: market rows in, touches with features out as each bar closes, their labels later.
 *
 * What it publishes is a function of the stream's messages from the session's first one on, so it keeps no state but
 * where that is: started again, it reads the session anew and publishes the same messages under the same ids.
 *
 * @module
 */
import type { JsMsg } from "@nats-io/jetstream";
import { z } from "zod";
import {
  type Batch,
  BusError,
  calendarContract,
  type Config,
  hoursOf,
  i64,
  type Instrument,
  LakeError,
  MINUTE_NS,
  previousTradingDay,
  repeatString,
  sessionOf,
  takeRows,
  TidemarkError,
  tradeDateOf,
} from "../base/mod.ts";
import { isDated } from "../bronze/mod.ts";
import { BRONZE_TIER, readHistory } from "../gold/mod.ts";
import {
  chosenInstrument,
  lockFile,
  quarantinePath,
  readJson,
  settled,
  tableFolder,
  toFrame,
  transact,
  writeAtomic,
  writeFrame,
} from "../lake/mod.ts";
import { LIVE_LABELS, LIVE_SIGNALS, quarantineTable, REASONS, type TableSchema } from "../schema/mod.ts";
import { bronzeScale } from "../silver/mod.ts";
import { bronzeRows } from "./bronze_service.ts";
import { closedFor, publish, reasonOf } from "./bus.ts";
import { orderedMessages } from "./ordered.ts";
import { pause } from "./pause.ts";
import { decodeMessage, encodeMessage } from "./payload.ts";
import {
  isNew,
  noPositions,
  type Positions,
  PUBLISHERS,
  Ranges,
  restoredPositions,
  type StoredPublishers,
  storedPublishers,
} from "./positions.ts";
import { SignalSession, splitAt } from "./signal_session.ts";
import type { ServiceOptions } from "./sink.ts";
import { consumerName, ensureStream } from "./streams.ts";
import { MARKET, SIGNALS, streamIngest } from "./subjects.ts";
import { Watch } from "./watch.ts";

/** What the service runs with. */
export interface SignalOptions extends ServiceOptions {
  /** Windows and thresholds of the features. */
  config: Config;
}

/** Where to begin after a restart. */
const CHECKPOINT = z.object({
  startSequence: z.number().int().positive(),
  completed: z.string().nullable(),
  /** What had come before `startSequence`. */
  publishers: PUBLISHERS,
});
type Checkpoint = z.infer<typeof CHECKPOINT>;

/** Rows of a message, whole, as Bronze stores them. */
interface Rows {
  table: TableSchema;
  batch: Batch;
  streamSequence: number;
}

/** Messages whose late rows are held before they are written. */
const LATE_MESSAGES = 256;

/**
 * Runs the service until its signal fires.
 *
 * @param options Connection, lake, numbers, signal, config.
 * @throws {BusError} If the stream is not as wanted.
 * @throws {LakeError} If another process serves the lake, or it cannot be read or written.
 */
export async function runSignalService(options: SignalOptions): Promise<void> {
  const { bus, lake, signal, metrics } = options;
  const stream = await ensureStream(bus, MARKET);
  await ensureStream(bus, SIGNALS);
  using _lock = await lockFile(lake, "_meta/stream/signal.lock", "another signal service publishes for it");
  const service = new SignalService(options, streamIngest(MARKET.name, stream.created));
  const from = await service.restore();
  if (from < stream.firstSequence && stream.firstSequence > 1) {
    bus.effects.warn(
      `signal: the session begins at message ${from}, the server has kept those from ${stream.firstSequence} on`,
    );
  }
  const seen = new Ranges();
  let offered = from - 1;
  const watch = new Watch(bus, MARKET.name, metrics, () => ({
    from,
    offered,
    underWay: 0,
    full: false,
    has: (first, last) => seen.count(first, last),
  }));
  const ended = new AbortController(), watching = watch.run(AbortSignal.any([signal, ended.signal]));
  try {
    const source = { name: MARKET.name, created: stream.created };
    for await (const message of orderedMessages(bus, source, from, signal, watch)) {
      watch.onMessage();
      offered = message.info.streamSequence;
      seen.add(offered);
      const { pending, timestampNanos } = message.info;
      metrics.add("messages_total");
      metrics.set("pending_messages", pending);
      metrics.set(
        "lag_seconds",
        Math.max(0, Date.now() - Number(BigInt(timestampNanos) / 1_000_000n)) / 1000,
      );
      await service.take(message);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ended.abort();
    await watching;
  }
  await service.writeLate();
}

class SignalService {
  readonly #options: SignalOptions;
  readonly #ingest: string;
  readonly #path: string;
  #positions: Positions = noPositions();
  #checkpoint: Checkpoint = { startSequence: 1, completed: null, publishers: {} };
  #session: SignalSession | undefined;
  /** Rows of the session after the open one, and what had come before the first of them. */
  #later: Rows[] = [];
  #beforeLater: StoredPublishers = {};
  #late: Rows[] = [];
  /** Everything before it has come, or is late, ns UTC; −1 when nothing is known. */
  #watermark = -1n;

  constructor(options: SignalOptions, ingest: string) {
    this.#options = options;
    this.#ingest = ingest;
    this.#path = `_meta/stream/signal-${ingest}.json`;
  }

  /** First message that is needed. */
  async restore(): Promise<number> {
    const remedy = "remove it, and the service reads the stream from its start";
    const stored = await readJson(this.#options.lake, this.#path, CHECKPOINT, { remedy });
    if (stored) {
      this.#checkpoint = stored;
      this.#positions = restoredPositions(stored.publishers);
    }
    return this.#checkpoint.startSequence;
  }

  /** Takes a message and closes the minutes that are over. */
  async take(message: JsMsg): Promise<void> {
    const { metrics, bus } = this.#options, { streamSequence } = message.info, arrival = performance.now();
    let received;
    try {
      received = decodeMessage(message.subject, (name) => message.headers?.get(name) ?? "", message.data);
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error;
      // The Bronze service sets it aside.
      metrics.add("unreadable_total");
      bus.effects.warn(`signal: message ${streamSequence}: ${error.message}; passed over`);
      return;
    }
    const before = storedPublishers(this.#positions);
    if (!isNew(this.#positions, received.publisher, received.sequence)) {
      metrics.add("duplicates_total");
      return;
    }
    metrics.add("rows_total", received.batch.length);
    const { wire: { table }, completeNs } = received;
    const batch = dated(bronzeRows({ ...received, streamSequence }, this.#ingest));
    if (batch.length > 0) await this.#route({ table, batch, streamSequence }, before);
    if (completeNs !== undefined && this.#session) this.#raise(completeNs);
    await this.#closeDue(arrival, streamSequence);
    metrics.set("pending_rows", this.#session?.waiting ?? 0);
    if (this.#late.length >= LATE_MESSAGES) await this.writeLate();
  }

  /** Rows to the open session, to the one after it, or aside. */
  async #route(rows: Rows, before: StoredPublishers): Promise<void> {
    const { table, streamSequence } = rows, { first, last } = spanOf(rows.batch);
    if (!this.#session) {
      const date = tradeDateOf(first);
      if (date === this.#checkpoint.completed) return this.#setAside(rows);
      await this.#open(date, streamSequence, before);
    }
    const session = this.#session!, { endNs } = session.inputs.session;
    const { before: late, after } = splitAt(rows.batch, session.closedNs);
    if (late.length > 0) this.#setAside({ ...rows, batch: late });
    const { before: mine, after: later } = splitAt(after, endNs);
    if (mine.length > 0) session.add(table, mine);
    if (later.length > 0) {
      if (this.#later.length === 0) this.#beforeLater = before;
      this.#later.push({ ...rows, batch: later });
    }
    this.#raise(last - BigInt(this.#options.bus.config.toleranceMs) * 1_000_000n);
    this.#options.metrics.set("event_time_seconds", Number(last / 1_000_000n) / 1000);
  }

  #raise(ns: bigint): void {
    if (ns > this.#watermark) this.#watermark = ns;
  }

  #setAside(rows: Rows): void {
    this.#options.metrics.add("late_rows_total", rows.batch.length);
    this.#late.push(rows);
  }

  /** Begins a session with what the lake knows of those before it. */
  async #open(date: string, startSequence: number, publishers: StoredPublishers): Promise<void> {
    const { lake, config } = this.#options, session = sessionOf(date);
    await this.#bronzeHas(startSequence - 1);
    const { contract, history, previous } = await settled(lake, async (view) => {
      const { symbol } = config.market;
      const current: Instrument = await chosenInstrument(view, date, symbol) ??
        { contract: calendarContract(symbol, date) };
      const history = await readHistory(view, BRONZE_TIER, session, current, config);
      return {
        contract: current.contract,
        history,
        previous: await bronzeScale(view, previousTradingDay(date), config),
      };
    });
    this.#session = new SignalSession({ session, contract, history, config }, previous);
    this.#watermark = -1n;
    await this.#keep({ ...this.#checkpoint, startSequence, publishers });
    this.#options.bus.effects.log(
      `signal: session ${date}, contract ${contract}, from message ${startSequence}`,
    );
  }

  /** Waits until the Bronze service, where there is one, has stored the messages up to one: they are the history. */
  async #bronzeHas(sequence: number): Promise<void> {
    const { bus, lake, signal } = this.#options, consumer = await consumerName("bronze", lake);
    for (let told = false; !signal.aborted; await pause(bus.config.retryMs[0], signal)) {
      let floor: number;
      try {
        floor = (await bus.manager.consumers.info(MARKET.name, consumer)).ack_floor.stream_seq;
      } catch (error) {
        if (error instanceof Error && error.name === "ConsumerNotFoundError") return;
        if (bus.connection.isClosed()) throw await closedFor(bus, error);
        continue;
      }
      if (floor >= sequence) return;
      if (!told) {
        bus.effects.log(
          `signal: waiting until the bronze service has stored message ${sequence} (it has ${floor}); start it if it does not run`,
        );
      }
      told = true;
    }
    throw new BusError("stopped while waiting for the bronze service", bus.where);
  }

  /** Remembers where to begin; what came before and was late is on disk first. */
  async #keep(checkpoint: Checkpoint): Promise<void> {
    await this.writeLate();
    await this.#retried(() =>
      writeAtomic(`${this.#options.lake.root}/${this.#path}`, JSON.stringify(checkpoint) + "\n")
    );
    this.#checkpoint = checkpoint;
  }

  /** Tries again while the lake cannot be written: a disk that is full may be cleared. */
  async #retried(work: () => Promise<void>): Promise<void> {
    const { bus: { config, effects }, lake, signal, metrics } = this.#options;
    for (let wait: number = config.retryMs[0];; wait = Math.min(2 * wait, config.retryMs[1])) {
      try {
        await work();
        metrics.trouble("lake", undefined);
        return;
      } catch (cause) {
        if (signal.aborted) throw new LakeError(`signal: ${reasonOf(cause)}`, lake.root, { cause });
        metrics.trouble("lake", `the lake cannot be written: ${reasonOf(cause)}`);
        effects.warn(`signal: ${reasonOf(cause)}; trying again`);
        await pause(wait, signal);
      }
    }
  }

  /** Closes every minute that the watermark has passed, and the session with its last one. */
  async #closeDue(arrival: number, streamSequence: number): Promise<void> {
    for (let session = this.#session; session; session = this.#session) {
      while (
        session.nextMinute < session.minutes && session.closedNs + BigInt(MINUTE_NS) <= this.#watermark
      ) {
        await this.#closeMinute(session, arrival);
      }
      if (session.nextMinute < session.minutes) return;
      await this.#end(session, streamSequence);
    }
  }

  async #closeMinute(session: SignalSession, arrival: number): Promise<void> {
    const { metrics } = this.#options, { minute, signals, labels, bar } = session.closeNext();
    if (bar) metrics.add("bars_total");
    if (signals) {
      await this.#publish(LIVE_SIGNALS, signals, 2 * minute);
      metrics.add("signals_total", signals.length);
      metrics.set("publish_seconds", (performance.now() - arrival) / 1000);
    }
    if (labels) {
      await this.#publish(LIVE_LABELS, labels, 2 * minute + 1);
      metrics.add("labels_total", labels.length);
    }
  }

  async #publish(table: TableSchema, batch: Batch, sequence: number): Promise<void> {
    const { bus, signal } = this.#options, { date } = this.#session!.inputs.session;
    const publisher = `signals-${this.#ingest}-${date}-${this.#checkpoint.startSequence}`;
    await publish(bus, encodeMessage(table, batch, { publisher, sequence }), signal);
  }

  /** Ends a session; rows that came for the next one open it. */
  async #end(session: SignalSession, streamSequence: number): Promise<void> {
    const { date } = session.inputs.session, [first] = this.#later, later = this.#later;
    this.#options.bus.effects.log(`signal: session ${date} is complete`);
    this.#session = undefined;
    this.#later = [];
    const startSequence = first?.streamSequence ?? streamSequence + 1;
    const publishers = first ? this.#beforeLater : storedPublishers(this.#positions);
    await this.#keep({ startSequence, completed: date, publishers });
    for (const rows of later) await this.#route(rows, publishers);
  }

  /** Writes the rows that came too late, a file a message. */
  async writeLate(): Promise<void> {
    if (this.#late.length === 0) return;
    const late = this.#late, id = `stream-late-${crypto.randomUUID()}`;
    await this.#retried(() =>
      transact(this.#options.lake, id, async (tx) => {
        for (const { table, batch } of late) {
          // By its first row: a message may be late in parts.
          const path = `stream/late/${tableFolder(table)}/${this.#ingest}-${i64(batch, "row")[0]}.parquet`;
          const columns = { ...batch.columns, reason: repeatString(REASONS.late, batch.length) };
          const frame = toFrame(quarantineTable(table), { length: batch.length, columns });
          writeFrame(await tx.stage(quarantinePath(path)), frame);
        }
      })
    );
    this.#late = [];
  }
}

/** Rows whose event time is of this century: another moves no clock, and the Bronze service sets it aside. */
function dated(batch: Batch): Batch {
  const hours = hoursOf(i64(batch, "ts_event_ns"));
  return hours.every(isDated)
    ? batch
    : takeRows(batch, Uint32Array.from(hours.keys()).filter((i) => isDated(hours[i])));
}

function spanOf(batch: Batch): { first: bigint; last: bigint } {
  const ts = i64(batch, "ts_event_ns");
  let first = ts[0], last = ts[0];
  for (const t of ts) {
    if (t < first) first = t;
    if (t > last) last = t;
  }
  return { first, last };
}
