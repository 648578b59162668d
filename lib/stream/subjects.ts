/**
 * The bus on paper: streams, subjects and which table travels where.
 *
 * @module
 */
import {
  FUTURES_MBP10,
  FUTURES_TRADES,
  LIVE_LABELS,
  LIVE_SIGNALS,
  OPTIONS_TRADES,
  schemaId,
  type TableSchema,
  without,
} from "../schema/mod.ts";

/** A JetStream stream of ours. */
export interface StreamSpec {
  /** Its name. */
  name: string;
  /** Subjects it stores. */
  subjects: string[];
}

/** Trades, books and option prints as they come. */
export const MARKET: StreamSpec = { name: "TIDEMARK_MARKET", subjects: ["market.>"] };

/** Touches with features, and their labels. */
export const SIGNALS: StreamSpec = { name: "TIDEMARK_SIGNALS", subjects: ["levels.>"] };

/** A table as it travels. */
export interface Wire {
  /** Subject it is published to. */
  subject: string;
  /** The table it becomes. */
  table: TableSchema;
  /** Its columns on the wire: `source`, `ingest` and `row` are given by who stores it. */
  schema: TableSchema;
}

function wire(subject: string, table: TableSchema): Wire {
  return { subject, table, schema: { ...table, columns: without(table.columns, "source", "ingest", "row") } };
}

/** Every table that travels, by the id in its messages' header. */
export const WIRES: ReadonlyMap<string, Wire> = new Map(
  [
    wire("market.futures.trades", FUTURES_TRADES),
    wire("market.futures.mbp10", FUTURES_MBP10),
    wire("market.options.trades", OPTIONS_TRADES),
    wire("levels.signals", LIVE_SIGNALS),
    wire("levels.signals", LIVE_LABELS),
  ].map((w) => [schemaId(w.table), w]),
);

/** How a table travels. @throws {TypeError} If it does not. */
export function wireOf(table: TableSchema): Wire {
  const found = WIRES.get(schemaId(table));
  if (!found) throw new TypeError(`Cannot publish ${schemaId(table)}: no subject is declared for it`);
  return found;
}

/** Bits of a row's ordinal that count inside its message. */
const ROW_BITS = 20;

/** Most rows of a message. */
export const MAX_MESSAGE_ROWS = 2 ** ROW_BITS;

/**
 * Ordinals of a message's rows: its sequence in the stream × 2^20 + the row in it. Every reader of the stream counts
 * alike, also after a restart.
 *
 * @param streamSequence Sequence of the message, from 1; below 2^33 the ordinal is exact in a double.
 * @param length Rows in the message.
 */
export function rowOrdinals(streamSequence: number, length: number): BigInt64Array {
  const rows = new BigInt64Array(length), first = BigInt(streamSequence) << BigInt(ROW_BITS);
  for (let i = 0; i < length; i++) rows[i] = first + BigInt(i);
  return rows;
}

/**
 * Id of what a stream brings into a lake: its name and when it was made, so that a stream made anew, whose sequences
 * begin again at 1, is another ingest.
 *
 * @param name Name of the stream.
 * @param created When the server made it, ISO 8601.
 */
export function streamIngest(name: string, created: string): string {
  return `${name}-${created.slice(0, 19).replace(/[-:]/g, "")}Z`;
}
