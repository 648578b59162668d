/**
 * DBN sources: what a file holds, and which files a trade date needs.
 *
 * @module
 */
import { addDays, DecodeError, sessionOf, UsageError, utcDate } from "../base/mod.ts";
import { type DbnTable, openDbn, SCHEMA_CODES, schemaName, type SymbolSpan } from "../ingest/mod.ts";
import { FUTURES_MBP10, FUTURES_TRADES, type TableSchema } from "../schema/mod.ts";

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
}

/** A source whose metadata has been read. */
export interface DbnSource extends Source {
  /** Tables its schema stands for: both for a mixed one. */
  tables: readonly TableSchema[];
  /** UTC dates it covers, both included; undefined where neither name nor metadata say. */
  dates: UtcDates | undefined;
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

const SCHEMA_OFFSET = 24;
const OPEN_END = 2n ** 64n - 1n;

/**
 * UTC dates a file's name says: one date as `-YYYYMMDD.`, as batch files are named.
 *
 * @param name Path or name.
 */
export function datesInName(name: string): UtcDates | undefined {
  const match = /(?:^|\D)(\d{4})(\d\d)(\d\d)\.[^/]*$/.exec(name);
  if (!match) return undefined;
  const date = `${match[1]}-${match[2]}-${match[3]}`;
  return Number.isNaN(Date.parse(date)) ? undefined : { first: date, last: date };
}

/**
 * Reads a source's metadata.
 *
 * @param source The source.
 * @returns Undefined if it is DBN of another schema than trades, mbp-10 or mixed.
 * @throws {DecodeError} If it is not DBN.
 */
export async function describeSource(source: Source): Promise<DbnSource | { schema: string }> {
  const stream = await openDbn(source.open(), { name: source.name });
  await stream.close();
  const { schema, startNs, endNs } = stream.metadata;
  const tables = (Object.keys(TABLES) as DbnTable[])
    .filter((table) => schema === SCHEMA_CODES[table] || schema === SCHEMA_CODES.mixed)
    .map((table) => TABLES[table]);
  if (tables.length === 0) return { schema: schemaName(schema) };
  const known = startNs > 0n && endNs > startNs && endNs !== OPEN_END;
  const inMetadata = known ? { first: utcDate(startNs), last: utcDate(endNs - 1n) } : undefined;
  return { ...source, tables, dates: datesInName(source.name) ?? inMetadata };
}

/** The error for a source of another schema, where that one was asked for. */
export function wrongSchema(source: Source, schema: string): DecodeError {
  return new DecodeError(
    `its schema is ${schema}, wanted trades or mbp-10; give a file of these`,
    source.name,
    SCHEMA_OFFSET,
  );
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

/** Whether a span of UTC dates holds one of some dates; a span that is not known may. */
export function coversAny(span: UtcDates | undefined, dates: ReadonlySet<string>): boolean {
  if (!span) return true;
  for (const date of dates) if (span.first <= date && date <= span.last) return true;
  return false;
}

/**
 * UTC dates of a span, one by one.
 *
 * @param source A source whose dates are known.
 * @throws {UsageError} If they are not.
 */
export function datesOf(source: DbnSource): string[] {
  if (!source.dates) {
    throw new UsageError(
      `Cannot clean for "${source.name}": neither its name nor its metadata says its dates; name it …-YYYYMMDD.trades.dbn`,
    );
  }
  const dates: string[] = [];
  for (let day = source.dates.first; day <= source.dates.last; day = addDays(day, 1)) dates.push(day);
  return dates;
}
