/**
 * What a stream says it holds, against what is found in it: a server whose store was lost under it goes on counting,
 * and confirms what it no longer has.
 *
 * @module
 */
import { BusError } from "../base/mod.ts";
import { type Bus, closedFor, GONE_TRIES, nameOf, reasonOf } from "./bus.ts";
import { orderedMessages } from "./ordered.ts";
import { pause } from "./pause.ts";
import { Ranges } from "./positions.ts";

/** What a stream says it holds: every sequence from `first` to `last` that was not deleted one by one. */
export interface Claim {
  /** First sequence. */
  first: number;
  /** Last sequence; before `first` when it holds nothing. */
  last: number;
  /** Sequences between them that someone deleted, ascending. */
  deleted: readonly number[];
}

/**
 * Asks a stream what it holds.
 *
 * @param bus The connection.
 * @param stream Name of the stream.
 * @throws {Error} If the server does not answer, or has no such stream.
 */
export async function claimOf(bus: Bus, stream: string): Promise<Claim> {
  const brief = (await bus.manager.streams.info(stream)).state;
  const state = brief.num_deleted > 0
    ? (await bus.manager.streams.info(stream, { deleted_details: true })).state
    : brief;
  // What a server knows to have lost, it counts among the deleted.
  const lost = new Set(state.lost?.msgs ?? []);
  return {
    first: Math.max(1, state.first_seq),
    last: state.last_seq,
    deleted: (state.deleted ?? []).filter((sequence) => !lost.has(sequence)),
  };
}

/** How many of the sequences `from` to `to` a stream says it holds. */
export function claimed({ first, last, deleted }: Claim, from: number, to = Infinity): number {
  const low = Math.max(first, from), high = Math.min(last, to);
  return Math.max(0, high - low + 1 - deleted.filter((n) => n >= low && n <= high).length);
}

/**
 * Reads back the first and the last message of a stream.
 *
 * @param bus The connection.
 * @param stream Name of the stream.
 * @returns The first of the two that the stream says it holds and does not have.
 * @throws {Error} If the server does not answer, or has no such stream.
 */
export async function unfound(bus: Bus, stream: string): Promise<number | undefined> {
  const claim = await claimOf(bus, stream);
  if (claimed(claim, 1) === 0) return undefined;
  let last = claim.last;
  while (claimed(claim, last, last) === 0) last--;
  for (const sequence of new Set([claim.first, last])) {
    if (await bus.manager.streams.getMessage(stream, { seq: sequence })) continue;
    // It may have expired since.
    if (claimed(await claimOf(bus, stream), sequence, sequence) > 0) return sequence;
  }
  return undefined;
}

/** What to do about a stream that does not have what it says it holds. */
export const REMEDY =
  "its store may be lost or damaged: look at the server's log and disk, start the server again, then replay what is missing";

/**
 * Refuses a stream that does not have what it says it holds.
 *
 * @param bus The connection.
 * @param stream Name of the stream.
 * @throws {BusError} If its first or last message is not there, or the server does not answer.
 */
export async function refuseUnfound(bus: Bus, stream: string): Promise<void> {
  const sequence = await answered(bus, stream, () => unfound(bus, stream));
  if (sequence === undefined) return;
  throw new BusError(
    `it says it holds message ${sequence}, and does not have it; ${REMEDY}`,
    `stream ${stream} of ${bus.where}`,
  );
}

/** What a server answers about a stream. @throws {BusError} If it does not. */
export async function answered<T>(bus: Bus, stream: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (bus.connection.isClosed()) throw await closedFor(bus, cause);
    throw new BusError(reasonOf(cause), `stream ${stream} of ${bus.where}`, { cause });
  }
}

/**
 * Looks for messages that the server said it has stored.
 *
 * @param bus The connection.
 * @param stream Name and time of making of the stream.
 * @param sequences Theirs.
 * @param signal Ends it: what was not looked for by then counts as there.
 * @returns Those that are not there.
 * @throws {BusError} If the connection is closed for good, or the stream was made anew.
 */
export async function missingOf(
  bus: Bus,
  stream: { name: string; created: string },
  sequences: Ranges,
  signal: AbortSignal = new AbortController().signal,
): Promise<Ranges> {
  const missing = new Ranges();
  for (let next = sequences.next(1); next !== undefined && !signal.aborted;) {
    const quiet = new AbortController(), ends = AbortSignal.any([signal, quiet.signal]);
    const stop = () => quiet.abort(), options = { headersOnly: true, onEmpty: stop, onFault: stop };
    for await (const message of orderedMessages(bus, stream, next, ends, options)) {
      const { streamSequence } = message.info;
      // What was passed over is not there.
      for (; next !== undefined && next < streamSequence; next = sequences.next(next + 1)) missing.add(next);
      if (next === streamSequence) next = sequences.next(next + 1);
      if (next === undefined) break;
    }
    // A server that was silent may have been away, or not have the message.
    if (next === undefined || !quiet.signal.aborted) continue;
    for (; next !== undefined; next = sequences.next(next + 1)) {
      if (await has(bus, stream.name, next, signal)) break;
      missing.add(next);
    }
    if (next !== undefined) next = sequences.next(next + 1);
  }
  return missing;
}

/** Whether a stream has a message; asks until the server answers or the signal fires. */
async function has(bus: Bus, stream: string, sequence: number, signal: AbortSignal): Promise<boolean> {
  for (let gone = 0;; await pause(bus.config.retryMs[0], signal)) {
    try {
      return await bus.manager.streams.getMessage(stream, { seq: sequence }) !== null;
    } catch (cause) {
      if (bus.connection.isClosed()) throw await closedFor(bus, cause);
      if (signal.aborted) return true;
      gone = nameOf(cause) === "StreamNotFoundError" ? gone + 1 : 0;
      if (gone < GONE_TRIES) continue;
      throw new BusError(`it is gone; ${REMEDY}`, `stream ${stream} of ${bus.where}`, { cause });
    }
  }
}
