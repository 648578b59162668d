/**
 * Plays a session's events through the builder, minute by minute.
 *
 * @module
 */
import { type Batch, HOUR_NS, MINUTE_NS, sliceBatch } from "../base/mod.ts";
import { type Level, lowerBound } from "../levels/mod.ts";
import { scaleOf, SessionBuilder, type SessionInputs } from "./session_builder.ts";
import { type HourEvents, offsetsOf } from "./sources.ts";

/** A played session. */
export interface Played {
  /** The builder with everything appended. */
  builder: SessionBuilder;
  /** Levels offered to each regular minute, by minute start in ns since session start. */
  levels: Map<number, Level[]>;
}

/**
 * Plays hours of events in time order.
 *
 * @param inputs Session, contract, history, config.
 * @param hours Events by hour, ascending; hours without events may be missing.
 * @param stop Events from this moment on are not looked at, and the minute that holds it is opened and fed but not
 * closed, ns since session start; defaults to the session's end.
 */
export async function playSession(
  inputs: SessionInputs,
  hours: AsyncIterable<HourEvents>,
  stop = Number(inputs.session.endNs - inputs.session.startNs),
): Promise<Played> {
  const builder = new SessionBuilder(inputs),
    { session, config } = inputs,
    levels = new Map<number, Level[]>();
  for await (const events of hours) {
    const start = Number(BigInt(events.hour) * BigInt(HOUR_NS) - session.startNs);
    const trades = cutsOf(events.trades, inputs), books = cutsOf(events.books, inputs);
    const options = cutsOf(events.options, inputs);
    for (let minute = start; minute < start + HOUR_NS; minute += MINUTE_NS) {
      const scale = scaleOf(events.scale, session.startNs + BigInt(minute), config.scale.fixed);
      const offered = builder.openMinute(minute, scale);
      if (offered.length > 0) levels.set(minute, offered);
      const end = Math.min(minute + MINUTE_NS, stop);
      builder.appendTrades(trades(minute, end));
      builder.appendOptions(options(minute, end));
      builder.appendBooks(books(minute, end));
      if (end < minute + MINUTE_NS) return { builder, levels };
      builder.closeMinute();
    }
  }
  return { builder, levels };
}

/** Cuts a batch in time order into spans `[start, end)`, as views. */
function cutsOf(batch: Batch, { session }: SessionInputs): (start: number, end: number) => Batch {
  const ts = offsetsOf(batch, session);
  return (start, end) => sliceBatch(batch, lowerBound(ts, start), lowerBound(ts, end));
}
