/**
 * Streams and consumers on the server: made if they are missing, refused if they are not as wanted.
 *
 * @module
 */
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { BusError, HOUR_NS } from "../base/mod.ts";
import { hashJson, type Lake } from "../lake/mod.ts";
import { type Bus, closedFor, nameOf, reasonOf } from "./bus.ts";
import type { StreamSpec } from "./subjects.ts";

/** A stream as it is. */
export interface StreamState {
  /** When the server made it, ISO 8601. */
  created: string;
  /** Last sequence in it; 0 when it is new. */
  lastSequence: number;
  /** First sequence still in it; 1 when it is new. */
  firstSequence: number;
  /** Sequences after it that are no longer in it, ascending. */
  deleted: readonly number[];
}

/**
 * Makes a stream unless it is there.
 *
 * @param bus The connection.
 * @param spec The stream.
 * @throws {BusError} If it is there with another configuration, or its subjects belong to another stream.
 */
export async function ensureStream(bus: Bus, spec: StreamSpec): Promise<StreamState> {
  const wanted: Partial<StreamConfig> = {
    subjects: spec.subjects,
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: bus.config.keepHours * HOUR_NS,
    duplicate_window: bus.config.duplicateHours * HOUR_NS,
    max_msgs: -1,
    max_bytes: -1,
    max_msgs_per_subject: -1,
  };
  const where = `stream ${spec.name} of ${bus.where}`;
  const ask = () => bus.manager.streams.info(spec.name, { deleted_details: true });
  const found = await answer(bus, where, ask, "StreamNotFoundError");
  const info = found ??
    await answer(bus, where, () => bus.manager.streams.add({ ...wanted, name: spec.name }));
  refuseOther(where, info!.config, wanted, `remove it (nats stream rm ${spec.name}) or use another server`);
  const { first_seq, last_seq, deleted } = info!.state;
  return {
    created: info!.created,
    firstSequence: Math.max(1, first_seq),
    lastSequence: last_seq,
    deleted: deleted ?? [],
  };
}

/**
 * Refuses to go on with a stream that was removed and made anew: its sequences begin again, and what a service knows
 * of the old one does not hold.
 *
 * @param bus The connection.
 * @param stream Name of the stream.
 * @param created When it was made, as the service knows it.
 * @throws {BusError} If it was made at another time. A server that does not answer says nothing about it.
 */
export async function sameStream(bus: Bus, stream: string, created: string): Promise<void> {
  const info = await bus.manager.streams.info(stream).catch(() => undefined);
  if (info && info.created !== created) {
    throw new BusError(
      `it was made anew at ${info.created}, the service reads the one of ${created}; start the service again`,
      `stream ${stream} of ${bus.where}`,
    );
  }
}

/**
 * Name of a service's consumer for a lake: two lakes on one server get every message each.
 *
 * @param service Name of the service.
 * @param lake Its lake. One that moves gets another consumer, and knows what it has.
 */
export async function consumerName(service: string, lake: Lake): Promise<string> {
  const place = [Deno.hostname(), await Deno.realPath(lake.root)];
  return `tidemark_${service}_${hashJson(place).slice(0, 8)}`;
}

/**
 * Makes a durable consumer unless it is there.
 *
 * @param bus The connection.
 * @param stream Name of the stream.
 * @param name Name of the consumer.
 * @throws {BusError} If it is there with another configuration.
 */
export async function ensureConsumer(bus: Bus, stream: string, name: string): Promise<ConsumerInfo> {
  const wanted: Partial<ConsumerConfig> = {
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_wait: nanos(bus.config.ackSeconds * 1000),
    max_ack_pending: bus.config.maxUnacknowledged,
    max_deliver: -1,
  };
  const never = {
    filter_subject: undefined,
    filter_subjects: undefined,
    deliver_subject: undefined,
    headers_only: undefined,
    backoff: undefined,
  };
  const where = `consumer ${name} of stream ${stream} of ${bus.where}`;
  const found = await answer(
    bus,
    where,
    () => bus.manager.consumers.info(stream, name),
    "ConsumerNotFoundError",
  );
  const info = found ??
    await answer(bus, where, () => bus.manager.consumers.add(stream, { ...wanted, durable_name: name }));
  const advice =
    `remove it while no service runs (nats consumer rm ${stream} ${name}); nothing is lost by it`;
  refuseOther(where, info!.config, { ...wanted, ...never }, advice);
  return info!;
}

async function answer<T>(
  bus: Bus,
  where: string,
  ask: () => Promise<T>,
  missing?: string,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (cause) {
    if (missing !== undefined && nameOf(cause) === missing) return undefined;
    if (bus.connection.isClosed()) throw await closedFor(bus, cause);
    throw new BusError(reasonOf(cause), where, { cause });
  }
}

function refuseOther(where: string, found: object, wanted: object, advice: string): void {
  for (const [name, value] of Object.entries(wanted)) {
    const is = JSON.stringify((found as Record<string, unknown>)[name]), should = JSON.stringify(value);
    if (is !== should) {
      throw new BusError(
        `someone configured it with ${name} ${is ?? "none"}, wanted ${should ?? "none"}; ${advice}`,
        where,
      );
    }
  }
}
