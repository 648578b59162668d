/**
 * Names of instruments: from the file's mappings, from `symbology.json`, or a fallback that says the id.
 *
 * @module
 */
import { z } from "zod";
import {
  type Batch,
  dayNumber,
  hoursOf,
  i64,
  relativeNs,
  type Strings,
  TidemarkError,
  u32,
} from "../../base/mod.ts";
import { excerpt } from "../excerpt.ts";
import type { StreamMapping } from "./messages.ts";
import { type DbnMetadata, isDate, isoDate } from "./metadata.ts";

/** A span of UTC dates in which an instrument id had a name. */
export interface SymbolSpan {
  /** The instrument id. */
  instrumentId: number;
  /** Its name, such as `ESZ5`. */
  symbol: string;
  /** First day, in days since 1970-01-01. */
  fromDay: number;
  /** The day after the last. */
  toDay: number;
}

/** Names the contracts of a stream's rows. */
export interface SymbolResolver {
  /**
   * Name of an instrument on a day.
   *
   * @param instrumentId The instrument id.
   * @param day UTC day in days since 1970-01-01.
   * @returns Undefined where neither the mappings nor `symbology.json` know it.
   */
  nameOf(instrumentId: number, day: number): string | undefined;
  /**
   * Contract of every row, by its instrument id and the UTC date of its `ts_recv_ns`, as the vendor cuts its
   * days, or else of its `ts_event_ns`; the fallback where no name is known.
   *
   * @param batch Has `instrument_id`, `ts_event_ns` and `ts_recv_ns`.
   * @param rows Ordinals of its rows in the stream, by which the names hold that the stream itself gives.
   */
  contracts(batch: Batch, rows?: BigInt64Array): Strings;
  /** Instrument ids that were given the fallback so far. */
  readonly unresolved: ReadonlySet<number>;
}

const STYPE_INSTRUMENT_ID = 0;
const HOURS_A_DAY = 24;

/**
 * A resolver for a stream: the file's own mappings first, then `symbology.json`, then the fallback.
 *
 * @param metadata The stream's metadata.
 * @param symbology Spans of {@linkcode parseSymbology}; none when absent.
 * @param product First part of the fallback `<product>_<instrument_id>`; defaults to `ES`.
 * @param stream Names that the stream itself gives, growing as it is read; each comes before all others for the rows
 *   behind it.
 */
export function symbolResolver(
  metadata: DbnMetadata,
  symbology: readonly SymbolSpan[] = [],
  product = "ES",
  stream: readonly StreamMapping[] = [],
): SymbolResolver {
  const spans = new Map<number, SymbolSpan[]>();
  for (const span of [...mappedSpans(metadata), ...symbology]) {
    const known = spans.get(span.instrumentId);
    if (known) known.push(span);
    else spans.set(span.instrumentId, [span]);
  }
  const unresolved = new Set<number>(), given = new Map<number, StreamMapping[]>();
  let heard = 0;
  const listen = () => {
    for (; heard < stream.length; heard++) {
      const mapping = stream[heard], names = given.get(mapping.instrumentId) ?? [];
      given.set(mapping.instrumentId, names);
      // The same name again, as each reconnection says it, changes nothing.
      if (names.at(-1)?.symbol !== mapping.symbol) names.push(mapping);
    }
  };
  const nameOf = (id: number, day: number) =>
    spans.get(id)?.find((span) => span.fromDay <= day && day < span.toDay)?.symbol;
  const resolve = (id: number, recvDay: number, eventDay: number) => {
    const name = nameOf(id, recvDay) ?? nameOf(id, eventDay);
    if (name === undefined) unresolved.add(id);
    return name ?? `${product}_${id}`;
  };
  const contracts = (batch: Batch, rows?: BigInt64Array) => {
    listen();
    if (given.size === 0 || !rows) return nameRows(batch, resolve);
    const at = relativeNs(rows, 0n);
    const named = (id: number, recvDay: number, eventDay: number, i: number) =>
      given.get(id)?.findLast(({ row }) => row <= at[i])?.symbol ?? resolve(id, recvDay, eventDay);
    return nameRows(batch, named, changesIn(at, given));
  };
  return { nameOf, unresolved, contracts };
}

/** Places in a batch from which on some instrument has another name, ascending. */
function changesIn(at: Float64Array, given: ReadonlyMap<number, readonly StreamMapping[]>): number[] {
  const first = at[0], last = at[at.length - 1], places = new Set<number>();
  for (const names of given.values()) {
    for (const { row } of names) if (row > first && row <= last) places.add(at.findIndex((r) => r >= row));
  }
  return [...places].sort((a, b) => a - b);
}

/** Names rows; a name holds as long as id and days are the same, and to the next of some changes. */
function nameRows(
  batch: Batch,
  resolve: (id: number, recvDay: number, eventDay: number, row: number) => string,
  changes: readonly number[] = [],
): Strings {
  const ids = u32(batch, "instrument_id");
  const recvHours = hoursOf(i64(batch, "ts_recv_ns"));
  const eventHours = hoursOf(i64(batch, "ts_event_ns"));
  const codes = new Int32Array(batch.length);
  const index = new Map<string, number>();
  let lastId = -1, lastRecv = 0, lastEvent = 0, code = -1, next = 0;
  for (let i = 0; i < codes.length; i++) {
    const recv = Math.floor(recvHours[i] / HOURS_A_DAY), event = Math.floor(eventHours[i] / HOURS_A_DAY);
    const isChange = i === changes[next];
    if (ids[i] !== lastId || recv !== lastRecv || event !== lastEvent || isChange) {
      if (isChange) next++;
      lastId = ids[i], lastRecv = recv, lastEvent = event;
      const name = resolve(lastId, recv, event, i);
      code = index.get(name) ?? index.size;
      index.set(name, code);
    }
    codes[i] = code;
  }
  return { codes, values: [...index.keys()] };
}

function mappedSpans({ mappings, stypeIn, stypeOut }: DbnMetadata): SymbolSpan[] {
  return mappings.flatMap(({ rawSymbol, intervals }) =>
    intervals.flatMap(({ start, end, symbol }) => {
      const pair = stypeOut === STYPE_INSTRUMENT_ID
        ? [symbol, rawSymbol]
        : stypeIn === STYPE_INSTRUMENT_ID
        ? [rawSymbol, symbol]
        : undefined;
      return pair ? spanOf(pair[0], pair[1], dayNumber(isoDate(start)), dayNumber(isoDate(end))) : [];
    })
  );
}

/** A span if the id is a number and there is a name: an interval in which nothing was resolved has neither. */
function spanOf(id: string, symbol: string, fromDay: number, toDay: number): SymbolSpan[] {
  return /^\d+$/.test(id) && symbol !== "" ? [{ instrumentId: Number(id), symbol, fromDay, toDay }] : [];
}

const DATE = z.string().refine(isDate, "wanted a date YYYY-MM-DD");
const SYMBOLOGY = z.object({
  result: z.record(
    z.string(),
    z.array(
      z.object({ d0: DATE, d1: DATE, s: z.string().optional(), i: z.string().optional() })
        .refine(({ s, i }) => s !== undefined || i !== undefined, 'wanted "s" (or, in older exports, "i")'),
    ),
  ),
});

/**
 * Reads a `symbology.json`.
 *
 * @param text Its content; the id may be spelled `s` or, in older exports, `i`.
 * @param name File name for errors.
 * @throws {TidemarkError} If it is not JSON, or not of this form.
 */
export function parseSymbology(text: string, name: string): SymbolSpan[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const why = excerpt((cause as Error).message, 200);
    throw new TidemarkError(`Cannot read "${name}": ${why}; download it again`, { cause });
  }
  const parsed = SYMBOLOGY.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new TidemarkError(`Cannot read "${name}" at ${excerpt(path.join(".")) || "its top"}: ${message}`);
  }
  return Object.entries(parsed.data.result).flatMap(([symbol, spans]) =>
    spans.flatMap(({ d0, d1, s, i }) => spanOf(s ?? i ?? "", symbol, dayNumber(d0), dayNumber(d1)))
  );
}
