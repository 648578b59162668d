/**
 * Messages: a column batch as an Arrow IPC stream, and headers that say what it is.
 *
 * | header | meaning |
 * |---|---|
 * | `Nats-Msg-Id` | `<publisher>:<sequence>`; JetStream drops a second one inside its window |
 * | `Tidemark-Schema` | table and version, `futures.trades.v1` |
 * | `Tidemark-Publisher`, `Tidemark-Sequence` | who sent it, and the how-many-th of theirs it is, from 0. One pair, one content: what comes again is dropped, and a publisher that begins again at 0 needs another name |
 * | `Tidemark-Rows` | rows in the payload; 0 is allowed |
 * | `Tidemark-Crc32` | CRC-32 of the payload (that of zlib), 8 hex digits |
 * | `Tidemark-First-Ts`, `Tidemark-Last-Ts` | earliest and latest time column, ns UTC, decimal; absent without rows |
 * | `Tidemark-Complete-Ts` | optional: nothing earlier than this, ns UTC, will follow on any market subject |
 *
 * The Arrow schema holds the table's columns in declared order: i64 `Int64`, f64 `Float64`, u8/u16/u32, i8/i16/i32,
 * date `Date32`, bool `Bool`, utf8 `Dictionary<Int32, Utf8>` (plain `Utf8` is read too), nulls as Arrow nulls. One
 * record batch or several, uncompressed, little-endian. A dictionary may grow or be another in every batch. A message
 * that says more than its own bytes hold is refused before anything is made of it.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { type Batch, BusError } from "../base/mod.ts";
import { conform, schemaId, type TableSchema } from "../schema/mod.ts";
import { encodeBatch } from "./arrow_batch.ts";
import { decodeBatch } from "./arrow_decode.ts";
import { MAX_MESSAGE_ROWS, type Wire, wireOf, WIRES } from "./subjects.ts";

/** A message's place among its publisher's. */
export interface Origin {
  /** Who sent it: the same name for the same content, always. */
  publisher: string;
  /** How many of theirs came before it. */
  sequence: number;
}

/** A message ready to be published. */
export interface Message extends Origin {
  /** Subject. */
  subject: string;
  /** Headers by name, `Nats-Msg-Id` among them. */
  headers: Record<string, string>;
  /** Arrow IPC stream. */
  payload: Uint8Array;
  /** Latest time in it, ns UTC; undefined without rows. */
  lastNs: bigint | undefined;
}

/** A message read. */
export interface Received extends Origin {
  /** What it carries. */
  wire: Wire;
  /** Rows with the columns of `wire.schema`. */
  batch: Batch;
  /** Nothing earlier will follow, ns UTC; undefined where it does not say. */
  completeNs: bigint | undefined;
}

/** The column that orders a table's rows. */
export function timeColumn(table: TableSchema): "ts_event_ns" | "ts_ns" {
  return "ts_event_ns" in table.columns ? "ts_event_ns" : "ts_ns";
}

/**
 * Makes a message of some rows.
 *
 * @param table The table they are of.
 * @param batch Its columns on the wire.
 * @param origin Publisher and sequence.
 * @param completeNs Nothing earlier will follow, ns UTC.
 * @throws {SchemaError} If the rows are not what the table declares.
 */
export function encodeMessage(
  table: TableSchema,
  batch: Batch,
  origin: Origin,
  completeNs?: bigint,
): Message {
  const { subject, schema } = wireOf(table), { publisher, sequence } = origin;
  const checked = conform(schema, batch);
  if (batch.length > MAX_MESSAGE_ROWS) {
    throw new BusError(`${batch.length} rows in one message, wanted at most ${MAX_MESSAGE_ROWS}`, subject);
  }
  const payload = encodeBatch(schema, checked);
  const headers: Record<string, string> = {
    "Nats-Msg-Id": `${publisher}:${sequence}`,
    "Tidemark-Schema": schemaId(table),
    "Tidemark-Publisher": publisher,
    "Tidemark-Sequence": String(sequence),
    "Tidemark-Rows": String(batch.length),
    "Tidemark-Crc32": checksum(payload),
  };
  if (completeNs !== undefined) headers["Tidemark-Complete-Ts"] = String(completeNs);
  const span = spanOf(checked.columns[timeColumn(table)] as BigInt64Array);
  if (span) {
    headers["Tidemark-First-Ts"] = String(span.first);
    headers["Tidemark-Last-Ts"] = String(span.last);
  }
  return { subject, headers, payload, publisher, sequence, lastNs: span?.last };
}

function spanOf(ts: BigInt64Array): { first: bigint; last: bigint } | undefined {
  if (ts.length === 0) return undefined;
  let first = ts[0], last = ts[0];
  for (const t of ts) {
    if (t < first) first = t;
    if (t > last) last = t;
  }
  return { first, last };
}

/**
 * Reads a message.
 *
 * @param subject Subject it came on.
 * @param header Value of a header, empty where absent.
 * @param payload Arrow IPC stream.
 * @throws {BusError} If a header is missing, the schema unknown, or the payload not what the headers say.
 */
export function decodeMessage(
  subject: string,
  header: (name: string) => string,
  payload: Uint8Array,
): Received {
  const id = header("Tidemark-Schema"), wire = WIRES.get(id);
  if (!wire || wire.subject !== subject) {
    const wanted = [...WIRES].filter(([, w]) => w.subject === subject).map(([k]) => k).join(" or ");
    throw new BusError(`found schema "${id}", wanted ${wanted || "no table on this subject"}`, subject);
  }
  const publisher = header("Tidemark-Publisher");
  if (publisher === "") throw new BusError("it lacks the header Tidemark-Publisher", subject);
  const sequence = count(subject, header, "Tidemark-Sequence");
  const rows = count(subject, header, "Tidemark-Rows");
  const complete = header("Tidemark-Complete-Ts");
  const completeNs = complete === "" ? undefined : integer(subject, header, "Tidemark-Complete-Ts");
  const wanted = header("Tidemark-Crc32"), found = checksum(payload);
  if (wanted !== found) {
    throw new BusError(
      `its payload is damaged: CRC-32 ${found}, its header Tidemark-Crc32 is "${wanted}"`,
      subject,
    );
  }
  const batch = decodeBatch(wire.schema, rows, payload, subject);
  return { wire, batch, publisher, sequence, completeNs };
}

function checksum(payload: Uint8Array): string {
  return crc32(payload).toString(16).padStart(8, "0");
}

function integer(subject: string, header: (name: string) => string, name: string): bigint {
  const text = header(name);
  if (!/^-?\d{1,19}$/.test(text)) {
    throw new BusError(`its header ${name} is "${text}", wanted a whole number`, subject);
  }
  return BigInt(text);
}

function count(subject: string, header: (name: string) => string, name: string): number {
  const n = Number(integer(subject, header, name));
  if (n >= 0 && Number.isSafeInteger(n)) return n;
  throw new BusError(`its header ${name} is ${header(name)}, wanted one from 0 to 2^53 - 1`, subject);
}
