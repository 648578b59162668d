/**
 * Counters and gauges of the services, as Prometheus text and as a status line.
 *
 * @module
 */
import { compact } from "../base/mod.ts";

const METRICS = {
  messages_total: ["counter", "Messages taken in."],
  rows_total: ["counter", "Rows taken in."],
  durable_rows_total: ["counter", "Rows made durable in the lake."],
  duplicates_total: ["counter", "Messages, or rows of signals, that had come before."],
  late_rows_total: ["counter", "Rows whose minute was closed, set aside."],
  unreadable_total: ["counter", "Deliveries of messages that could not be read."],
  quarantined_total: ["counter", "Messages set aside."],
  flushes_total: ["counter", "Transactions committed."],
  failed_flushes_total: ["counter", "Transactions that failed and are tried again."],
  bars_total: ["counter", "Bars closed."],
  signals_total: ["counter", "Touches published."],
  labels_total: ["counter", "Touches whose labels were published."],
  pending_rows: ["gauge", "Rows held and not yet durable or not yet in a closed bar."],
  pending_messages: ["gauge", "Messages the server has for the service."],
  missing_messages: ["gauge", "Messages that the stream says it holds and does not have, at least."],
  last_flush_seconds: ["gauge", "When rows were last made durable, Unix time."],
  event_time_seconds: ["gauge", "Latest event time seen, Unix time."],
  lag_seconds: ["gauge", "How long the last message taken in had been stored by the server."],
  publish_seconds: [
    "gauge",
    "From the arrival of the message that closed the last bar to its signals being stored.",
  ],
} as const;

/** Name of a metric, without the prefix `tidemark_`. */
export type MetricName = keyof typeof METRICS;

/** What can be wrong with a service that goes on trying: what the stream has, its delivery, writing to the lake. */
export type Trouble = "claim" | "delivery" | "lake";

/** The numbers of one service. */
export class Metrics {
  readonly #values = new Map<MetricName, number>();
  readonly #troubles = new Map<Trouble, string>();

  /**
   * Counters at zero.
   *
   * @param service Label of the service.
   */
  constructor(readonly service: string) {}

  /** Adds to a counter. */
  add(name: MetricName, n = 1): void {
    this.#values.set(name, this.get(name) + n);
  }

  /** Sets a gauge. */
  set(name: MetricName, value: number): void {
    this.#values.set(name, value);
  }

  /** A value; 0 before the first. */
  get(name: MetricName): number {
    return this.#values.get(name) ?? 0;
  }

  /** Notes what is wrong, or with undefined that it no longer is. */
  trouble(kind: Trouble, why: string | undefined): void {
    if (why === undefined) this.#troubles.delete(kind);
    else this.#troubles.set(kind, why.replaceAll(/\p{Cc}+/gu, " "));
  }

  /** What is wrong now, a line each; none when it is well. */
  get troubles(): string[] {
    return [...this.#troubles.values()];
  }

  /** One line for a person: rates since the line before, what waits, the last flush. */
  status(seconds: number, before: Map<MetricName, number>, nowMs: number): string {
    const rate = (name: MetricName) => compact((this.get(name) - (before.get(name) ?? 0)) / seconds);
    const parts = [`${rate("messages_total")} messages/s`, `${rate("rows_total")} rows/s`];
    const missing = this.get("missing_messages");
    // With nothing pending, the last message's delay is of the past.
    parts.push(
      missing > 0
        ? `${compact(missing)} missing in the stream`
        : this.get("pending_messages") > 0
        ? `${duration(this.get("lag_seconds"))} behind`
        : "up to date",
    );
    if (this.get("event_time_seconds") > 0) {
      parts.push(`at ${new Date(1000 * this.get("event_time_seconds")).toISOString().slice(0, 19)}Z`);
    }
    parts.push(
      `${compact(this.get("pending_rows"))} rows held`,
      `${compact(this.get("pending_messages"))} pending`,
    );
    if (this.get("bars_total") > 0) parts.push(`${compact(this.get("signals_total"))} touches`);
    if (this.get("last_flush_seconds") > 0) {
      parts.push(`flushed ${Math.max(0, nowMs / 1000 - this.get("last_flush_seconds")).toFixed(0)} s ago`);
    }
    return `${this.service}: ${parts.join(", ")}`;
  }

  /** A copy of the values, for {@linkcode status}. */
  snapshot(): Map<MetricName, number> {
    return new Map(this.#values);
  }
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(0)} min`;
}

/**
 * The Prometheus text of some services, exposition format 0.0.4.
 *
 * @param services Their metrics.
 */
export function prometheusText(services: readonly Metrics[]): string {
  const lines: string[] = [];
  for (const [name, [type, help]] of Object.entries(METRICS)) {
    lines.push(`# HELP tidemark_${name} ${help}`, `# TYPE tidemark_${name} ${type}`);
    for (const metrics of services) {
      lines.push(`tidemark_${name}{service="${metrics.service}"} ${metrics.get(name as MetricName)}`);
    }
  }
  return lines.join("\n") + "\n";
}
