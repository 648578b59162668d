/**
 * What one run of a service holds: messages on their way into the lake, and which are there.
 *
 * @module
 */
import type { ConsumerInfo, JsMsg } from "@nats-io/jetstream";
import { LakeError, SchemaError, TidemarkError } from "../base/mod.ts";
import { begin, quarantinePath, releaseMemory, type Transaction } from "../lake/mod.ts";
import { reasonOf } from "./bus.ts";
import { pause } from "./pause.ts";
import { decodeMessage } from "./payload.ts";
import { isNew, type Positions, restoredPositions, storedPublishers } from "./positions.ts";
import type { Arrived, ServiceOptions, Sink } from "./sink.ts";
import type { Standing } from "./watch.ts";

interface Held {
  message: JsMsg;
  arrived?: Arrived;
  unreadable?: string;
}

/** Where a service stands. */
export interface SinkState {
  /** Id of the stream. */
  ingest: string;
  /** Relative path of the positions in the lake. */
  path: string;
  /** What is in the lake; grows with every commit. */
  positions: Positions;
}

/** A service at work. */
export class SinkSession {
  readonly #held = new Map<number, Held>();
  readonly #sink: Sink;
  readonly #options: ServiceOptions;
  readonly #state: SinkState;
  readonly #failed = new AbortController();
  #failure: TidemarkError | undefined;
  #rows = 0;
  #since = Infinity;
  #flushing: Promise<void> = Promise.resolve();

  /**
   * A service that holds nothing yet.
   *
   * @param sink What to do with rows.
   * @param options Connection, lake, numbers, signal.
   * @param state Where it stands.
   */
  constructor(sink: Sink, options: ServiceOptions, state: SinkState) {
    this.#sink = sink;
    this.#options = options;
    this.#state = state;
  }

  /** Why the service cannot go on. */
  get failure(): TidemarkError | undefined {
    return this.#failure;
  }

  /** Fires when it cannot. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Where the service stands, by what its consumer says. */
  standing({ delivered, num_ack_pending, config }: ConsumerInfo): Omit<Standing, "from"> {
    const { stream } = this.#state.positions;
    const held = (first: number, last: number) =>
      [...this.#held.keys()].filter((n) => n >= first && n <= last && !stream.has(n)).length;
    return {
      offered: delivered.stream_seq,
      underWay: Math.max(0, num_ack_pending - held(1, delivered.stream_seq)),
      full: num_ack_pending >= (config.max_ack_pending ?? Infinity),
      has: (first, last) => this.#state.positions.stream.count(first, last) + held(first, last),
    };
  }

  /** Takes a message; comes back when there is room for more. */
  async take(message: JsMsg): Promise<void> {
    const { metrics, bus } = this.#options, { streamSequence, pending, timestampNanos } = message.info;
    metrics.add("messages_total");
    metrics.set("pending_messages", pending);
    metrics.set("lag_seconds", Math.max(0, Date.now() - Number(BigInt(timestampNanos) / 1_000_000n)) / 1000);
    const known = this.#held.get(streamSequence);
    if (known) {
      known.message = message;
      return;
    }
    if (this.#state.positions.stream.has(streamSequence)) {
      // Its rows are in the lake: only the acknowledgement was lost.
      metrics.add("duplicates_total");
      this.#acknowledge(message);
      return;
    }
    const held = this.#read(message);
    if (!held) return;
    const rows = held.arrived?.batch.length ?? 0;
    this.#held.set(streamSequence, held);
    this.#since = Math.min(this.#since, performance.now());
    this.#rows += rows;
    metrics.add("rows_total", rows);
    metrics.set("pending_rows", this.#rows);
    const { flushRows, maxUnacknowledged } = bus.config;
    if (this.#rows >= flushRows || 2 * this.#held.size >= maxUnacknowledged) await this.flush();
  }

  /** Flushes when it is time. */
  async tick(): Promise<void> {
    if (performance.now() - this.#since >= 1000 * this.#options.bus.config.flushSeconds) await this.flush();
  }

  /** Reads a message; undefined if it is to be delivered again. */
  #read(message: JsMsg): Held | undefined {
    const { metrics, bus } = this.#options, { streamSequence, deliveryCount } = message.info;
    try {
      const received = decodeMessage(
        message.subject,
        (name) => message.headers?.get(name) ?? "",
        message.data,
      );
      return { message, arrived: { ...received, streamSequence } };
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error;
      metrics.add("unreadable_total");
      const what =
        `${this.#sink.name}: message ${streamSequence}, delivery ${deliveryCount}: ${error.message}`;
      if (deliveryCount < bus.config.maxDeliveries) {
        bus.effects.warn(what);
        message.nak(bus.config.retryMs[0]);
        return undefined;
      }
      bus.effects.warn(`${what}; set aside`);
      return { message, unreadable: error.message };
    }
  }

  /** Makes what is held durable, then acknowledges it; one after another. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flushHeld());
    return this.#flushing;
  }

  async #flushHeld(): Promise<void> {
    const { metrics } = this.#options;
    if (this.#held.size === 0 || this.#failure !== undefined) return;
    const held = [...this.#held].sort(([a], [b]) => a - b).map(([, h]) => h);
    this.#since = Infinity;
    if (!await this.#commit(held)) return;
    for (const { message } of held) {
      this.#acknowledge(message);
      this.#held.delete(message.info.streamSequence);
    }
    this.#rows = [...this.#held.values()].reduce((n, h) => n + (h.arrived?.batch.length ?? 0), 0);
    if (this.#held.size > 0) this.#since = performance.now();
    metrics.add("flushes_total");
    metrics.set("pending_rows", this.#rows);
    metrics.set("last_flush_seconds", Date.now() / 1000);
    // No collection: it would hold up the signals, and the big frames are made in a worker.
    await releaseMemory(false);
  }

  /** One that is lost is made good when the message comes again. */
  #acknowledge(message: JsMsg): void {
    if (!this.#options.bus.connection.isClosed()) message.ack();
  }

  /** Commits what is held; tries again while that can help. False if the service has failed. */
  async #commit(held: readonly Held[]): Promise<boolean> {
    const { bus, metrics, signal } = this.#options;
    let staged: Staged | undefined;
    for (let wait: number = bus.config.retryMs[0];; wait = Math.min(2 * wait, bus.config.retryMs[1])) {
      try {
        staged ??= await this.#stage(held);
        await staged.tx.commit();
        break;
      } catch (error) {
        if (staged && !staged.tx.committed) {
          await staged.tx.rollback().catch(() => {});
          staged = undefined;
        }
        metrics.add("failed_flushes_total");
        metrics.trouble("lake", `the lake cannot be written: ${reasonOf(error)}`);
        if (signal.aborted || isOurs(error)) {
          this.#failure = error instanceof TidemarkError
            ? error
            : new LakeError(`${this.#sink.name}: ${reasonOf(error)}`, this.#options.lake.root, {
              cause: error,
            });
          this.#failed.abort();
          return false;
        }
        bus.effects.warn(
          `${this.#sink.name}: ${reasonOf(error)}; nothing of it is acknowledged, trying again`,
        );
        await pause(wait, signal);
      }
    }
    Object.assign(this.#state.positions, staged.positions);
    metrics.trouble("lake", undefined);
    metrics.add("duplicates_total", staged.duplicates);
    metrics.add("quarantined_total", staged.poison);
    metrics.add("durable_rows_total", staged.rows);
    return true;
  }

  /** Stages the rows of what is new and the positions after it. */
  async #stage(held: readonly Held[]): Promise<Staged> {
    const { lake } = this.#options, { ingest, path } = this.#state;
    const now = this.#state.positions;
    const positions = restoredPositions(storedPublishers(now), now.stream.toJSON()), fresh: Arrived[] = [];
    let duplicates = 0, poison = 0;
    const tx = await begin(lake, `stream-${this.#sink.name}-${crypto.randomUUID()}`);
    try {
      for (const { message, arrived, unreadable } of held) {
        positions.stream.add(message.info.streamSequence);
        if (unreadable !== undefined) {
          await setAside(tx, ingest, message, unreadable);
          poison++;
        } else if (arrived && isNew(positions, arrived.publisher, arrived.sequence)) fresh.push(arrived);
        else duplicates++;
      }
      const first = held[0].message.info.streamSequence;
      const rows = await this.#sink.stage(tx, fresh, ingest, `${ingest}-${String(first).padStart(12, "0")}`);
      const after = { stream: positions.stream.toJSON(), publishers: storedPublishers(positions) };
      await tx.write(path, JSON.stringify(after) + "\n");
      return { tx, positions, duplicates, poison, rows };
    } catch (error) {
      await tx.rollback().catch(() => {});
      throw error;
    }
  }
}

interface Staged {
  tx: Transaction;
  positions: Positions;
  duplicates: number;
  poison: number;
  rows: number;
}

/** A fault of the rows or of ours, which does not pass with time. */
function isOurs(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SchemaError;
}

/** A message that cannot be read: its bytes as they are, its headers and the reason beside them. */
async function setAside(tx: Transaction, ingest: string, message: JsMsg, reason: string): Promise<void> {
  const { streamSequence, deliveryCount, timestampNanos } = message.info;
  const path = quarantinePath(`stream/${ingest}/${String(streamSequence).padStart(12, "0")}`);
  const headers: Record<string, string> = {};
  for (const [name, values] of message.headers ?? []) headers[name] = values.join(", ");
  const about = {
    reason,
    subject: message.subject,
    streamSequence,
    deliveryCount,
    stored: String(timestampNanos),
    headers,
  };
  await tx.write(`${path}.bin`, message.data);
  await tx.write(`${path}.json`, JSON.stringify(about, null, 2) + "\n");
}
