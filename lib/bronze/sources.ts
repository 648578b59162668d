/**
 * DBN sources: what a file holds, and which files a trade date needs.
 *
 * @module
 */
import { z } from "zod";
import {
  addDays,
  CONFIG,
  DecodeError,
  HOUR_NS,
  hoursOf,
  hourStartNs,
  i64,
  sessionOf,
  utcDate,
} from "../base/mod.ts";
import { type DbnTable, excerpt, openDbn, SCHEMA_CODES, schemaName, type SymbolSpan } from "../ingest/mod.ts";
import { parseJson } from "../lake/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, type TableSchema } from "../schema/mod.ts";
import { isDated } from "./part_writer.ts";

/** Where bytes come from; a task makes it of a file. */
export interface Source {
  /** Name for messages and manifests, such as the file's path. */
  name: string;
  /** Size in bytes. */
  bytes: number;
  /** The bytes, from the beginning at each call. */
  open(): AsyncIterable<Uint8Array>;
  /** sha256 of the bytes, hex. */
  sha256(): Promise<string>;
  /** Names of instruments, of the `symbology.json` beside the file. */
  symbology: readonly SymbolSpan[];
  /** What the vendor says of UTC dates, of the `condition.json` beside the file. */
  conditions?: readonly DateCondition[];
}

/** A source whose metadata has been read. */
export interface DbnSource extends Source {
  /** Tables its schema stands for: both for a mixed one. */
  tables: readonly TableSchema[];
  /**
   * UTC dates it covers, both included, as its metadata says or, where that gives no span, its records; a file's name
   * says nothing. Undefined where there is no dated record.
   */
  dates(): Promise<UtcDates | undefined>;
}

/** A span of UTC dates, both included. */
export interface UtcDates {
  /** First date. */
  first: string;
  /** Last date. */
  last: string;
}

/** The Bronze table of each DBN table. */
export const TABLES: Record<DbnTable, TableSchema> = { "trades": FUTURES_TRADES, "mbp-10": FUTURES_MBP10 };

const DATASET_OFFSET = 8;
const SCHEMA_OFFSET = 24;

/**
 * Reads a source's metadata.
 *
 * @param source The source.
 * @param dataset The dataset that is wanted; defaults to the config's.
 * @returns What it is instead, in words, if it is DBN of another schema than trades, mbp-10 or mixed, or of another
 *   dataset.
 * @throws {DecodeError} If it is not DBN.
 */
export async function describeSource(
  source: Source,
  dataset: string = CONFIG.market.dataset,
): Promise<DbnSource | { other: string; byteOffset: number }> {
  const stream = await openDbn(source.open(), { name: source.name });
  await stream.close();
  const { schema, startNs, endNs } = stream.metadata;
  if (stream.metadata.dataset !== dataset) {
    const other = `its dataset is ${excerpt(stream.metadata.dataset)}, wanted ${dataset}`;
    return { other, byteOffset: DATASET_OFFSET };
  }
  const tables = (Object.keys(TABLES) as DbnTable[])
    .filter((table) => schema === SCHEMA_CODES[table] || schema === SCHEMA_CODES.mixed)
    .map((table) => TABLES[table]);
  if (tables.length === 0) {
    return {
      other: `its schema is ${schemaName(schema)}, wanted trades or mbp-10`,
      byteOffset: SCHEMA_OFFSET,
    };
  }
  const span = datesOfSpan(startNs, endNs);
  let dates = span && Promise.resolve<UtcDates | undefined>(span);
  return { ...source, tables, dates: () => dates ??= datesOfRecords(source) };
}

/** The dates of a span of metadata; undefined where it has no end, or one in no usable year. */
function datesOfSpan(startNs: bigint, endNs: bigint): UtcDates | undefined {
  const isUsable = (ns: bigint) => isDated(Number(ns / BigInt(HOUR_NS)));
  if (startNs >= endNs || !isUsable(startNs) || !isUsable(endNs)) return undefined;
  return { first: utcDate(startNs), last: utcDate(endNs - 1n) };
}

/**
 * First and last UTC date of a source's records: of their receipt, by which vendors cut their files, or of their event
 * where that is undefined. A snapshot's event may be days old.
 */
async function datesOfRecords(source: Source): Promise<UtcDates | undefined> {
  const stream = await openDbn(source.open(), { name: source.name });
  let first = Infinity, last = -Infinity;
  for await (const { batch } of stream.batches()) {
    const received = hoursOf(i64(batch, "ts_recv_ns")), event = hoursOf(i64(batch, "ts_event_ns"));
    for (let i = 0; i < received.length; i++) {
      const hour = isDated(received[i]) ? received[i] : event[i];
      if (!isDated(hour)) continue;
      if (hour < first) first = hour;
      if (hour > last) last = hour;
    }
  }
  return last < first ? undefined : { first: utcDate(hourStartNs(first)), last: utcDate(hourStartNs(last)) };
}

/** The error for a source of another schema or dataset, where that one was asked for. */
export function wrongSource(
  source: Source,
  { other, byteOffset }: { other: string; byteOffset: number },
): DecodeError {
  return new DecodeError(`${other}; give another file`, source.name, byteOffset);
}

/**
 * UTC dates that the sessions of trade dates lie in: a session begins the evening before, so it needs two or more.
 *
 * @param dates Trade dates.
 */
export function utcDatesOf(dates: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const date of dates) {
    const { startNs, endNs } = sessionOf(date);
    for (let day = utcDate(startNs); day <= utcDate(endNs - 1n); day = addDays(day, 1)) found.add(day);
  }
  return found;
}

/** Whether a span of UTC dates holds one of some dates; no span holds none. */
export function coversAny(span: UtcDates | undefined, dates: Iterable<string>): boolean {
  if (!span) return false;
  for (const date of dates) if (span.first <= date && date <= span.last) return true;
  return false;
}

/** UTC dates of a span, one by one; none of no span. */
export function eachDate(span: UtcDates | undefined): string[] {
  const dates: string[] = [];
  for (let day = span?.first; span && day && day <= span.last; day = addDays(day, 1)) dates.push(day);
  return dates;
}

/** What the vendor says of a UTC date. */
export interface DateCondition {
  /** The date. */
  date: string;
  /** Such as `available`, `degraded`, `pending`, `missing`. */
  condition: string;
}

const CONDITIONS = z.array(z.object({
  date: z.string().regex(/^\d{4}-\d\d-\d\d$/, "wanted a date YYYY-MM-DD"),
  condition: z.string().max(60),
}));

/**
 * Reads a `condition.json`, which the vendor puts beside a batch download.
 *
 * @param text Its content.
 * @param name File name for errors.
 * @throws {LakeError} If it is not JSON, or not of this form.
 */
export function parseConditions(text: string, name: string): DateCondition[] {
  return parseJson(text, name, CONDITIONS, { remedy: "download it again, or remove it" });
}
